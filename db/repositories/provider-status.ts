import { freeSlots, inFlight, leftIn } from '../../domain/quota';
import type { ObservableId, ObservableType } from '../../domain/observable';
import type { Severity } from '../../domain/severity';
import type { Clock } from '../clock';
import type { Knex } from '../connect';
import type { LookupFailure, ProviderProfile, QuotaRow } from '../rows';
import { toInstant } from '../time';
import type { Instant } from '../time';
import { whenAndWhy } from './forecast';
import { KEY_REFUSED, NOT_SET_UP, silenceOf } from './provider-standing';
import { readQuotas } from './quota-rows';
import { bestWaiters, countWaiters, isLost, needsRequest } from './waiting';
import type { Waiter } from './waiting';

export interface WaitingLookupView {
  incident_id: string;
  observable: ObservableId;
  severity: Severity;
  since: Instant;
  /** When it will probably be its turn; null when that cannot be said. */
  until: Instant | null;
  reason: string;
}

/** How it stands with one provider outside: the names of the API. */
export interface ProviderStatus {
  name: string;
  title: string;
  looks_up: ObservableType[];
  configured: boolean;
  setting: string | null;
  windows: { name: string; limit: number; used: number; left: number; resets_at: Instant | null }[];
  /** What the service itself said is left; null when it does not say, or no longer. */
  told: { left: number; until: Instant } | null;
  in_flight: number;
  /** It refused for now, or has not answered several times in a row; nothing is sent until then. */
  silent: { until: Instant; reason: string } | null;
  /** After a refusal or an outage it is asked so for some time, whatever its quota. */
  one_at_a_time: boolean;
  /** Its key was refused; one request tries again at `probe_at`. */
  blocked: { since: Instant; message: string; probe_at: Instant } | null;
  /** Share of the last `requests` (at most 100) that failed, 0 to 1; null when there were none. */
  error_rate: number | null;
  requests: number;
  last_error: (LookupFailure & { at: Instant }) | null;
  last_answer_at: Instant | null;
  /** When the next request may go; null when that is now. */
  next_slot_at: Instant | null;
  waiting: { count: number; incidents: number; items: WaitingLookupView[] };
  /** When anything was last noted of it. */
  updated_at: Instant;
}

const MOST_SHOWN = 50;

export async function providerStatus(knex: Knex, clock?: Clock): Promise<ProviderStatus[]> {
  const rows = await readQuotas(knex, clock);
  return Promise.all(rows.flatMap(({ row, now }) => (row.profile ? [statusOf(knex, row, row.profile, now)] : [])));
}

async function statusOf(knex: Knex, row: QuotaRow, profile: ProviderProfile, now: Instant): Promise<ProviderStatus> {
  const [counts, best] = await Promise.all([
    countWaiters(knex, row.provider),
    bestWaiters(knex, row.provider, now, MOST_SHOWN),
  ]);
  const { name, title, looksUp, configured, setting, limits } = profile;
  const { state, outcomes, last_error, last_answer_at } = row;
  const silence = silenceOf(row);
  const { nextAt } = freeSlots(state, limits, now, silence);
  const errors = [...outcomes].filter((mark) => 'xof'.includes(mark)).length;
  return {
    ...{ name, title, looks_up: looksUp, configured, setting },
    windows: limits.map((limit) => {
      const { resetsAt, ...window } = leftIn(limit, state, now);
      return { ...window, resets_at: resetsAt && toInstant(resetsAt) };
    }),
    told: toldNow(row, now),
    in_flight: inFlight(state, Date.parse(now)).length,
    silent:
      silence.until !== null && silence.until > now
        ? { until: toInstant(silence.until), reason: silence.reason ?? '' }
        : null,
    one_at_a_time: silence.strikes > 0,
    blocked: blockedNow(row, profile),
    error_rate: outcomes.length === 0 ? null : errors / outcomes.length,
    requests: outcomes.length,
    ...{ last_error, last_answer_at },
    next_slot_at: nextAt && toInstant(nextAt),
    waiting: { ...counts, items: waitingItems(row, profile, best, now) },
    updated_at: row.updated_at,
  };
}

function toldNow({ state: { told } }: QuotaRow, now: Instant): ProviderStatus['told'] {
  return told && toInstant(told.until) > now ? { left: told.left, until: toInstant(told.until) } : null;
}

/** A key that is no longer the provider's is nobody's concern. */
function blockedNow({ blocked }: QuotaRow, { credential }: ProviderProfile): ProviderStatus['blocked'] {
  if (!blocked || blocked.credential !== credential) return null;
  const { since, message, probe_at } = blocked;
  return { since, message, probe_at };
}

/** Several that wait for one observable share its turn. */
function waitingItems(
  row: QuotaRow,
  profile: ProviderProfile,
  best: readonly Waiter[],
  now: Instant,
): WaitingLookupView[] {
  const turns = new Map<ObservableId, number>();
  return best.map((waiter) => {
    const { incident_id, observable, severity, since } = waiter;
    const item = { incident_id, observable, severity, since };
    if (waiter.fresh_until !== null && waiter.fresh_until > now) {
      return { ...item, until: now, reason: 'its answer is there' };
    }
    if (!needsRequest(waiter, now)) {
      return { ...item, until: waiter.flight_until, reason: 'it is being asked right now' };
    }
    if (isLost(waiter, now)) return { ...item, until: null, reason: 'its run was told to ask, and has not yet' };
    if (!profile.configured) return { ...item, until: null, reason: NOT_SET_UP };
    const blocked = blockedNow(row, profile);
    if (blocked && blocked.probe_at > now) return { ...item, until: blocked.probe_at, reason: KEY_REFUSED };
    const rank = turns.get(observable) ?? turns.size;
    turns.set(observable, rank);
    return { ...item, ...whenAndWhy(rank, row, profile.limits, now) };
  });
}
