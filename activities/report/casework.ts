import type { IncidentView } from '../../db/views';
import { lookupName, parseLookupName } from '../../domain/lookup-name';
import type { LookupName } from '../../domain/lookup-name';
import type { ClockName } from '../../domain/service-level';
import type { ReportInput } from './input';
import { clock } from './show';
import { RESOLUTION_WORDS, sourceTitle, STATUS_WORDS } from './words';

/** What people have made of the incident. */
export interface CaseworkSections {
  /** How a person has left it; null while its status is the machine's. */
  hand: { heading: string; by: string; at: string | null; reason: string } | null;
  /** Lookups that closing has given up. */
  givenUp: { source: string; observable: string }[];
  suppressed: string | null;
  /** `by` and `at`: of the last change, where it is known. */
  notes: { text: string; by: string | null; at: string | null } | null;
}

export function caseworkSections({ view, sources }: ReportInput): CaseworkSections {
  const { analyst_notes: text, notes_history, suppressed_by: suppressed } = view;
  const noted = notes_history.at(-1);
  return {
    hand: handOf(view),
    givenUp: givenUp(view)
      .map(parseLookupName)
      .map(({ source, observable }) => ({ source: sourceTitle(sources, source), observable })),
    suppressed,
    notes: text === '' ? null : { text, by: noted?.by ?? null, at: noted?.at ?? null },
  };
}

/** Of what an act tells in its row. */
interface ActDetail {
  status?: { to?: unknown };
  reason?: string;
  cancelled?: LookupName[];
}

/** The act by which an incident came to stand as it does; a detail that was cut tells nothing. */
function lastMove({ audit, status }: IncidentView): { at: string; detail: ActDetail } | undefined {
  const moves = audit.map(({ at, detail }) => ({ at, detail: detail as ActDetail }));
  return moves.findLast(({ detail }) => detail.status?.to === status);
}

function handOf(view: IncidentView): CaseworkSections['hand'] {
  const { status_by: by, hold } = view;
  if (by === null) return null;
  const move = lastMove(view);
  const { at = null, reason = '' } = hold ?? { at: move?.at, reason: move?.detail.reason };
  return { heading: headingOf(view), by, at, reason };
}

function headingOf({ status, resolution, hold }: IncidentView): string {
  if (status === 'closed')
    return `Closed by an analyst: ${resolution ? RESOLUTION_WORDS[resolution] : 'no resolution'}`;
  if (hold) return `On hold until ${clock(hold.until)}`;
  return status === 'open' ? 'Reopened by an analyst' : `In hand: ${STATUS_WORDS[status]}`;
}

/** Names of the lookups that closing has given up, while it is closed and as long as nothing has come of them since. */
export function givenUp(view: IncidentView): LookupName[] {
  if (view.status !== 'closed') return [];
  const failed = new Set(view.enrichments.filter(({ state }) => state === 'failed').map(lookupName));
  return (lastMove(view)?.detail.cancelled ?? []).filter((name) => failed.has(name));
}

export interface Fact {
  label: string;
  text: string;
  /** It is to be seen first. */
  alarm: boolean;
}

/** By when somebody is to have acted, and what has become of that. */
export function clockFacts({ sla, closed_at }: IncidentView): Fact[] {
  const { ack_due, close_due, acknowledged_at, escalated_to } = sla;
  const words = { acknowledge: ['Acknowledge by', 'Acknowledged'], close: ['Close by', 'Closed'] } as const;
  const fact = (name: ClockName, due: string | null, done: string | null): Fact[] => {
    if (due === null) return [];
    const alarm = sla.breaches[name] !== undefined;
    const [open, past] = words[name];
    if (done !== null)
      return [{ label: past, text: `${clock(done)}${alarm ? `, too late: due ${clock(due)}` : ''}`, alarm }];
    const standing = sla.paused ? ', moves while it is on hold' : '';
    return [{ label: open, text: `${clock(due)}${alarm ? ', missed' : standing}`, alarm }];
  };
  return [
    ...fact('acknowledge', ack_due, acknowledged_at),
    ...fact('close', close_due, closed_at),
    ...(escalated_to === null ? [] : [{ label: 'Escalated to', text: escalated_to, alarm: true }]),
  ];
}
