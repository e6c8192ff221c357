import { attemptOf } from './action';
import { isTransient } from '../db/errors';
import type { IncidentRow, RescoreChangeRow, RescoreRow, Transaction } from '../db/store';
import { isChange } from '../domain/rescore';
import { clocksBy } from '../domain/service-level';
import type { RescoreEffect, Restanding } from '../domain/rescore';
import type { ApplyPageInput, ApplyPageResult } from './contract';
import type { ActivityDeps } from './deps';
import type { Rules } from './judge';
import { newlyEscalated, noteEscalation } from './notices';
import { rejudge } from './rejudge';
import type { Rejudged } from './rejudge';
import { renewReport } from './report';
import { reasonOf, requireJob, rescoreKey, rulesOf, standingBy, standingOf } from './rescore';
import { putInForce, shownOf } from './verdict';
import type { Versions } from './versions';

/** Applied in one activity: each a transaction with two audit rows and a report. */
const PAGE = 25;

/** Puts the next differences of a job in force. Who was changed, or given up, is not looked at again. */
export async function applyPage(
  deps: ActivityDeps,
  versions: Versions,
  { jobId, after, isLastPass }: ApplyPageInput,
): Promise<ApplyPageResult> {
  const { store } = deps;
  const job = await requireJob(deps, jobId);
  if (job.state !== 'applying') return { ...standingOf(job), after: null };
  const rules = await rulesOf(job, versions);
  const changes = await store.rescoreChanges.open(jobId, { after, limit: PAGE });
  for (const change of changes) await applyOne(deps, { job, rules, change, isLastPass });
  const next = changes.length < PAGE ? null : (changes.at(-1)?.incident_id ?? null);
  if (next === null && !(await store.rescoreChanges.anyOpen(jobId))) {
    await store.rescores.finish(jobId, deps.clock().toISOString());
  } else {
    await store.rescores.checkAgain(jobId, deps.clock().toISOString());
  }
  return { ...standingOf(await requireJob(deps, jobId)), after: next };
}

interface Applied {
  job: RescoreRow;
  rules: Rules;
  change: RescoreChangeRow;
  isLastPass: boolean;
}

/** Why an incident is not changed: thrown under its lock, so that nothing is written. */
class LeftAloneError extends Error {
  constructor(
    reason: string,
    /** It may be possible later. */
    readonly forNow = false,
  ) {
    super(reason);
    this.name = 'LeftAloneError';
  }
}

async function applyOne(deps: ActivityDeps, applied: Applied): Promise<void> {
  const { change, isLastPass, job } = applied;
  try {
    await changeIncident(deps, applied);
  } catch (err) {
    if (isTransient(err)) throw err;
    if (!(err instanceof LeftAloneError)) {
      deps.logger.error({ err, incident: change.incident_id, rescore: job.id }, 'it cannot be judged anew');
    } else if (err.forNow && !isLastPass) {
      return;
    }
    const reason = err instanceof LeftAloneError ? err.message : `it cannot be judged: ${reasonOf(err)}`;
    await deps.store.rescoreChanges.skip(change, reason);
  }
}

/**
 * Changes one incident, once: verdict, status, audit, report and the job's own record in one transaction under the
 * incident's lock. It is judged there again, since its evidence may have grown; only what was shown is put in force.
 */
async function changeIncident(deps: ActivityDeps, { job, rules, change }: Applied): Promise<void> {
  const { store, clock } = deps;
  const { incident_id: incidentId } = change;
  const actionKey = rescoreKey(job);
  const at = clock().toISOString();
  const actor = job.applied_by ?? job.requested_by;
  let effect: RescoreEffect = change.effect;
  let escalated: IncidentRow | undefined;

  await store.actions.finish({
    ...{ chain: incidentId, incidentId, actor, at, status: 'ok', durationMs: 0 },
    ...attemptOf(),
    actionKey,
    action: 'rescore',
    body: async (incident, trx) => {
      const judged = await judgedAsShown(deps, { job, rules, change, incident, trx });
      const standing = standingBy(judged, job);
      effect = standing.effect;
      const body = bodyOf(judged, { incident, standing, job, rules, at });
      escalated = newlyEscalated(incident, body.changes);
      return body;
    },
    apply: async (trx) => {
      await renewReport(deps, { incidentId, key: actionKey, actor, at }, trx);
      await store.rescoreChanges.noteApplied(trx, change, { effect, at });
      await noteEscalation(deps, trx, escalated, actionKey);
    },
  });
}

