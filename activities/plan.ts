import { storedKey } from '../db/action-key';
import { outsideBudget } from '../domain/budget';
import { spared } from '../domain/guards';
import { lookupName } from '../domain/lookup-name';
import { actionKey } from '../domain/names';
import { observableId, staysInside } from '../domain/observable';
import type { Observable } from '../domain/observable';
import { playbookFor } from '../domain/playbooks';
import type { CaseFacts } from '../domain/playbook';
import type { Policy } from '../domain/policy';
import { once } from './action';
import { caseUnder } from './case';
import type { PlannedLookup, PlanResult, StepInput } from './contract';
import type { ActivityDeps } from './deps';
import { heldBack, plannedLookup } from './planned-lookup';
import type { Provider } from './providers/provider';
import type { Versions } from './versions';

/** Decides what the round looks up, and pins the policy and site knowledge it will be judged by. */
export function plan(deps: ActivityDeps, versions: Versions, step: StepInput): Promise<PlanResult> {
  return once(deps, step, { key: actionKey(step.round, 'plan'), name: 'plan' }, async () => {
    const [site, policy] = [deps.site.current(), deps.policy.current()];
    const [pinned, facts] = await Promise.all([
      versions.pin(policy, site),
      caseUnder(deps.store, step.incidentId, site),
    ]);
    const now = deps.clock().toISOString();
    const planned = { ...facts, told: [], earlier: [], site, now };
    const lookups = await lookupsOf(deps, policy, planned, facts.incident.alert_type, step.round);
    return {
      status: 'ok',
      result: { lookups, ...pinned },
      summary: `Round ${step.round}: ${lookups.length} lookups for ${facts.alertIds.length} alert(s)`,
      detail: { alert_ids: facts.alertIds, policy_version: policy.version },
      effect: () => ({ changes: { round: step.round, policy_id: pinned.policy, site_id: pinned.site } }),
    };
  });
}

/** What no source has been asked yet. One that is not set up is named only where its answer is required. */
async function lookupsOf(
  { providers, store, guards }: ActivityDeps,
  policy: Policy,
  facts: CaseFacts,
  alertType: string,
  round: number,
): Promise<PlannedLookup[]> {
  const asked = new Set(facts.findings.map(lookupName));
  const planned = playbookFor(alertType).observables(facts);
  const { cut } = outsideBudget(planned);
  const hits = guards.current().hits(planned);
  const spare = ({ where }: Provider, observable: Observable) =>
    where === 'outside' ? (spared(hits, observable, policy.guards) ?? null) : null;
  const questions = [...planned, ...mentionedOnly(facts, planned)].flatMap((observable) =>
    providers
      .filter((provider) => provider.looksUp.includes(observable.type))
      .filter(({ name, configured }) => configured || name in policy.required)
      .filter((provider) => provider.where === 'inside' || (planned.includes(observable) && !cut.includes(observable)))
      .filter((provider) => !asked.has(lookupName({ source: provider.name, observable: observableId(observable) })))
      .map((provider) => ({
        provider,
        observable,
        held: heldBack(provider, observable, facts) ?? spare(provider, observable),
      })),
  );
  const known = await freshAnswers(store, questions);
  return questions.map(({ provider, observable, held }) => {
    const id = observableId(observable);
    const name = lookupName({ source: provider.name, observable: id });
    const key = storedKey(actionKey(round, provider.name, id));
    return plannedLookup(key, provider, observable, held, !provider.configured || known.has(name));
  });
}

/** More would make a row of the audit each. */
const MOST_MENTIONED = 50;

/** What only the texts name: our own sources are asked about it, which costs nothing and tells nobody. */
function mentionedOnly({ observables }: CaseFacts, planned: readonly Observable[]): Observable[] {
  return observables
    .filter((one) => one.roles.includes('mentioned') && !staysInside(one) && !planned.includes(one))
    .slice(0, MOST_MENTIONED);
}

/** Long enough for the lookup to find the answer still fresh. */
const FRESH_FOR_MS = 60_000;

/** What another incident has asked of late: it is answered from our own database. */
function freshAnswers(
  store: ActivityDeps['store'],
  questions: readonly { provider: Provider; observable: Observable; held: unknown }[],
): Promise<ReadonlySet<string>> {
  const outside = questions.filter(({ provider, held }) => provider.where === 'outside' && held === null);
  if (outside.length === 0) return Promise.resolve(new Set());
  const pairs = outside.map(({ provider, observable }) => ({
    provider: provider.name,
    observable: observableId(observable),
  }));
  return store.answers.fresh(pairs, FRESH_FOR_MS);
}
