import { emptyQuota } from '../../domain/quota';
import type { Silence } from '../../domain/quota';
import { afterAnswer, afterRefusal } from '../../domain/silence';
import type { ProviderProfile, QuotaRow } from '../rows';
import { shift, toInstant } from '../time';
import type { Instant } from '../time';
import type { Ticket } from './admission';
import type { Settlement } from './settling';

/** How a provider's row changes by what becomes of its requests; pure. */

/** A refused key is tried again, by one request, after so long. */
export const PROBE_AFTER_MS = 15 * 60_000;
const OUTCOMES_KEPT = 100;

export function silenceOf({ silent_until, strikes }: QuotaRow): Silence {
  return { until: silent_until, strikes };
}

/** True while that key must not be sent. */
export function isKeyRefused({ blocked }: QuotaRow, credential: string | null, now: Instant): boolean {
  return blocked !== null && blocked.credential === credential && now < blocked.probe_at;
}

/** Another key starts without the old one's refusals, and without what the service said was left of that one's quota. */
export function afterRegistration(row: QuotaRow, { credential }: ProviderProfile): Partial<QuotaRow> {
  const blocked = row.blocked?.credential === credential ? row.blocked : null;
  if (!row.profile || row.profile.credential === credential) return { blocked };
  const { grants, used } = row.state ?? emptyQuota();
  return { blocked, strikes: 0, silent_until: null, silent_reason: null, state: { grants, used, told: null } };
}

export function afterSettlement(
  row: QuotaRow,
  { credential }: Ticket,
  { answer, refused, error }: Settlement,
  now: Instant,
): Partial<QuotaRow> {
  const outcome = (mark: string) => (row.outcomes + mark).slice(-OUTCOMES_KEPT);
  if (answer) {
    const { until, strikes } = afterAnswer(silenceOf(row), now);
    return {
      ...{ outcomes: outcome('.'), last_answer_at: now, strikes, silent_until: until },
      silent_reason: until === null ? null : row.silent_reason,
      blocked: row.blocked?.credential === credential ? null : row.blocked,
    };
  }
  if (refused) {
    const { until, strikes } = afterRefusal(silenceOf(row), refused.until, now);
    return {
      outcomes: outcome('r'),
      strikes,
      silent_until: toInstant(until),
      silent_reason: reasonOf(refused, strikes),
    };
  }
  if (!error) return {};
  const { kind, message, httpStatus } = error;
  const failed = { outcomes: outcome('x'), last_error: { at: now, kind, message, http_status: httpStatus } };
  if (kind !== 'unauthorized') return failed;
  const since = row.blocked?.credential === credential ? row.blocked.since : now;
  return { ...failed, blocked: { since, kind, message, credential, probe_at: shift(now, PROBE_AFTER_MS) } };
}

function reasonOf({ until }: { until: Date | null }, strikes: number): string {
  const said = until ? 'it asked for silence (429)' : 'it refused (429) and did not say until when';
  return strikes > 1 ? `${said}, ${strikes} times in a row` : said;
}
