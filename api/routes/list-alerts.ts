import { z } from 'zod';
import { given } from '../../domain/given';
import { defineRoute } from '../define-route';
import { API } from '../links';
import { nextPage, pageOrRefuse } from '../paging';
import { noSuchIncident } from '../problems';
import { alertListSchema } from '../schemas/incident';
import { incidentParams } from '../schemas/params';
import { text, wholeNumber } from '../schemas/query';

export const listAlerts = defineRoute({
  method: 'get',
  path: `${API}/incidents/:id/alerts`,
  group: 'Incidents',
  summary: 'All alerts of an incident',
  description: 'Oldest first, page by page: of a storm the incident itself shows only the first and the last.',
  curl: 'curl -H "Authorization: Bearer $SOAR_API_KEY" "$SOAR_URL/api/v1/incidents/INC-7Q2M4X9K0T/alerts?limit=200"',
  params: incidentParams,
  query: z.strictObject({
    limit: wholeNumber(1, 200).default(50),
    cursor: text(2_000).optional().describe('next_cursor of the page before'),
  }),
  responses: { 200: { description: 'One page', json: alertListSchema } },
}).handle(async ({ params: { id }, query, url }, deps) => {
  if (!(await deps.store.incidents.get(id))) throw noSuchIncident(id);
  const { items, nextCursor } = await pageOrRefuse(deps.store.incidents.alerts(id, given(query)));
  return {
    status: 200,
    json: { items, next_cursor: nextCursor, links: { next: nextPage(url, nextCursor, deps) } },
  };
});
