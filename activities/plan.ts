import { lookupName } from '../domain/lookup-name';
import { actionKey } from '../domain/names';
import { observableId } from '../domain/observable';
import { playbookFor } from '../domain/playbooks';
import type { CaseFacts } from '../domain/playbook';
import type { Policy } from '../domain/policy';
import { isOvertaken, once, OVERTAKEN } from './action';
import { caseUnder } from './case';
import type { PlannedLookup, PlanResult, StepInput } from './contract';
import type { ActivityDeps } from './deps';
import { ownFindings } from './judge';
import { plannedLookup } from './planned-lookup';
import { notOverruled } from './overruled';
import { lookupKey, questionsOf, type Question } from './questions';
import type { Versions } from './versions';

/** Decides what the round looks up, and pins the policy and site knowledge it will be judged by. */
export function plan(deps: ActivityDeps, versions: Versions, step: StepInput): Promise<PlanResult> {
  return once(deps, step, { key: actionKey(step.round, 'plan'), name: 'plan' }, async () => {
    const [site, policy] = [deps.site.current(), deps.policy.current()];
    // before the case is read: what is noted as looked at is in it
    const unprocessed = await deps.store.incidents.unprocessed(step.incidentId);
    const [pinned, facts] = await Promise.all([
      versions.pin(policy, site),
      caseUnder(deps.store, step.incidentId, site),
    ]);
    const now = deps.clock().toISOString();
    const findings = [...(await notOverruled(deps.store, ownFindings(facts)))];
    const planned = { ...facts, findings, told: [], earlier: [], site, now };
    const lookups = await lookupsOf(deps, policy, planned, facts.incident.alert_type, step.round);
    return {
      status: 'ok',
      result: { lookups, ...pinned },
      summary: `Round ${step.round}: ${lookups.length} lookups for ${facts.incident.alert_count} alert(s)`,
      detail: { alert_ids: unprocessed, policy_version: policy.version },
      effect: (before) =>
        isOvertaken(before, step)
          ? OVERTAKEN
          : { changes: { round: step.round, policy_id: pinned.policy, site_id: pinned.site } },
    };
  });
}

async function lookupsOf(
  { providers, store, guards }: ActivityDeps,
  policy: Policy,
  facts: CaseFacts,
  alertType: string,
  round: number,
): Promise<PlannedLookup[]> {
  const questions = questionsOf({ providers, lists: guards.current() }, policy, facts, playbookFor(alertType));
  const known = await freshAnswers(store, questions);
  return questions.map(({ provider, observable, held }) => {
    const id = observableId(observable);
    const name = lookupName({ source: provider.name, observable: id });
    const key = lookupKey(round, provider.name, id);
    return plannedLookup(key, provider, observable, held, !provider.configured || known.has(name));
  });
}

/** Long enough for the lookup to find the answer still fresh. */
const FRESH_FOR_MS = 60_000;

/** What another incident has asked of late: it is answered from our own database. */
function freshAnswers(store: ActivityDeps['store'], questions: readonly Question[]): Promise<ReadonlySet<string>> {
  const outside = questions.filter(({ provider, held }) => provider.where === 'outside' && held === null);
  if (outside.length === 0) return Promise.resolve(new Set());
  const pairs = outside.map(({ provider, observable }) => ({
    provider: provider.name,
    observable: observableId(observable),
  }));
  return store.answers.fresh(pairs, FRESH_FOR_MS);
}
