import type { ObservableId } from './observable';
import type { Severity } from './severity';

/** NATO admiralty letters: how far a source is believed. The weights are in the policy. */
export const RELIABILITIES = ['A', 'B', 'C', 'D', 'E', 'F'] as const;
export type Reliability = (typeof RELIABILITIES)[number];

/** One piece of evidence for harm, as a source or a playbook's own look at the alert gives it. */
export interface Signal {
  /** Name of the provider, or `playbook`. */
  source: string;
  /** Stable machine name, e.g. `engines_malicious`, `success_after_failures`. */
  name: string;
  /** By weighted points: low < 15, medium < 40, high < 70, critical from 70. */
  level: Severity;
  /** 0–100, before the source's reliability is applied. */
  points: number;
  reliability: Reliability;
  /** `action_key` of the audit row the signal rests on. */
  evidence: string;
  observable?: ObservableId;
  /** What the points were reckoned from, by name: counts, ages in days, factors. */
  numbers?: Record<string, number>;
  /** A sentence an analyst can read: "12 of 91 engines call it malicious; 10 make it high". */
  sentence: string;
}
