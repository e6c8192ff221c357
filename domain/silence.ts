import type { Silence } from './quota-state';

const FIRST_MS = 60_000;
const LONGEST_MS = 3_600_000;
/** A service that keeps refusing what it has invited is not asked every second. */
const SHORTEST_MS = 1000;
/** One that answers for so long after its last refusal is forgiven. */
const CALM_MS = 5 * 60_000;
/** So many requests without an answer in a row are an outage. */
const OUTAGE = 5;
const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 2 * 60_000;

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

/**
 * After an answer: forgiven, once it has answered for some time. Before, it is asked one at a time, and refuses the longer
 * the more often it does: a limit of which we do not know would else be run into again and again.
 */
export function afterAnswer(before: Silence, now: string): Silence {
  if (before.until !== null && Date.parse(before.until) + CALM_MS > Date.parse(now)) return before;
  return { until: null, strikes: 0 };
}

/**
 * How long a provider that does not answer is left alone: each retry costs quota, and those of one lookup must not starve
 * the others.
 * @param failures requests in a row that brought no answer, the last one at `lastAt`
 */
export function restAfter(failures: number, lastAt: string): (Silence & { until: string }) | undefined {
  if (failures < OUTAGE) return undefined;
  const restMs = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (failures - OUTAGE));
  const until = new Date(Date.parse(lastAt) + restMs).toISOString();
  return { until, strikes: 1, reason: `it has failed ${failures} times in a row` };
}
