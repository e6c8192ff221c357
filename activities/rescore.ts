import { ApplicationFailure } from '@temporalio/activity';
import { databaseErrorText, isTransient } from '../db/errors';
import type { ComparedPage } from '../db/repositories/rescores';
import type { RescoreFailure, RescoreRow } from '../db/store';
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
/** A page ends early then: noted is what was compared in time, and the next one goes on. The activity has a minute. */
const PAGE_MS = 20_000;

/** Of a reason, in characters. */
const LONGEST_REASON = 300;

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
  const candidates = await store.rescores.candidates(job, PAGE);
  const incidentIds: string[] = [];
  const changes: Change[] = [];
  const failures: RescoreFailure[] = [];
  const end = deps.clock().getTime() + PAGE_MS;
  for (const id of candidates) {
    try {
      changes.push(...(await changeOf(deps, job, rules, id)));
    } catch (err) {
      if (isTransient(err)) throw err;
      deps.logger.error({ err, incident: id, rescore: job.id }, 'it cannot be judged anew, and is left out');
      failures.push({ incident_id: id, reason: reasonOf(err) });
    }
    incidentIds.push(id);
    if (deps.clock().getTime() >= end) break;
  }
  const isLast = candidates.length < PAGE && incidentIds.length === candidates.length;
  const at = deps.clock().toISOString();
  await store.rescores.noteCompared(job, { incidentIds, isLast, changes, failures, at });
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
  const { state, compared, failed, changes, applied, skipped, expires_at: expiresAt } = job;
  return { state, compared, failed, changes, applied, skipped, expiresAt };
}

/** How an incident stands when the job is applied to it. */
export function standingBy(
  { incident, after, mayClose }: Rejudged,
  { reopen }: Pick<RescoreRow, 'reopen'>,
): Restanding {
  return standingRescored(incident, after.assessment, after.decision, { mayClose, reopen });
}

/** What would change of an incident, if anything. */
async function changeOf(deps: ActivityDeps, job: RescoreRow, rules: Rules, id: string): Promise<Change[]> {
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
}

/** Why an incident cannot be judged, for people. */
export function reasonOf(error: unknown): string {
  const text = databaseErrorText(error) ?? (error instanceof Error ? error.message : String(error));
  return text.slice(0, LONGEST_REASON);
}
