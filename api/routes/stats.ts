import { z } from 'zod';
import { FORMULAS } from '../../db/repositories/incident-stats';
import { shift, toInstant } from '../../db/time';
import { given } from '../../domain/given';
import { defineRoute } from '../define-route';
import { API } from '../links';
import { invalidFields } from '../problems';
import { incidentFilters, TO_AFTER_FROM } from '../schemas/incident-filter';
import { statsSchema } from '../schemas/stats';

const DEFAULT_WINDOW_MS = 30 * 86_400_000;
/** No time lies before. */
const FIRST = '1970-01-01T00:00:00.000000Z';

const { severity, alert_type, source, from, to } = incidentFilters;
const querySchema = z
  .strictObject({
    from: from.describe('Created at or after; default: 30 days before `to`'),
    to: to.describe('Created before; default: now'),
    ...{ severity, alert_type, source },
  })
  .refine(...TO_AFTER_FROM);

export const stats = defineRoute({
  method: 'get',
  path: `${API}/stats`,
  group: 'Incidents',
  summary: 'How many incidents there were, and how long they took',
  description:
    'Counts, mean times and breaches of the incidents created in a window, with the formulas; and the queue now.',
  curl: 'curl -H "Authorization: Bearer $SOAR_API_KEY" "$SOAR_URL/api/v1/stats?from=2026-11-01T00:00:00Z&severity=high"',
  query: querySchema,
  responses: { 200: { description: 'The numbers', json: statsSchema } },
}).handle(async ({ query }, { store, clock }) => {
  const window = windowOf(query, clock());
  const [numbers, queue] = await Promise.all([
    store.stats.incidents(given({ ...query, ...window })),
    store.stats.queue(),
  ]);
  return { status: 200, json: { window, formulas: FORMULAS, ...numbers, queue } };
});

interface Window {
  from: string;
  to: string;
}

function windowOf({ from, to }: { [K in keyof Window]?: string | undefined }, now: Date): Window {
  const end = to ?? toInstant(now.toISOString());
  const start = from ?? (Date.parse(end) > DEFAULT_WINDOW_MS ? shift(end, -DEFAULT_WINDOW_MS) : FIRST);
  if (start < end) return { from: start, to: end };
  const wrong =
    from === undefined
      ? { pointer: '?to', detail: `Must be after ${start}` }
      : { pointer: '?from', detail: `Must be before ${end}` };
  throw invalidFields([wrong]);
}
