import { z } from 'zod';
import type { StoredReport } from '../../db/repositories/reports';
import { defineRoute, type RouteDeps } from '../define-route';
import { API } from '../links';
import { noSuchIncident, Problem, RETRY_AFTER_SECONDS } from '../problems';
import { incidentParams } from '../schemas/params';
import { wholeNumber } from '../schemas/query';
import { reportSchema } from '../schemas/report';

const PATH = `${API}/incidents/:id/report`;
const CURL = 'curl -H "Authorization: Bearer $SOAR_API_KEY" $SOAR_URL/api/v1/incidents/INC-7Q2M4X9K0T/report';

const MOST_VERSIONS = 999_999_999;

const query = z.strictObject({
  version: wholeNumber(1, MOST_VERSIONS).optional().describe('An earlier one; default: the latest'),
});

const DESCRIPTION =
  'The latest report, or the `version` that is asked for. Before the first verdict there is none: 404 with Retry-After. ' +
  'One that is `unclassified` has no playbook, one that was closed as it came was not judged: 404 without.';
const common = { method: 'get', group: 'Incidents', description: DESCRIPTION, params: incidentParams, query } as const;

export const report = defineRoute({
  ...common,
  path: PATH,
  summary: 'Report, as HTML, JSON or Markdown by Accept',
  curl: `${CURL} -H "Accept: text/html"`,
  responses: { 200: { description: 'The report', json: reportSchema, html: true, markdown: true } },
}).handle(async ({ params, query: { version }, accepts }, deps) => {
  const found = await find(params.id, version, deps);
  const headers = { Vary: 'Accept' };
  switch (accepts(['json', 'html', 'md'])) {
    case 'html':
      return { status: 200, headers, html: found.html };
    case 'md':
      return { status: 200, headers, markdown: markdownOf(params.id, found) };
    default:
      return { status: 200, headers, json: jsonOf(found) };
  }
});

export const reportHtml = defineRoute({
  ...common,
  path: `${PATH}.html`,
  summary: 'Report as HTML',
  curl: `${CURL}.html -o report.html`,
  responses: { 200: { description: 'A self-contained page', html: true } },
}).handle(async ({ params, query: { version } }, deps) => ({
  status: 200,
  html: (await find(params.id, version, deps)).html,
}));

export const reportJson = defineRoute({
  ...common,
  path: `${PATH}.json`,
  summary: 'Report as JSON',
  curl: `${CURL}.json`,
  responses: { 200: { description: 'The same as data, by the schema at `/schemas/report.json`', json: reportSchema } },
}).handle(async ({ params, query: { version } }, deps) => ({
  status: 200,
  json: jsonOf(await find(params.id, version, deps)),
}));

export const reportMarkdown = defineRoute({
  ...common,
  path: `${PATH}.md`,
  summary: 'Report as Markdown',
  description: `${DESCRIPTION} Short, for pasting into a ticket; nothing that an alert says is a link, a mention or HTML in it.`,
  curl: `${CURL}.md`,
  responses: { 200: { description: 'The same in short', markdown: true } },
}).handle(async ({ params, query: { version } }, deps) => ({
  status: 200,
  markdown: markdownOf(params.id, await find(params.id, version, deps)),
}));

/** As it was stored: it has been valid when it was, and says itself by which schema. */
function jsonOf({ json }: StoredReport): z.input<typeof reportSchema> {
  return JSON.parse(json) as z.input<typeof reportSchema>;
}

function markdownOf(id: string, { version, markdown }: StoredReport): string {
  if (markdown !== null) return markdown;
  throw new Problem(
    'not-found',
    `Report ${version} of ${id} is from before reports were kept as Markdown: there are its HTML and JSON. The next one has it.`,
  );
}

async function find(id: string, version: number | undefined, { store }: RouteDeps): Promise<StoredReport> {
  const found = await (version === undefined ? store.reports.latest(id) : store.reports.find(id, version));
  return found ?? refuse(id, version, store);
}

/** @throws Problem why there is none */
async function refuse(id: string, version: number | undefined, store: RouteDeps['store']): Promise<never> {
  const [incident, latest] = await Promise.all([store.incidents.get(id), store.reports.latest(id)]);
  if (!incident) throw noSuchIncident(id);
  if (version !== undefined && latest) {
    throw new Problem('not-found', `${id} has no report ${version}; the latest is ${latest.version}.`);
  }
  if (incident.suppressed_by !== null) {
    const by = incident.suppressed_by;
    throw new Problem('not-found', `${id} has no report: ${by} closed it as it came, and nothing was looked up.`);
  }
  if (incident.alert_type === 'unclassified') {
    throw new Problem(
      'not-found',
      `${id} has no report: it is unclassified, and has no playbook until its type is set.`,
    );
  }
  if (incident.status === 'closed') {
    throw new Problem('not-found', `${id} has no report: it was closed before it was judged.`);
  }
  throw new Problem('not-found', `${id} has no report yet: it comes with the first verdict.`, {
    headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) },
  });
}
