import { lookupActivity } from '../domain/names';
import { act } from './act';
import { claim } from './claim';
import { conclude } from './conclude';
import { applyPage } from './apply-rescore';
import type {
  InsideActivities,
  IntelActivities,
  LookupActivities,
  NoticeActivities,
  RescoreActivities,
} from './contract';
import { decide } from './decide';
import { deliverNotices, gatherNotices } from './deliver-notices';
import type { ActivityDeps } from './deps';
import { giveUpImport, readIocFile } from './import-iocs';
import { lookup } from './lookup';
import { plan } from './plan';
import { fetchFeed, notePoll } from './poll-feed';
import type { Provider } from './providers/provider';
import { report } from './report';
import { requestRetry } from './retry';
import { beginRescore, comparePage, expireRescore } from './rescore';
import { score } from './score';
import { tendClocks } from './tend-clocks';
import { createVersions } from './versions';

type PlaybookActivities = InsideActivities & RescoreActivities & NoticeActivities & IntelActivities & LookupActivities;

/** Every activity of the playbook queue: the steps, those of re-scorings, notices, imports and feeds, and the lookups that stay inside. */
export function createActivities(deps: ActivityDeps): PlaybookActivities {
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
    act: (input) => act(deps, input),
    tendClocks: (step) => tendClocks(deps, step),
    beginRescore: (input) => beginRescore(deps, versions, input),
    comparePage: (input) => comparePage(deps, versions, input),
    expireRescore: (input) => expireRescore(deps, input),
    applyPage: (input) => applyPage(deps, versions, input),
    gatherNotices: () => gatherNotices(deps),
    deliverNotices: (input) => deliverNotices(deps, input),
    readIocFile: (input) => readIocFile(deps, input),
    giveUpImport: (input) => giveUpImport(deps, input),
    fetchFeed: (input) => fetchFeed(deps, input),
    notePoll: (input) => notePoll(deps, input),
  } as PlaybookActivities;
}

/** One lookup activity per provider, under the name the operator reads in the Temporal UI. */
export function lookupActivities(deps: ActivityDeps, providers: readonly Provider[]): LookupActivities {
  return Object.fromEntries(
    providers.map((provider) => [lookupActivity(provider.name), (input) => lookup(deps, provider, input)]),
  );
}
