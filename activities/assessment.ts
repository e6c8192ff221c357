import type { Store } from '../db/store';
import type { Told } from '../domain/about';
import type { EarlierIncident } from '../domain/earlier';
import type { GuardHit } from '../domain/guard-list';
import type { LookupName } from '../domain/lookup-name';
import { actionKey } from '../domain/names';
import type { Assessment } from '../domain/verdict';
import type { ScoreResult, StepInput } from './contract';

/** What a scoring row keeps: the judgement, and of what it rests on that which stands nowhere else. */
export interface ScoredDetail {
  assessment: Assessment;
  guard_hits: GuardHit[];
  told: Told[];
  earlier: EarlierIncident[];
  /** The clock it was made by; a re-scoring keeps that of the scoring before it. */
  at: string;
}

/** Rows of before lack what was not looked at then. */
export function scoredDetail(detail: unknown): ScoredDetail {
  return { guard_hits: [], told: [], earlier: [], ...(detail as Pick<ScoredDetail, 'assessment' | 'at'>) };
}

/** Answers that were late when the row was written. */
export function lateIn(detail: unknown): LookupName[] {
  return (detail as { result?: Partial<ScoreResult> }).result?.pending ?? [];
}

/** The assessment on record for a round. */
export async function assessmentOf(store: Pick<Store, 'actions'>, step: StepInput): Promise<ScoredDetail> {
  const key = actionKey(step.round, 'score');
  const row = await store.actions.find(step.incidentId, key);
  if (!row) throw new Error(`${step.incidentId} has no ${key} yet`);
  return scoredDetail(row.detail);
}
