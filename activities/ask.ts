import { sleep } from '@temporalio/activity';
import type { Admission, Settlement, Ticket } from '../db/repositories/quotas';
import type { AnswerError } from '../db/rows';
import { parseObservableId, type ObservableId } from '../domain/observable';
import type { ActivityDeps } from './deps';
import { holdAndWrite } from './hold';
import { missingSetUp, notSetUp, outcomeOf, WITHOUT_ANSWER, type Outcome } from './outcome';
import { ProviderError, type ProviderErrorKind } from './providers/errors';
import type { Answer, LookupContext, Provider } from './providers/provider';

/** A request is over by then, whatever becomes of the process that sent it. */
const LEASE_MS = 30_000;
/** How long an incident waits in place for an answer that another one is getting. */
const FOLLOW_MS = 15_000;
const FIRST_LOOK_MS = 25;
const LONGEST_LOOK_MS = 500;

interface Question {
  observable: ObservableId;
  incidentId: string;
  context: LookupContext;
  /** RFC 3339; since when the incident wants to know. */
  since: string;
  /** Nothing is to be sent: what is not known already waits. */
  onlyKnown: boolean;
  /** It has waited for the source before. */
  waited: boolean;
}

/**
 * Asks a source outside, in the one way that there is: an answer that is still fresh is taken from our own database; of
 * several who ask the same, one does, and the others get its answer; nothing is sent that the quota does not allow, nor to
 * a source that has refused the key.
 *
 * @throws ProviderError when the provider gave no usable answer, to this incident or to the one it waited for
 */
export async function askOutside(deps: ActivityDeps, provider: Provider, question: Question): Promise<Outcome> {
  if (!provider.configured) return notConfigured(provider, question, deps.clock());
  const admission = await admitted(deps, provider, question);
  switch (admission.kind) {
    case 'answered': {
      const { answer } = admission;
      const { state, facts, rawSha256, answeredAt } = answer;
      const summary = `${answer.summary} (answer of ${answeredAt.slice(0, 16).replace('T', ' ')} UTC)`;
      return { state, facts, summary, until: null, answeredAt, ...(rawSha256 ? { raw: rawSha256 } : {}) };
    }
    case 'go':
      return send(deps, provider, question, admission.ticket);
    case 'failed':
      throw knownError(admission.error);
    case 'underway':
      return {
        ...waiting(admission.until, 'another incident is asking the same'),
        slot: { inMs: admission.inMs, outage: false },
      };
    case 'wait': {
      const { until, inMs, reason, outage } = admission;
      const wait = { ...waiting(until, `${provider.title}: ${reason}`), slot: { inMs, outage } };
      return (await standIn(provider, question)) ?? wait;
    }
    case 'blocked':
      return (await standIn(provider, question)) ?? waiting(admission.until, blockedReason(provider, admission));
  }
}

/** What is to be had without the service, instead of waiting for it; not where the service has not been tried yet. */
async function standIn(provider: Provider, question: Question): Promise<Outcome | undefined> {
  return question.onlyKnown ? undefined : offline(provider, question);
}

/** The answer that can be had without the service, if there is one. */
export async function offline(provider: Provider, { observable, context }: Question): Promise<Outcome | undefined> {
  const answer = await provider.offline?.(parseObservableId(observable), context);
  return answer && outcomeOf(answer);
}

/** Asks for a slot, and while another incident asks the same, a few times more: its answer will do. */
async function admitted(deps: ActivityDeps, provider: Provider, question: Question): Promise<Admission> {
  const { observable, incidentId, since, onlyKnown } = question;
  const { name, limits, credential } = provider;
  const startedAt = deps.clock().getTime();
  let waitingSince: string | undefined;
  for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_LOOK_MS)) {
    const admission = await deps.store.quotas.admit({
      provider: name,
      limits,
      credential,
      observable,
      incidentId,
      leaseMs: LEASE_MS,
      since,
      onlyKnown,
      waitingSince,
    });
    if (admission.kind !== 'underway' || onlyKnown) return admission;
    if (deps.clock().getTime() - startedAt > FOLLOW_MS) return admission;
    waitingSince = admission.since;
    await sleep(pauseMs);
  }
}

