import { bringUp } from './bring-up';
import type { Bench } from './bring-up';
import { compareHistories, measureCache, measurePhase, prepareContest } from './measure';
import { parseOptions } from './options';
import type { Options, Plan } from './options';
import { machine, runBenchmark } from './program';
import { compare, mostOthersCores } from './results';
import type { Comparison, MeasuredPhase, Results, Side } from './results';
import { percentile } from './statistics';
import { renderResults, shown } from './table';

const SIDES: readonly Side[] = ['suite', 'floor'];

/** Numbers that no two runs share. */
function counter(): () => number {
  let next = 0;
  return () => next++;
}

async function measure(bench: Bench, plan: Plan, signal: AbortSignal): Promise<Results> {
  const { progress } = bench.stack;
  const nextNumber = counter();
  const contest = await prepareContest(bench, nextNumber, signal);
  await progress.step('Warm-up', async () => {
    for (const side of SIDES) await measurePhase(contest, { side, runs: plan.warmUp, atOnce: plan.atOnce });
  });
  const phases: MeasuredPhase[] = [];
  const comparisons: Comparison[] = [];
  for (const [atOnce, runs] of [
    [1, plan.one],
    [plan.atOnce, plan.many],
  ] as const) {
    const ids: Record<Side, string[]> = { suite: [], floor: [] };
    for (let pair = 1; pair <= plan.pairs; pair++) {
      await progress.step(`${atOnce} at once, ${pair} of ${plan.pairs}`, async (report) => {
        // who is first takes turns, so that neither always finds the quieter machine
        for (const side of pair % 2 === 1 ? SIDES : [...SIDES].reverse()) {
          const { phase, ids: played } = await measurePhase(contest, { side, runs, atOnce });
          phases.push(phase);
          ids[side].push(...played);
        }
        report(`${shown(compare(phases.slice(-2), atOnce).ratio.perSecond)} of the floor`);
      });
    }
    comparisons.push({ ...compare(phases, atOnce), history: await compareHistories(bench, ids) });
  }
  const { alerts, addresses } = plan.cache;
  const cache = await progress.step(`${alerts} alerts over ${addresses} addresses`, () =>
    measureCache(bench, { alerts, addresses, atOnce: plan.atOnce, nextNumber, signal }),
  );
  const at = new Date().toISOString();
  const othersCores = mostOthersCores(phases);
  return { at, machine: machine(), plan, comparisons, post: postLatency(phases), cache, othersCores, phases };
}

/** One at a time means: each is asked for when the run before has ended, so the API has nothing else to do. */
function postLatency(phases: readonly MeasuredPhase[]): Results['post'] {
  const tookMs = phases.flatMap(({ side, atOnce, launchesMs }) => (side === 'suite' && atOnce === 1 ? launchesMs : []));
  return { requests: tookMs.length, p50Ms: percentile(tookMs, 50), p95Ms: percentile(tookMs, 95) };
}

void runBenchmark<Options, Results>({
  parse: parseOptions,
  measure: async (stack, { plan }, signal) => measure(await bringUp(stack), plan, signal),
  render: renderResults,
  file: 'results.json',
});
