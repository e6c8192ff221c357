import type { SourceState } from '../domain/enrichment';
import type { Withheld } from '../domain/gate';
import type { SourceProfile } from '../domain/source';
import type { ProviderError } from './providers/errors';
import type { Answer, Provider, RawDocument } from './providers/provider';

/** How a lookup ended: as the source answered, or without an answer. */
export interface Outcome {
  state: SourceState;
  summary: string;
  facts: unknown;
  until: string | null;
  /** The document it rests on, or the SHA-256 of one that is kept already. */
  raw?: RawDocument | Buffer | undefined;
  /** When the answer came, where it was asked for by another incident. */
  answeredAt?: string;
  error?: { kind: string; http_status: number | null; message: string };
  /** While it waits for a slot: how long that will take, and whether the source answers nobody. */
  slot?: { inMs: number; outage: boolean };
}

export const WITHOUT_ANSWER = { facts: null, until: null } as const;

/** What an answer comes to when no quota stands between. */
export function outcomeOf(answer: Answer<unknown>): Outcome {
  const { state, summary, raw } = answer;
  const facts = answer.state === 'ok' ? answer.facts : null;
  const until = answer.state === 'waiting' ? (answer.until?.toISOString() ?? null) : null;
  return { state, summary, facts, until, ...(raw ? { raw } : {}) };
}

/** The gate, or the policy, keeps the question from the source. */
export function notSent({ title }: Pick<SourceProfile, 'title'>, { state, reason }: Withheld): Outcome {
  return { ...WITHOUT_ANSWER, state, summary: `Not sent to ${title}: ${reason}` };
}

/** The source was asked as often as may be and gave no usable answer. */
export function failed({ title }: Pick<SourceProfile, 'title'>, error: ProviderError): Outcome {
  const { message } = error;
  return {
    ...WITHOUT_ANSWER,
    state: 'failed',
    summary: message.startsWith(title) ? message : `${title}: ${message}`,
    error: errorOf(error),
    raw: error.raw ?? error.rawSha256,
  };
}

export function errorOf({ kind, httpStatus, message }: ProviderError): NonNullable<Outcome['error']> {
  return { kind, http_status: httpStatus ?? null, message };
}

export function notSetUp(provider: Pick<Provider, 'title' | 'setting'>): Outcome {
  return { ...WITHOUT_ANSWER, state: 'not_configured', summary: `skipped: ${missingSetUp(provider)}` };
}

export function missingSetUp({ title, setting }: Pick<Provider, 'title' | 'setting'>): string {
  return `${title} is not set up${setting ? ` (${setting})` : ''}`;
}
