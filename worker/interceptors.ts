import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from '../config/logger';
import {
  ActRefusedError,
  ClaimLostError,
  databaseErrorText,
  ImportTakenError,
  NoSuchIncidentError,
  VersionMismatchError,
} from '../db/errors';

const REFUSALS: readonly string[] = [
  ...['NothingToRetry', 'UnknownEnrichment'],
  ...['InvalidRequest', 'NotAllowed', 'VersionMismatch'],
];

/** Pause before an import that another worker reads is asked for again, ms. */
const TAKEN_AGAIN_MS = 20_000;

/**
 * What every activity has in common: one log line with its fate, and errors of ours turned into failures the engine
 * understands.
 */
export function activityInterceptor(logger: Logger): ActivityInterceptorsFactory {
  return (context) => ({
    inbound: {
      async execute(input, next) {
        const startedAt = Date.now();
        const { activityType, attempt, workflowExecution } = context.info;
        const event = { incident: workflowExecution?.workflowId, step: activityType, attempt };
        try {
          const result = await next(input);
          logger.debug({ ...event, ms: Date.now() - startedAt }, 'step done');
          return result;
        } catch (error) {
          const failure = asFailure(error);
          // what somebody asked for in vain is no trouble of ours
          const level =
            failure instanceof ApplicationFailure && REFUSALS.includes(failure.type ?? '') ? 'info' : 'warn';
          logger[level]({ ...event, ms: Date.now() - startedAt, err: failure }, 'step failed');
          throw failure;
        }
      },
    } satisfies ActivityInboundCallsInterceptor,
  });
}

/**
 * A database error's own message holds the statement with all its values: evidence, which stays out of history and logs.
 * No retry mends a claim that is lost, an incident that is not there, or what is refused; everything else may be tried
 * again.
 */
function asFailure(error: unknown): unknown {
  if (error instanceof ClaimLostError) return ApplicationFailure.nonRetryable(error.message, 'ClaimLost');
  if (error instanceof NoSuchIncidentError) return ApplicationFailure.nonRetryable(error.message, 'NoSuchIncident');
  if (error instanceof ActRefusedError) return ApplicationFailure.nonRetryable(error.message, error.type);
  if (error instanceof VersionMismatchError) return ApplicationFailure.nonRetryable(error.message, 'VersionMismatch');
  if (error instanceof ImportTakenError) {
    const category = ApplicationFailureCategory.BENIGN;
    return ApplicationFailure.create({
      ...{ type: 'ImportTaken', message: error.message, category, nextRetryDelay: TAKEN_AGAIN_MS },
    });
  }
  const text = databaseErrorText(error);
  return text === undefined ? error : ApplicationFailure.create({ type: 'Database', message: text });
}
