import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from './errors';

/** An RFC 9457 problem document as the API writes it. */
export interface ProblemDocument {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  errors?: { pointer: string; detail: string }[];
}

/** Thrown when the API answered and refused. */
export class ApiProblemError extends Error {
  constructor(
    readonly status: number,
    readonly problem: ProblemDocument,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = 'ApiProblemError';
  }
}

/** Thrown when no answer came at all. */
export class ApiUnreachableError extends Error {
  constructor(
    readonly url: string,
    options?: ErrorOptions,
  ) {
    super(`No answer from ${url}`, options);
    this.name = 'ApiUnreachableError';
  }
}

export interface ClientOptions {
  /** Base URL, without `/api/v1`. */
  url: string;
  apiKey: string | undefined;
  /** How often a 503 or 429 is asked again, after its Retry-After; default 4. */
  retries?: number;
  /** The longest wait before asking again, ms; default 10 s. */
  maxWaitMs?: number;
  /** Limit of one call, ms; default 30 s. */
  timeoutMs?: number;
}

export interface Call {
  method: 'GET' | 'POST' | 'PATCH';
  path: string;
  /** Media type of an answer that is taken as text; default: JSON, which is read. */
  text?: string | undefined;
  body?: string | Buffer;
  contentType?: string;
  /** Version the change is meant for. */
  ifMatch?: string;
  /** Names the request: repeated under the same name, it is done once. */
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
  /** Limit of this call, ms; default: the client's. */
  timeoutMs?: number | undefined;
}

/** Makes one call: asks again on 503 and 429, and reads the answer: JSON or the text that was asked for, or a problem document. */
export type Transport = <T>(call: Call) => Promise<T>;

export function createTransport(options: ClientOptions): Transport {
  const { retries = 4, maxWaitMs = 10_000 } = options;
  return async function call<T>(request: Call): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const response = await send(request, options);
      const mayRetry = (response.status === 503 || response.status === 429) && attempt < retries;
      if (!mayRetry)
        return response.ok && request.text !== undefined ? ((await response.text()) as T) : read<T>(response);
      await response.body?.cancel();
      await sleep(waitBeforeRetry(response, attempt, maxWaitMs), undefined, { signal: request.signal });
    }
  };
}

async function send(call: Call, { url, apiKey, timeoutMs = 30_000 }: ClientOptions): Promise<Response> {
  const { method, path, body, contentType = 'application/json', ifMatch, idempotencyKey, signal } = call;
  const timeout = AbortSignal.timeout(call.timeoutMs ?? timeoutMs);
  try {
    return await fetch(url + path, {
      method,
      headers: {
        accept: `${call.text ?? 'application/json'}, application/problem+json`,
        ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...(body === undefined ? {} : { body }),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiUnreachableError(url, { cause });
  }
}

function waitBeforeRetry(response: Response, attempt: number, maxWaitMs: number): number {
  const seconds = Number.parseFloat(response.headers.get('retry-after') ?? '');
  const asked = Number.isFinite(seconds) ? seconds * 1000 : 250 * 2 ** attempt;
  return Math.min(Math.max(asked, 0), maxWaitMs);
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const detail = `HTTP ${response.status}, and the answer is not JSON (${messageOf(error)}). Is this the SOAR API?`;
    throw new ApiProblemError(response.status, { status: response.status, detail });
  }
  if (!response.ok) throw new ApiProblemError(response.status, problemOf(parsed));
  return parsed as T;
}

function problemOf(parsed: unknown): ProblemDocument {
  return typeof parsed === 'object' && parsed !== null ? parsed : { detail: String(parsed) };
}
