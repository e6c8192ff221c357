import { isMachines, standingAfter } from '../domain/incident';
import { actionKey } from '../domain/names';
import type { IncidentRow } from '../db/store';
import { isOvertaken, OVERTAKEN, underLock } from './action';
import type { Effect } from './action';
import type { ConcludeResult, StepInput } from './contract';
import type { ActivityDeps } from './deps';
import { standingOf, standingOnce } from './standing';

/**
 * Ends a round. The incident closes only if the rules said so and every alert that joined has been processed, both
 * checked under the incident's lock; else it stays, and the result says what it waits for.
 */
export function conclude(deps: ActivityDeps, step: StepInput): Promise<ConcludeResult> {
  const { incidents, enrichments, actions } = deps.store;
  const action = { key: actionKey(step.round, 'conclude'), name: 'conclude' };
  return underLock(deps, step, action, async (incident, trx) => {
    if (isOvertaken(incident, step)) return overtaken(incident);
    const planned = await actions.find(step.incidentId, actionKey(step.round, 'plan'), trx);
    const { alert_ids: processed } = planned?.detail as { alert_ids: string[] };
    const unprocessed = await incidents.markProcessed(trx, step.incidentId, processed);
    const decision = unprocessed === 0 ? incident.decision : null;
    const closes = decision?.outcome === 'close' && isMachines(incident);
    const { status, resolution } = standingAfter(incident, closes ? decision : null);
    const rests = status === 'closed' && unprocessed === 0 && !(await enrichments.anyWaits(step.incidentId, trx));
    const changes: Partial<IncidentRow> = {
      ...{ status, resolution, unprocessed, settled_round: step.round },
      ...(rests ? { next_check_at: null } : {}),
    };
    return {
      summary: closes ? `Closed: ${resolution}` : `Stays ${status}`,
      detail: { unprocessed },
      result: { ...standingOnce(incident, changes, deps.clock().toISOString()), again: unprocessed > 0 },
      changes,
    };
  });
}

/** Another round is asked for by now, and looks at what has joined. */
function overtaken(incident: IncidentRow): Effect & { summary: string; result: ConcludeResult } {
  const result = { ...standingOf(incident), again: false, version: incident.version + 1 };
  return { ...OVERTAKEN, summary: 'Overtaken: another round is asked for', result };
}
