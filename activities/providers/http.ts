import { ProviderError } from './errors';
import type { RawDocument } from './provider';

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_BYTES = 4 * 1024 * 1024;
const REDACTED = '[key removed]';
/** Shorter ones are no real keys, and would be found in innocent words. */
const SHORTEST_SECRET = 16;

export interface DocumentRequest {
  /** Title of the provider, for messages. */
  provider: string;
  url: string;
  headers?: Record<string, string>;
  /** The caller's own wish to stop. */
  signal: AbortSignal;
  /** For connection, headers and body together; default 10,000. */
  timeoutMs?: number | undefined;
  /** Never to be stored or shown: blanked out of the body, should the other side echo it. */
  secret?: string;
}

export interface HttpDocument {
  status: number;
  headers: Headers;
  raw: RawDocument;
}

/**
 * One GET: no redirect is followed (the key would travel along), the body is kept as it came and ends at 4 MB.
 * @throws ProviderError `timeout`, `unavailable` or `invalid_response` (too large); the abort reason when aborted
 */
export async function getDocument(request: DocumentRequest): Promise<HttpDocument> {
  const { provider, signal, timeoutMs = DEFAULT_TIMEOUT_MS } = request;
  signal.throwIfAborted();
  // A controller and timer of our own: in Node 20, signals made by AbortSignal.any can be collected before they fire.
  const controller = new AbortController();
  const stop = () => controller.abort();
  const timer = setTimeout(stop, timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const init: RequestInit = { redirect: 'manual', signal: controller.signal };
    const response = await fetch(request.url, { ...init, headers: { 'user-agent': 'soar-suite', ...request.headers } });
    const body = await readBody(response, provider);
    const mediaType = response.headers.get('content-type') ?? 'application/octet-stream';
    const raw = { body: request.secret ? without(body, request.secret) : body, mediaType };
    return { status: response.status, headers: response.headers, raw };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ProviderError) throw error;
    if (controller.signal.aborted) {
      throw new ProviderError('timeout', `${provider} did not answer within ${timeoutMs / 1000} s`);
    }
    // Only the code: messages of the HTTP client may quote headers, and with them the key.
    throw new ProviderError('unavailable', `${provider} cannot be reached (${codeOf(error)})`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    controller.abort();
  }
}

async function readBody(response: Response, provider: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) {
      throw new ProviderError('invalid_response', `${provider} sent more than ${MAX_BYTES / 1024 / 1024} MB`, {
        httpStatus: response.status,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function without(body: Buffer, secret: string): Buffer {
  if (secret.length < SHORTEST_SECRET || !body.includes(secret)) return body;
  return Buffer.from(body.toString('latin1').replaceAll(secret, REDACTED), 'latin1');
}

/** Why a request got no answer, in a word that quotes nothing of it. */
export function codeOf(error: unknown): string {
  for (const candidate of [error instanceof Error ? error.cause : undefined, error]) {
    if (candidate instanceof Error && 'code' in candidate && typeof candidate.code === 'string') return candidate.code;
  }
  return 'connection failed';
}

/**
 * The JSON of a 200.
 * @throws ProviderError `invalid_response` for an empty body or anything that is not JSON
 */
export function jsonOf(provider: string, { status, raw }: HttpDocument): unknown {
  if (raw.body.length === 0) throw invalidResponse(provider, 'an empty answer', raw, status);
  try {
    return JSON.parse(raw.body.toString('utf8'));
  } catch {
    throw invalidResponse(provider, 'something that is not JSON', raw, status);
  }
}

export function invalidResponse(provider: string, what: string, raw: RawDocument, httpStatus: number): ProviderError {
  return new ProviderError('invalid_response', `${provider} sent ${what}`, { raw, httpStatus });
}

/** The error that an HTTP status other than 200, 404 and 429 stands for. `code` is the provider's own, if it gave one. */
export function statusError(provider: string, document: HttpDocument, now: Date, code?: string): ProviderError {
  const { status, headers, raw } = document;
  const text = `${provider} answered ${status}${code ? ` (${code})` : ''}`;
  const details = { raw, httpStatus: status };
  if (status === 401)
    return new ProviderError('unauthorized', `${text}: the API key is missing or not accepted`, details);
  if (status === 403) return new ProviderError('forbidden', `${text}: the key or plan does not allow this`, details);
  if (status >= 400 && status < 500 && status !== 404 && status !== 408) {
    return new ProviderError('bad_request', `${text}: it does not accept the question`, details);
  }
  const until = retryAfter(headers, now);
  const retryAfterMs = until ? until.getTime() - now.getTime() : undefined;
  return new ProviderError('unavailable', text, { ...details, retryAfterMs });
}

/**
 * A key as a header takes it; others are refused here, because the HTTP client would quote the key in its own error.
 * @param setting the variable that the key stands in
 * @throws ProviderError `unauthorized`
 */
export function headerSafe(provider: string, apiKey: string, setting: string): string {
  if (/^[\x21-\x7e]+$/.test(apiKey)) return apiKey;
  throw new ProviderError('unauthorized', `The ${provider} key holds characters that no key has; check ${setting}`);
}

const DAY_MS = 86_400_000;

/** The moment a `Retry-After` header names (seconds or a date), at most a day ahead; undefined without a usable one. */
export function retryAfter(headers: Headers, now: Date): Date | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  const at = /^\d+$/.test(value) ? now.getTime() + Number(value) * 1000 : Date.parse(value);
  if (Number.isNaN(at)) return undefined;
  return new Date(Math.min(Math.max(at, now.getTime() + 1000), now.getTime() + DAY_MS));
}
