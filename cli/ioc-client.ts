import type { z } from 'zod';
import type { iocAnswersSchema, iocAnswerSchema, iocDetailSchema, iocSchema } from '../api/schemas/ioc';
import type {
  confirmRequestSchema,
  iocListSchema,
  iocRequestSchema,
  iocVerdictSchema,
  removedSourceSchema,
} from '../api/schemas/ioc-entry';
import type {
  importAnswerSchema,
  importDetailSchema,
  importListSchema,
  problemListSchema,
} from '../api/schemas/ioc-import';
import type { sourceListSchema, sourceRequestSchema, sourceSchema } from '../api/schemas/ioc-source';
import type { Transport, TextStream } from './http';
import { queryString } from './query-string';

export type IocAnswer = z.infer<typeof iocAnswerSchema>;
export type IocAnswers = z.infer<typeof iocAnswersSchema>;
export type Ioc = z.infer<typeof iocSchema>;
export type IocDetail = z.infer<typeof iocDetailSchema>;
export type IocPage = z.infer<typeof iocListSchema>;
export type IocImport = z.infer<typeof importDetailSchema>;
export type IocImportAnswer = z.infer<typeof importAnswerSchema>;
export type IocImportPage = z.infer<typeof importListSchema>;
export type IocProblemPage = z.infer<typeof problemListSchema>;
export type IocSource = z.infer<typeof sourceSchema>;
export type IocSourceSettings = z.input<typeof sourceRequestSchema>;
export type RemovedIocs = z.infer<typeof removedSourceSchema>;

export interface ImportFile {
  /** Its bytes, from the beginning; asked for again when the call is repeated. */
  bytes: () => AsyncIterable<Buffer>;
  query: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** The calls about indicators. */
export interface IocClient {
  lookup(query: { type?: string; value: string }): Promise<IocAnswer>;
  lookupMany(values: readonly (string | { type: string; value: string })[]): Promise<IocAnswers>;
  list(query: Record<string, string>): Promise<IocPage>;
  /** May be repeated: what is known is dated anew. */
  add(request: z.input<typeof iocRequestSchema>): Promise<Ioc>;
  get(id: number): Promise<IocDetail>;
  /** May be repeated. */
  judge(id: number, request: z.input<typeof iocVerdictSchema>): Promise<Ioc>;
  remove(id: number): Promise<unknown>;
  removeSource(source: string): Promise<RemovedIocs>;
  /** Sends a file; does not wait for its end. The same file again is the same import. */
  import(file: ImportFile): Promise<IocImportAnswer>;
  importJob(id: string, signal?: AbortSignal): Promise<IocImport>;
  imports(query: Record<string, string>): Promise<IocImportPage>;
  problems(id: string, query: Record<string, string>): Promise<IocProblemPage>;
  /** As it comes; reading it throws when the connection breaks off. */
  export(query: Record<string, string>, signal?: AbortSignal): Promise<TextStream>;
  sources(): Promise<z.infer<typeof sourceListSchema>>;
  source(name: string): Promise<IocSource>;
  /** May be repeated. */
  putSource(name: string, settings: IocSourceSettings): Promise<IocSource>;
  removeSourceSettings(name: string): Promise<unknown>;
  poll(name: string): Promise<unknown>;
  /** May be repeated: it is done once. */
  confirm(incidentId: string, request: z.input<typeof confirmRequestSchema>): Promise<Ioc>;
}

const LOOKUP = '/api/v1/ioc/lookup';
const IOCS = '/api/v1/iocs';
const SOURCES = '/api/v1/ioc-sources';
/** A source may have said a million things, which go stretch by stretch. */
const BULK_TIMEOUT_MS = 30 * 60_000;

export function createIocClient(call: Transport): IocClient {
  const body = (request: unknown): string => JSON.stringify(request);
  const sourcePath = (name: string): string => `${SOURCES}/${encodeURIComponent(name)}`;
  const importPath = (id: string): string => `${IOCS}/imports/${encodeURIComponent(id)}`;
  return {
    lookup: (query) => call({ method: 'GET', path: `${LOOKUP}${queryString(query)}` }),
    lookupMany: (values) => call({ method: 'POST', path: LOOKUP, body: body({ values }), repeatable: true }),
    list: (query) => call({ method: 'GET', path: `${IOCS}${queryString(query)}` }),
    add: (request) => call({ method: 'POST', path: IOCS, body: body(request), repeatable: true }),
    get: (id) => call({ method: 'GET', path: `${IOCS}/${id}` }),
    judge: (id, request) => call({ method: 'PATCH', path: `${IOCS}/${id}`, body: body(request), repeatable: true }),
    remove: (id) => call({ method: 'DELETE', path: `${IOCS}/${id}` }),
    removeSource: (source) =>
      call({ method: 'DELETE', path: `${IOCS}${queryString({ source })}`, timeoutMs: BULK_TIMEOUT_MS }),
    import: ({ bytes, query, signal }) =>
      call({
        ...{ method: 'POST', path: `${IOCS}/import${queryString(query)}`, stream: bytes, signal },
        ...{ contentType: 'application/octet-stream', prefer: 'wait=0', repeatable: true },
      }),
    importJob: (id, signal) => call({ method: 'GET', path: importPath(id), signal }),
    imports: (query) => call({ method: 'GET', path: `${IOCS}/imports${queryString(query)}` }),
    problems: (id, query) => call({ method: 'GET', path: `${importPath(id)}/problems${queryString(query)}` }),
    export: (query, signal) =>
      call({ method: 'GET', path: `${IOCS}/export${queryString(query)}`, streams: true, signal }),
    sources: () => call({ method: 'GET', path: SOURCES }),
    source: (name) => call({ method: 'GET', path: sourcePath(name) }),
    putSource: (name, settings) =>
      call({ method: 'PUT', path: sourcePath(name), body: body(settings), repeatable: true }),
    removeSourceSettings: (name) => call({ method: 'DELETE', path: sourcePath(name) }),
    poll: (name) => call({ method: 'POST', path: `${sourcePath(name)}/poll`, repeatable: true }),
    confirm: (incidentId, request) =>
      call({
        ...{ method: 'POST', path: `/api/v1/incidents/${encodeURIComponent(incidentId)}/iocs` },
        ...{ body: body(request), repeatable: true },
      }),
  };
}
