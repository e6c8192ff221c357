import { activityInfo, ApplicationFailure, Context } from '@temporalio/activity';
import type { LastError } from '../db/repositories/answers';
import type { SourceState } from '../domain/enrichment';
import type { Withheld } from '../domain/gate';
import { lookupName } from '../domain/lookup-name';
import { observableId, parseObservableId } from '../domain/observable';
import { once, sentOnce } from './action';
import type { Action, Finished } from './action';
import { askOutside, knownError, offline } from './ask';
import { beating } from './beating';
import { caseUnder } from './case';
import type { LookupInput, LookupResult } from './contract';
import type { ActivityDeps } from './deps';
import { holdAndWrite } from './hold';
import { errorOf, failed, notSent, outcomeOf, WITHOUT_ANSWER, type Outcome } from './outcome';
import { heldBack } from './planned-lookup';
import { ProviderError } from './providers/errors';
import type { LookupContext, Provider } from './providers/provider';

const ROW_STATUS: Record<SourceState, Finished<unknown>['status']> = {
  ok: 'ok',
  not_known: 'ok',
  not_applicable: 'skipped',
  not_configured: 'skipped',
  not_sent: 'skipped',
  waiting: 'waiting',
  failed: 'failed',
};

/**
 * Asks one source about one observable and records what came back, once per action key.
 *
 * A provider's error is thrown, so that Temporal retries it, until the lookup is `providerRetryForMs` old; then, or at
 * once when no retry can help, the lookup is recorded as failed and the incident goes on without it.
 */
export function lookup(deps: ActivityDeps, provider: Provider, input: LookupInput): Promise<LookupResult> {
  const { key, observable } = input;
  const action: Action = { key, name: 'lookup', provider: provider.name, observable };
  const act = async () => finished(deps, provider, input, await outcome(deps, provider, input));
  if (provider.where === 'inside' || input.withheld) return once(deps, input, action, act);
  return beating(() => sentOnce(deps, input, action, act, holdAndWrite(deps.logger)));
}

async function outcome(deps: ActivityDeps, provider: Provider, input: LookupInput): Promise<Outcome> {
  const withheld = input.withheld ?? (await heldBackSince(deps, provider, input));
  if (withheld) return heldOutcome(provider, withheld, await troubleOf(deps, provider, input));
  const context: LookupContext = { signal: Context.current().cancellationSignal, now: deps.clock };
  const question = {
    observable: input.observable,
    incidentId: input.incidentId,
    context,
    since: scheduledAt(),
    // requests leave on their source's own queue, where operators see and brake them
    onlyKnown: activityInfo().taskQueue !== provider.name,
    waited: input.refusals > 0,
  };
  try {
    if (provider.where === 'inside') {
      return outcomeOf(await provider.lookup(parseObservableId(input.observable), context));
    }
    const asked = await askOutside(deps, provider, question);
    const trouble = asked.slot && (await troubleOf(deps, provider, input));
    return trouble ? waitInPlace(deps, provider, asked, trouble) : asked;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const known = await offline(provider, question);
    if (known) return { ...known, summary: `${known.summary} (${error.message})`, error: errorOf(error) };
    const remainingMs = remaining(deps);
    if (error.retryable && remainingMs > 0) throw retry(error, remainingMs);
    return failed(provider, error);
  }
}

/** What is held back of a lookup that has met an error before. */
function heldOutcome(provider: Provider, held: Withheld, trouble: LastError | undefined): Outcome {
  if (!trouble) return notSent(provider, held);
  const error = knownError(trouble);
  const summary = `Not sent to ${provider.title} again: ${held.reason} (before: ${error.message})`;
  return { ...WITHOUT_ANSWER, state: held.state, summary, error: errorOf(error), raw: error.rawSha256 };
}

/** A lookup that has waited, or is retried, passes the gate again: an alert that forbids sending may have joined meanwhile. */
async function heldBackSince(
  deps: ActivityDeps,
  provider: Provider,
  { incidentId, observable, refusals }: LookupInput,
): Promise<Withheld | null> {
  if (refusals === 0 && activityInfo().attempt === 1) return null;
  const facts = await caseUnder(deps.store, incidentId, deps.site.current());
  const about = facts.observables.find((one) => observableId(one) === observable);
  return about ? heldBack(provider, about, facts) : null;
}

/** At most, between the database and the engine. */
const CLOCKS_DIFFER_MS = 60_000;

/**
 * The error that an attempt before this one met, or another incident's that asked the same meanwhile. An attempt that was
 * merely lost, with its worker, is no trouble.
 */
async function troubleOf(
  { store }: ActivityDeps,
  { name }: Provider,
  { observable }: LookupInput,
): Promise<LastError | undefined> {
  const { attempt, scheduledTimestampMs } = activityInfo();
  if (attempt === 1) return undefined;
  const errors = await store.answers.lastError([{ provider: name, observable }]);
  const error = errors.get(lookupName({ source: name, observable }));
  return error && Date.parse(error.at) >= scheduledTimestampMs - CLOCKS_DIFFER_MS ? error : undefined;
}

/**
 * A lookup that is being retried and finds no slot waits here, as long as it is retried at all, and keeps its place in the
 * line: giving it back to the workflow would start the clock anew. At the end it has failed if the source answers nobody;
 * if only its turn has not come, it goes on waiting like any other.
 * @throws ApplicationFailure to be retried
 */
function waitInPlace(deps: ActivityDeps, provider: Provider, asked: Outcome, trouble: LastError): Outcome {
  const { inMs, outage } = asked.slot ?? { inMs: 0, outage: false };
  const remainingMs = remaining(deps);
  if (remainingMs > 0) throw retryIn(Math.min(inMs, remainingMs), trouble.kind, `${trouble.message}; ${asked.summary}`);
  return outage ? failed(provider, knownError(trouble)) : asked;
}

function scheduledAt(): string {
  return new Date(activityInfo().scheduledTimestampMs).toISOString();
}

/** How long the lookup may still be retried, ms: the clock runs from its first scheduling, whatever worker it was on. */
function remaining(deps: ActivityDeps): number {
  return activityInfo().scheduledTimestampMs + deps.providerRetryForMs - deps.clock().getTime();
}

/** Asked again when the provider says, but not later than the last try: one that says "tomorrow" is given up like any other. */
function retry({ kind, message, retryAfterMs }: ProviderError, remainingMs: number): ApplicationFailure {
  if (retryAfterMs === undefined) return ApplicationFailure.create({ type: kind, message });
  return retryIn(Math.min(retryAfterMs, remainingMs), kind, message);
}

/** Whatever the time is said to be, nobody is asked more often. */
const SHORTEST_PAUSE_MS = 1000;

function retryIn(ms: number, type: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nextRetryDelay: Math.max(ms, SHORTEST_PAUSE_MS) });
}

function finished(
  deps: ActivityDeps,
  provider: Provider,
  input: LookupInput,
  { state, summary, facts, until, raw, error, answeredAt }: Outcome,
): Finished<LookupResult> {
  const simulated = deps.simulated && provider.where === 'outside';
  return {
    status: ROW_STATUS[state],
    summary,
    result: { state, until, summary },
    detail: { facts, error: error ?? null, simulated, ...(answeredAt ? { cached: { answered_at: answeredAt } } : {}) },
    ...(raw ? { raw } : {}),
    apply: (trx) =>
      deps.store.enrichments.upsert(trx, input.incidentId, {
        source: provider.name,
        observable: input.observable,
        actionKey: input.key,
        state,
        until,
        summary,
        facts,
        at: answeredAt ?? deps.clock().toISOString(),
        since: scheduledAt(),
      }),
  };
}
