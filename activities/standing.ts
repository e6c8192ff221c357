import type { IncidentRow } from '../db/store';
import { clocksAfter, nextClockAt } from '../domain/service-level';
import type { Standing } from './contract';

/** How an incident stands, as its run is told. */
export function standingOf(incident: IncidentRow): Standing {
  const { version, severity, status, resolution, verdict, score, alert_type, round, settled_round } = incident;
  return {
    ...{ version, severity, status, resolution, verdict, score, alertType: alert_type },
    round: round > settled_round ? round : null,
    clockAt: nextClockAt(incident),
  };
}

/** When the clocks of an incident have something to say, once these changes are made. */
export function clockAfter(incident: IncidentRow, changes: Partial<IncidentRow>, at: string): string | null {
  return nextClockAt({ ...incident, ...changes, ...clocksAfter(incident, changes, at) });
}