/** @throws LeftAloneError */
async function judgedAsShown(
  deps: ActivityDeps,
  { job, rules, change, incident, trx }: Omit<Applied, 'isLastPass'> & { incident: IncidentRow; trx: Transaction },
): Promise<Rejudged> {
  if (incident.round > incident.settled_round) throw new LeftAloneError('a round of it is under way', true);
  // by newer rules than the job's, maybe: those are not undone
  if (incident.score_key !== change.score_key) throw new LeftAloneError('it was judged since it was compared');
  const judged = await rejudge(deps, incident.id, rules, rescoreKey(job), trx);
  if (!judged || !comesOutAsShown(judged, job, change)) {
    throw new LeftAloneError(
      'it comes out otherwise than when it was compared, since its evidence or a list has changed',
    );
  }
  if (!doesAsShown(standingBy(judged, job).effect, job, change)) {
    throw new LeftAloneError(
      'applying would not do what was shown, since its status, its assignee or what it waits for has changed',
    );
  }
  return judged;
}

/** Whether applying would do what the comparison has said; whoever applies may say otherwise of opening again. */
function doesAsShown(effect: RescoreEffect, { reopen }: RescoreRow, { effect: shown }: RescoreChangeRow): boolean {
  if (effect === shown) return true;
  return reopen ? effect === 'reopen' && shown === 'flag' : effect === 'flag' && shown === 'reopen';
}

function comesOutAsShown(judged: Rejudged, job: RescoreRow, change: RescoreChangeRow): boolean {
  const { assessment, decision } = judged.after;
  return (
    isChange(judged.differs, standingBy(judged, job).effect) &&
    assessment.verdict === change.new_verdict &&
    assessment.score === change.new_score &&
    assessment.complete === change.new_complete &&
    decision.outcome === change.new_outcome
  );
}

interface Changing {
  incident: IncidentRow;
  standing: Restanding;
  job: RescoreRow;
  rules: Rules;
  at: string;
}

/** The row of the audit, and what becomes of the incident. */
function bodyOf(
  { after, before, detail, pending, ...judged }: Rejudged,
  { incident, standing, job, rules, at }: Changing,
) {
  const why = judged.why || `It is opened again. ${incident.flagged ?? ''}`.trim();
  const { effect, status, resolution, flagged } = standing;
  const { assessment, decision } = after;
  const shown = shownOf(assessment);
  const inForce = putInForce(shown, rescoreKey(job), incident, `Re-scored: ${why}`);
  const was = before.assessment;
  const { score_key, policy_id, site_id } = incident;
  return {
    summary: `Re-scored as ${assessment.verdict}, ${assessment.score} of 100 (was ${was.verdict}, ${was.score}): ${why}`,
    detail: {
      ...detail,
      ...inForce.detail,
      ...{ decision, why, effect },
      from: {
        verdict: was.verdict,
        score: was.score,
        complete: was.complete,
        decision: before.decision,
        score_key,
        policy_id,
        site_id,
      },
      ...(effect === 'reopen' ? { reopened: { from: incident.resolution } } : {}),
      result: { ...shown, pending },
    },
    changes: {
      ...inForce.changes,
      ...{ decision, status, resolution, flagged, policy_id: job.policy_id, site_id: job.site_id },
      sla: clocksBy(rules.site, incident.sla),
      // whoever is open is looked after: its run is started again
      ...(effect === 'reopen' ? { next_check_at: at } : {}),
    },
  };
}
