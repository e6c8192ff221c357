import { storedKey } from '../db/action-key';
import type { Finding } from '../domain/enrichment';
import { outsideBudget } from '../domain/budget';
import { withheld } from '../domain/gate';
import { actionKey } from '../domain/names';
import { observableId } from '../domain/observable';
import type { Observable } from '../domain/observable';
import { playbookFor } from '../domain/playbooks';
import type { CaseFacts } from '../domain/playbook';
import { once } from './action';
import { caseUnder } from './case';
import type { PlannedLookup, PlanResult, StepInput } from './contract';
import type { ActivityDeps } from './deps';
import type { Provider } from './providers/provider';
import type { Versions } from './versions';

/** Decides what the round looks up, and pins the policy and site knowledge it will be judged by. */
export function plan(deps: ActivityDeps, versions: Versions, step: StepInput): Promise<PlanResult> {
  return once(deps, step, { key: actionKey(step.round, 'plan'), name: 'plan' }, async () => {
    const site = deps.site.current();
    const [pinned, facts] = await Promise.all([
      versions.pin(deps.policy, site),
      caseUnder(deps.store, step.incidentId, site),
    ]);
    const now = deps.clock().toISOString();
    const lookups = lookupsOf({ ...facts, site, now }, facts.incident.alert_type, step.round, deps.providers);
    return {
      status: 'ok',
      result: { lookups, ...pinned },
      summary: `Round ${step.round}: ${lookups.length} lookups for ${facts.alertIds.length} alert(s)`,
      detail: { alert_ids: facts.alertIds, policy_version: deps.policy.version },
      apply: (trx) =>
        deps.store.incidents.update(trx, step.incidentId, {
          round: step.round,
          policy_id: pinned.policy,
          site_id: pinned.site,
        }),
    };
  });
}

/** What is not answered yet: new observables, and what waits for a source. */
function lookupsOf(
  facts: CaseFacts,
  alertType: string,
  round: number,
  providers: readonly Provider[],
): PlannedLookup[] {
  const answered = new Map(facts.findings.map((finding) => [`${finding.source}/${finding.observable}`, finding]));
  const planned = playbookFor(alertType).observables(facts);
  const { cut } = outsideBudget(planned);
  return planned.flatMap((observable) =>
    providers
      .filter((provider) => provider.looksUp.includes(observable.type))
      .filter((provider) => provider.where === 'inside' || !cut.includes(observable))
      .flatMap((provider) => {
        const before = answered.get(`${provider.name}/${observableId(observable)}`);
        if (before && !mayBeAsked(before, facts.now)) return [];
        const key = before?.evidence ?? storedKey(actionKey(round, provider.name, observableId(observable)));
        return [plannedLookup(key, provider, observable, facts)];
      }),
  );
}

/** A source that has answered is not asked again; one that refused is, when its time has come. */
function mayBeAsked({ state, until }: Finding, now: string): boolean {
  return state === 'waiting' && (until === null || Date.parse(until) <= Date.parse(now));
}

function plannedLookup(key: string, provider: Provider, observable: Observable, facts: CaseFacts): PlannedLookup {
  const held = provider.where === 'outside' ? withheld(observable, facts.alerts) : undefined;
  return {
    key,
    source: provider.name,
    observable: observableId(observable),
    queue: provider.where === 'outside' && !held ? provider.name : null,
    withheld: held ?? null,
    refusals: 0,
  };
}
