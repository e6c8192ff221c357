import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from '../../config/logger';
import { Problem } from '../problems';

/** What is known of a request while it is answered. */
export interface RequestContext {
  requestId: string;
  logger: Logger;
  /** Name of the key; `anonymous` until one is shown. */
  actor: string;
  /** Pattern of the matched route, e.g. `/api/v1/incidents/:id`; absent when none matched. */
  route?: string;
}

const contexts = new WeakMap<Request, RequestContext>();

/** @throws Error outside of a request that went through {@link requestContext} */
export function contextOf(request: Request): RequestContext {
  const context = contexts.get(request);
  if (!context) throw new Error('The request has no context: requestContext() must be the first middleware');
  return context;
}

/** An id a caller may choose: short, and nothing that could forge a log line. */
const SANE_ID = /^[\w.:-]{1,128}$/;

/** Paths asked every few seconds by machines: they log only when something is wrong. */
const QUIET_ROUTES = new Set(['/healthz', '/readyz']);

/** First middleware: gives the request its id and logger, and writes the access log when the answer has left. */
export function requestContext(logger: Logger) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const wanted = request.get('x-request-id');
    const requestId = wanted && SANE_ID.test(wanted) ? wanted : randomUUID();
    const context: RequestContext = { requestId, logger: logger.child({ request_id: requestId }), actor: 'anonymous' };
    contexts.set(request, context);
    response.set('X-Request-Id', requestId);
    const startedAt = performance.now();
    response.on('close', () => {
      const level = !response.writableFinished || response.statusCode >= 500 ? 'warn' : levelOf(context.route);
      context.logger[level](
        {
          method: request.method,
          // Without the query: it may hold what a user searched for.
          path: request.path,
          route: context.route,
          status: response.statusCode,
          ms: Math.round((performance.now() - startedAt) * 10) / 10,
          actor: context.actor,
          ...(response.writableFinished ? {} : { aborted: true }),
        },
        'request',
      );
    });
    next();
  };
}

function levelOf(route: string | undefined): 'debug' | 'info' {
  return route && QUIET_ROUTES.has(route) ? 'debug' : 'info';
}

/** Refuses URLs whose percent-encoding is broken, before anything decodes a part of them. */
export function wellFormedUrl(request: Request, _response: Response, next: NextFunction): void {
  try {
    decodeURIComponent(request.originalUrl);
  } catch (cause) {
    throw new Problem('malformed-request', 'The percent-encoding of the URL is broken.', { cause });
  }
  next();
}
