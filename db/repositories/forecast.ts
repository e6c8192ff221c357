import { lookupName } from '../../domain/lookup-name';
import type { LookupName } from '../../domain/lookup-name';
import { freeSlots, turnOf } from '../../domain/quota';
import type { QuotaLimit } from '../../domain/quota';
import type { Knex } from '../connect';
import type { EnrichmentRow, IncidentRow, QuotaRow } from '../rows';
import { toInstant } from '../time';
import type { Instant } from '../time';
import { mayNotBeSent, KEY_REFUSED, silenceOf } from './provider-standing';
import { readQuotas } from './quota-rows';
import { countAhead, MOST_COUNTED, URGENT_FIRST } from './waiting';

/** When a waiting lookup's turn will probably come, and what it waits for. */
export interface Forecast {
  until: Instant;
  reason: string;
}

/** Of a waiter with so many ahead. */
export function whenAndWhy(ahead: number, row: QuotaRow, limits: readonly QuotaLimit[], now: Instant): Forecast {
  const silence = silenceOf(row);
  const { free } = freeSlots(row.state, limits, now, silence);
  const { at, reason } = turnOf(ahead, row.state, limits, now, silence);
  if (ahead < free) return { until: toInstant(at), reason: 'its turn has come' };
  return { until: toInstant(at), reason: free > 0 ? URGENT_FIRST : (reason ?? URGENT_FIRST) };
}

/**
 * How the waiting lookups of an incident stand now: what was said when they were refused is soon out of date, since others
 * come and go, and limits and keys change.
 * @returns by `source/observable`; those of sources that nobody has registered are missing
 */
export async function forecasts(
  knex: Knex,
  incident: Pick<IncidentRow, 'id' | 'severity_rank'>,
  waiting: readonly Pick<EnrichmentRow, 'source' | 'observable' | 'observable_hash' | 'since'>[],
): Promise<Map<LookupName, Forecast>> {
  const found = new Map<LookupName, Forecast>();
  if (waiting.length === 0) return found;
  const rows = new Map((await readQuotas(knex)).map(({ row, now }) => [row.provider, { row, now }]));
  for (const { source, observable, observable_hash: hash, since } of waiting) {
    const name = lookupName({ source, observable });
    const known = rows.get(source);
    if (!known?.row.profile) continue;
    const { row, now } = known;
    const { title, limits, credential, configured } = known.row.profile;
    // its own row says so, and when somebody looks again
    if (!configured) continue;
    if (row.blocked && mayNotBeSent(row, credential, now)) {
      const { probe_at: until, message } = row.blocked;
      found.set(name, { until, reason: `${title}: ${KEY_REFUSED} (${message})` });
      continue;
    }
    const place = { severityRank: incident.severity_rank, since: since ?? now, incidentId: incident.id, hash };
    const ahead = await countAhead(knex, source, place, now, MOST_COUNTED);
    const turn = whenAndWhy(ahead, row, limits, now);
    found.set(name, { until: turn.until, reason: `${title}: ${turn.reason}` });
  }
  return found;
}
