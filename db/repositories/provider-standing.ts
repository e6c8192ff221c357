import type { QuotaLimit, Silence } from '../../domain/quota';
import { afterAnswer, afterRefusal, restAfter } from '../../domain/silence';
import type { ProviderProfile, QuotaRow } from '../rows';
import { shift, toInstant } from '../time';
import type { Instant } from '../time';
import type { Ticket } from './admission';
import type { Settlement } from './settling';

/** How a provider's row changes by what becomes of its requests; pure. */

/** To follow the provider's name. */
export const NOT_SET_UP = 'it is not set up any more';
export const KEY_REFUSED = 'it has refused the key';
/** A refused key is tried again, by one request, after so long; then ever less often. */
const PROBE_AFTER_MS = 15 * 60_000;
const LONGEST_PROBE_MS = 6 * 3_600_000;
const OUTCOMES_KEPT = 100;
/** Refused as a question or for its key: the provider itself is well. */
const FINAL = ['unauthorized', 'forbidden', 'bad_request'];

/** Why it is left alone: it has refused, or it is in trouble, whichever lasts longer. */
export function silenceOf(row: QuotaRow): Silence {
  const { silent_until, silent_reason, strikes } = row;
  const rest = outageOf(row);
  if (!rest || (silent_until !== null && silent_until > rest.until)) {
    return { until: silent_until, strikes, ...(silent_reason === null ? {} : { reason: silent_reason }) };
  }
  return { ...rest, strikes: Math.max(rest.strikes, strikes) };
}

/** True when it has not answered several times in a row, whether it is left alone for that or tried again. */
export function isDown(row: QuotaRow): boolean {
  return outageOf(row) !== undefined;
}

/** When one request finds out whether a key is good again that has been refused since then. */
export function nextProbe(since: Instant, now: Instant): Instant {
  const refusedForMs = Date.parse(now) - Date.parse(since);
  return shift(now, Math.min(Math.max(refusedForMs, PROBE_AFTER_MS), LONGEST_PROBE_MS));
}

function outageOf({ outcomes, last_error }: QuotaRow): (Silence & { until: Instant }) | undefined {
  const unanswered = /[xo]*$/.exec(outcomes)?.[0] ?? '';
  const rest = last_error ? restAfter(unanswered.replaceAll('o', '').length, last_error.at) : undefined;
  if (!rest || !last_error) return undefined;
  return { ...rest, until: toInstant(rest.until), reason: `${rest.reason} (last: ${last_error.message})` };
}

/**
 * One truth for all workers, also while they are restarted with other settings one by one: what was registered last.
 * @param own those of a worker that nobody has registered yet
 */
export function limitsInForce(
  { profile }: Pick<QuotaRow, 'profile'>,
  own: readonly QuotaLimit[],
): readonly QuotaLimit[] {
  return profile?.limits ?? own;
}

/** True when that key was refused, and has not been accepted since. */
export function isRefusedKey({ blocked }: QuotaRow, credential: string | null): boolean {
  return blocked !== null && blocked.credential === credential;
}

/** True while that key must not be sent, not even to find out whether it still is refused. */
export function mayNotBeSent(row: QuotaRow, credential: string | null, now: Instant): boolean {
  return isRefusedKey(row, credential) && now < (row.blocked?.probe_at ?? now);
}

/**
 * Another key, or another plan, starts without the old one's refusals, and without what the service said was left of its
 * quota.
 */
export function afterRegistration(row: QuotaRow, { credential, limits }: ProviderProfile): Partial<QuotaRow> {
  const blocked = row.blocked?.credential === credential ? row.blocked : null;
  if (!row.profile) return { blocked };
  const sameKey = row.profile.credential === credential;
  if (sameKey && JSON.stringify(row.profile.limits) === JSON.stringify(limits)) return { blocked };
  const { grants, used } = row.state;
  // a key that has not shown itself to be right is tried with one request, not with as many as the quota allows
  const strikes = sameKey ? 0 : 1;
  return { blocked, strikes, silent_until: null, silent_reason: null, state: { grants, used, told: null } };
}

export function afterSettlement(
  row: QuotaRow,
  { id, credential }: Ticket,
  { answer, refused, error }: Settlement,
  now: Instant,
): Partial<QuotaRow> {
  const outcome = (mark: string) => (row.outcomes + mark).slice(-OUTCOMES_KEPT);
  if (answer) {
    const { until, strikes } = afterAnswer({ until: row.silent_until, strikes: row.strikes }, now);
    return {
      ...{ outcomes: outcome('.'), last_answer_at: now, strikes, silent_until: until },
      silent_reason: until === null ? null : row.silent_reason,
      blocked: row.blocked?.credential === credential ? null : row.blocked,
    };
  }
  if (refused) {
    const { until, strikes } = afterRefusal({ until: row.silent_until, strikes: row.strikes }, refused.until, now);
    return {
      outcomes: outcome('r'),
      strikes,
      silent_until: toInstant(until),
      silent_reason: reasonOf(refused, strikes),
    };
  }
  if (!error) return {};
  const { kind, message, httpStatus } = error;
  // sent before the outage was known: it says no more of it, and does not make it last longer
  const sentAt = row.state.grants.find((grant) => grant.id === id)?.at;
  const straggles = isDown(row) && sentAt !== undefined && toInstant(sentAt) < (row.last_error?.at ?? now);
  if (straggles && !FINAL.includes(kind)) return { outcomes: outcome('o') };
  const failed = {
    outcomes: outcome(FINAL.includes(kind) ? 'f' : 'x'),
    last_error: { at: now, kind, message, http_status: httpStatus },
  };
  if (kind !== 'unauthorized') return failed;
  const since = row.blocked?.credential === credential ? row.blocked.since : now;
  return { ...failed, blocked: { since, kind, message, credential, probe_at: nextProbe(since, now) } };
}

function reasonOf({ until, reason }: NonNullable<Settlement['refused']>, strikes: number): string {
  const said = reason ?? (until ? 'it asked for silence (429)' : 'it refused (429) and did not say until when');
  return strikes > 1 ? `${said}, ${strikes} times in a row` : said;
}
