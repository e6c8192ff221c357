import type { Store } from '../db/store';
import { actionKey } from '../domain/names';
import type { Assessment } from '../domain/verdict';
import type { StepInput } from './contract';

/** The assessment on record for a round, and the moment it was made at. */
export async function assessmentOf(
  store: Pick<Store, 'actions'>,
  step: StepInput,
): Promise<{ assessment: Assessment; at: string }> {
  const key = actionKey(step.round, 'score');
  const row = await store.actions.find(step.incidentId, key);
  if (!row) throw new Error(`${step.incidentId} has no ${key} yet`);
  return row.detail as { assessment: Assessment; at: string };
}
