import type { About } from './about';
import type { ObservableId } from './observable';
import type { Signal } from './signal';

/**
 * How far one source got with one observable.
 * `not_known`: asked, nothing there (never evidence of clean). `not_applicable`: nothing to ask. `not_configured`: no key.
 * `not_sent`: must not leave the house. `waiting`: asked again at `until`.
 */
export const SOURCE_STATES = [
  'ok',
  'not_known',
  'not_applicable',
  'not_configured',
  'not_sent',
  'waiting',
  'failed',
] as const;
export type SourceState = (typeof SOURCE_STATES)[number];

/** What one source said of one observable, distilled: policy-free facts, from which any policy can be recomputed. */
export interface Finding {
  source: string;
  observable: ObservableId;
  state: SourceState;
  /** The provider's own distilled facts when `state` is `ok`, else null. */
  facts: unknown;
  /** One line for people. */
  summary: string;
  /** `action_key` of the audit row. */
  evidence: string;
  until: string | null;
  at: string;
}

/** A finding as a policy reads it. */
export interface Reading {
  signals: Signal[];
  /** What the observable is, apart from whether it does harm. */
  about?: About;
  /** Why this answer is evidence that the observable is clean; absent if it is none. */
  clean?: string;
}
