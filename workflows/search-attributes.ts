import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { AlertType } from '../domain/alert';
import { SEARCH_ATTRIBUTES } from '../domain/names';

const { KEYWORD, INT } = SearchAttributeType;
const keys = {
  verdict: defineSearchAttributeKey(SEARCH_ATTRIBUTES.verdict, KEYWORD),
  status: defineSearchAttributeKey(SEARCH_ATTRIBUTES.status, KEYWORD),
  severity: defineSearchAttributeKey(SEARCH_ATTRIBUTES.severity, KEYWORD),
  score: defineSearchAttributeKey(SEARCH_ATTRIBUTES.score, INT),
};
const alertTypeKey = defineSearchAttributeKey(SEARCH_ATTRIBUTES.alertType, KEYWORD);

/** What operators search runs by and that changes while a run goes on. */
export interface Shown {
  verdict: string;
  status: string;
  severity: string;
  score: number | null;
}

/**
 * Shows the incident's state as search attributes: one combined upsert, and only when something changed, since each
 * costs the server a visibility write.
 */
export function createShow(initial: Shown): (now: Shown) => void {
  let shown = initial;
  return (now) => {
    if (Object.keys(keys).every((name) => now[name as keyof Shown] === shown[name as keyof Shown])) return;
    shown = now;
    upsertSearchAttributes([
      { key: keys.verdict, value: now.verdict },
      { key: keys.status, value: now.status },
      { key: keys.severity, value: now.severity },
      { key: keys.score, value: now.score },
    ]);
  };
}

/** Only a reclassification changes it. */
export function showAlertType(alertType: AlertType): void {
  upsertSearchAttributes([{ key: alertTypeKey, value: alertType }]);
}
