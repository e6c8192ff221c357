import { observableId } from '../../domain/observable';
import type { Signal } from '../../domain/signal';
import type { Guard } from '../../domain/verdict';
import { SEVERITIES } from '../../domain/severity';
import type { ReportInput } from './input';
import { LEVEL_BARS, SOURCE_STATE_WORDS, sourceTitle, spaced } from './words';

/** Rows of one section before the reader is sent to the JSON report. */
const MOST_OBSERVABLES = 200;

export interface SignalRow {
  source: string;
  observable: string;
  level: string;
  bars: string;
  points: number;
  reliability: string;
  sentence: string;
  evidence: string;
}

export interface ObservableRow {
  type: string;
  value: string;
  roles: string[];
  flags: string[];
}

export interface EnrichmentGroup {
  observable: string;
  rows: { source: string; key: string; state: string; summary: string; until: string | null; at: string }[];
}

export interface GuardRow {
  observable: string;
  name: string;
  version: string;
  kind: string;
  /** False for one that only names what the observable is. */
  caps: boolean;
  cap: number;
  reason: string;
}

export interface FindingSections {
  signals: SignalRow[];
  clean: string[];
  observables: ObservableRow[];
  moreObservables: number;
  enrichments: EnrichmentGroup[];
  guards: GuardRow[];
}

export function findingSections({ view, assessment, sources }: ReportInput): FindingSections {
  return {
    signals: [...(assessment?.signals ?? view.signals)]
      .sort(worstLevelFirst)
      .map((signal) => signalRow(signal, sources)),
    clean: assessment?.clean ?? [],
    observables: view.observables.slice(0, MOST_OBSERVABLES).map((seen) => ({
      type: seen.type,
      value: seen.value,
      roles: seen.roles.map(spaced),
      flags: seen.flags.map(spaced),
    })),
    moreObservables: Math.max(0, view.observables.length - MOST_OBSERVABLES),
    enrichments: enrichmentGroups(view, sources).slice(0, MOST_OBSERVABLES),
    guards: (assessment?.guards ?? []).map((guard) => ({
      observable: guard.observable,
      name: guard.list,
      version: guard.version,
      kind: GUARD_WORDS[guard.kind],
      caps: guard.kind !== 'marks',
      cap: guard.cap,
      reason: guard.reason,
    })),
  };
}

const GUARD_WORDS: Record<Guard['kind'], string> = {
  benign: 'speaks for clean',
  shared: 'caps only',
  marks: 'only named',
};

/** Within a level the order of the assessment stays: the strongest first. */
function worstLevelFirst(a: Signal, b: Signal): number {
  return SEVERITIES.indexOf(b.level) - SEVERITIES.indexOf(a.level);
}

function signalRow(signal: Signal, sources: ReportInput['sources']): SignalRow {
  return {
    source: sourceTitle(sources, signal.source),
    observable: signal.observable ?? '',
    level: signal.level,
    bars: LEVEL_BARS[signal.level],
    points: signal.points,
    reliability: signal.reliability,
    sentence: signal.sentence,
    evidence: signal.evidence,
  };
}

/** By observable, in the order in which the alert named them. */
function enrichmentGroups(
  { observables, enrichments }: ReportInput['view'],
  sources: ReportInput['sources'],
): EnrichmentGroup[] {
  const groups = new Map<string, EnrichmentGroup>(
    observables.map((seen) => [observableId(seen), { observable: observableId(seen), rows: [] }]),
  );
  for (const answer of enrichments) {
    const group = groups.get(answer.observable) ?? { observable: answer.observable, rows: [] };
    groups.set(answer.observable, group);
    group.rows.push({
      source: sourceTitle(sources, answer.source),
      key: answer.state,
      state: SOURCE_STATE_WORDS[answer.state],
      summary: answer.summary,
      until: answer.until,
      at: answer.at,
    });
  }
  return [...groups.values()].filter(({ rows }) => rows.length > 0);
}
