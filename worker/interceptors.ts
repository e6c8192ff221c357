import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from '../config/logger';
import { ClaimLostError } from '../db/errors';

/**
 * What every activity has in common: one log line with its fate, and errors of ours turned into failures the engine
 * understands. `ClaimLost` is final; everything else may be retried.
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
          logger.warn({ ...event, ms: Date.now() - startedAt, err: error }, 'step failed');
          throw error instanceof ClaimLostError ? ApplicationFailure.nonRetryable(error.message, 'ClaimLost') : error;
        }
      },
    } satisfies ActivityInboundCallsInterceptor,
  });
}
