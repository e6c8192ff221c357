import type { Finding } from '../domain/enrichment';
import { actionKey } from '../domain/names';
import { lookupName, parseLookupName } from '../domain/lookup-name';
import type { LookupName } from '../domain/lookup-name';
import { isOvertaken, once, OVERTAKEN } from './action';
import type { ScoredDetail } from './assessment';
import { caseUnder } from './case';
import type { ScoreInput, ScoreResult } from './contract';
import type { ActivityDeps } from './deps';
import { judge } from './judge';
import { putInForce, shownOf } from './verdict';
import type { Versions } from './versions';

/** Weighs all findings under the round's policy and puts the verdict in force, unless an analyst has overridden it. */
export function score(deps: ActivityDeps, versions: Versions, step: ScoreInput): Promise<ScoreResult> {
  const key = actionKey(step.round, 'score');
  return once(deps, step, { key, name: 'score' }, async () => {
    const now = deps.clock().toISOString();
    const rules = await versions.recall(step);
    const { incident, ...recorded } = await caseUnder(deps.store, step.incidentId, rules.site);
    const evidence = {
      ...recorded,
      alertType: incident.alert_type,
      findings: [...recorded.findings, ...(await lateAnswers(deps, step.pending, now))],
      earlier: await deps.store.incidents.earlier(incident),
    };
    const { assessment, facts, hits } = judge(
      { providers: deps.providers, lists: deps.guards.current() },
      evidence,
      rules,
      now,
      key,
    );
    const shown = shownOf(assessment);
    const result = { ...shown, pending: step.pending };
    return {
      status: 'ok',
      result,
      summary: assessment.explanation,
      detail: {
        assessment,
        guard_hits: hits,
        told: facts.told,
        earlier: facts.earlier,
        at: now,
      } satisfies ScoredDetail,
      effect: (before) => (isOvertaken(before, step) ? OVERTAKEN : putInForce(shown, key, before, shown.explanation)),
    };
  });
}

/** Lookups that are on their way, as findings without facts: what they met so far is all that is known of them. */
async function lateAnswers(
  { store, providerRetryForMs }: Pick<ActivityDeps, 'store' | 'providerRetryForMs'>,
  pending: readonly LookupName[],
  at: string,
): Promise<Finding[]> {
  if (pending.length === 0) return [];
  const lookups = pending.map(parseLookupName);
  const errors = await store.answers.lastError(lookups.map(({ source: provider, ...rest }) => ({ provider, ...rest })));
  return lookups.map(({ source, observable }) => {
    const error = errors.get(lookupName({ source, observable }));
    // an older one was met by somebody else's lookup
    const recent = error && Date.parse(at) - Date.parse(error.at) <= providerRetryForMs;
    const trouble = recent ? ` (at ${error.at.slice(11, 16)} UTC: ${error.message})` : '';
    return {
      source,
      observable,
      state: 'waiting',
      facts: null,
      summary: `no answer yet, still being asked${trouble}`,
      evidence: '',
      until: null,
      at,
    };
  });
}
