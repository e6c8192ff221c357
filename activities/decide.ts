import { isMachines, secondLook } from '../domain/incident';
import { actionKey } from '../domain/names';
import { clocksBy } from '../domain/service-level';
import { isOvertaken, once, OVERTAKEN } from './action';
import { assessmentOf } from './assessment';
import { caseUnder } from './case';
import type { DecideResult, JudgeInput } from './contract';
import type { ActivityDeps } from './deps';
import { decisionOn } from './judge';
import { notingEscalation } from './notices';
import type { Versions } from './versions';

/** Applies the playbook's rules to the round's verdict. Closing itself is left to `conclude`, after the report. */
export function decide(deps: ActivityDeps, versions: Versions, step: JudgeInput): Promise<DecideResult> {
  return once(deps, step, { key: actionKey(step.round, 'decide'), name: 'decide' }, async () => {
    const { site } = await versions.recall(step);
    const [{ incident, ...recorded }, scored] = await Promise.all([
      caseUnder(deps.store, step.incidentId, site),
      assessmentOf(deps.store, step),
    ]);
    const { told, earlier, at: now } = scored;
    const facts = { ...recorded, told, earlier, site, now };
    const decision = decisionOn(incident, facts, scored.assessment);
    return {
      status: 'ok',
      result: { outcome: decision.outcome, reason: decision.reason },
      summary: `${decision.outcome}: ${decision.reason}`,
      detail: { decision },
      ...notingEscalation(deps, String(step.round), (before) => {
        if (isOvertaken(before, step)) return OVERTAKEN;
        const judged = { decision, sla: clocksBy(site, before.sla) };
        if (!isMachines(before)) return { changes: { ...judged, ...secondLook(before, decision) } };
        // closing itself is left to `conclude`; what it was flagged for has been judged anew
        if (decision.outcome === 'close') return { changes: { ...judged, flagged: null } };
        const { status, resolution } = decision;
        const changes = { ...judged, status, resolution, flagged: null };
        if (before.status !== 'closed') return { changes };
        // whoever is open is looked after
        return {
          changes: { ...changes, next_check_at: deps.clock().toISOString() },
          detail: { reopened: { from: before.resolution } },
        };
      }),
    };
  });
}
