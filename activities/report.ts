import { createHash } from 'node:crypto';
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import type { Transaction } from '../db/store';
import { actionKey } from '../domain/names';
import { playbookFor } from '../domain/playbooks';
import { once } from './action';
import type { ScoredDetail } from './assessment';
import type { ReportResult, StepInput } from './contract';
import type { ActivityDeps } from './deps';
import { renderReport } from './report/render';

/** Renders and stores the incident's report as the round leaves it. */
export function report(deps: ActivityDeps, step: StepInput): Promise<ReportResult> {
  return once(deps, step, { key: actionKey(step.round, 'report'), name: 'report' }, async () => {
    const { version, detail, keep } = await composeReport(deps, step.incidentId, {
      scoreKey: actionKey(step.round, 'score'),
      concluded: false,
    });
    return { status: 'ok', result: { version }, summary: `Report ${version} written`, detail, apply: keep };
  });
}

/** What a new report is for. */
interface Occasion {
  incidentId: string;
  /** The run that acts, where it is one of the incident's. */
  runNo?: number;
  /** Action key of what was done. */
  key: string;
  /** Who did it. */
  actor: string;
  at: string;
}

/** Renders and stores the report of an incident as it stands now, beside the row of what was done; none before the first verdict. */
export async function renewReport(deps: ActivityDeps, { key, ...row }: Occasion, trx: Transaction): Promise<void> {
  const { incidentId } = row;
  const incident = await deps.store.incidents.get(incidentId, trx);
  if (!incident || incident.score_key === null || incident.decision === null) return;
  const composed = await composeReport(deps, incidentId, { scoreKey: incident.score_key, concluded: true, trx });
  const { version, detail, keep: apply } = composed;
  await deps.store.actions.finish(
    {
      ...row,
      ...{ chain: incidentId, status: 'ok', failures: 0, durationMs: 0 },
      ...{ actionKey: `${key}/report`, action: 'report', apply },
      workflowRunId: activityInfo().workflowExecution?.runId ?? '',
      body: { summary: `Report ${version} written`, detail: { ...detail, result: { version } } },
    },
    trx,
  );
}

interface ComposeOptions {
  /** Action key of the judgement that it tells. */
  scoreKey: string;
  /** True when the incident stands already as it will; else as its decision will leave it. */
  concluded: boolean;
  /** In which the incident is locked. */
  trx?: Transaction;
}

interface Composed {
  version: number;
  /** What its audit row says of it. */
  detail: Record<string, string>;
  /** Stores it, in the transaction that writes its audit row. */
  keep: (trx: Transaction) => Promise<void>;
}

/** Renders the next report of an incident. */
async function composeReport(
  deps: Pick<ActivityDeps, 'store' | 'clock' | 'providers' | 'simulated' | 'publicUrl'>,
  incidentId: string,
  { scoreKey, concluded, trx }: ComposeOptions,
): Promise<Composed> {
  const { store } = deps;
  const view = await store.incidents.view(incidentId, trx ? { trx } : {});
  const head = view?.audit.at(-1);
  const scored = view?.audit.find(({ action_key }) => action_key === scoreKey);
  if (!view?.decision || !head || !scored) {
    throw ApplicationFailure.nonRetryable('Nothing to report', 'NoSuchIncident');
  }
  const { assessment } = scored.detail as ScoredDetail;
  const at = deps.clock().toISOString();
  const version = 1 + view.audit.filter(({ action }) => action === 'report').length;
  const { html, json } = renderReport({
    view,
    decision: view.decision,
    concluded,
    assessment,
    playbookTitle: playbookFor(view.alert_type).title,
    sources: deps.providers,
    generatedAt: at,
    version,
    head: { seq: head.seq, hash: head.hash },
    simulated: deps.simulated,
    publicUrl: deps.publicUrl,
  });
  const stated = { headSeq: head.seq, headHash: head.hash };
  return {
    version,
    detail: { html_sha256: sha256(html), json_sha256: sha256(json) },
    keep: (within) => store.reports.store(within, { incidentId, version, html, json, ...stated, at }),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
