import type { Alert } from '../../domain/alert';
import type { Correlation } from '../../domain/correlation';
import type { Observable } from '../../domain/observable';
import { deed, lockChain } from '../audit-chain';
import type { LockedChain, NewAction } from '../audit-chain';
import type { Transaction } from '../connect';
import type { IncidentRow } from '../rows';
import { shift } from '../time';

export interface Regrouping {
  id: string;
  reason: string;
  actor: string;
  at: string;
  ifVersion?: number | undefined;
}

export interface MergeRequest extends Regrouping {
  into: string;
}

export interface SplitRequest extends Regrouping {
  alertIds: readonly string[];
  /** Names the request. */
  requestId: string;
  /** What an alert names, and what it correlates by. */
  read: (alert: Alert) => { observables: Observable[]; correlation: Correlation | null };
}

export interface MergeRefusal {
  refused: 'not_found' | 'no_such_target' | 'version_mismatch' | 'closed' | 'target_closed' | 'target_without_playbook';
}

export interface SplitRefusal {
  refused: 'not_found' | 'version_mismatch' | 'nothing_left' | 'unknown_alerts';
  /** Those that are none of the incident's. */
  alertIds?: string[];
}

export type MergeOutcome = MergeRefusal | { into: IncidentRow; alerts: number; done: 'now' | 'before' };
export type SplitOutcome =
  SplitRefusal | { incident: IncidentRow; left: IncidentRow; alerts: number; done: 'now' | 'before' };

/** Named one by one in the audit up to so many; beyond that they are counted. */
const MOST_NAMED = 1000;

export function namedAlerts(ids: readonly string[]): Record<string, unknown> {
  return ids.length > MOST_NAMED ? { alerts: ids.length } : { alerts: ids.length, alert_ids: ids };
}

export type IncidentChain = LockedChain & { incident: IncidentRow };

/** Locks an incident's chain; `row` of it is that of the action, if it has been written. */
export async function lockIncident(
  trx: Transaction,
  id: string,
  actionKey: string | null,
): Promise<IncidentChain | undefined> {
  const chain = await lockChain(trx, id, actionKey);
  return chain?.incident && { ...chain, incident: chain.incident };
}

export function regroupAction(
  incidentId: string,
  { actor, at, reason }: Pick<Regrouping, 'actor' | 'at' | 'reason'>,
  { key, action, summary, detail }: { key: string; action: string; summary: string; detail: Record<string, unknown> },
): NewAction {
  return deed({
    incident_id: incidentId,
    action_key: key,
    ...{ at, action, actor, summary },
    detail: { ...detail, reason },
  });
}

const LOOKED_AFTER_MS = 5_000;

/** Shuts out the run there is, abandons its round, which may have judged by what is gone, and has the reconciler look soon whether the engine was told. */
export function shutOut({ run_no, round, alert_type }: IncidentRow, at: string): Partial<IncidentRow> {
  const next_check_at = alert_type === 'unclassified' ? null : shift(at, LOOKED_AFTER_MS);
  return { run_no: run_no + 1, claimed_by: null, settled_round: round, next_check_at };
}
