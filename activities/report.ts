import { createHash } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import type { Transaction } from '../db/store';
import { actionKey } from '../domain/names';
import { playbookFor } from '../domain/playbooks';
import { once } from './action';
import type { ScoredDetail } from './assessment';
import type { ReportResult, StepInput } from './contract';
import type { ActivityDeps } from './deps';
import { standingOf } from './report/input';
import { renderReport } from './report/render';
import type { ReportInput } from './report/render';

/** Renders and stores the incident's report as the round leaves it. */
export function report(deps: ActivityDeps, step: StepInput): Promise<ReportResult> {
  return once(deps, step, { key: actionKey(step.round, 'report'), name: 'report' }, async () => {
    const composed = await composeReport(deps, step.incidentId, {
      scoreKey: actionKey(step.round, 'score'),
      ...{ author: 'playbook', reason: `Round ${step.round}`, concluded: false },
    });
    // its round was overtaken before anything was decided
    if (!composed) return { status: 'skipped', result: { version: 0 }, summary: 'Nothing to report yet' };
    const { version, summary, detail, keep } = composed;
    return { status: 'ok', result: { version }, summary, detail, apply: keep };
  });
}

type ReportDeps = Pick<ActivityDeps, 'store' | 'clock' | 'providers' | 'simulated' | 'publicUrl'>;

/** What a new report is for. */
interface Occasion {
  incidentId: string;
  /** The run that acts, where it is one of the incident's. */
  runNo?: number;
  /** Action key of what was done; the report's is below it. */
  key: string;
  /** Who did it. */
  actor: string;
  at: string;
}

/**
 * Writes the report of an incident as it stands, beside the row of what was done and in its transaction, so that neither is
 * there without the other. Of one that was never judged there is nothing to report.
 */
export async function renewReport(deps: ReportDeps, { key, ...row }: Occasion, trx: Transaction): Promise<void> {
  const { incidentId, actor } = row;
  const { incidents, actions } = deps.store;
  const [incident, done] = [await incidents.get(incidentId, trx), await actions.find(incidentId, key, trx)];
  const scoreKey = incident?.score_key ?? null;
  const why = { author: actor, reason: done?.summary ?? '' };
  const composed = await composeReport(deps, incidentId, { scoreKey, ...why, concluded: true, trx });
  if (!composed) return;
  const { version, summary, detail, keep } = composed;
  await actions.finish(
    {
      ...row,
      ...{ chain: incidentId, status: 'ok', failures: 0, durationMs: 0 },
      ...{ actionKey: `${key}/report`, action: 'report', apply: keep },
      workflowRunId: activityInfo().workflowExecution?.runId ?? '',
      body: { summary, detail: { ...detail, result: { version } } },
    },
    trx,
  );
}

interface ComposeOptions {
  /** Action key of the judgement that it tells; null when there is none yet. */
  scoreKey: string | null;
  /** Who has made it necessary: the playbook, or an analyst. */
  author: string;
  /** By what, in a few words. */
  reason: string;
  /** True when the incident stands already as it will; else as its decision will leave it. */
  concluded: boolean;
  /** In which the incident is locked. */
  trx?: Transaction;
}

interface Composed {
  version: number;
  /** What its audit row says of it. */
  summary: string;
  detail: Record<string, string>;
  /** Stores it, in the transaction that writes its audit row. */
  keep: (trx: Transaction) => Promise<void>;
}

/** Renders the next report of an incident. @returns undefined when it was not judged yet */
async function composeReport(
  deps: ReportDeps,
  incidentId: string,
  { scoreKey, author, reason, concluded, trx }: ComposeOptions,
): Promise<Composed | undefined> {
  const { store } = deps;
  if (scoreKey === null) return undefined;
  const view = await store.incidents.view(incidentId, trx ? { trx } : {});
  const head = view?.audit.at(-1);
  const scored = view?.audit.find(({ action_key }) => action_key === scoreKey);
  if (!view?.decision || !head || !scored) return undefined;
  const { assessment } = scored.detail as ScoredDetail;
  const at = deps.clock().toISOString();
  const version = 1 + view.audit.filter(({ action }) => action === 'report').length;
  const input: ReportInput = {
    ...{ view, decision: view.decision, concluded, assessment, version, author, reason },
    playbookTitle: playbookFor(view.alert_type).title,
    sources: deps.providers,
    generatedAt: at,
    head: { seq: head.seq, hash: head.hash },
    simulated: deps.simulated,
    publicUrl: deps.publicUrl,
  };
  const texts = renderReport(input);
  const told = {
    ...{ author, reason, verdict: view.verdict, status: standingOf(input).status },
    ...{ policy: assessment.policy, policyVersion: assessment.version ?? null },
  };
  const stated = { headSeq: head.seq, headHash: head.hash };
  return {
    version,
    summary: `Report ${version} written`,
    detail: {
      html_sha256: sha256(texts.html),
      json_sha256: sha256(texts.json),
      markdown_sha256: sha256(texts.markdown),
    },
    keep: (within) => store.reports.store(within, { incidentId, version, ...texts, ...told, ...stated, at }),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
