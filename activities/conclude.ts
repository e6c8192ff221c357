import type { IncidentRow } from '../db/store';
import { MACHINE_STATUSES } from '../domain/incident';
import { actionKey } from '../domain/names';
import { underLock } from './action';
import type { ConcludeResult, StepInput } from './contract';
import type { ActivityDeps } from './deps';

/**
 * Ends a round. The incident closes only if the rules said so and every alert that joined has been processed, both
 * checked under the incident's lock; else it stays, and the result says what it waits for.
 */
export function conclude(deps: ActivityDeps, step: StepInput): Promise<ConcludeResult> {
  const { incidents, enrichments, actions } = deps.store;
  const action = { key: actionKey(step.round, 'conclude'), name: 'conclude' };
  return underLock(deps, step, action, async (trx) => {
    const planned = await actions.find(step.incidentId, actionKey(step.round, 'plan'), trx);
    const { alert_ids: processed } = planned?.detail as { alert_ids: string[] };
    const unprocessed = await incidents.markProcessed(trx, step.incidentId, processed);
    const incident = await incidents.require(step.incidentId, trx);
    const closes = unprocessed === 0 && incident.decision?.outcome === 'close' && isMachines(incident);
    const status = closes ? 'closed' : incident.status === 'investigating' ? 'open' : incident.status;
    const resolution = closes ? (incident.decision?.resolution ?? null) : incident.resolution;
    const waits = (await enrichments.of(step.incidentId, trx)).some(({ state }) => state === 'waiting');
    await incidents.update(trx, step.incidentId, {
      status,
      resolution,
      settled_round: step.round,
      ...(status === 'closed' && !waits ? { next_check_at: null } : {}),
    });
    return {
      summary: closes ? `Closed: ${resolution}` : `Stays ${status}`,
      detail: { unprocessed },
      result: {
        status,
        resolution,
        severity: incident.severity,
        again: unprocessed > 0,
      },
    };
  });
}

/** True while no analyst has taken the incident, or its verdict, into hand. */
function isMachines({ status, verdict_state }: Pick<IncidentRow, 'status' | 'verdict_state'>): boolean {
  return MACHINE_STATUSES.includes(status) && verdict_state !== 'overridden';
}
