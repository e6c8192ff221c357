import { renderTable } from '../../cli/table';
import { shown } from '../table';
import type { MeasuredImport } from './import';
import type { Latency } from './measure';
import type { IocPlan } from './options';
import type { Machine } from '../program';

export interface IocResults {
  at: string;
  machine: Machine & { loadAtStart: number };
  plan: IocPlan;
  /** Lines a second, written one by one. */
  singlePerSecond: number;
  import: MeasuredImport & { perSecond: number };
  lookup: { few: Latency; many: Latency };
  atOnce: { idle: Latency; importing: Latency & { lookups: number } };
}

/** What is wanted of each ratio. */
const AIMS = { import: 20, memory: 1.5, lookup: 1.5, importing: 3 };

interface Line {
  what: string;
  measured: string;
  ratio: number;
  aim: string;
  reached: boolean;
}

/** Ratios, since absolute numbers are those of the machine, and whether they are what is wanted. */
export function linesOf(results: IocResults): Line[] {
  const { singlePerSecond, lookup, atOnce } = results;
  const { perSecond, rssAtTenth, rssPeak } = results.import;
  const atMost = (what: string, [base, value]: [number, number], aim: number, unit: string): Line => ({
    ...{ what, measured: `${shown(value)} against ${shown(base)} ${unit}`, ratio: value / base },
    ...{ aim: `at most ${aim}`, reached: value / base <= aim },
  });
  const speed = perSecond / singlePerSecond;
  return [
    {
      ...{ what: 'import against one INSERT a row, line by line', ratio: speed, aim: `at least ${AIMS.import}` },
      measured: `${shown(perSecond)} against ${shown(singlePerSecond)} lines/s`,
      reached: speed >= AIMS.import,
    },
    atMost('memory at its peak against a tenth', [rssAtTenth / 1e6, rssPeak / 1e6], AIMS.memory, 'MB'),
    atMost('lookup, p50, many against few', [lookup.few.p50, lookup.many.p50], AIMS.lookup, 'ms'),
    atMost('lookup, p99, many against few', [lookup.few.p99, lookup.many.p99], AIMS.lookup, 'ms'),
    atMost('at once, p99, importing against idle', [atOnce.idle.p99, atOnce.importing.p99], AIMS.importing, 'ms'),
  ];
}

export function renderIocResults(results: IocResults): string {
  const { machine, plan, atOnce } = results;
  const rows = linesOf(results).map(({ what, measured, ratio, aim, reached }) => [
    ...[what, measured, shown(ratio), aim, reached ? 'reached' : 'NOT reached'],
  ]);
  const { added, receivedMs, importedMs } = results.import;
  return [
    renderTable(
      ['what', 'measured', 'ratio', 'aim', ''].map((title) => ({ title })),
      rows,
      120,
    ),
    `${added} entries, taken in within ${shown(receivedMs / 1000)} s, read and written within ${shown(importedMs / 1000)} s`,
    `many: ${plan.entries}, few: ${plan.few}; ${plan.atOnce} at once: p50 ${shown(atOnce.idle.p50)} ms idle, ` +
      `${shown(atOnce.importing.p50)} ms beside an import (${atOnce.importing.lookups} lookups)`,
    `${machine.cores} × ${machine.cpu}, Node ${machine.node}, ${machine.platform}; load at start ${shown(machine.loadAtStart)}`,
  ].join('\n');
}
