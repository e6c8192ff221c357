import { ApplicationFailure } from '@temporalio/activity';
import { ALERT_TYPES } from '../domain/alert';
import type { Finding } from '../domain/enrichment';
import type { IncidentRow } from '../db/store';
import { actionKey } from '../domain/names';
import type { ClaimInput, ClaimResult, PlanResult } from './contract';
import type { ActivityDeps } from './deps';

/**
 * Takes the incident for a run and says where it should go on. Idempotent by the run's first execution id: the same run
 * gets the same claim, another one raises `run_no` and so shuts out its predecessor.
 */
export async function claim(deps: ActivityDeps, input: ClaimInput): Promise<ClaimResult> {
  const claimed = await deps.store.incidents.claim(input.incidentId, input.claimedBy, deps.clock().toISOString());
  const alertType = ALERT_TYPES.find((type) => type === claimed?.alert_type);
  if (!claimed || !alertType) {
    throw ApplicationFailure.nonRetryable(`No incident ${input.incidentId} with a playbook`, 'NoSuchIncident');
  }
  const findings = await deps.store.enrichments.of(input.incidentId);
  const unfinished = claimed.round > claimed.settled_round;
  const hasWork = unfinished || claimed.unprocessed > 0 || (await hasLateAnswers(deps, claimed, findings));
  const next = unfinished ? claimed.round : claimed.settled_round + 1;
  return {
    runNo: claimed.run_no,
    alertType,
    severity: claimed.severity,
    status: claimed.status,
    verdict: claimed.verdict,
    score: claimed.score,
    title: claimed.title,
    round: hasWork ? next : null,
    lastRound: claimed.settled_round,
    wakeAt: nextWake(findings),
  };
}

/** Whether the last round gave its verdict without waiting for all its lookups, and the run that held them is gone. */
async function hasLateAnswers(
  deps: ActivityDeps,
  claimed: Pick<IncidentRow, 'id' | 'settled_round'>,
  findings: readonly Finding[],
): Promise<boolean> {
  const row = await deps.store.actions.find(claimed.id, actionKey(claimed.settled_round, 'plan'));
  const { lookups = [] } = (row?.detail as { result?: Partial<PlanResult> } | undefined)?.result ?? {};
  return lookups.some(
    ({ source, observable }) => !findings.some((one) => one.source === source && one.observable === observable),
  );
}

/** When the first of the waiting lookups may be asked again. */
export function nextWake(findings: readonly Pick<Finding, 'state' | 'until'>[]): string | null {
  const times = findings.flatMap((finding) => (finding.state === 'waiting' && finding.until ? [finding.until] : []));
  return times.sort()[0] ?? null;
}
