import type { AlertType } from '../domain/alert';
import type { Decision } from '../domain/incident';
import { VERDICTS, type Verdict } from '../domain/verdict';
import type { Truth } from './case-schema';

/** What counts of a judged case. */
export interface Scored {
  set: string;
  playbook: AlertType;
  truth: Truth;
  expected: Verdict;
  got: Verdict;
  outcome: Decision['outcome'];
}

/** So many of so many; null when there are none to speak of. */
export interface Ratio {
  hits: number;
  of: number;
  /** 0–1. */
  value: number | null;
}

/** Cases by expected and given verdict. */
export type Confusion = Record<Verdict, Record<Verdict, number>>;

export interface Metrics {
  cases: number;
  confusion: Confusion;
  /** The verdict is the expected one. */
  agreement: Ratio;
  /** Of what is called malicious, what is expected so. */
  precision: Ratio;
  /** Of what is expected to be malicious, what is called so. */
  recall: Ratio;
  /** Of what is harmless in truth, what is called malicious. */
  falsePositives: Ratio;
  /** Of what is harmless in truth, what is called suspicious or malicious. */
  falseAlarms: Ratio;
  /** Of what is harmful in truth, what is called benign. */
  calledBenign: Ratio;
  /** Of what is harmful in truth, what closes itself. */
  closedWrongly: Ratio;
  /** Of what is expected to stay unknown, what does. */
  unknownAsExpected: Ratio;
  /** Of what has an expected verdict other than unknown, what stays unknown. */
  unknownInstead: Ratio;
}

/** Metrics of the cases together. Pure; the order of the cases does not matter. */
export function metricsOf(cases: readonly Scored[]): Metrics {
  const share = (of: (one: Scored) => boolean, hit: (one: Scored) => boolean) => shareOf(cases.filter(of), hit);
  const harmless = ({ truth }: Scored) => truth === 'benign';
  const harmful = ({ truth }: Scored) => truth === 'malicious';
  const got = (verdict: Verdict) => (one: Scored) => one.got === verdict;
  const expected = (verdict: Verdict) => (one: Scored) => one.expected === verdict;
  return {
    cases: cases.length,
    confusion: confusionOf(cases),
    agreement: shareOf(cases, (one) => one.got === one.expected),
    precision: share(got('malicious'), expected('malicious')),
    recall: share(expected('malicious'), got('malicious')),
    falsePositives: share(harmless, got('malicious')),
    falseAlarms: share(harmless, (one) => one.got === 'suspicious' || one.got === 'malicious'),
    calledBenign: share(harmful, got('benign')),
    closedWrongly: share(harmful, ({ outcome }) => outcome === 'close'),
    unknownAsExpected: share(expected('unknown'), got('unknown')),
    unknownInstead: share((one) => one.expected !== 'unknown', got('unknown')),
  };
}

function shareOf(cases: readonly Scored[], hit: (one: Scored) => boolean): Ratio {
  const hits = cases.filter(hit).length;
  return { hits, of: cases.length, value: cases.length === 0 ? null : hits / cases.length };
}

function confusionOf(cases: readonly Scored[]): Confusion {
  const row = (expected: Verdict) =>
    VERDICTS.map((got) => [got, cases.filter((one) => one.expected === expected && one.got === got).length]);
  return Object.fromEntries(VERDICTS.map((expected) => [expected, Object.fromEntries(row(expected))])) as Confusion;
}

/** What a policy has to reach on every half of the cases. */
export interface Target {
  name: 'no_false_positive' | 'recall' | 'none_closed_wrongly';
  /** As people read it. */
  text: string;
  reached: Ratio;
  /** Null when there is no case to tell it by. */
  met: boolean | null;
}

/** Of what is expected to be malicious, so much is to be called so. */
const LEAST_RECALL = 0.95;

export function targetsOf({ falsePositives, recall, closedWrongly }: Metrics): Target[] {
  const none = ({ hits, value }: Ratio) => (value === null ? null : hits === 0);
  return [
    {
      name: 'no_false_positive',
      text: 'no harmless case is called malicious',
      reached: falsePositives,
      met: none(falsePositives),
    },
    {
      name: 'recall',
      text: `of what is expected to be malicious, at least ${LEAST_RECALL * 100} % is called so`,
      reached: recall,
      met: recall.value === null ? null : recall.value >= LEAST_RECALL,
    },
    {
      name: 'none_closed_wrongly',
      text: 'no harmful case closes itself',
      reached: closedWrongly,
      met: none(closedWrongly),
    },
  ];
}

/** `–` where there is nothing to divide by: no case is no success. */
export function percent({ value }: Ratio): string {
  return value === null ? '–' : `${Math.round(value * 1000) / 10} %`;
}

export function countOf({ hits, of }: Ratio): string {
  return `${hits} of ${of}`;
}
