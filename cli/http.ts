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
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  /** Media type of an answer that is taken as text; default: JSON, which is read. */
  text?: string | undefined;
  /** The answer is taken as it comes, as a {@link TextStream}. Such a call has no limit of time. */
  streams?: boolean;
  body?: string | Buffer;
  /** A body that is sent as it is read, however long; read again when the call is repeated. As `streams`, without a limit. */
  stream?: () => AsyncIterable<Buffer>;
  /** How the caller would have it done (RFC 7240). */
  prefer?: string;
  contentType?: string;
  /** Version the change is meant for. */
  ifMatch?: string;
  /** Names the request: repeated under the same name, it is done once. */
  idempotencyKey?: string;
  /** To be sent again when no answer has come, be it done or not. */
  repeatable?: boolean;
  signal?: AbortSignal | undefined;
  /** Limit of this call, ms; default: the client's. */
  timeoutMs?: number | undefined;
}

/** An answer as it comes; reading it throws when it breaks off before its end. */
export type TextStream = AsyncIterable<Uint8Array>;

/**
 * Makes one call, and reads the answer: JSON, the text that was asked for, or a problem document. On 503 and 429 it asks again,
 * and where the call may be repeated also when nobody answers.
 */
export type Transport = <T>(call: Call) => Promise<T>;

export function createTransport(options: ClientOptions): Transport {
  const { retries = 4, maxWaitMs = 10_000 } = options;
  return async function call<T>(request: Call): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const mayRetry = attempt < retries;
      const response = await send(request, options).catch((error: unknown) => {
        if (mayRetry && request.repeatable === true && error instanceof ApiUnreachableError) return undefined;
        throw error;
      });
      if (response && !(mayRetry && isBusy(response))) return answerOf<T>(request, response);
      await response?.body?.cancel();
      await sleep(waitBeforeRetry(response, attempt, maxWaitMs), undefined, { signal: request.signal });
    }
  };
}

async function answerOf<T>({ text, streams }: Call, response: Response): Promise<T> {
  if (response.ok && streams && response.body) return response.body as unknown as T;
  return response.ok && text !== undefined ? ((await response.text()) as T) : read<T>(response);
}

function isBusy({ status }: Response): boolean {
  return status === 503 || status === 429;
}

async function send(call: Call, { url, apiKey, timeoutMs = 30_000 }: ClientOptions): Promise<Response> {
  const { method, path, stream, contentType = 'application/json', ifMatch, idempotencyKey, prefer, signal } = call;
  const body = stream ? ReadableStream.from(stream()) : call.body;
  const endless = stream !== undefined || call.streams === true;
  const signals = [signal, endless ? undefined : AbortSignal.timeout(call.timeoutMs ?? timeoutMs)];
  try {
    return await fetch(url + path, {
      method,
      headers: {
        accept: call.streams ? '*/*' : `${call.text ?? 'application/json'}, application/problem+json`,
        ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        ...(prefer === undefined ? {} : { prefer }),
      },
      signal: AbortSignal.any(signals.filter((one) => one !== undefined)),
      ...(body === undefined ? {} : { body }),
      ...(stream ? { duplex: 'half' as const } : {}),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiUnreachableError(url, { cause });
  }
}

function waitBeforeRetry(response: Response | undefined, attempt: number, maxWaitMs: number): number {
  const seconds = Number.parseFloat(response?.headers.get('retry-after') ?? '');
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
