import { createHash } from 'node:crypto';
import type { SettingsOf, Variables } from '../../config/fields';
import type { Reading, SourceState } from '../../domain/enrichment';
import type { ObservableId, ObservableType } from '../../domain/observable';
import type { Policy } from '../../domain/policy';
import type { QuotaLimit, ToldQuota } from '../../domain/quota';
import type { SourceProfile } from '../../domain/source';
import type { IocSource } from './iocs';

/** What a provider sent, byte for byte, and what it said it was. */
export interface RawDocument {
  body: Buffer;
  mediaType: string;
}

interface Told {
  summary: string;
  raw?: RawDocument;
  /** What the service itself says is left of its quota. */
  told?: ToldQuota | undefined;
}

/**
 * What came of one lookup. `not_known` means asked and nothing there: never evidence of clean. `waiting` is a refusal for
 * now (a rate limit): nothing failed, the same question may be put again at `until`; null when the service did not say.
 * `reason` follows the provider's name, where it is not simply a 429.
 */
export type Answer<F> =
  | ({ state: 'ok'; facts: F } & Told)
  | ({ state: 'not_known' | 'not_applicable' | 'not_configured' } & Told)
  | ({ state: 'waiting'; until: Date | null; reason?: string } & Told);

/** States in which a source has had its say; such an answer may be served to other incidents while it is fresh. */
export type AnsweredState = Extract<SourceState, 'ok' | 'not_known' | 'not_applicable'>;

export interface LookupContext {
  /** Ends the lookup early; what it was aborted with is what the lookup rejects with. */
  signal: AbortSignal;
  now: () => Date;
}

export interface ReadContext<P = unknown> {
  observable: ObservableId;
  /** `action_key` of the audit row that holds the facts. */
  evidence: string;
  policy: Policy;
  /** The source's own part of the policy. */
  own: P;
  /** RFC 3339; the clock of the scoring round. */
  now: string;
}

type Question = { type: ObservableType; value: string };

/**
 * A source of evidence: what it can look up, how often it may be asked, how long its answers stay fresh, how it is asked,
 * and what its answers mean. A new one is a folder beside this file and a line in `index.ts`.
 *
 * Cache, quota, single flight, retries and records are not its business: it is called when it may send one request.
 */
export interface Provider<F = unknown, P = unknown> extends SourceProfile {
  /** Variable that sets the source up; undefined when it needs none. */
  readonly setting: string | undefined;
  /** False when it is not set up: it then answers `not_configured` without a request. */
  readonly configured: boolean;
  /** Tells one API key from another without giving it away (see {@link fingerprint}); undefined without a key. */
  readonly credential: string | undefined;
  /** How many requests it may be sent; none for a source without a quota. */
  readonly limits: readonly QuotaLimit[];
  /** Its own numbers, part of the policy that a round pins. */
  readonly policy: P;
  /** How long an answer may be served to other incidents, ms; 0 = not at all. */
  freshFor(type: ObservableType, state: AnsweredState): number;
  /** Sends one request. @throws ProviderError when the provider gave no usable answer */
  lookup(observable: Question, context: LookupContext): Promise<Answer<F>>;
  /** The answer that can be had without the service when that refuses or fails; undefined when there is none. */
  offline?(observable: Question, context: LookupContext): Promise<Answer<F> | undefined>;
  /** Pure: what the facts mean under a policy. Facts may come back from a JSON column years later. */
  read(facts: F, context: ReadContext<P>): Reading;
}

/** What providers are made with, apart from their settings. */
export interface ProviderDeps {
  store: { iocs: IocSource };
  /** The answers come from a simulator, and are to say so. */
  simulated: boolean;
}

/** How a source is made from the environment. */
export interface ProviderDefinition {
  variables: Variables;
  create(settings: Record<string, unknown>, deps: ProviderDeps): Provider;
}

/** Declares a source: the variables it is set up with, each checked at start, and how it is made of their values. */
export function defineProvider<V extends Variables, F, P>(definition: {
  variables: V;
  create(settings: SettingsOf<V>, deps: ProviderDeps): Provider<F, P>;
}): ProviderDefinition {
  return definition;
}

/** A key's name in records: 16 hex digits of its SHA-256. */
export function fingerprint(apiKey: string | undefined): string | undefined {
  return apiKey === undefined ? undefined : createHash('sha256').update(apiKey).digest('hex').slice(0, 16);
}
