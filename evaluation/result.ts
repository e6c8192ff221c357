import type { AlertType } from '../domain/alert';
import { PLAYBOOKS } from '../domain/playbooks';
import type { LedgerLine, Missing } from '../domain/verdict';
import { compare, type Change } from './compare';
import { contentId, type Judged } from './evaluate';
import { metricsOf, targetsOf, type Metrics, type Scored, type Target } from './metrics';
import type { NamedPolicy } from './policies';

/** One case with what came out, as plain data. */
export interface CaseOutcome extends Scored {
  id: string;
  title: string;
  file: string;
  /** Why the verdict is expected, in the words of who labelled it. */
  why: string;
  /** 0–100. */
  score: number;
  explanation: string;
  /** Which rule gave the outcome, in words. */
  reason: string;
  /** Answers that are lacking. */
  missing: Missing[];
  ledger: LedgerLine[];
}

/** A part of the cases by itself. */
export interface Part {
  name: string;
  metrics: Metrics;
}

/** One half of the cases, for which the targets hold. */
export interface SetResult extends Part {
  targets: Target[];
  playbooks: (Part & { name: AlertType })[];
}

export interface PolicyInfo {
  name: string;
  version: string;
  /** Content hash. */
  id: string;
  thresholds: { suspicious: number; malicious: number };
}

/** All that an evaluation found, as plain data: what is printed, written as JSON and shown as a page. */
export interface Evaluation {
  policy: PolicyInfo;
  overall: Metrics;
  /** False when a target of a half is missed. */
  met: boolean;
  sets: SetResult[];
  /** Over all halves. */
  playbooks: (Part & { name: AlertType })[];
  cases: CaseOutcome[];
  /** What changes from another policy to this one. */
  against: { policy: PolicyInfo; overall: Metrics; changed: Change[] } | null;
}

export interface Measured extends NamedPolicy {
  judged: readonly Judged[];
}

/** Puts figures on judged cases. Pure. */
export function resultOf(measured: Measured, before?: Measured): Evaluation {
  const cases = measured.judged.map(outcomeOf);
  const sets = [...new Set(cases.map(({ set }) => set))].map((name) =>
    setOf(
      name,
      cases.filter(({ set }) => set === name),
    ),
  );
  const earlier = before?.judged.map(outcomeOf);
  return {
    policy: infoOf(measured),
    overall: metricsOf(cases),
    met: sets.every(({ targets }) => targets.every(({ met }) => met !== false)),
    sets,
    playbooks: playbooksOf(cases),
    cases,
    against:
      before && earlier
        ? { policy: infoOf(before), overall: metricsOf(earlier), changed: compare(earlier, cases) }
        : null,
  };
}

/** The cases whose verdict is not the expected one. */
export function missesOf({ cases }: Evaluation): CaseOutcome[] {
  return cases.filter(({ expected, got }) => expected !== got);
}

function setOf(name: string, cases: readonly CaseOutcome[]): SetResult {
  const metrics = metricsOf(cases);
  return { name, metrics, targets: targetsOf(metrics), playbooks: playbooksOf(cases) };
}

function playbooksOf(cases: readonly CaseOutcome[]): (Part & { name: AlertType })[] {
  return Object.values(PLAYBOOKS)
    .map(({ type }) => ({ name: type, metrics: metricsOf(cases.filter(({ playbook }) => playbook === type)) }))
    .filter(({ metrics }) => metrics.cases > 0);
}

function outcomeOf({ subject, assessment, decision }: Judged): CaseOutcome {
  const { id, title, file, set, playbook, truth, expected, why } = subject;
  const { verdict: got, score, explanation, missing, ledger } = assessment;
  return {
    id,
    title,
    file,
    set,
    playbook,
    truth,
    expected,
    got,
    score,
    ...decision,
    why,
    explanation,
    missing,
    ledger,
  };
}

function infoOf({ name, policy }: NamedPolicy): PolicyInfo {
  return { name, version: policy.version, id: contentId(policy), thresholds: policy.thresholds };
}
