import { ApplicationFailure } from '@temporalio/activity';
import { storedKey } from '../db/action-key';
import type { Case } from '../db/repositories/incidents';
import { counted } from '../domain/counted';
import type { Finding } from '../domain/enrichment';
import { lookupName } from '../domain/lookup-name';
import { observableId } from '../domain/observable';
import { underLock } from './action';
import { caseUnder } from './case';
import type { PlannedLookup, RetryInput, RetryResult } from './contract';
import type { ActivityDeps } from './deps';
import { heldBack, waitingLookup } from './planned-lookup';
import type { Provider } from './providers/provider';

/**
 * Puts lookups up for another try, on somebody's word: those that failed or wait, and those whose source has been set up
 * since. Answers that are there are never asked for again. Repeated, the request gives what it gave the first time.
 */
export async function requestRetry(deps: ActivityDeps, input: RetryInput): Promise<RetryResult> {
  const { requestId, actor, only, token, incidentId } = input;
  const { enrichments } = deps.store;
  const key = `retry/${requestId}`;
  const facts = await caseUnder(deps.store, incidentId, deps.site.current());
  return underLock(deps, input, { key, name: 'retry', actor }, async (_incident, trx) => {
    const findings = await enrichments.of(incidentId, trx);
    const chosen = choose(findings, only, deps.providers);
    const at = deps.clock().toISOString();
    const lookups = chosen.map((finding) => repeated(key, finding, facts, deps.providers));
    const again = { state: 'waiting', until: at, summary: `asked again by ${actor}`, facts: null, at } as const;
    for (const { source, observable, key: actionKey } of lookups) {
      await enrichments.upsert(trx, incidentId, { ...again, source, observable, actionKey });
    }
    const retried = chosen.map(({ source, observable, state }) => ({ source, observable, state }));
    return {
      summary: `${actor} has ${counted(retried.length, 'lookup')} repeated`,
      result: { retried, lookups, token },
      changes: { next_check_at: at },
    };
  });
}

function isRetryable({ source, state }: Finding, providers: readonly Provider[]): boolean {
  if (state === 'failed' || state === 'waiting') return true;
  return state === 'not_configured' && providers.some(({ name, configured }) => name === source && configured);
}

/** @throws ApplicationFailure `UnknownEnrichment` or `NothingToRetry` */
function choose(findings: readonly Finding[], only: RetryInput['only'], providers: readonly Provider[]): Finding[] {
  const unknown = (only ?? []).filter((name) => !findings.some((finding) => lookupName(finding) === name));
  if (unknown.length > 0) {
    throw ApplicationFailure.nonRetryable('No such enrichment of this incident', 'UnknownEnrichment', unknown);
  }
  const chosen = findings.filter(
    (finding) => isRetryable(finding, providers) && (only === null || only.includes(lookupName(finding))),
  );
  if (chosen.length === 0) {
    throw ApplicationFailure.nonRetryable('Nothing of it has failed or is waiting', 'NothingToRetry');
  }
  return chosen;
}

/** What waits keeps the key that is free for its answer; the key of a failure is taken. */
function repeated(key: string, finding: Finding, facts: Case, providers: readonly Provider[]): PlannedLookup {
  const { source, observable, state } = finding;
  const again = waitingLookup(finding, providers);
  const provider = providers.find(({ name }) => name === source);
  const about = facts.observables.find((one) => observableId(one) === observable);
  const held = provider && about ? heldBack(provider, about, facts) : null;
  return {
    ...again,
    key: state === 'waiting' ? again.key : storedKey(`${key}/${lookupName(finding)}`),
    ...(held ? { queue: null, withheld: held } : {}),
  };
}
