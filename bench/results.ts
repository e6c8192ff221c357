import type { CpuTimes } from './cpu';
import type { EventCounts } from './histories';
import type { Phase } from './load';
import type { Plan } from './options';
import { mean, median, percentile } from './statistics';
import type { Machine } from './program';

export type Side = 'suite' | 'floor';

/** One phase as it was measured. */
export interface MeasuredPhase extends Omit<Phase, 'ids'> {
  side: Side;
  atOnce: number;
  /** Used while the phase went on, ms by process; undefined where it cannot be measured. */
  cpuMs: CpuTimes | undefined;
  /** Cores that other processes on the machine kept busy meanwhile; undefined where it cannot be measured. */
  othersCores: number | undefined;
}

/** What the phases of one side with equally many runs at once came to: medians over the phases. */
export interface Summary {
  phases: number;
  runs: number;
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  /** CPU time of one run, ms by process. */
  cpuMs: CpuTimes | undefined;
}

/** Both sides with equally many runs at once. */
export interface Comparison {
  atOnce: number;
  suite: Summary;
  floor: Summary;
  history: Record<Side, HistorySummary>;
  /** Suite / floor: throughput, latency (p50), CPU time of all processes that belong to each. */
  ratio: { perSecond: number; p50: number; cpu: number | undefined };
}

export interface HistorySummary {
  events: number;
  bytes: number;
  counts: EventCounts;
}

export interface CacheResult {
  alerts: number;
  addresses: number;
  /** Requests that reached each provider. */
  requests: Record<string, number>;
  perSecond: number;
}

export interface Results {
  at: string;
  machine: Machine;
  plan: Plan;
  comparisons: Comparison[];
  /** Of POST /api/v1/alerts while nothing else goes on. */
  post: { requests: number; p50Ms: number; p95Ms: number };
  cache: CacheResult;
  /** Cores that others kept busy, in the phase where they did most: what was measured in time suffers from it. */
  othersCores: number | undefined;
  phases: MeasuredPhase[];
}

/** Which processes work for a side; simulator and load generator are shown apart. */
export const PROCESSES: Record<Side, string[]> = {
  suite: ['api', 'worker', 'temporal', 'mysql'],
  floor: ['floor', 'temporal'],
};
export const APART = ['simulator', 'load'];

/**
 * Runs a second. With one at a time it is what the latency allows: the pause until the load generator looks is its own,
 * not the run's.
 */
export function perSecond({ atOnce, latenciesMs, elapsedMs, runs }: MeasuredPhase): number {
  return atOnce === 1 ? 1000 / mean(latenciesMs) : (runs * 1000) / elapsedMs;
}

export function summarise(phases: readonly MeasuredPhase[]): Summary {
  const over = (measure: (phase: MeasuredPhase) => number): number => median(phases.map(measure));
  const names = Object.keys(phases[0]?.cpuMs ?? {});
  return {
    phases: phases.length,
    runs: phases.reduce((sum, { runs }) => sum + runs, 0),
    perSecond: over(perSecond),
    p50Ms: over(({ latenciesMs }) => percentile(latenciesMs, 50)),
    p95Ms: over(({ latenciesMs }) => percentile(latenciesMs, 95)),
    cpuMs:
      names.length === 0
        ? undefined
        : Object.fromEntries(names.map((name) => [name, over(({ cpuMs, runs }) => (cpuMs?.[name] ?? NaN) / runs)])),
  };
}

/** All phases with so many at once. */
export function compare(
  phases: readonly MeasuredPhase[],
  atOnce: number,
): Pick<Comparison, 'atOnce' | 'suite' | 'floor' | 'ratio'> {
  const of = (side: Side): Summary =>
    summarise(phases.filter((phase) => phase.side === side && phase.atOnce === atOnce));
  const [suite, floor] = [of('suite'), of('floor')];
  const [suiteCpu, floorCpu] = [ownCpu(suite, 'suite'), ownCpu(floor, 'floor')];
  return {
    atOnce,
    suite,
    floor,
    ratio: {
      perSecond: suite.perSecond / floor.perSecond,
      p50: suite.p50Ms / floor.p50Ms,
      cpu: suiteCpu === undefined || floorCpu === undefined ? undefined : suiteCpu / floorCpu,
    },
  };
}

/** CPU time of one run in all processes that work for its side, ms. */
export function ownCpu({ cpuMs }: Summary, side: Side): number | undefined {
  return cpuMs && PROCESSES[side].reduce((sum, name) => sum + (cpuMs[name] ?? 0), 0);
}

/** In the phase where others did most; undefined where it cannot be measured. */
export function mostOthersCores(phases: readonly MeasuredPhase[]): number | undefined {
  const measured = phases.flatMap(({ othersCores }) => othersCores ?? []);
  return measured.length === 0 ? undefined : Math.max(...measured);
}
