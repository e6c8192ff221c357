import { z } from 'zod';
import { defineRoute } from '../define-route';
import { API, incidentLinks } from '../links';
import { noSuchIncident } from '../problems';
import { incidentParams } from '../schemas/params';
import { reportJsonSchema, reportVersionsSchema } from '../schemas/report';

export const listReports = defineRoute({
  method: 'get',
  path: `${API}/incidents/:id/reports`,
  group: 'Incidents',
  summary: 'Every version of the report',
  description:
    'The newest first. A new one is written with each round, and with whatever an analyst or a clock changes of verdict or ' +
    'status; the earlier ones stay.',
  curl: 'curl -H "Authorization: Bearer $SOAR_API_KEY" $SOAR_URL/api/v1/incidents/INC-7Q2M4X9K0T/reports',
  params: incidentParams,
  responses: { 200: { description: 'The versions', json: reportVersionsSchema } },
}).handle(async ({ params: { id } }, deps) => {
  const [incident, versions] = await Promise.all([deps.store.incidents.get(id), deps.store.reports.versions(id)]);
  if (!incident) throw noSuchIncident(id);
  const { report_html, report_json, report_md } = incidentLinks(id, incident.alert_type, deps);
  const items = versions.map((each) => {
    const at = (link: string) => `${link}?version=${each.version}`;
    return { ...each, links: { html: at(report_html), json: at(report_json), md: at(report_md) } };
  });
  return { status: 200, json: { items } };
});

export const publishReportSchema = defineRoute({
  method: 'get',
  path: '/schemas/report.json',
  group: 'Service',
  summary: 'The JSON Schema of the JSON report',
  description: 'JSON Schema 2020-12. A report names it in `report.schema`.',
  open: true,
  curl: 'curl $SOAR_URL/schemas/report.json',
  responses: { 200: { description: 'The schema', json: z.looseObject({ $id: z.string() }) } },
}).handle((_input, { publicUrl }) => {
  const { $schema = '', ...schema } = reportJsonSchema;
  return { status: 200, json: { $schema, $id: `${publicUrl}/schemas/report.json`, ...schema } };
});
