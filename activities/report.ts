import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
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
    const { store } = deps;
    const view = await store.incidents.view(step.incidentId);
    const head = view?.audit.at(-1);
    const scored = view?.audit.find(({ action_key }) => action_key === actionKey(step.round, 'score'));
    if (!view?.decision || !head || !scored) {
      throw ApplicationFailure.nonRetryable('Nothing to report', 'NoSuchIncident');
    }
    const { assessment } = scored.detail as ScoredDetail;
    const at = deps.clock().toISOString();
    const version = 1 + view.audit.filter(({ action }) => action === 'report').length;
    const { html, json } = renderReport({
      view,
      decision: view.decision,
      assessment,
      playbookTitle: playbookFor(view.alert_type).title,
      sources: deps.providers,
      generatedAt: at,
      version,
      head: { seq: head.seq, hash: head.hash },
      simulated: deps.simulated,
      publicUrl: deps.publicUrl,
    });
    return {
      status: 'ok',
      result: { version },
      summary: `Report ${version} written`,
      detail: { html_sha256: sha256(html), json_sha256: sha256(json) },
      apply: async (trx) => {
        await store.reports.store(trx, {
          incidentId: step.incidentId,
          version,
          html,
          json,
          headSeq: head.seq,
          headHash: head.hash,
          at,
        });
      },
    };
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
