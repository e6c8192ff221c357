import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
} from '@temporalio/workflow';
import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import type { InsideActivities, LookupResult, PlannedLookup, StepInput } from '../activities/contract';
import { FINAL_ERRORS, lookupActivity, PLAYBOOK_QUEUE } from '../domain/names';

const LOCAL_ATTEMPTS = 3;
const nonRetryableErrorTypes = [...FINAL_ERRORS];

/** Inside steps are cheap as local activities: one marker each, no round trip. */
const LOCAL: LocalActivityOptions = {
  startToCloseTimeout: '5s',
  retry: {
    initialInterval: '200ms',
    maximumInterval: '1s',
    maximumAttempts: LOCAL_ATTEMPTS,
    nonRetryableErrorTypes,
  },
};

/** Steps when MySQL is away for longer: patient, and visible to the operator as pending activities. */
export const PATIENT: ActivityOptions = {
  taskQueue: PLAYBOOK_QUEUE,
  startToCloseTimeout: '1m',
  retry: { initialInterval: '1s', maximumInterval: '1m', nonRetryableErrorTypes },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
};

/**
 * Lookups that leave the machine. No schedule-to-close limit: the activity itself gives a silent provider up, while a
 * lost worker or database is retried without end. Start-to-close is long because an answer in hand is held until it is
 * written; the heartbeat finds a lost worker.
 */
const OUTSIDE: ActivityOptions = {
  startToCloseTimeout: '1h',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '1s', maximumInterval: '1m', nonRetryableErrorTypes },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
};

const locals = proxyLocalActivities(LOCAL);
const regulars = proxyActivities(PATIENT);

function localActivity<R>(name: string, summary: string, input: object): Promise<R> {
  return locals[name]?.executeWithOptions({ summary }, [input]) as Promise<R>;
}

function regularActivity<R>(name: string, options: ActivityOptions, input: object): Promise<R> {
  return regulars[name]?.executeWithOptions(options, [input]) as Promise<R>;
}

/** A failed step's own error: that of a regular activity comes wrapped, that of a local one does not. */
function causeOf(error: unknown): unknown {
  return error instanceof ActivityFailure ? error.cause : error;
}

/** True when a step failed with an error of that type, whichever kind of activity it ran as. */
export function failedWith(error: unknown, type: (typeof FINAL_ERRORS)[number]): boolean {
  const cause = causeOf(error);
  return cause instanceof ApplicationFailure && cause.type === type;
}

/** True when retrying could still help: the error is a failure of the step, and neither final nor a cancellation. */
function mayRecover(error: unknown): boolean {
  if (!(error instanceof TemporalFailure) || isCancellation(error)) return false;
  return !FINAL_ERRORS.some((type) => failedWith(error, type));
}

/** Local first; on exhaustion the same step, under the same action key, as a regular activity. */
async function localFirst<R>(name: string, summary: string, input: object): Promise<R> {
  try {
    return await localActivity<R>(name, summary, { ...input, failures: 0 });
  } catch (error) {
    if (!mayRecover(error)) throw error;
    return regularActivity<R>(name, { ...PATIENT, summary }, { ...input, failures: LOCAL_ATTEMPTS });
  }
}

type Inside<K extends keyof InsideActivities> = (
  summary: string,
  input: Omit<Parameters<InsideActivities[K]>[0], 'failures'>,
) => ReturnType<InsideActivities[K]>;

const inside =
  <K extends keyof InsideActivities>(name: K): Inside<K> =>
  (summary, input) =>
    localFirst(name, summary, input) as ReturnType<InsideActivities[K]>;

/** The steps of a round that compute or touch only our own database. */
export const steps: { [K in keyof InsideActivities]: Inside<K> } = {
  claim: inside('claim'),
  plan: inside('plan'),
  score: inside('score'),
  decide: inside('decide'),
  report: inside('report'),
  conclude: inside('conclude'),
  requestRetry: inside('requestRetry'),
  act: inside('act'),
  tendClocks: inside('tendClocks'),
};

/** Asks one source about one observable: on the source's own queue when it is outside, else like any inside step. */
export function runLookup(step: Omit<StepInput, 'failures'>, planned: PlannedLookup): Promise<LookupResult> {
  const { queue, ...lookup } = planned;
  const name = lookupActivity(lookup.source);
  const input = { ...step, ...lookup };
  if (queue === null) return localFirst(name, lookup.observable, input);
  return regularActivity(name, { ...OUTSIDE, taskQueue: queue, summary: lookup.observable }, { ...input, failures: 0 });
}
