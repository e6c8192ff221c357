import { brakesOf } from './quota-brakes';
import type { Brake } from './quota-brakes';
import { endOf, timeText, usedIn } from './quota-state';
import type { Calendar, Grant, QuotaLimit, QuotaState, Silence, ToldQuota } from './quota-state';

export { inFlight } from './quota-state';
export type { QuotaLimit, QuotaState, Silence, ToldQuota } from './quota-state';

export interface FreeSlots {
  /** Requests that may go now; Infinity when nothing limits them. */
  free: number;
  /** Why none may go now: "its quota of 4 a minute is spent". */
  reason: string | null;
  /** When the next one may go; null when it is now. */
  nextAt: string | null;
}

export interface QuotaWindow {
  name: string;
  limit: number;
  used: number;
  left: number;
  /** When the calendar begins anew, or the sliding window gives the next request back; null when none is used. */
  resetsAt: string | null;
}

const CALENDARS: readonly Calendar[] = ['day', 'month'];
/** By so much two answers that speak of the same window may differ. */
const SAME_WINDOW_MS = 2000;

export function emptyQuota(): QuotaState {
  return { grants: [], used: {}, told: null };
}

/** How many requests may go at `now`. */
export function freeSlots(state: QuotaState, limits: readonly QuotaLimit[], now: string, silence?: Silence): FreeSlots {
  const at = Date.parse(now);
  const brakes = brakesOf(state, limits, at, silence);
  const free = freeAt(brakes, at);
  if (free > 0) return { free, reason: null, nextAt: null };
  const [last] = brakes.filter((brake) => brake.free(at) <= 0).sort((a, b) => b.opensAt(at) - a.opensAt(at));
  return { free: 0, reason: last?.reason ?? null, nextAt: etaOf(0, state, limits, now, silence) };
}

/** As {@link turnOf}, the moment alone. */
export function etaOf(
  rank: number,
  state: QuotaState,
  limits: readonly QuotaLimit[],
  now: string,
  silence?: Silence,
): string {
  return turnOf(rank, state, limits, now, silence).at;
}

/**
 * When the `rank`-th (from 0) further request may go, if those before it go as soon as they may and are answered at once,
 * and what holds it back longest; null when nothing does. Of a request that is under way the whole lease is counted, so
 * the slot may be free earlier, but not later.
 */
export function turnOf(
  rank: number,
  state: QuotaState,
  limits: readonly QuotaLimit[],
  now: string,
  silence?: Silence,
): { at: string; reason: string | null } {
  let at = Date.parse(now);
  let longest = { ms: 0, reason: null as string | null };
  const brakes = brakesOf(state, limits, at, silence);
  for (let ahead = rank; ;) {
    const free = freeAt(brakes, at);
    if (free > ahead) return { at: timeText(at), reason: longest.reason };
    if (free > 0) for (const brake of brakes) brake.take(free, at);
    ahead -= free;
    const shut = brakes.filter((brake) => brake.free(at) <= 0);
    for (const brake of shut) {
      const ms = brake.opensAt(at) - at;
      if (ms > longest.ms) longest = { ms, reason: brake.reason };
    }
    at = Math.max(at, ...shut.map((brake) => brake.opensAt(at)));
  }
}

/** The state after one more request was allowed, whether there was a slot for it or not. */
export function grant(
  state: QuotaState,
  limits: readonly QuotaLimit[],
  ticket: string,
  now: string,
  leaseMs: number,
): QuotaState {
  const at = Date.parse(now);
  const periods = CALENDARS.map((calendar) => ({ calendar, ...usedIn(state, calendar, at) }));
  const used = Object.fromEntries(
    periods.map(({ calendar, since, count }) => [calendar, { since, count: count + 1 }] as const),
  );
  const kept = withoutSpent(state, limits, at);
  const granted = { id: ticket, at: timeText(at), until: timeText(at + leaseMs), settled: false };
  return { ...kept, used, grants: [...kept.grants, granted] };
}

/**
 * The state after a request came to its end, whatever that was.
 * @returns undefined when the ticket is not known (any more) or was settled before: then nothing changes
 */
export function settleGrant(
  state: QuotaState,
  limits: readonly QuotaLimit[],
  ticket: string,
  now: string,
  told?: ToldQuota,
): QuotaState | undefined {
  const at = Date.parse(now);
  if (!state.grants.some(({ id, settled }) => id === ticket && !settled)) return undefined;
  // `now` was cut to milliseconds, and this must not lie before the true end
  const until = timeText(at + 1);
  const grants = state.grants.map((each) => (each.id === ticket ? { ...each, until, settled: true } : each));
  const ended = { ...state, grants, told: heard(state.told, told, at, until) };
  const used = Object.fromEntries(CALENDARS.map((calendar) => [calendar, usedIn(ended, calendar, at)] as const));
  return withoutSpent({ ...ended, used }, limits, at);
}

/** How much of one limit is used. */
export function leftIn(limit: QuotaLimit, state: QuotaState, now: string): QuotaWindow {
  const at = Date.parse(now);
  const { name, requests } = limit;
  const window = (used: number, resetsAt: number | undefined): QuotaWindow => ({
    name,
    limit: requests,
    used,
    left: Math.max(0, requests - used),
    resetsAt: resetsAt === undefined ? null : timeText(resetsAt),
  });
  if ('calendar' in limit) return window(usedIn(state, limit.calendar, at).count, endOf(limit.calendar, at));
  const ends = state.grants.map(({ until }) => Date.parse(until) + limit.ms).filter((end) => end > at);
  return window(ends.length, ends.sort((a, b) => a - b)[0]);
}

function freeAt(brakes: readonly Brake[], at: number): number {
  return Math.min(...brakes.map((brake) => brake.free(at)));
}

/** Answers may overtake each other: within one window what is left only falls. */
function heard(before: QuotaState['told'], told: ToldQuota | undefined, at: number, end: string): QuotaState['told'] {
  const still = before && Date.parse(before.until) > at ? before : null;
  if (!told || !(told.until.getTime() > at) || !(told.left >= 0)) return still;
  const news = { left: Math.floor(told.left), until: timeText(told.until.getTime()), at: end };
  if (!still || news.left < still.left) return news;
  return told.until.getTime() > Date.parse(still.until) + SAME_WINDOW_MS ? news : still;
}

/** Forgets grants that no window counts any more. */
function withoutSpent(state: QuotaState, limits: readonly QuotaLimit[], at: number): QuotaState {
  const longest = Math.max(0, ...limits.map((limit) => ('ms' in limit ? limit.ms : 0)));
  const told = state.told && Date.parse(state.told.until) > at ? state.told : null;
  const counts = ({ until, settled }: Grant): boolean => {
    const end = Date.parse(until);
    return (!settled && end > at) || end + longest > at || (told !== null && until > told.at);
  };
  return { ...state, told, grants: state.grants.filter(counts) };
}
