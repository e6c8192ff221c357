import { lookupActivity } from '../domain/names';
import { claim } from './claim';
import { conclude } from './conclude';
import type { InsideActivities, LookupActivities } from './contract';
import { decide } from './decide';
import type { ActivityDeps } from './deps';
import { lookup } from './lookup';
import { plan } from './plan';
import type { Provider } from './providers/provider';
import { report } from './report';
import { requestRetry } from './retry';
import { score } from './score';
import { createVersions } from './versions';

/** Every activity of the playbook queue: the steps, and the lookups that stay inside. */
export function createActivities(deps: ActivityDeps): InsideActivities & LookupActivities {
  const versions = createVersions(deps.store);
  return {
    ...lookupActivities(deps, deps.providers),
    claim: (input) => claim(deps, input),
    plan: (step) => plan(deps, versions, step),
    score: (step) => score(deps, versions, step),
    decide: (step) => decide(deps, versions, step),
    report: (step) => report(deps, step),
    conclude: (step) => conclude(deps, step),
    requestRetry: (step) => requestRetry(deps, step),
  } as InsideActivities & LookupActivities;
}

/** One lookup activity per provider, under the name the operator reads in the Temporal UI. */
export function lookupActivities(deps: ActivityDeps, providers: readonly Provider[]): LookupActivities {
  return Object.fromEntries(
    providers.map((provider) => [lookupActivity(provider.name), (input) => lookup(deps, provider, input)]),
  );
}
