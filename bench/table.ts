import { renderTable } from '../cli/table';
import { APART, ownCpu, PROCESSES } from './results';
import type { Comparison, Results, Side, Summary } from './results';

const WIDTH = 100;
const TITLES: Record<string, string> = {
  api: 'API',
  worker: 'worker',
  floor: 'worker',
  temporal: 'Temporal',
  mysql: 'MySQL',
  simulator: 'simulator',
  load: 'load generator',
};

/** A number with as many digits as mean something. */
export function shown(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** The results for people: ratios first, since absolute numbers are those of the machine. */
export function renderResults(results: Results): string {
  return [
    ...results.comparisons.map(headline),
    '',
    ...results.comparisons.flatMap((comparison) => [renderComparison(comparison), '']),
    renderHistories(results),
    '',
    ...renderOthers(results),
  ].join('\n');
}

function headline({ atOnce, ratio }: Comparison): string {
  const cpu = ratio.cpu === undefined ? '' : `, CPU time ${shown(ratio.cpu)} times`;
  return `${atOnce} at once: ${shown(ratio.perSecond)} of the floor's throughput, latency ${shown(ratio.p50)} times${cpu}`;
}

const numbers = (titles: string[]): { title: string; align: 'right' }[] =>
  titles.map((title) => ({ title, align: 'right' as const }));

function renderComparison({ atOnce, suite, floor, ratio }: Comparison): string {
  const processes = ['worker', 'api', 'temporal', 'mysql'];
  const columns = [
    { title: `${atOnce} at once` },
    ...numbers(['a second', 'p50 ms', 'p95 ms', 'CPU ms', ...processes.map((name) => TITLES[name] ?? name)]),
    ...numbers(APART.map((name) => TITLES[name] ?? name)),
  ];
  const row = (side: Side, summary: Summary): string[] => {
    const own = side === 'floor' ? ['floor', 'api', 'temporal', 'mysql'] : processes;
    const cpu = (name: string): string => shown(summary.cpuMs?.[name]);
    return [
      side,
      ...[summary.perSecond, summary.p50Ms, summary.p95Ms, ownCpu(summary, side)].map(shown),
      ...own.map((name) => (PROCESSES[side].includes(name) ? cpu(name) : '–')),
      ...APART.map(cpu),
    ];
  };
  const last = ['suite/floor', ratio.perSecond, ratio.p50, suite.p95Ms / floor.p95Ms, ratio.cpu];
  const ratios = last.map((value) => (typeof value === 'string' ? value : shown(value)));
  return renderTable(
    columns,
    [row('suite', suite), row('floor', floor), [...ratios, ...Array<string>(columns.length - ratios.length).fill('')]],
    WIDTH,
  );
}

/** Where both sides have equally many events, and where workflow tasks differ in the mean. */
function renderHistories({ comparisons }: Results): string {
  const rows = comparisons.flatMap(({ atOnce, history }) =>
    (['suite', 'floor'] as const).map((side) => {
      const { events, bytes, counts } = history[side];
      return [`${side}, ${atOnce} at once`, ...[events, counts.WORKFLOW_TASK_COMPLETED, bytes].map(shown)];
    }),
  );
  return renderTable([{ title: 'history of a run' }, ...numbers(['events', 'workflow tasks', 'bytes'])], rows, WIDTH);
}

/** Cores of others beyond which times say more about them than about the suite. */
const BUSY = 0.2;

function renderOthers({ post, cache, comparisons, othersCores, machine }: Results): string[] {
  const requests = Object.entries(cache.requests).map(([provider, count]) => `${provider} ${count}`);
  return [
    `POST when idle: ${shown(post.p50Ms)} ms (p50), ${shown(post.p95Ms)} ms (p95), ${post.requests} requests`,
    `${cache.alerts} alerts over ${cache.addresses} addresses: requests to ${requests.join(', ') || 'nobody'}; ` +
      `${shown(cache.perSecond)} a second`,
    ...(comparisons.some(({ suite }) => suite.cpuMs === undefined) ? ['CPU time is measured on Linux only.'] : []),
    ...(othersCores !== undefined && othersCores > BUSY
      ? [
          `The machine was not quiet: others kept up to ${shown(othersCores)} cores busy. Trust CPU times more than times.`,
        ]
      : []),
    `${machine.cores} × ${machine.cpu}, Node ${machine.node}, ${machine.platform}`,
  ];
}
