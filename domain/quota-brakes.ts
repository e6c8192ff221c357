import { endOf, inFlight, usedIn } from './quota-state';
import type { Calendar, QuotaLimit, QuotaState, Silence } from './quota-state';

/**
 * One thing that holds requests back. Asked and told in the order of time only: it forgets what lies behind.
 * Times in ms since 1970.
 */
export interface Brake {
  /** Why it holds them: "its quota of 4 a minute is spent". */
  reason: string;
  /** Requests it lets through at that moment; Infinity when it does not count them. */
  free(at: number): number;
  /** Notes requests that go at that moment and are answered at once. */
  take(count: number, at: number): void;
  /** When one that holds them lets the next one go. */
  opensAt(at: number): number;
}

/** All that holds a provider's requests back; a limit of none at all is no limit. */
export function brakesOf(state: QuotaState, limits: readonly QuotaLimit[], at: number, silence?: Silence): Brake[] {
  const counted = limits.filter(({ requests }) => requests >= 1);
  return [
    ...counted.map((limit) => ('ms' in limit ? slidingBrake(state, limit) : calendarBrake(state, limit))),
    ...(state.told ? [toldBrake(state, state.told)] : []),
    ...(silence?.until ? [silenceBrake(Date.parse(silence.until), silence.reason)] : []),
    ...(silence && silence.strikes > 0 ? [singleBrake(state, at)] : []),
  ];
}

/** A request counts until `ms` after its end: whenever it reached the service, it has left the service's window by then. */
function slidingBrake(state: QuotaState, limit: QuotaLimit & { ms: number }): Brake {
  const { ms, requests } = limit;
  const ends = state.grants.map(({ until }) => Date.parse(until)).sort((a, b) => a - b);
  let spent = 0;
  return {
    reason: spentReason(requests, spanOf(ms)),
    free(at) {
      while (spent < ends.length && (ends[spent] ?? 0) + ms <= at) spent += 1;
      return Math.max(0, requests - (ends.length - spent));
    },
    take(count, at) {
      let place = ends.length;
      while (place > spent && (ends[place - 1] ?? 0) > at) place -= 1;
      ends.splice(place, 0, ...Array<number>(count).fill(at));
    },
    opensAt: (at) => (ends[ends.length - requests] ?? at - ms) + ms,
  };
}

function calendarBrake(state: QuotaState, limit: QuotaLimit & { calendar: Calendar }): Brake {
  const { calendar, requests } = limit;
  let period = { end: 0, count: 0 };
  return {
    reason: spentReason(requests, `a ${calendar}`),
    free(at) {
      if (at >= period.end) period = { end: endOf(calendar, at), count: usedIn(state, calendar, at).count };
      return Math.max(0, requests - period.count);
    },
    take(count) {
      period.count += count;
    },
    opensAt: (at) => endOf(calendar, at),
  };
}

/** What ended after the service spoke, or is still under way, it had perhaps not counted yet. */
function toldBrake(state: QuotaState, told: NonNullable<QuotaState['told']>): Brake {
  const until = Date.parse(told.until);
  let left = told.left - state.grants.filter((each) => !each.settled || each.until > told.at).length;
  return {
    reason: 'it says that nothing of its quota is left',
    free: (at) => (at >= until ? Infinity : Math.max(0, left)),
    take(count) {
      left -= count;
    },
    opensAt: () => until,
  };
}

function silenceBrake(until: number, reason = 'it asked for silence (429)'): Brake {
  return {
    reason,
    free: (at) => (at >= until ? Infinity : 0),
    take() {},
    opensAt: () => until,
  };
}

/** What one request takes, when they go one by one; a guess. */
const ONE_TAKES_MS = 1000;

function singleBrake(state: QuotaState, now: number): Brake {
  let over = Math.max(0, ...inFlight(state, now).map(({ until }) => Date.parse(until)));
  return {
    reason: 'it is asked one at a time until it is sure to answer',
    free: (at) => (at >= over ? 1 : 0),
    take(_count, at) {
      over = at + ONE_TAKES_MS;
    },
    opensAt: () => over,
  };
}

function spentReason(requests: number, span: string): string {
  return `its quota of ${requests} ${span} is spent`;
}

const SPANS: readonly [number, string][] = [
  [86_400_000, 'a day'],
  [3_600_000, 'an hour'],
  [60_000, 'a minute'],
  [1000, 'a second'],
];

function spanOf(ms: number): string {
  return SPANS.find(([span]) => span === ms)?.[1] ?? `in ${ms / 1000} s`;
}
