import { z } from 'zod';
import { InvalidCursorError } from '../../db/errors';
import { given } from '../../domain/given';
import { defineRoute } from '../define-route';
import { API, type LinkBase } from '../links';
import { invalidFields, noSuchIncident } from '../problems';
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
}).handle(async ({ params: { id }, query }, deps) => {
  if (!(await deps.store.incidents.get(id))) throw noSuchIncident(id);
  try {
    const { items, nextCursor } = await deps.store.incidents.alerts(id, given(query));
    const next = nextCursor === null ? null : nextPage(id, query.limit, nextCursor, deps);
    return { status: 200, json: { items, next_cursor: nextCursor, links: { next } } };
  } catch (error) {
    if (!(error instanceof InvalidCursorError)) throw error;
    throw invalidFields([{ pointer: '?cursor', detail: 'Is not a cursor of this list' }]);
  }
});

function nextPage(id: string, limit: number, cursor: string, { publicUrl }: LinkBase): string {
  const query = new URLSearchParams({ limit: String(limit), cursor });
  return `${publicUrl}${API}/incidents/${id}/alerts?${query.toString()}`;
}
