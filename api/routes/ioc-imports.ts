import { z } from 'zod';
import type { IocImportProblemRow, IocImportRow } from '../../db/rows';
import { INTEL_FORMATS } from '../../domain/intel/formats';
import { defineRoute, type RouteDeps } from '../define-route';
import { API, type LinkBase } from '../links';
import { nextPage, pageOrRefuse } from '../paging';
import { awaitEnd, waitOf } from '../prefer-wait';
import { noSuchImport } from '../problems';
import {
  importAnswerSchema,
  importDetailSchema,
  importListSchema,
  importQuery,
  type importSchema,
  importsQuery,
  intelFormatsSchema,
  problemListSchema,
  problemsQuery,
} from '../schemas/ioc-import';
import { importParams } from '../schemas/params';
import { withinDeadline } from '../within-deadline';

const GROUP = 'IOCs';
const PATH = `${API}/iocs/imports`;
const CURL = 'curl -H "Authorization: Bearer $SOAR_API_KEY"';
/** Problems that stand in the job itself. */
const FIRST_PROBLEMS = 100;
const ENGINE_AWAY =
  'The file is taken in; the engine does not answer, and the import begins by itself when it is back.';

export const importIocs = defineRoute({
  method: 'post',
  path: `${API}/iocs/import`,
  group: GROUP,
  summary: 'Import a file of indicators',
  description:
    'The body is the file itself, of any media type, also as gzip or zip, and of any size up to IOC_IMPORT_LIMIT unpacked. ' +
    'Good lines are kept, others are told with line and reason. The same file again changes nothing: the answer is what ' +
    'became of it. What was taken in is imported, whatever fails meanwhile.',
  curl:
    `curl -X POST "$SOAR_URL${API}/iocs/import?source=urlhaus&file_name=urlhaus.csv" \\\n` +
    '  -H "Authorization: Bearer $SOAR_API_KEY" -T urlhaus.csv',
  headers: { Prefer: '`wait=N`: how many seconds to wait for the end, 0 to 60; 10 when left out' },
  query: importQuery,
  body: { kind: 'stream', describes: { '*/*': z.string() } },
  responses: {
    200: { description: 'It is over: done, or failed with its error', json: importAnswerSchema },
    202: { description: 'Taken in; it goes on', json: importAnswerSchema, headers: { Location: 'The import' } },
  },
}).handle(async ({ query, body, headers, actor, gone, logger }, deps) => {
  const { source, file_name: fileName = null, ...options } = query;
  const { format = null, columns = null, type = null, confidence = null } = options;
  const { tlp = null, tags = null, expires_after_days = null } = options;
  const wanted = {
    ...{ source, fileName, actor, at: deps.clock().toISOString() },
    options: { format, columns, type, confidence, tlp, tags, expires_after_days },
  };
  const { repeated, job } = await body.receive(deps.importLimit, (file) => deps.store.iocImports.receive(file, wanted));
  const answer = async (seen: IocImportRow, note: string | null) => ({
    ...(await detailOf(seen, deps)),
    repeated,
    note,
  });
  if (isOver(job)) return { status: 200, json: await answer(job, null) };
  try {
    await withinDeadline(deps.gateway.importIocs({ id: job.id, requestedBy: actor }));
  } catch (err) {
    logger.warn({ err, import: job.id }, 'import not started; it is tried again');
    return { status: 202, headers: locationOf(job, deps), json: await answer(job, ENGINE_AWAY) };
  }
  const look = async () => (await deps.store.iocImports.get(job.id)) ?? job;
  const seen = await awaitEnd(look, { isOver, ms: waitOf(headers.prefer), gone });
  const json = await answer(seen, null);
  return isOver(seen) ? { status: 200, json } : { status: 202, headers: locationOf(job, deps), json };
});

