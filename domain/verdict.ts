import type { SourceState } from './enrichment';
import type { ObservableId } from './observable';
import type { Signal } from './signal';

export const VERDICTS = ['benign', 'suspicious', 'malicious', 'unknown'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const VERDICT_STATES = ['pending', 'provisional', 'final', 'overridden'] as const;
export type VerdictState = (typeof VERDICT_STATES)[number];

/** A list or rule that says an observable is known, and caps what can be concluded from it. */
export interface Guard {
  observable: ObservableId;
  /** Name and version as shown in the explanation. */
  list: string;
  version: string;
  /**
   * `benign` is evidence of clean (public DNS, top domain …); `shared` infrastructure (CDN, cloud) only caps; `marks` is
   * named and caps nothing (sinkhole, URL shortener).
   */
  kind: 'benign' | 'shared' | 'marks';
  /** The family of lists that the list belongs to, for example `known-scanners`. */
  group?: string;
  /** The most weighted points all signals on this observable may add up to; 100 = no cap. */
  cap: number;
  reason: string;
}

/** What the verdict lacks, and when it may come. */
export interface Missing {
  source: string;
  observable: ObservableId;
  state: SourceState;
  reason: string;
  until: string | null;
}

/** One line of the explanation: a comparison that was made, in numbers and in words. */
export interface LedgerLine {
  rule: string;
  text: string;
  numbers: Record<string, number>;
  /** What it is about, for programs; absent where that is the case as a whole, and in lines of before. */
  of?: LedgerSubject;
}

export interface LedgerSubject {
  /** Of a signal, a warning list or a pool. */
  name: string;
  source?: string;
  observable?: ObservableId;
}

/** The machine's judgement of an incident in one scoring round. */
export interface Assessment {
  verdict: Verdict;
  /** 0–100, whole. */
  score: number;
  /** False while a source failed or is waiting. */
  complete: boolean;
  missing: Missing[];
  signals: Signal[];
  guards: Guard[];
  /** Evidence of clean for what must be shown clean; it may be there for some of it only. */
  clean: string[];
  ledger: LedgerLine[];
  /** The verdict in one sentence. */
  explanation: string;
  /** Version of the policy in words; its content hash and that of the site knowledge. Assessments of before lack the first. */
  version?: string;
  policy: string;
  site: string;
}
