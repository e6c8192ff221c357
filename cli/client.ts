import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { changesSchema } from '../api/schemas/changes';
import type { providersSchema } from '../api/schemas/provider';
import type { rescoreJobSchema, rescoreSchema } from '../api/schemas/rescore';
import type { mergeRequestSchema, mergeSchema, splitRequestSchema, splitSchema } from '../api/schemas/regroup';
import type { retrySchema } from '../api/schemas/retry';
import type { suppressionListSchema, suppressionRequestSchema, suppressionSchema } from '../api/schemas/suppression';
import type { statsSchema } from '../api/schemas/stats';
import type { batchSchema, submissionSchema } from '../api/schemas/submission';
import type { IncidentListItem, IncidentView } from '../db/views';
import { CliError } from './errors';
import { createIocClient, type IocClient } from './ioc-client';
import { queryString } from './query-string';
import { ApiProblemError, createTransport, type Call, type ClientOptions, type Transport } from './http';

/** Answer of `POST /alerts`. */
export type SubmissionAnswer = z.infer<typeof submissionSchema>;

/** Answer of `POST /alerts/batch`, and of `POST /alerts` to a document that holds several alerts. */
export type BatchAnswer = z.infer<typeof batchSchema>;

/** What `PATCH /incidents/:id` may change. */
export type IncidentChanges = z.input<typeof changesSchema>;

/** Answer of `POST /incidents/:id/retry`. */
export type RetryAnswer = z.infer<typeof retrySchema>;

/** Answer of `POST /incidents/:id/merge`. */
export type MergeAnswer = z.infer<typeof mergeSchema>;

/** Answer of `POST /incidents/:id/split`. */
export type SplitAnswer = z.infer<typeof splitSchema>;

/** Answer of `POST /rescores` and `POST /rescores/:id/apply`. */
export type RescoreJob = z.infer<typeof rescoreJobSchema>;

/** Answer of `GET /rescores/:id`. */
export type RescoreAnswer = z.infer<typeof rescoreSchema>;

/** Answer of `POST /suppressions`, and of `GET` and `DELETE /suppressions/:id`. */
export type Suppression = z.infer<typeof suppressionSchema>;

/** Answer of `GET /suppressions`. */
export type SuppressionPage = z.infer<typeof suppressionListSchema>;

/** Answer of `GET /providers`. */
export type ProvidersAnswer = z.infer<typeof providersSchema>;

/** Answer of `GET /stats`. */
export type StatsAnswer = z.infer<typeof statsSchema>;

/** `GET /incidents/:id`. */
export type Incident = IncidentView & { links?: Record<string, string> };

export interface IncidentPage {
  items: (IncidentListItem & { links?: Record<string, string> })[];
  next_cursor: string | null;
}

