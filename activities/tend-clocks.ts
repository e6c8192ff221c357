import type { IncidentRow, Transaction } from '../db/store';
import { escalationLevel, milestonesDue, told, wordsOf } from '../domain/service-level';
import type { ClockName, Milestone } from '../domain/service-level';
import type { Severity } from '../domain/severity';
import { underLock } from './action';
import type { Effect } from './action';
import type { Standing, StepInput } from './contract';
import type { ActivityDeps } from './deps';
import { noteEvent } from './notices';
import { renewReport } from './report';
import { standingOf } from './standing';

/**
 * Does what is due by an incident's clocks: reminds, notes a breach and escalates it to the next level, ends a hold that is
 * over; each with a row of the audit. What was done is not due any more, so it may be repeated at will.
 * @returns how the incident stands, and when to look again
 */
export async function tendClocks(deps: ActivityDeps, step: StepInput): Promise<Standing> {
  for (;;) {
    const incident = await deps.store.incidents.require(step.incidentId);
    const due = dueOf(incident, deps.clock().toISOString());
    if (!due) return standingOf(incident);
    try {
      await carryOut(deps, step, incident, due);
    } catch (error) {
      if (!(error instanceof ChangedError)) throw error;
    }
  }
}

type Due = Milestone | { kind: 'resume'; at: string };

function dueOf(incident: IncidentRow, now: string): Due | undefined {
  const { status, hold } = incident;
  if (status !== 'on_hold' || hold === null) return milestonesDue(incident, now)[0];
  return Date.parse(hold.until) <= Date.parse(now) ? { kind: 'resume', at: hold.until } : undefined;
}

/** It has changed since it was looked at. Thrown under its lock, so that nothing is written. */
class ChangedError extends Error {}

async function carryOut(deps: ActivityDeps, step: StepInput, seen: IncidentRow, due: Due): Promise<void> {
  // the version keeps one occasion from another: a due time may move away and come back
  const key = due.kind === 'resume' ? `hold/over/${seen.version}` : `sla/${due.clock}/${due.kind}/${seen.version}`;
  const name = due.kind === 'resume' ? 'hold_over' : `sla_${due.kind}`;
  const settle = async (incident: IncidentRow, trx: Transaction): Promise<Outcome> => {
    if (incident.version !== seen.version) throw new ChangedError();
    if (due.kind === 'resume') return resumed(incident, due);
    const outcome = clockTold(incident, due, deps.clock().toISOString());
    const { clock, due: by, escalated_to } = outcome.detail;
    const occasion = { event: EVENTS[due.kind], key, reason: outcome.summary, clock, due: by };
    await noteEvent(deps, trx, incident, escalated_to === undefined ? occasion : { ...occasion, escalated_to });
    return outcome;
  };
  const report = (trx: Transaction) =>
    renewReport(deps, { ...step, key, actor: 'playbook', at: deps.clock().toISOString() }, trx);
  await underLock(deps, step, { key, name }, settle, due.kind === 'reminder' ? undefined : report);
}

interface Outcome extends Effect {
  summary: string;
  result: null;
}

/** What another tool hears. */
const EVENTS = { reminder: 'sla_reminder', breach: 'sla_breached' } as const;

interface ClockOutcome extends Outcome {
  detail: { clock: ClockName; due: string; severity: Severity; escalated_to?: string };
}

/** Whoever has put it on hold has it in hand again. */
function resumed({ hold }: IncidentRow, { at }: { at: string }): Outcome {
  return {
    summary: `The hold is over${hold ? `, of ${hold.by}: ${hold.reason}` : ''}`,
    result: null,
    detail: { status: { from: 'on_hold', to: 'acknowledged' }, until: at, hold },
    changes: { status: 'acknowledged', hold: null },
  };
}

function clockTold({ sla: before, severity }: IncidentRow, milestone: Milestone, at: string): ClockOutcome {
  if (!before) throw new ChangedError();
  const { clock, due, kind } = milestone;
  const sla = told(before, milestone, at);
  const escalated_to = kind === 'breach' ? escalationLevel(sla) : null;
  const words = wordsOf(milestone);
  return {
    summary: escalated_to === null ? words : `${words}; escalated to ${escalated_to}`,
    result: null,
    detail: { clock, due, severity, ...(escalated_to === null ? {} : { escalated_to }) },
    changes: { sla },
  };
}
