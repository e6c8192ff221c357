import type { IncidentRow } from '../db/store';
import { clocksAfter, nextClock, standingOf as clocksOf } from '../domain/service-level';
import type { Standing } from './contract';

/** How an incident stands, as its run is told. */
export function standingOf(incident: IncidentRow): Standing {
  const { version, severity, status, resolution, verdict, score, alert_type, round, settled_round } = incident;
  return {
    ...{ version, severity, status, resolution, verdict, score, alertType: alert_type },
    round: round > settled_round ? round : null,
    ...clockOf(incident),
    note: noteOf(incident),
  };
}

/** As {@link standingOf}, of an incident once these changes are made and its round is over. */
export function standingOnce(incident: IncidentRow, changes: Partial<IncidentRow>, at: string): Standing {
  const after = { ...incident, ...changes, ...clocksAfter(incident, changes, at) };
  return standingOf({ ...after, version: incident.version + 1 });
}

function clockOf(incident: IncidentRow): Pick<Standing, 'clockAt' | 'clockFor'> {
  const next = nextClock(incident);
  return { clockAt: next?.at ?? null, clockFor: next?.why ?? null };
}

/** What an operator is told beside the verdict: who has it in hand, why it rests, and by when it is due. */
function noteOf(incident: IncidentRow): string {
  const { status, status_by, hold } = incident;
  const { ack_due, close_due, acknowledged_at, breached, escalated_to } = clocksOf(incident);
  const isOpen = status !== 'closed' && status !== 'on_hold';
  const lines = [
    hold ? `On hold until ${hold.until}, by ${hold.by}: ${hold.reason}` : status_by && `In the hand of ${status_by}`,
    isOpen && ack_due && acknowledged_at === null && `To be acknowledged by ${ack_due}`,
    isOpen && close_due && `To be closed by ${close_due}`,
    breached && `Overdue${escalated_to === null ? '' : `, escalated to ${escalated_to}`}`,
  ];
  return lines.filter(Boolean).join('\n\n');
}