export const listImports = defineRoute({
  method: 'get',
  path: PATH,
  group: GROUP,
  summary: 'List imports, newest first',
  description: 'Those of feeds too.',
  curl: `${CURL} "$SOAR_URL${PATH}?source=urlhaus"`,
  query: importsQuery,
  responses: { 200: { description: 'One page', json: importListSchema } },
}).handle(async ({ query, url }, deps) => {
  const { items, nextCursor } = await pageOrRefuse(deps.store.iocImports.list(query));
  const links = { next: nextPage(url, nextCursor, deps) };
  return { status: 200, json: { items: items.map((job) => importView(job, deps)), next_cursor: nextCursor, links } };
});

export const getImport = defineRoute({
  method: 'get',
  path: `${PATH}/:id`,
  group: GROUP,
  summary: 'An import: how far it is, and what became of its lines',
  curl: `${CURL} $SOAR_URL${PATH}/IMP-7Q2M4X9K0T`,
  params: importParams,
  responses: { 200: { description: 'The import', json: importDetailSchema } },
}).handle(async ({ params: { id } }, deps) => {
  const job = await deps.store.iocImports.get(id);
  if (!job) throw noSuchImport(id);
  return { status: 200, json: await detailOf(job, deps) };
});

export const listImportProblems = defineRoute({
  method: 'get',
  path: `${PATH}/:id/problems`,
  group: GROUP,
  summary: 'What was not kept of a file, and why, line by line',
  description: 'And what was kept, but flagged.',
  curl: `${CURL} $SOAR_URL${PATH}/IMP-7Q2M4X9K0T/problems`,
  params: importParams,
  query: problemsQuery,
  responses: { 200: { description: 'One page', json: problemListSchema } },
}).handle(async ({ params: { id }, query, url }, deps) => {
  if (!(await deps.store.iocImports.get(id))) throw noSuchImport(id);
  const { items, nextCursor } = await pageOrRefuse(deps.store.iocImports.problems(id, query));
  const links = { next: nextPage(url, nextCursor, deps) };
  return { status: 200, json: { items: items.map(problemView), next_cursor: nextCursor, links } };
});

export const listIntelFormats = defineRoute({
  method: 'get',
  path: `${API}/iocs/formats`,
  group: GROUP,
  summary: 'The formats that files of indicators may have',
  curl: `${CURL} $SOAR_URL${API}/iocs/formats`,
  responses: { 200: { description: 'All of them', json: intelFormatsSchema } },
}).handle(() => {
  return { status: 200, json: { formats: INTEL_FORMATS.map(({ name, title }) => ({ name, title })) } };
});

function isOver({ state }: IocImportRow): boolean {
  return state === 'done' || state === 'failed';
}

function locationOf({ id }: IocImportRow, { publicUrl }: LinkBase): { Location: string } {
  return { Location: `${publicUrl}${PATH}/${id}` };
}

async function detailOf(job: IocImportRow, deps: RouteDeps): Promise<z.output<typeof importDetailSchema>> {
  const { items } = await deps.store.iocImports.problems(job.id, { limit: FIRST_PROBLEMS });
  return { ...importView(job, deps), problems: items.map(problemView) };
}

function problemView({ line, kind, text, reason }: IocImportProblemRow) {
  return { line, kind, text, reason };
}

function importView(job: IocImportRow, { publicUrl }: LinkBase): z.output<typeof importSchema> {
  const { id, source, file_name, format, state, error, bytes, bytes_done, lines } = job;
  const { added, updated, unchanged, revoked, flagged, refused, unsupported } = job;
  const { requested_by, created_at, started_at, finished_at } = job;
  const self = `${publicUrl}${PATH}/${id}`;
  return {
    ...{ id, source, file_name, sha256: job.file_sha256.toString('hex'), format, state, error },
    progress: { bytes, bytes_done, lines },
    counts: { added, updated, unchanged, revoked, flagged, refused, unsupported },
    ...{ requested_by, created_at, started_at, finished_at },
    links: { self, problems: `${self}/problems` },
  };
}
