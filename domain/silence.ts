import type { Silence } from './quota-state';

const FIRST_MS = 60_000;
const LONGEST_MS = 3_600_000;
/** A service that keeps refusing what it has invited is not asked every second. */
const SHORTEST_MS = 1000;

/**
 * After a refusal (429): until the service said, or else for a minute, doubled with every further refusal in a row, at
 * most an hour. What was sent before the silence began and is refused now is no further refusal.
 * @param said until when the service wants to be left alone; null when it did not say
 */
export function afterRefusal(before: Silence, said: Date | null, now: string): Silence & { until: string } {
  const at = Date.parse(now);
  const silentUntil = before.until === null ? 0 : Date.parse(before.until);
  const strikes = silentUntil > at ? Math.max(1, before.strikes) : before.strikes + 1;
  const doubled = (ms: number): number => at + Math.min(LONGEST_MS, ms * 2 ** (strikes - 1));
  const named = said?.getTime() ?? NaN;
  const until = Number.isNaN(named) ? doubled(FIRST_MS) : Math.max(named, doubled(SHORTEST_MS));
  return { until: new Date(Math.max(until, silentUntil)).toISOString(), strikes };
}

/** After an answer: over; but one that was asked for before the silence began does not end it. */
export function afterAnswer(before: Silence, now: string): Silence {
  if (before.until !== null && Date.parse(before.until) > Date.parse(now)) return before;
  return { until: null, strikes: 0 };
}
