import type { NextFunction, Request, Response } from 'express';
import { Problem, problemDocument } from '../problems';
import { toProblem } from '../to-problem';
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
