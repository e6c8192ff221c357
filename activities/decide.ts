import { decide as decideByRules } from '../domain/decide';
import type { Status } from '../domain/incident';
import { actionKey } from '../domain/names';
import { playbookFor } from '../domain/playbooks';
import { once } from './action';
import { assessmentOf } from './assessment';
import type { DecideResult, JudgeInput } from './contract';
import type { ActivityDeps } from './deps';
import type { Versions } from './versions';

/** Statuses that belong to the machine; in any other an analyst has acted, which no rule undoes. */
const MACHINE_STATUSES: readonly Status[] = ['new', 'investigating', 'open', 'escalated'];

/** Applies the playbook's rules to the round's verdict. Closing itself is left to `conclude`, after the report. */
export function decide(deps: ActivityDeps, versions: Versions, step: JudgeInput): Promise<DecideResult> {
  return once(deps, step, { key: actionKey(step.round, 'decide'), name: 'decide' }, async () => {
    const [{ site }, { incident, ...recorded }, scored] = await Promise.all([
      versions.recall(step),
      deps.store.incidents.caseOf(step.incidentId),
      assessmentOf(deps.store, step),
    ]);
    const facts = { ...recorded, site, now: scored.at };
    const decision = decideByRules(playbookFor(incident.alert_type), facts, scored.assessment);
    const moves = decision.outcome !== 'close' && MACHINE_STATUSES.includes(incident.status);
    return {
      status: 'ok',
      result: { outcome: decision.outcome, reason: decision.reason },
      summary: `${decision.outcome}: ${decision.reason}`,
      detail: { decision },
      apply: (trx) =>
        deps.store.incidents.update(trx, step.incidentId, {
          decision,
          ...(moves ? { status: decision.status } : {}),
        }),
    };
  });
}
