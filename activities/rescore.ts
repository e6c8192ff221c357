import { ApplicationFailure } from '@temporalio/activity';
import type { ComparedPage } from '../db/repositories/rescores';
import { databaseErrorText, isTransient } from '../db/errors';
import type { RescoreRow } from '../db/store';
import { isChange, standingRescored } from '../domain/rescore';
import type { Restanding } from '../domain/rescore';
import type { RescoreInput, RescoreStanding } from './contract';
import type { ActivityDeps } from './deps';
import type { Rules } from './judge';
import { rejudge } from './rejudge';
import type { Rejudged } from './rejudge';
import type { Versions } from './versions';

type Change = ComparedPage['changes'][number];

/** Compared in one activity; some ten milliseconds each. */
const PAGE = 50;

/** Action key under which a re-scoring stands in the audit of each incident that it changes. */
export function rescoreKey({ id }: Pick<RescoreRow, 'id'>): string {
  return `rescore/${id}`;
}

/** Pins the policy and site knowledge of the day: a restart in the middle does not change the rules. */
export async function beginRescore(
  deps: ActivityDeps,
  versions: Versions,
  { jobId }: RescoreInput,
): Promise<RescoreStanding> {
  const { store, policy, site } = deps;
  const job = await requireJob(deps, jobId);
  if (job.policy_id !== null) return standingOf(job);
  await store.rescores.begin(jobId, await versions.pin(policy.current(), site.current()));
  return standingOf(await requireJob(deps, jobId));
}

/** Compares the job's next incidents, and notes those that come out differently. */
export async function comparePage(
  deps: ActivityDeps,
  versions: Versions,
  { jobId }: RescoreInput,
): Promise<RescoreStanding> {
  const { store } = deps;
  const job = await requireJob(deps, jobId);
  if (job.state !== 'comparing') return standingOf(job);
  const rules = await rulesOf(job, versions);
  const incidentIds = await store.rescores.candidates(job, PAGE);
  const changes: Change[] = [];
  for (const id of incidentIds) changes.push(...(await changeOf(deps, job, rules, id)));
  const at = deps.clock().toISOString();
  await store.rescores.noteCompared(job, { incidentIds, isLast: incidentIds.length < PAGE, changes, at });
  return standingOf(await requireJob(deps, jobId));
}

export async function expireRescore(deps: ActivityDeps, { jobId }: RescoreInput): Promise<RescoreStanding> {
  await deps.store.rescores.expire(jobId, deps.clock().toISOString());
  return standingOf(await requireJob(deps, jobId));
}

/** @throws ApplicationFailure that no retry mends when there is no such job */
export async function requireJob({ store }: Pick<ActivityDeps, 'store'>, jobId: string): Promise<RescoreRow> {
  const job = await store.rescores.get(jobId);
  if (!job) throw ApplicationFailure.nonRetryable(`There is no re-scoring ${jobId}`, 'NoSuchRescore');
  return job;
}

/** The rules that the job was begun with. */
export function rulesOf({ id, policy_id, site_id }: RescoreRow, versions: Versions): Promise<Rules> {
  if (policy_id === null || site_id === null) throw new Error(`${id} has no rules pinned yet`);
  return versions.recall({ policy: policy_id, site: site_id });
}

export function standingOf(job: RescoreRow): RescoreStanding {
  const { state, compared, changes, applied, skipped, expires_at: expiresAt } = job;
  return { state, compared, changes, applied, skipped, expiresAt };
}

/** How an incident stands when the job is applied to it. */
export function standingBy(
  { incident, after, mayClose }: Rejudged,
  { reopen }: Pick<RescoreRow, 'reopen'>,
): Restanding {
  return standingRescored(incident, after.assessment, after.decision, { mayClose, reopen });
}

/** What would change of an incident, if anything. One that cannot be judged holds up no other. */
async function changeOf(deps: ActivityDeps, job: RescoreRow, rules: Rules, id: string): Promise<Change[]> {
  try {
    const judged = await rejudge(deps, id, rules, rescoreKey(job));
    if (!judged) return [];
    const { differs, scoreKey, before, after, why } = judged;
    const { effect } = standingBy(judged, job);
    if (!isChange(differs, effect)) return [];
    return [
      {
        incident_id: id,
        score_key: scoreKey,
        old_verdict: before.assessment.verdict,
        new_verdict: after.assessment.verdict,
        old_score: before.assessment.score,
        new_score: after.assessment.score,
        old_outcome: before.decision.outcome,
        new_outcome: after.decision.outcome,
        old_complete: before.assessment.complete,
        new_complete: after.assessment.complete,
        why: why || (judged.incident.flagged ?? ''),
        effect,
      },
    ];
  } catch (err) {
    if (isOurDatabase(err)) throw err;
    deps.logger.error({ err, incident: id, rescore: job.id }, 'it cannot be judged anew, and is left out');
    return [];
  }
}

/** True for trouble that concerns every incident alike, and passes. */
export function isOurDatabase(error: unknown): boolean {
  return isTransient(error) || databaseErrorText(error) !== undefined;
}
