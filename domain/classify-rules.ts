import type { Alert, AlertType } from './alert';
import { PLAYBOOKS } from './playbooks';

interface RuleBase {
  type: AlertType;
  /** What the rule says of an alert it applies to; what it found is added. */
  reason: string;
  /** 0–1: how often the rule alone is right. Rules of one type add up as independent evidence. */
  confidence: number;
}

export type ClassificationRule = RuleBase &
  (
    | { techniques: readonly string[] }
    | { words: RegExp; where: 'rule' | 'title' | 'tags' | 'text' }
    | { fields: (alert: Alert) => boolean }
  );

const PLACES = [
  { where: 'rule', confidence: 0.8, reason: 'its rule name says' },
  { where: 'title', confidence: 0.8, reason: 'its title says' },
  { where: 'tags', confidence: 0.65, reason: 'it is tagged' },
  { where: 'text', confidence: 0.55, reason: 'its description says' },
] as const;

/** The table by which alerts without a type are classified: each playbook says by what its alerts are known. */
export const CLASSIFICATION_RULES: readonly ClassificationRule[] = Object.values(PLAYBOOKS).flatMap(
  ({ type, recognisedBy: { techniques, words, fields = [] } }): ClassificationRule[] => [
    { type, confidence: 0.85, reason: 'its MITRE technique says', techniques },
    ...PLACES.map((place) => ({ type, words, ...place })),
    ...fields.map(({ holds, ...rule }) => ({ type, ...rule, fields: holds })),
  ],
);
