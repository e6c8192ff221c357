import { createHash } from 'node:crypto';
import { Router, type Request, type Response } from 'express';
import type { z } from 'zod';
import { readDocument, readJson } from './body';
import { sendStream } from './send-stream';
import type { AnyReply, Route, RouteDeps, RouteInput } from './define-route';
import { fieldErrors } from './field-errors';
import type { Authenticator } from './middleware/authenticate';
import { contextOf } from './middleware/request-context';
import { contentSecurityPolicy } from './middleware/security-headers';
import { invalidFields, Problem, type FieldError } from './problems';
import { uploadOf } from './upload';

/** Puts the routes on a router: key, validation, handler, answer; 405 with `Allow` for their other methods. */
export function mountRoutes(routes: readonly Route[], deps: RouteDeps, authenticator: Authenticator): Router {
  const router = Router({ caseSensitive: true });
  for (const route of routes) {
    router[route.method](route.path, async (request, response) => {
      const context = contextOf(request);
      context.route = route.path;
      if (!route.open) context.actor = (await authenticator.authenticate(request)).name;
      const input = { ...(await inputOf(route, request)), gone: goneSignal(response) };
      await send(response, await route.handler(input as RouteInput<never, never, never>, deps));
    });
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    router.all(
      path,
      otherMethods(
        path,
        routes.filter((route) => route.path === path),
      ),
    );
  }
  return router;
}

function otherMethods(path: string, routes: readonly Route[]) {
  const methods = routes.map((route) => route.method.toUpperCase());
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (request: Request, response: Response): void => {
    contextOf(request).route = path;
    if (request.method !== 'OPTIONS') {
      throw new Problem('method-not-allowed', `${path} knows ${allow}.`, { headers: { Allow: allow } });
    }
    response.status(204).set('Allow', allow).end();
  };
}

/** Reads and checks everything a route declares; what is wrong in query and body is reported together. */
async function inputOf(route: Route, request: Request): Promise<Omit<RouteInput<unknown, unknown, unknown>, 'gone'>> {
  const context = contextOf(request);
  const params = pathOf(route, request);
  const errors: FieldError[] = [];
  const query = check(route.query, queryOf(request, errors), 'query', errors);
  const body = await bodyOf(route, request, errors);
  if (errors.length > 0) throw invalidFields(errors);
  return {
    query,
    params,
    body,
    headers: request.headers,
    actor: context.actor,
    logger: context.logger,
    requestId: context.requestId,
    url: request.originalUrl,
    accepts: (types) => request.accepts([...types]) || undefined,
  };
}

function goneSignal(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

/** An id that cannot exist is not found, not invalid. */
function pathOf(route: Route, request: Request): unknown {
  const parsed = route.params?.safeParse(request.params);
  if (parsed && !parsed.success) throw new Problem('not-found', `There is nothing at ${request.path.slice(0, 200)}.`);
  return parsed?.data;
}

/** Parameters by name. One that stands twice is only meant to where it is a list, which commas make. */
function queryOf(request: Request, errors: FieldError[]): Record<string, string> {
  const text = request.originalUrl.split('?').slice(1).join('?');
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (query.has(name))
      errors.push({ pointer: `?${name}`, detail: 'Given more than once; a list is made with commas' });
    query.set(name, value);
  }
  return Object.fromEntries(query);
}

async function bodyOf(route: Route, request: Request, errors: FieldError[]): Promise<unknown> {
  if (!route.body) return undefined;
  if (route.body.kind === 'document') return readDocument(request);
  if (route.body.kind === 'stream') return uploadOf(request);
  const { schema, optional = false } = route.body;
  return check(schema, await readJson(request, optional), 'body', errors);
}

function check(schema: z.ZodType | undefined, value: unknown, place: 'query' | 'body', errors: FieldError[]): unknown {
  if (!schema) {
    for (const name of Object.keys(value as object)) {
      errors.push({ pointer: `?${name}`, detail: 'This call takes no parameters' });
    }
    return undefined;
  }
  const parsed = schema.safeParse(value, { reportInput: true });
  if (!parsed.success) errors.push(...fieldErrors(parsed.error, place));
  return parsed.data;
}

/** Permits the page its first style sheet, which stands before anything an alert says, and no other. */
function styleOf(html: string): string[] {
  const sheet = /<style>(.*?)<\/style>/s.exec(html)?.[1];
  return sheet === undefined ? [] : [`style-src 'sha256-${createHash('sha256').update(sheet).digest('base64')}'`];
}

async function send(response: Response, reply: AnyReply): Promise<void> {
  if (reply.stream) return sendStream(response, reply.stream, reply);
  response.status(reply.status);
  if (reply.html !== undefined) {
    response.set('Content-Security-Policy', contentSecurityPolicy(...styleOf(reply.html)));
    response
      .set(reply.headers ?? {})
      .type('html')
      .send(reply.html);
  } else if (reply.markdown !== undefined) {
    response
      .set(reply.headers ?? {})
      .type('md')
      .send(reply.markdown);
  } else if (reply.json !== undefined) {
    response
      .set(reply.headers ?? {})
      .type('json')
      .send(JSON.stringify(reply.json));
  } else {
    response.set(reply.headers ?? {}).end();
  }
}
