import { activityInfo, ApplicationFailure, Context, heartbeat, sleep } from '@temporalio/activity';
import type { Logger } from '../config/logger';
import { databaseErrorText, isTransient } from '../db/errors';
import type { SourceState } from '../domain/enrichment';
import { parseObservableId } from '../domain/observable';
import { once } from './action';
import type { Action, Finished, Writer } from './action';
import type { LookupInput, LookupResult } from './contract';
import type { ActivityDeps } from './deps';
import { ProviderError } from './providers/errors';
import type { Answer, Provider, RawDocument } from './providers/provider';

/** How a lookup ended: as the source answered, or without an answer. */
interface Outcome {
  state: SourceState;
  summary: string;
  facts: unknown;
  until: string | null;
  raw?: RawDocument;
  error?: { kind: string; http_status: number | null; message: string };
}

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
  const { key, observable, withheld } = input;
  const action: Action = { key, name: 'lookup', provider: provider.name, observable };
  const act = async () => {
    const outcome: Outcome = withheld
      ? { ...unanswered, state: withheld.state, summary: `Not sent to ${provider.title}: ${withheld.reason}` }
      : await ask(deps, provider, input);
    return finished(deps, provider, input, outcome);
  };
  if (provider.where === 'inside' || withheld) return once(deps, input, action, act);
  return beating(() => once(deps, input, action, act, holdAndWrite(deps.logger)));
}

const unanswered = { facts: null, until: null };

async function ask(deps: ActivityDeps, provider: Provider, input: LookupInput): Promise<Outcome> {
  try {
    const answer: Answer<unknown> = await provider.lookup(parseObservableId(input.observable), {
      signal: Context.current().cancellationSignal,
      now: deps.clock,
    });
    if (answer.state !== 'waiting') return { ...unanswered, ...answer };
    const until = nextTry(deps, answer.until, input.refusals);
    return { ...unanswered, ...answer, until, summary: `${answer.summary}; asked again at ${until}` };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const remainingMs = remaining(deps);
    if (error.retryable && remainingMs > 0) throw retry(error, remainingMs);
    return {
      ...unanswered,
      state: 'failed',
      summary: `${provider.title}: ${error.message}`,
      error: { kind: error.kind, http_status: error.httpStatus ?? null, message: error.message },
      ...(error.raw ? { raw: error.raw } : {}),
    };
  }
}

const LONGEST_REFUSAL_MS = 3_600_000;

/**
 * When a source that refused is asked again: when it said, and after every further refusal twice as long, since many do
 * not say that the quota of the day is spent. Scattered, so that lookups refused together do not come back together.
 */
function nextTry(deps: ActivityDeps, said: Date, refusals: number): string {
  if (refusals === 0) return said.toISOString();
  const now = deps.clock().getTime();
  const backoff = Math.max(said.getTime() - now, 1000) * 2 ** refusals * (1 + Math.random() / 10);
  return new Date(Math.max(said.getTime(), now + Math.min(backoff, LONGEST_REFUSAL_MS))).toISOString();
}

/** How long the lookup may still be retried, ms: the clock runs from its first scheduling, whatever worker it was on. */
function remaining(deps: ActivityDeps): number {
  return activityInfo().scheduledTimestampMs + deps.providerRetryForMs - deps.clock().getTime();
}

/** Asked again when the provider says, but not later than the last try: one that says "tomorrow" is given up like any other. */
function retry(error: ProviderError, remainingMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.kind,
    message: error.message,
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: Math.min(error.retryAfterMs, remainingMs) }),
  });
}

function finished(
  deps: ActivityDeps,
  provider: Provider,
  input: LookupInput,
  outcome: Outcome,
): Finished<LookupResult> {
  const { state, summary, facts, until, raw, error } = outcome;
  return {
    status: ROW_STATUS[state],
    summary,
    result: { state, until, summary },
    detail: { facts, error: error ?? null, simulated: deps.simulated && provider.where === 'outside' },
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
        at: deps.clock().toISOString(),
      }),
  };
}

/** Well within the heartbeat timeout of lookups outside. */
const BEAT_MS = 5000;

/** Tells the engine, as long as the work goes on, that this worker still has it: slow is not lost. */
async function beating<T>(work: () => Promise<T>): Promise<T> {
  const beat = setInterval(() => heartbeat(), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}

/** An outside answer is paid for: when MySQL is away it is held here and only its write is tried again. */
const holdAndWrite =
  (logger: Logger): Writer =>
  async (write) => {
    for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 10_000)) {
      try {
        return await write();
      } catch (error) {
        if (!isTransient(error)) throw error;
        logger.warn({ reason: databaseErrorText(error) }, 'an answer in hand cannot be written yet');
        await sleep(pauseMs);
      }
    }
  };
