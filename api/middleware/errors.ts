import type { NextFunction, Request, Response } from 'express';
import { isTransient } from '../../db/errors';
import { Problem, problemDocument, unavailable } from '../problems';
import { contextOf } from './request-context';

/** Last middleware: every refusal and every failure leaves as a problem document, and none tells how the inside looks. */
export function answerErrors(error: unknown, request: Request, response: Response, next: NextFunction): void {
  const { requestId, logger } = contextOf(request);
  const problem = toProblem(error);
  if (problem.status >= 500) logger.error({ err: error }, 'request failed');
  if (response.headersSent) {
    // The answer has begun: only breaking the connection tells the caller that it is not whole.
    next(error);
    return;
  }
  response
    .status(problem.status)
    .set(problem.headers)
    .type('application/problem+json')
    .send(JSON.stringify(problemDocument(problem, request.path, requestId)));
}

/** A path no route knows. */
export function answerNotFound(request: Request): never {
  throw new Problem('not-found', `There is nothing at ${request.path.slice(0, 200)}; the calls are listed at /docs.`);
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isTransient(error)) {
    return unavailable('The database does not answer. Nothing was stored; try again.', error);
  }
  if (error instanceof URIError) {
    return new Problem('malformed-request', 'The percent-encoding of the URL is broken.', { cause: error });
  }
  return new Problem('internal', 'Something failed on the server. The log has it under this request_id.', {
    cause: error,
  });
}