async function send(deps: ActivityDeps, provider: Provider, question: Question, ticket: Ticket): Promise<Outcome> {
  const { context } = question;
  const settle = (settlement: Settlement) =>
    holdAndWrite(deps.logger)(() =>
      deps.store.quotas.settle(ticket, provider.limits, { ...settlement, heardAt: deps.clock() }),
    );
  let answer: Answer<unknown>;
  try {
    answer = await provider.lookup(parseObservableId(question.observable), context);
  } catch (error) {
    if (context.signal.aborted) await settle({});
    context.signal.throwIfAborted();
    const failure = error instanceof ProviderError ? error : clientFailure(provider, error);
    await settle(settlementOfError(failure));
    // the key is refused as before: this lookup goes on waiting for another one, like all the others
    if (ticket.probes && failure.kind === 'unauthorized') return askOutside(deps, provider, question);
    throw failure;
  }
  const { until, rawSha256 } = await settle(settlementOf(provider, question.observable, answer));
  if (answer.state !== 'waiting') return { ...outcomeOf(answer), ...(rawSha256 ? { raw: rawSha256 } : {}) };
  const summary = `${answer.summary}; asked again when it is ready`;
  return (await offline(provider, question)) ?? { ...outcomeOf(answer), until, summary };
}

function settlementOf(provider: Provider, observable: ObservableId, answer: Answer<unknown>): Settlement {
  const { told } = answer;
  if (answer.state === 'waiting') return { refused: { until: answer.until, reason: answer.reason }, told };
  if (answer.state === 'not_configured') return {};
  const { state, summary, raw } = answer;
  const facts = answer.state === 'ok' ? answer.facts : null;
  const freshForMs = provider.freshFor(parseObservableId(observable).type, state);
  return { answer: { state, facts, summary, raw, freshForMs }, told };
}

function settlementOfError({ kind, message, httpStatus, raw, retryAfterMs, told }: ProviderError): Settlement {
  return { error: { kind, message, httpStatus: httpStatus ?? null, raw, retryAfterMs }, told };
}

/** A fault of our own client is one lookup's failure, and no reason to spend the quota on it for ever. */
function clientFailure({ title }: Provider, error: unknown): ProviderError {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new ProviderError('invalid_response', `${title}'s answer could not be read (${what.slice(0, 200)})`);
}

/** The error that a request met which is on record. */
export function knownError({ kind, message, http_status, retry_after_ms, raw_sha256 }: AnswerError): ProviderError {
  return new ProviderError(kind as ProviderErrorKind, message, {
    httpStatus: http_status ?? undefined,
    retryAfterMs: retry_after_ms,
    rawSha256: raw_sha256 === undefined ? undefined : Buffer.from(raw_sha256, 'hex'),
  });
}

function waiting(until: string, summary: string): Outcome {
  return { ...WITHOUT_ANSWER, state: 'waiting', until, summary };
}

const LOOKED_AFTER_MS = 3_600_000;

/** What waits already was promised an answer: a worker without the key, by mistake or for a moment, does not end that. */
function notConfigured(provider: Provider, { waited }: Question, now: Date): Outcome {
  if (!waited) return notSetUp(provider);
  const until = new Date(now.getTime() + LOOKED_AFTER_MS).toISOString();
  return waiting(until, `${missingSetUp(provider)} any more: it is asked when a worker has its key again`);
}

/** A key that was refused is not sent again; what waits for it goes on waiting, until the key is another one. */
function blockedReason(provider: Provider, { since, message }: Extract<Admission, { kind: 'blocked' }>): string {
  const mend = provider.setting ? `; set ${provider.setting} right` : '';
  return `${provider.title}: it has refused the key since ${since.slice(0, 16).replace('T', ' ')} UTC (${message})${mend}`;
}
