import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { loadStackEnv } from '../config/stack';
import { describeFailure } from '../stack/errors';
import type { OpenStack } from '../stack/open';
import { createProgress } from '../stack/progress';
import type { Progress } from '../stack/progress';
import { stopSignal } from '../stack/stopping';
import { bringUp, openBench } from './bring-up';
import type { Bench } from './bring-up';
import { compareHistories, measureCache, measurePhase, prepareContest } from './measure';
import { parseOptions } from './options';
import type { Options, Plan } from './options';
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

function machine(): Results['machine'] {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

function write(results: Results, home: string): string {
  const file = join(home, 'results.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  return file;
}

async function run({ plan, json }: Options, progress: Progress, stopping: AbortSignal): Promise<number> {
  let stack: OpenStack | undefined;
  stopping.addEventListener('abort', () => {
    progress.note('\nstopping …');
    void stack?.supervisor.stopAll();
  });
  try {
    stack = await openBench(loadStackEnv(), progress);
    if (stopping.aborted) return 130;
    const bench = await bringUp(stack);
    const results = await Promise.race([measure(bench, plan, stopping), stack.supervisor.failed]);
    const file = write(results, stack.paths.home);
    process.stdout.write(json ? `${JSON.stringify(results, null, 2)}\n` : `\n${renderResults(results)}\n`);
    progress.note(`\nAll of it: ${file}`);
    return 0;
  } catch (error) {
    if (stopping.aborted) return 130;
    process.stderr.write(`\n✘ ${describeFailure(error)}\n`);
    return 1;
  } finally {
    await stack?.close();
  }
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  // what is not the result goes elsewhere when a program reads it
  return run(options, createProgress(options.json ? process.stderr : process.stdout), stopSignal());
}

void main().then((code) => process.exit(code));
