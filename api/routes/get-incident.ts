import { z } from 'zod';
import { defineRoute } from '../define-route';
import { etagOf, includesVersion, versionsOf } from '../etag';
import { API, incidentLinks } from '../links';
import { noSuchIncident } from '../problems';
import { incidentSchema } from '../schemas/incident';
import { incidentParams } from '../schemas/params';
import { listOf } from '../schemas/query';

export const getIncident = defineRoute({
  method: 'get',
  path: `${API}/incidents/:id`,
  group: 'Incidents',
  summary: 'One incident with everything known about it',
  description:
    'Alerts, observables, enrichments, signals, the verdict with its explanation and timeline, and the audit.',
  curl: 'curl -H "Authorization: Bearer $SOAR_API_KEY" $SOAR_URL/api/v1/incidents/INC-7Q2M4X9K0T',
  params: incidentParams,
  query: z.strictObject({
    include: listOf(['raw']).optional().describe('raw: the documents as they came, with alerts and audit rows'),
  }),
  headers: { 'If-None-Match': 'The ETag of an earlier answer; 304 when the incident has not changed since' },
  responses: {
    200: { description: 'The incident', json: incidentSchema, headers: { ETag: 'Its version' } },
    304: { description: 'Unchanged' },
  },
}).handle(async ({ params: { id }, query, headers }, deps) => {
  const known = headers['if-none-match'];
  const version = known === undefined ? undefined : (await deps.store.incidents.get(id))?.version;
  if (known !== undefined && version !== undefined && includesVersion(versionsOf(known), version)) {
    return { status: 304, headers: caching(version), empty: true };
  }
  const view = await deps.store.incidents.view(id, { includeRaw: query.include?.includes('raw') ?? false });
  if (!view) throw noSuchIncident(id);
  return {
    status: 200,
    headers: caching(view.version),
    json: { ...view, links: incidentLinks(view.id, view.alert_type, deps) },
  };
});

/** May be kept, but must be asked about each time. */
function caching(version: number): Record<string, string> {
  return { ETag: etagOf(version), 'Cache-Control': 'private, no-cache' };
}
