import type { Case } from '../db/repositories/incidents';
import type { IncidentRow, Transaction } from '../db/store';
import { compareJudged } from '../domain/compare';
import type { Comparison, Judged } from '../domain/compare';
import type { Finding } from '../domain/enrichment';
import type { Decision } from '../domain/incident';
import { lookupName, parseLookupName } from '../domain/lookup-name';
import type { LookupName } from '../domain/lookup-name';
import { lateIn, scoredDetail } from './assessment';
import type { ScoredDetail } from './assessment';
import { caseUnder } from './case';
import type { ActivityDeps } from './deps';
import { decisionOn, judge } from './judge';
import type { Rules } from './judge';

/** An incident judged anew, beside what is in force of it. */
export interface Rejudged extends Comparison {
  incident: IncidentRow;
  /** Action key of the scoring row in force. */
  scoreKey: string;
  before: Judged;
  after: { assessment: ScoredDetail['assessment']; decision: Decision };
  /** What a scoring row keeps of the new judgement. */
  detail: ScoredDetail;
  /** Answers that are late still. */
  pending: LookupName[];
  /** Nothing waits, and every alert has been looked at. */
  mayClose: boolean;
}

/**
 * Judges an incident by given rules from what is stored of it; nobody is asked. The clock is that of its last scoring, so
 * that evidence does not age by being looked at again: only other rules, lists or evidence make another verdict.
 * @param ownEvidence action key under which the judgement would stand
 * @param trx in which the incident is locked
 * @returns undefined for one that has not been both scored and decided, and for one that was merged into another
 */
export async function rejudge(
  { store, providers, guards }: Pick<ActivityDeps, 'store' | 'providers' | 'guards'>,
  incidentId: string,
  rules: Rules,
  ownEvidence: string,
  trx?: Transaction,
): Promise<Rejudged | undefined> {
  const { incident, ...recorded } = await caseUnder(store, incidentId, rules.site, trx);
  const { score_key: scoreKey, decision: old } = incident;
  const row = scoreKey === null ? undefined : await store.actions.find(incidentId, scoreKey, trx);
  if (scoreKey === null || !row || !old || recorded.alerts.length === 0) return undefined;
  const { assessment: inForce, earlier, at } = scoredDetail(row.detail);
  const pending = stillPending(lateIn(row.detail), recorded.findings);
  const findings = [...recorded.findings, ...pending.map((name) => lateFinding(name, at))];
  const evidence = { ...recorded, alertType: incident.alert_type, findings, earlier };
  const { assessment, facts, hits } = judge({ providers, lists: guards.current() }, evidence, rules, at, ownEvidence);
  const decision = decisionOn(incident, facts, assessment);
  const before = { assessment: inForce, decision: old };
  const after = { assessment, decision };
  return {
    ...compareJudged(before, after, providers),
    incident,
    scoreKey,
    before,
    after,
    detail: { assessment, guard_hits: hits, told: facts.told, earlier, at },
    pending,
    mayClose: incident.unprocessed === 0 && findings.every(({ state }) => state !== 'waiting'),
  };
}

function stillPending(late: readonly LookupName[], findings: Case['findings']): LookupName[] {
  const known = new Set(findings.map(lookupName));
  return late.filter((name) => !known.has(name));
}

/** What was on its way when the incident was scored, and has not come since. */
function lateFinding(name: LookupName, at: string): Finding {
  const summary = 'no answer yet, still being asked';
  return { ...parseLookupName(name), state: 'waiting', facts: null, summary, evidence: '', until: null, at };
}
