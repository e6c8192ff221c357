import type { IncidentRow, Transaction } from '../db/store';
import { noticeOf } from '../domain/notice';
import type { Occasion } from '../domain/notice';
import type { Effect, Finished } from './action';
import type { ActivityDeps } from './deps';

type NoticeDeps = Pick<ActivityDeps, 'store' | 'clock' | 'publicUrl' | 'webhook'>;

/**
 * Notes an event that another tool is to be told of, in the transaction in which it comes about; nothing when there is
 * nobody to tell.
 * @param incident as it is from now on
 */
export async function noteEvent(
  { store, clock, publicUrl, webhook }: NoticeDeps,
  trx: Transaction,
  incident: IncidentRow,
  occasion: Occasion,
): Promise<void> {
  if (!webhook) return;
  const at = clock().toISOString();
  const event = noticeOf(incident, occasion, { at, publicUrl });
  await store.notices.note(trx, { incidentId: incident.id, key: occasion.key, event, at });
}

/** The incident as it is when the changes escalate it; undefined when they do not, or it was escalated before. */
export function newlyEscalated(before: IncidentRow, changes: Partial<IncidentRow>): IncidentRow | undefined {
  const escalates = before.status !== 'escalated' && changes.status === 'escalated';
  return escalates ? { ...before, ...changes } : undefined;
}

/** The incident as it is when it would be escalated, were it not in an analyst's hand. */
function withheld(before: IncidentRow, changes: Partial<IncidentRow>): IncidentRow | undefined {
  return changes.flagged ? { ...before, ...changes } : undefined;
}

/**
 * Notes that its decision has escalated an incident, or would have.
 * @param by what tells this escalation from others of the incident
 */
export async function noteEscalation(
  deps: NoticeDeps,
  trx: Transaction,
  escalated: IncidentRow | undefined,
  by: string,
): Promise<void> {
  if (!escalated) return;
  const reason = escalated.decision?.reason ?? '';
  const event = escalated.status === 'escalated' ? 'escalated' : 'escalation_withheld';
  await noteEvent(deps, trx, escalated, { event, key: `escalated/${by}`, reason });
}

/** A step's effect that may escalate its incident, and is noted when it does. */
export function notingEscalation(
  deps: NoticeDeps,
  by: string,
  effect: (before: IncidentRow) => Effect,
): Required<Pick<Finished<unknown>, 'effect' | 'apply'>> {
  let escalated: IncidentRow | undefined;
  return {
    effect: (before) => {
      const found = effect(before);
      escalated = newlyEscalated(before, found.changes) ?? withheld(before, found.changes);
      return found;
    },
    apply: (trx) => noteEscalation(deps, trx, escalated, by),
  };
}
