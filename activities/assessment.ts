import type { Store } from '../db/store';
import { actionKey } from '../domain/names';
import type { Assessment } from '../domain/verdict';
import type { StepInput } from './contract';

/** What a scoring row keeps for the steps after it. */
export interface ScoredDetail {
  assessment: Assessment;
  /** The moment it was made at. */
  at: string;
}

/** The assessment on record for a round. */
export async function assessmentOf(store: Pick<Store, 'actions'>, step: StepInput): Promise<ScoredDetail> {
  const key = actionKey(step.round, 'score');
  const row = await store.actions.find(step.incidentId, key);
  if (!row) throw new Error(`${step.incidentId} has no ${key} yet`);
  return row.detail as ScoredDetail;
}
