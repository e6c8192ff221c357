import { ApplicationFailure } from '@temporalio/activity';
import type { IncidentRow, Store } from '../db/store';
import type { Finding } from '../domain/enrichment';
import { actionKey } from '../domain/names';
import type { SourceProfile } from '../domain/source';
import type { Assessment } from '../domain/verdict';
import type { ClaimInput, ClaimResult, ScoreResult, WaitingLookup } from './contract';
import type { ActivityDeps } from './deps';
import { waitingLookup } from './planned-lookup';
import { standingOf } from './standing';

/**
 * Takes the incident for a run and says where it should go on. Idempotent by the run's first execution id: the same run
 * gets the same claim, another one raises `run_no` and so shuts out its predecessor.
 */
export async function claim(deps: ActivityDeps, input: ClaimInput): Promise<ClaimResult> {
  const { store, clock } = deps;
  const claimed = await store.incidents.claim(input.incidentId, input.claimedBy, clock().toISOString());
  if (!claimed || claimed.alert_type === 'unclassified') {
    throw ApplicationFailure.nonRetryable(`No incident ${input.incidentId} with a playbook`, 'NoSuchIncident');
  }
  const unfinished = claimed.round > claimed.settled_round;
  const findings = await store.enrichments.of(input.incidentId);
  const waiting = waitingOf(findings, deps.providers);
  const hasWork = unfinished || claimed.unprocessed > 0 || (await wasJudgedEarly(store, claimed, findings));
  if (claimed.status === 'closed' && !hasWork && waiting.length === 0) await store.reconcile.rest(claimed.id);
  return {
    ...standingOf(claimed),
    runNo: claimed.run_no,
    round: hasWork ? Math.max(claimed.round, claimed.settled_round + 1) : null,
    lastRound: claimed.settled_round,
    waiting,
  };
}

function waitingOf(findings: readonly Finding[], sources: readonly SourceProfile[]): WaitingLookup[] {
  return findings.flatMap((finding) =>
    finding.state === 'waiting' && finding.until !== null
      ? [{ ...waitingLookup(finding, sources), until: finding.until }]
      : [],
  );
}

/**
 * Whether the last round gave its verdict without answers that were on their way, or that have come since; the run that
 * waited for them is gone.
 */
async function wasJudgedEarly(
  store: Pick<Store, 'actions'>,
  claimed: Pick<IncidentRow, 'id' | 'settled_round'>,
  findings: readonly Finding[],
): Promise<boolean> {
  const row = await store.actions.find(claimed.id, actionKey(claimed.settled_round, 'score'));
  const { result, assessment } = (row?.detail ?? {}) as { result?: Partial<ScoreResult>; assessment?: Assessment };
  if ((result?.pending ?? []).length > 0) return true;
  return (assessment?.missing ?? []).some(({ source, observable, state }) => {
    const now = findings.find((finding) => finding.source === source && finding.observable === observable)?.state;
    return now !== undefined && now !== state && now !== 'waiting';
  });
}
