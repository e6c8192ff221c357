import { ApplicationFailure } from '@temporalio/activity';
import type { IncidentRow, Store } from '../db/store';
import { actionKey } from '../domain/names';
import type { ClaimInput, ClaimResult, ScoreResult, WaitingLookup } from './contract';
import type { ActivityDeps } from './deps';
import { waitingLookup } from './planned-lookup';

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
  const hasWork = unfinished || claimed.unprocessed > 0 || (await wasJudgedEarly(store, claimed));
  return {
    runNo: claimed.run_no,
    severity: claimed.severity,
    status: claimed.status,
    resolution: claimed.resolution,
    verdict: claimed.verdict,
    score: claimed.score,
    round: hasWork ? Math.max(claimed.round, claimed.settled_round + 1) : null,
    lastRound: claimed.settled_round,
    waiting: await waitingOf(deps, input.incidentId),
  };
}

async function waitingOf({ store, providers }: ActivityDeps, incidentId: string): Promise<WaitingLookup[]> {
  const findings = await store.enrichments.of(incidentId);
  return findings.flatMap((finding) =>
    finding.state === 'waiting' && finding.until !== null
      ? [{ ...waitingLookup(finding, providers), until: finding.until }]
      : [],
  );
}

/** Whether the last round gave its verdict without answers that were on their way; the run that waited for them is gone. */
async function wasJudgedEarly(
  store: Pick<Store, 'actions'>,
  claimed: Pick<IncidentRow, 'id' | 'settled_round'>,
): Promise<boolean> {
  const row = await store.actions.find(claimed.id, actionKey(claimed.settled_round, 'score'));
  const { pending = [] } = (row?.detail as { result?: Partial<ScoreResult> } | undefined)?.result ?? {};
  return pending.length > 0;
}
