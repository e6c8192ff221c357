import type { IncidentRow } from '../db/store';
import type { Assessment } from '../domain/verdict';
import type { Effect } from './action';
import type { ScoreResult } from './contract';

/** What is shown of an assessment as the incident's verdict. */
export type Shown = Omit<ScoreResult, 'pending'>;

export function shownOf({ verdict, score, complete, explanation, missing }: Assessment): Shown {
  const waiting = missing.some(({ state }) => state === 'waiting');
  return { verdict, score, verdictState: waiting ? 'provisional' : 'final', complete, explanation };
}

/**
 * Puts the judgement of the row of that key in force. An analyst's verdict stays in force; a verdict that is none's but the
 * machine's changes. Both are on its timeline.
 * @param reason for the timeline
 */
export function putInForce(shown: Shown, key: string, before: IncidentRow, reason: string): Effect {
  const { verdict, verdictState: verdict_state, score, complete } = shown;
  const changes = { score_key: key, complete, score };
  const verdict_change = { verdict, state: verdict_state, score, reason };
  if (before.verdict_state === 'overridden') {
    const beside = { verdict_change: { ...verdict_change, in_force: false } };
    return { changes, ...(score === before.score ? {} : { detail: beside }) };
  }
  const same = verdict === before.verdict && verdict_state === before.verdict_state && score === before.score;
  return { changes: { ...changes, verdict, verdict_state }, ...(same ? {} : { detail: { verdict_change } }) };
}
