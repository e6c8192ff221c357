/**
 * At most so many requests in any `ms` milliseconds, or in a calendar day or month (UTC). A provider's limits are passed
 * in with every question and never kept in the state, so that a changed one takes effect at once.
 */
export type QuotaLimit = { name: string; requests: number } & ({ ms: number } | { calendar: Calendar });
export type Calendar = 'day' | 'month';

/** What the service itself says is left, and until when that holds. */
export interface ToldQuota {
  left: number;
  until: Date;
}

/** One request that was allowed. */
export interface Grant {
  /** Of its ticket. */
  id: string;
  at: string;
  /** When it was settled; before that the end of its lease, by when it is over in any case. */
  until: string;
  settled: boolean;
}

/** What has been used of a provider's quotas; kept as JSON. */
export interface QuotaState {
  grants: Grant[];
  /** By calendar: what was granted in the period that began at `since`. */
  used: Record<string, { since: string; count: number }>;
  /** `at`: when the service said so. */
  told: { left: number; until: string; at: string } | null;
}

/** A provider that refused (429), or is in trouble, is left alone until a moment, and then asked one at a time. */
export interface Silence {
  until: string | null;
  /** Refusals in a row. */
  strikes: number;
  /** To follow the provider's name; default: that it refused. */
  reason?: string;
}

/** A moment, ms since 1970, as times stand in the state. */
export function timeText(at: number): string {
  return new Date(at).toISOString();
}

/** Requests that are under way: granted, not settled, and still within their lease. */
export function inFlight(state: QuotaState, at: number): Grant[] {
  return state.grants.filter(({ until, settled }) => !settled && Date.parse(until) > at);
}

/** What counts in the calendar's period at that moment: its grants, and those made before that reach into it. */
export function usedIn(state: QuotaState, calendar: Calendar, at: number): { since: string; count: number } {
  const since = timeText(startOf(calendar, at));
  const used = state.used[calendar];
  // not only the same one: a clock that was set back must not start the count anew
  if (used && used.since >= since) return used;
  return { since, count: state.grants.filter(({ until }) => until > since).length };
}

function startOf(calendar: Calendar, at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), calendar === 'day' ? date.getUTCDate() : 1);
}

/** When the calendar begins anew. */
export function endOf(calendar: Calendar, at: number): number {
  const date = new Date(at);
  if (calendar === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1);
}
