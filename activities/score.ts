import { assess } from '../domain/assess';
import type { Finding, Reading } from '../domain/enrichment';
import type { IncidentRow } from '../db/store';
import { actionKey } from '../domain/names';
import { lookupName, parseLookupName } from '../domain/lookup-name';
import type { LookupName } from '../domain/lookup-name';
import { playbookFor } from '../domain/playbooks';
import type { Policy } from '../domain/policy';
import type { Assessment } from '../domain/verdict';
import { once } from './action';
import type { Effect } from './action';
import { caseUnder } from './case';
import type { ScoreInput, ScoreResult } from './contract';
import type { ActivityDeps } from './deps';
import type { Provider } from './providers/provider';
import type { Versions } from './versions';

/** Weighs all findings under the round's policy and puts the verdict in force, unless an analyst has overridden it. */
export function score(deps: ActivityDeps, versions: Versions, step: ScoreInput): Promise<ScoreResult> {
  const key = actionKey(step.round, 'score');
  return once(deps, step, { key, name: 'score' }, async () => {
    const now = deps.clock().toISOString();
    const { policy, site } = await versions.recall(step);
    const { incident, ...recorded } = await caseUnder(deps.store, step.incidentId, site);
    const findings = [...recorded.findings, ...(await lateAnswers(deps, step.pending, now))];
    const playbook = playbookFor(incident.alert_type);
    const facts = { ...recorded, findings, site, now };
    const hits = deps.guards.current().hits([...playbook.observables(facts), ...facts.observables]);
    const assessment = assess({
      policy,
      policyId: step.policy,
      siteId: step.site,
      playbook,
      facts,
      hits,
      readings: readAll(deps.providers, findings, policy, now),
      sources: deps.providers,
      ownEvidence: key,
      now,
    });
    const result = { ...resultOf(assessment), pending: step.pending };
    return {
      status: 'ok',
      result,
      summary: assessment.explanation,
      detail: { assessment, guard_hits: hits, at: now },
      effect: (before) => effectOf(result, key, before),
    };
  });
}

/** An analyst's verdict stays in force; a verdict that is none's but the machine's changes, and that is on its timeline. */
function effectOf(
  { verdict, verdictState, score, complete, explanation }: ScoreResult,
  key: string,
  before: IncidentRow,
): Effect {
  const changes = { score_key: key, complete, score };
  if (before.verdict_state === 'overridden') return { changes };
  const same = verdict === before.verdict && verdictState === before.verdict_state && score === before.score;
  const verdict_change = { verdict, state: verdictState, score, reason: explanation };
  return {
    changes: { ...changes, verdict, verdict_state: verdictState },
    ...(same ? {} : { detail: { verdict_change } }),
  };
}

function resultOf(assessment: Assessment): Omit<ScoreResult, 'pending'> {
  const waiting = assessment.missing.some((missing) => missing.state === 'waiting');
  return {
    verdict: assessment.verdict,
    score: assessment.score,
    verdictState: waiting ? 'provisional' : 'final',
    complete: assessment.complete,
    explanation: assessment.explanation,
  };
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

/** What each answer means under the policy. */
function readAll(
  providers: readonly Provider[],
  findings: readonly Finding[],
  policy: Policy,
  now: string,
): { finding: Finding; reading: Reading }[] {
  return findings.map((finding) => {
    const provider = providers.find(({ name }) => name === finding.source);
    const { observable, evidence } = finding;
    const reading =
      provider && finding.state === 'ok'
        ? provider.read(finding.facts, {
            observable,
            evidence,
            policy,
            own: policy.sources[provider.name] ?? provider.policy,
            now,
          })
        : { signals: [] };
    return { finding, reading };
  });
}
