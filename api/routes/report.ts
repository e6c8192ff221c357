import { z } from 'zod';
import { defineRoute, type RouteDeps } from '../define-route';
import { API } from '../links';
import { noSuchIncident, Problem, RETRY_AFTER_SECONDS } from '../problems';
import { incidentParams } from '../schemas/params';

const PATH = `${API}/incidents/:id/report`;
const CURL = 'curl -H "Authorization: Bearer $SOAR_API_KEY" $SOAR_URL/api/v1/incidents/INC-7Q2M4X9K0T/report';

const reportSchema = z
  .looseObject({ report: z.looseObject({ version: z.int(), incident_id: z.string() }) })
  .meta({ id: 'Report', description: 'The incident as it stood, its verdict, and what is recommended' });

const DESCRIPTION =
  'The latest report. Before the first verdict there is none: 404 with Retry-After. An `unclassified` incident has no ' +
  'playbook and so no report: 404 without. Nor has one that a suppression closed as it came.';
const HTML = { description: 'A self-contained page', html: true } as const;
const JSON_REPORT = { description: 'The same as data', json: reportSchema } as const;

export const report = defineRoute({
  method: 'get',
  path: PATH,
  group: 'Incidents',
  summary: 'Report, as HTML or JSON by Accept',
  description: DESCRIPTION,
  curl: `${CURL} -H "Accept: text/html"`,
  params: incidentParams,
  responses: { 200: { description: 'The report', json: reportSchema, html: true } },
}).handle(async ({ params, accepts }, deps) => {
  const { html, json } = await latest(params.id, deps);
  const headers = { Vary: 'Accept' };
  return accepts(['json', 'html']) === 'html' ? { status: 200, headers, html } : { status: 200, headers, json };
});

export const reportHtml = defineRoute({
  method: 'get',
  path: `${PATH}.html`,
  group: 'Incidents',
  summary: 'Report as HTML',
  description: DESCRIPTION,
  curl: `${CURL}.html -o report.html`,
  params: incidentParams,
  responses: { 200: HTML },
}).handle(async ({ params }, deps) => ({ status: 200, html: (await latest(params.id, deps)).html }));

export const reportJson = defineRoute({
  method: 'get',
  path: `${PATH}.json`,
  group: 'Incidents',
  summary: 'Report as JSON',
  description: DESCRIPTION,
  curl: `${CURL}.json`,
  params: incidentParams,
  responses: { 200: JSON_REPORT },
}).handle(async ({ params }, deps) => ({ status: 200, json: (await latest(params.id, deps)).json }));

async function latest(id: string, { store }: RouteDeps): Promise<{ html: string; json: z.input<typeof reportSchema> }> {
  const found = await store.reports.latest(id);
  if (found) return { html: found.html, json: reportSchema.parse(JSON.parse(found.json)) };
  const incident = await store.incidents.get(id);
  if (!incident) throw noSuchIncident(id);
  if (incident.suppressed_by !== null) {
    const by = incident.suppressed_by;
    throw new Problem('not-found', `${id} has no report: ${by} closed it as it came, and nothing was looked up.`);
  }
  if (incident.alert_type === 'unclassified') {
    throw new Problem(
      'not-found',
      `${id} has no report: it is unclassified, and has no playbook until its type is set, which this version cannot do.`,
    );
  }
  throw new Problem('not-found', `${id} has no report yet: it comes with the first verdict.`, {
    headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) },
  });
}
