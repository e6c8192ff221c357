/** How the engine sees an incident's run: still open, ended in whatever way, or not known at all. */
export type RunState = 'running' | 'ended' | 'unknown';

export interface OpenIncident {
  /** 0 until a run has claimed the incident. */
  runNo: number;
  /** When the reconciler restarted it, within the last hour. */
  restarts: readonly string[];
  /** When anything last happened to it. */
  updatedAt: string;
  /** Alerts that no round has looked at yet. */
  unprocessed: number;
}

export type Remedy = 'none' | 'tell' | 'start' | 'restart' | 'give_up';

/** A remedy, and when to look at the incident again. */
export interface Ruling {
  remedy: Remedy;
  checkAt: string;
}

const HOUR_MS = 3_600_000;
const ROUTINE_MS = 60_000;
const LONGEST_ROUTINE_MS = 30 * 60_000;
/** One that was at rest for an hour is looked at every six minutes. */
const OF_REST = 10;
const FIRST_BACKOFF_MS = 5_000;
/** Restarts within an hour after which something is wrong that no restart mends. */
export const RESTART_LIMIT = 5;

/** The restarts that still count at `now`. */
export function recentRestarts(restarts: readonly string[], now: string): string[] {
  return restarts.filter((at) => Date.parse(now) - Date.parse(at) < HOUR_MS);
}

/** Incidents that wait for an analyst for days are many, and their runs are seldom lost. */
function routineMs(updatedAt: string, now: string): number {
  const rest = Date.parse(now) - Date.parse(updatedAt);
  return Math.min(Math.max(rest / OF_REST, ROUTINE_MS), LONGEST_ROUTINE_MS);
}

/**
 * What to do about an incident that is not closed, or whose alerts no round has looked at: tell its run, start what was never started, restart what the engine lost, failed
 * or had terminated, with a back-off that doubles, and stop at the limit until the hour has passed.
 */
export function reconcile(incident: OpenIncident, run: RunState, now: string): Ruling {
  const after = (ms: number) => new Date(Date.parse(now) + ms).toISOString();
  if (run === 'running') {
    // a round may be under way, or gather more of them: then it was told, and once more does no harm
    const remedy = incident.unprocessed > 0 ? 'tell' : 'none';
    return { remedy, checkAt: after(routineMs(incident.updatedAt, now)) };
  }
  if (run === 'unknown' && incident.runNo === 0) return { remedy: 'start', checkAt: after(FIRST_BACKOFF_MS) };
  const restarts = recentRestarts(incident.restarts, now);
  const oldest = restarts[0];
  if (oldest !== undefined && restarts.length >= RESTART_LIMIT) {
    return { remedy: 'give_up', checkAt: new Date(Date.parse(oldest) + HOUR_MS).toISOString() };
  }
  return { remedy: 'restart', checkAt: after(FIRST_BACKOFF_MS * 2 ** restarts.length) };
}