export interface Submission {
  body: string | Buffer;
  /** Default `application/json`. */
  contentType?: string;
  /** Name of the source format; found by its shape when left out. */
  format?: string | undefined;
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface IncidentOptions {
  /** With the raw documents. */
  include?: 'raw';
  signal?: AbortSignal | undefined;
}

/** In which form a report is wanted. */
export const REPORT_FORMATS = ['html', 'json', 'md'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export interface ReportRequest {
  format: ReportFormat;
  /** Default: the latest. */
  version?: number | undefined;
}

export interface RetryRequest {
  /** `source/type:value`; all that failed or waits when left out. */
  enrichments?: string[] | undefined;
  idempotencyKey: string;
}

export interface ChangeRequest {
  /** All of it is done, or nothing. */
  changes: IncidentChanges;
  idempotencyKey: string;
  /** Refused when the incident has another version. */
  ifVersion?: number | undefined;
}

/**
 * The HTTP API, typed. Every method throws {@link ApiProblemError} for a refusal and `ApiUnreachableError` when nobody
 * answers.
 */
export interface SoarClient {
  readonly url: string;
  /**
   * Of a document that holds one alert. May be repeated: the API knows an alert again by its identity.
   * @throws CliError when there are several
   */
  submit(submission: Submission): Promise<SubmissionAnswer>;
  /** As {@link submit}, of a document that may hold several alerts. */
  submitDocument(submission: Submission): Promise<SubmissionAnswer | BatchAnswer>;
  /** A JSON array, NDJSON or lines of text; may be repeated. */
  submitBatch(submission: Submission): Promise<BatchAnswer>;
  incident(id: string, options?: IncidentOptions): Promise<Incident>;
  incidents(query: Record<string, string>): Promise<IncidentPage>;
  /** May be repeated: under one key it is done once. */
  changeIncident(id: string, request: ChangeRequest): Promise<Incident>;
  /** The text of a report, as it came. */
  report(id: string, request: ReportRequest): Promise<string>;
  /** Adds to the notes, or replaces them. */
  addNote(id: string, note: string, options: { replace: boolean }): Promise<Incident>;
  /** May be repeated: under one key it is done once. */
  retry(id: string, request: RetryRequest): Promise<RetryAnswer>;
  /** May be repeated: it is done once. */
  merge(id: string, request: z.input<typeof mergeRequestSchema>): Promise<MergeAnswer>;
  /** May be repeated: the same alerts are split off once. */
  split(id: string, request: z.input<typeof splitRequestSchema>): Promise<SplitAnswer>;
  /** Begins a comparison; each call is one of its own. */
  startRescore(request: Record<string, string | boolean>): Promise<RescoreJob>;
  rescore(id: string, query?: Record<string, string>): Promise<RescoreAnswer>;
  /** May be repeated: it is done once. */
  applyRescore(id: string, request: { reopen?: true }): Promise<RescoreJob>;
  /** May be repeated: under one key it is made once. */
  suppress(request: z.input<typeof suppressionRequestSchema>, idempotencyKey: string): Promise<Suppression>;
  suppressions(query: Record<string, string>): Promise<SuppressionPage>;
  /** May be repeated. */
  removeSuppression(id: string): Promise<Suppression>;
  /** The calls about indicators. */
  iocs: IocClient;
  providers(): Promise<ProvidersAnswer>;
  stats(query: Record<string, string>): Promise<StatsAnswer>;
}

export function createClient(options: ClientOptions): SoarClient {
  const url = options.url.replace(/\/+$/, '');
  const call = createTransport({ ...options, url });
  return {
    url,
    async submit(submission) {
      const answer = await call<SubmissionAnswer | BatchAnswer>(submitting('/api/v1/alerts', submission));
      if (!('results' in answer)) return answer;
      throw new CliError(`The document holds ${answer.results.length} alerts.`, 'They were submitted.');
    },
    submitDocument: (submission) => call(submitting('/api/v1/alerts', submission)),
    submitBatch: (submission) => call(submitting('/api/v1/alerts/batch', submission)),
    incident: (id, query = {}) => getIncident(call, id, query),
    incidents: (query) => call({ method: 'GET', path: `/api/v1/incidents${queryString(query)}` }),
    changeIncident: (id, request) => changeIncident(call, id, request),
    report: (id, { format, version }) =>
      call({
        method: 'GET',
        path: `${incidentPath(id)}/report.${format}${queryString(version === undefined ? {} : { version: String(version) })}`,
        text: REPORT_TYPES[format],
      }),
    addNote: (id, note, { replace }) => addNote(call, { id, note, replace }),
    retry: (id, { enrichments, idempotencyKey }) =>
      call({
        method: 'POST',
        path: `${incidentPath(id)}/retry`,
        body: JSON.stringify({ enrichments }),
        idempotencyKey,
        repeatable: true,
      }),
    merge: (id, request) => call({ method: 'POST', path: `${incidentPath(id)}/merge`, body: JSON.stringify(request) }),
    split: (id, request) => call({ method: 'POST', path: `${incidentPath(id)}/split`, body: JSON.stringify(request) }),
    startRescore: (request) => call({ method: 'POST', path: '/api/v1/rescores', body: JSON.stringify(request) }),
    rescore: (id, query = {}) => call({ method: 'GET', path: `${rescorePath(id)}${queryString(query)}` }),
    applyRescore: (id, request) =>
      call({ method: 'POST', path: `${rescorePath(id)}/apply`, body: JSON.stringify(request) }),
    suppress: (request, idempotencyKey) =>
      call({ method: 'POST', path: SUPPRESSIONS, body: JSON.stringify(request), idempotencyKey }),
    suppressions: (query) => call({ method: 'GET', path: `${SUPPRESSIONS}${queryString(query)}` }),
    removeSuppression: (id) => call({ method: 'DELETE', path: `${SUPPRESSIONS}/${encodeURIComponent(id)}` }),
    iocs: createIocClient(call),
    providers: () => call({ method: 'GET', path: '/api/v1/providers' }),
    stats: (query) => call({ method: 'GET', path: `/api/v1/stats${queryString(query)}` }),
  };
}

const REPORT_TYPES: Record<ReportFormat, string> = { html: 'text/html', json: 'application/json', md: 'text/markdown' };

/** A document may hold thousands of alerts, each of which is committed before the answer comes. */
const SUBMISSION_TIMEOUT_MS = 5 * 60_000;

function submitting(path: string, { format, contentType, idempotencyKey, ...submission }: Submission): Call {
  return {
    method: 'POST',
    path: `${path}${queryString(format === undefined ? {} : { format })}`,
    ...submission,
    timeoutMs: SUBMISSION_TIMEOUT_MS,
    ...(contentType === undefined ? {} : { contentType }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

function getIncident(call: Transport, id: string, { include, signal }: IncidentOptions = {}): Promise<Incident> {
  return call({ method: 'GET', path: `${incidentPath(id)}${include ? `?include=${include}` : ''}`, signal });
}

function changeIncident(
  call: Transport,
  id: string,
  { changes, idempotencyKey, ifVersion }: ChangeRequest,
): Promise<Incident> {
  return call({
    method: 'PATCH',
    path: incidentPath(id),
    body: JSON.stringify(changes),
    idempotencyKey,
    repeatable: true,
    ...(ifVersion === undefined ? {} : { ifMatch: `"${ifVersion}"` }),
  });
}

interface NoteChange {
  id: string;
  note: string;
  replace: boolean;
}

/** Two people noting at once both keep their words: the version is checked, and a lost race is run again. */
async function addNote(call: Transport, { id, note, replace }: NoteChange): Promise<Incident> {
  for (let attempt = 0; ; attempt++) {
    const { analyst_notes: before, version: ifVersion } = await getIncident(call, id);
    const changes = { analyst_notes: replace || !before ? note : `${before}\n${note}` };
    try {
      return await changeIncident(call, id, { changes, ifVersion, idempotencyKey: randomUUID() });
    } catch (error) {
      const lostRace = error instanceof ApiProblemError && error.status === 412;
      if (!lostRace || attempt === NOTE_ATTEMPTS) throw error;
    }
  }
}

const NOTE_ATTEMPTS = 5;

function incidentPath(id: string): string {
  return `/api/v1/incidents/${encodeURIComponent(id)}`;
}

const SUPPRESSIONS = '/api/v1/suppressions';

function rescorePath(id: string): string {
  return `/api/v1/rescores/${encodeURIComponent(id)}`;
}
