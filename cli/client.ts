import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { iocAnswerSchema } from '../api/schemas/ioc';
import type { submissionSchema } from '../api/schemas/submission';
import type { IncidentListItem, IncidentView } from '../db/views';
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

/** Answer of `POST /alerts`. */
export type SubmissionAnswer = z.infer<typeof submissionSchema>;

/** Answer of `GET /ioc/lookup`. */
export type IocAnswer = z.infer<typeof iocAnswerSchema>;

/** `GET /incidents/:id`. */
export type Incident = IncidentView & { links?: Record<string, string> };

export interface IncidentPage {
  items: (IncidentListItem & { links?: Record<string, string> })[];
  next_cursor: string | null;
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

interface Call {
  method: 'GET' | 'POST' | 'PATCH';
  path: string;
  body?: string | Buffer;
  contentType?: string;
  /** Version the change is meant for. */
  ifMatch?: string;
  signal?: AbortSignal | undefined;
}

export interface Submission {
  body: string | Buffer;
  /** Default `application/json`. */
  contentType?: string;
  signal?: AbortSignal | undefined;
}

export type SoarClient = ReturnType<typeof createClient>;

/**
 * The HTTP API, typed. Every method throws {@link ApiProblemError} for a refusal and {@link ApiUnreachableError} when
 * nobody answers. A POST of an alert may be repeated: the API knows an alert again by its identity.
 */
export function createClient(options: ClientOptions) {
  const { retries = 4, maxWaitMs = 10_000 } = options;
  const url = options.url.replace(/\/+$/, '');

  async function call<T>(request: Call): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const response = await send(request);
      const mayRetry = (response.status === 503 || response.status === 429) && attempt < retries;
      if (!mayRetry) return read<T>(response);
      await response.body?.cancel();
      await sleep(waitBeforeRetry(response, attempt, maxWaitMs), undefined, { signal: request.signal });
    }
  }

  async function send({ method, path, body, contentType, ifMatch, signal }: Call): Promise<Response> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? 30_000);
    try {
      return await fetch(url + path, {
        method,
        headers: {
          accept: 'application/json, application/problem+json',
          ...(options.apiKey ? { authorization: `Bearer ${options.apiKey}` } : {}),
          ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
          ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        },
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        ...(body === undefined ? {} : { body }),
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new ApiUnreachableError(url, { cause });
    }
  }

  const incident = (id: string, query: { include?: 'raw'; signal?: AbortSignal | undefined } = {}) =>
    call<Incident>({
      method: 'GET',
      path: `${incidentPath(id)}${query.include ? `?include=${query.include}` : ''}`,
      signal: query.signal,
    });

  /** Two people noting at once both keep their words: the version is checked, and a lost race is run again. */
  async function addNote(id: string, note: string, { replace }: { replace: boolean }): Promise<Incident> {
    for (let attempt = 0; ; attempt++) {
      const { analyst_notes: before, version } = await incident(id);
      const notes = replace || !before ? note : `${before}\n${note}`;
      const body = JSON.stringify({ analyst_notes: notes });
      try {
        return await call<Incident>({ method: 'PATCH', path: incidentPath(id), body, ifMatch: `"${version}"` });
      } catch (error) {
        const lostRace = error instanceof ApiProblemError && error.status === 412;
        if (!lostRace || attempt === NOTE_ATTEMPTS) throw error;
      }
    }
  }

  return {
    url,
    incident,
    addNote,
    submit: ({ body, contentType, signal }: Submission) =>
      call<SubmissionAnswer>({
        method: 'POST',
        path: '/api/v1/alerts',
        body,
        signal,
        ...(contentType === undefined ? {} : { contentType }),
      }),
    incidents: (query: Record<string, string>) =>
      call<IncidentPage>({ method: 'GET', path: `/api/v1/incidents${queryString(query)}` }),
    lookupIoc: (type: string, value: string) =>
      call<IocAnswer>({ method: 'GET', path: `/api/v1/ioc/lookup${queryString({ type, value })}` }),
  };
}

const NOTE_ATTEMPTS = 5;

function incidentPath(id: string): string {
  return `/api/v1/incidents/${encodeURIComponent(id)}`;
}

function queryString(query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString();
  return text ? `?${text}` : '';
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
