import { z } from 'zod';
import { SORT_KEYS } from '../../db/views';
import { defineRoute } from '../define-route';
import { given } from '../../domain/given';
import { API, incidentLinks } from '../links';
import { nextPage, pageOrRefuse } from '../paging';
import { incidentListSchema } from '../schemas/incident';
import { incidentFilters, TO_AFTER_FROM } from '../schemas/incident-filter';
import { text, wholeNumber } from '../schemas/query';

/** Of most incidents nothing is due, or not any more: only among those that something is due of there is an order. */
const DUE_SORTS = ['ack_due', 'close_due'] as const;
const SORTS = SORT_KEYS.flatMap((key) => [key, `-${key}`] as const);

const querySchema = z
  .strictObject({
    ...incidentFilters,
    sort: z
      .enum(SORTS, { error: `Must be one of ${SORT_KEYS.join(', ')}, with - in front for descending` })
      .default('-created_at'),
    limit: wholeNumber(1, 200).default(50),
    cursor: text(2_000).optional().describe('next_cursor of the page before; the other parameters stay as they were'),
  })
  .refine(...TO_AFTER_FROM)
  .superRefine(({ sort, ...filters }, context) => {
    const due = DUE_SORTS.find((key) => key === sort.replace(/^-/, ''));
    if (!due || filters[`${due}_before`] !== undefined) return;
    context.addIssue({ code: 'custom', path: ['sort'], message: `Is possible with ${due}_before only` });
  });

export const listIncidents = defineRoute({
  method: 'get',
  path: `${API}/incidents`,
  group: 'Incidents',
  summary: 'List incidents',
  description: 'All filters must hold; of a comma list, one value must.',
  curl:
    'curl -H "Authorization: Bearer $SOAR_API_KEY" \\\n' +
    '  "$SOAR_URL/api/v1/incidents?verdict=malicious,suspicious&status=escalated&sort=-score&limit=20"',
  query: querySchema,
  responses: { 200: { description: 'One page', json: incidentListSchema } },
}).handle(async ({ query, url }, deps) => {
  const { items, nextCursor } = await pageOrRefuse(
    deps.store.incidents.list(given(query)),
    'Is not a cursor of this list and sort order',
  );
  return {
    status: 200,
    json: {
      items: items.map((item) => ({ ...item, links: incidentLinks(item.id, item.alert_type, deps) })),
      next_cursor: nextCursor,
      links: { next: nextPage(url, nextCursor, deps) },
    },
  };
});
