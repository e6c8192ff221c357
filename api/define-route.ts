import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { Logger } from '../config/logger';
import type { RequestDocument } from './body';
import type { ApiDeps } from './deps';
import type { EngineStarter } from './engine-starter';
import type { ProblemKind } from './problems';
import type { Upload } from './upload';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** One answer a call may give. A call that answers JSON says its schema here, and nowhere else. */
export interface ResponseSpec {
  description: string;
  json?: z.ZodType;
  /** Also or only answers HTML. */
  html?: boolean;
  /** Also or only answers Markdown. */
  markdown?: boolean;
  /** Media types of an answer that is sent as it is made, however long. */
  streams?: readonly string[];
  /** Headers worth knowing, with what they say. */
  headers?: Record<string, string>;
}
export type Responses = Record<number, ResponseSpec>;

/**
 * `json`: parsed and validated against the schema; one that is `optional` and left out counts as `{}`. `document`: handed
 * over as it came; the schemas only describe it. `stream`: a file of any size and media type, read as it comes.
 */
export type BodySpec<B extends z.ZodType> =
  | { kind: 'json'; schema: B; optional?: boolean; examples?: Examples }
  | { kind: 'document'; describes: Record<string, z.ZodType>; examples?: Examples }
  | { kind: 'stream'; describes: Record<string, z.ZodType>; examples?: Examples };
export type Examples = Record<string, { summary: string; value: unknown }>;

/** What a handler sees of a request; everything in it has been validated. */
export interface RouteInput<Q, P, B> {
  query: Q;
  params: P;
  body: B;
  headers: IncomingHttpHeaders;
  /** Name of the API key, or `anonymous` on an open path. */
  actor: string;
  logger: Logger;
  /** Also in the `X-Request-Id` header and in the log. */
  requestId: string;
  /** Path and query as the caller wrote them. */
  url: string;
  /** Which of the short type names (`json`, `html`, `md`) the caller likes best; the first when it does not mind. */
  accepts: (types: readonly string[]) => string | undefined;
  /** Aborted when the caller goes away before the answer. */
  gone: AbortSignal;
}

/** What a handler may use. */
export interface RouteDeps extends ApiDeps {
  engine: EngineStarter;
}

type Headers = Record<string, string>;
type JsonOf<R extends ResponseSpec> = R extends { json: infer J extends z.ZodType } ? { json: z.input<J> } : never;
type HtmlOf<R extends ResponseSpec> = R extends { html: true } ? { html: string } : never;
type MarkdownOf<R extends ResponseSpec> = R extends { markdown: true } ? { markdown: string } : never;
type StreamOf<R extends ResponseSpec> = R extends { streams: readonly string[] } ? { stream: Stream } : never;
type ContentOf<R extends ResponseSpec> = R extends
  { json: z.ZodType } | { html: true } | { markdown: true } | { streams: readonly string[] }
  ? JsonOf<R> | HtmlOf<R> | MarkdownOf<R> | StreamOf<R>
  : { empty: true };

/** Text that is sent as it is made: nothing is made that the caller does not take, or after it has gone. */
export interface Stream {
  /** With its charset. */
  mediaType: string;
  text: AsyncIterable<string>;
}

/** An answer the route has declared: the compiler refuses any other. */
export type Reply<R extends Responses> = {
  [S in keyof R & number]: { status: S; headers?: Headers } & ContentOf<R[S]>;
}[keyof R & number];

/** An answer once its type does not matter any more. */
export interface AnyReply {
  status: number;
  headers?: Headers;
  json?: unknown;
  html?: string;
  markdown?: string;
  stream?: Stream;
  empty?: true;
}

interface RouteText {
  method: Method;
  /** Full path; parameters as `:name`. */
  path: string;
  /** Heading under which the reference lists the call. */
  group: string;
  summary: string;
  description?: string;
  /** Needs no key. */
  open?: boolean;
  /** Refusals beyond those every call of its kind may give. */
  problems?: readonly ProblemKind[];
  /** A complete curl command for the reference; `$SOAR_URL` and `$SOAR_API_KEY` stand for themselves. */
  curl: string;
  /** Header parameters the call understands, with what they do. */
  headers?: Record<string, string>;
}

export interface RouteSpec<
  Q extends z.ZodType,
  P extends z.ZodType,
  B extends BodySpec<z.ZodType>,
  R extends Responses,
> extends RouteText {
  query?: Q;
  params?: P;
  body?: B;
  responses: R;
}

type Handler<Q extends z.ZodType, P extends z.ZodType, B extends BodySpec<z.ZodType>, R extends Responses> = (
  input: RouteInput<z.output<Q>, z.output<P>, BodyOf<B>>,
  deps: RouteDeps,
) => Reply<R> | Promise<Reply<R>>;

type BodyOf<B> = B extends { kind: 'json'; schema: infer S extends z.ZodType }
  ? z.output<S>
  : B extends { kind: 'document' }
    ? RequestDocument
    : B extends { kind: 'stream' }
      ? Upload
      : undefined;

/** A call of the API: how it is reached, what it takes and answers, and what it does. */
export interface Route extends RouteText {
  query?: z.ZodType;
  params?: z.ZodType;
  body?: BodySpec<z.ZodType>;
  responses: Responses;
  handler: (input: RouteInput<never, never, never>, deps: RouteDeps) => AnyReply | Promise<AnyReply>;
}

/**
 * Declares a call, and then what it does: `defineRoute({ … }).handle(async (input, deps) => …)`. The same schemas
 * validate its requests, type its handler and its answers, and write `/openapi.json`. A new call is one such declaration
 * and one line in `routes/index.ts`.
 */
export function defineRoute<
  const R extends Responses,
  Q extends z.ZodType = z.ZodType<undefined>,
  P extends z.ZodType = z.ZodType<undefined>,
  B extends BodySpec<z.ZodType> = never,
>(spec: RouteSpec<Q, P, B, R>): { handle(handler: Handler<Q, P, B, R>): Route } {
  // Two calls, because the answers are checked only against a declaration that is already complete.
  return { handle: (handler) => ({ ...spec, handler }) };
}
