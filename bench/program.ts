import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { loadStackEnv } from '../config/stack';
import { describeFailure } from '../stack/errors';
import type { OpenStack } from '../stack/open';
import { createProgress } from '../stack/progress';
import { stopSignal } from '../stack/stopping';
import { openBench } from './bring-up';

/** Something that is measured, and how it is shown. */
export interface Benchmark<Options extends { json: boolean }, Results> {
  /** @throws Error that says what is wrong with the arguments */
  parse: (args: readonly string[]) => Options;
  measure: (stack: OpenStack, options: Options, signal: AbortSignal) => Promise<Results>;
  /** For people. */
  render: (results: Results) => string;
  /** Where all of it is written, in the folder of the benchmarks. */
  file: string;
}

/** What the figures depend on. */
export interface Machine {
  cpu: string;
  cores: number;
  node: string;
  platform: string;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

function write(results: unknown, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

async function run<Options extends { json: boolean }, Results>(
  { measure, render, file: name }: Benchmark<Options, Results>,
  options: Options,
  stopping: AbortSignal,
): Promise<number> {
  // what is not the result goes elsewhere when a program reads it
  const progress = createProgress(options.json ? process.stderr : process.stdout);
  let stack: OpenStack | undefined;
  stopping.addEventListener('abort', () => {
    progress.note('\nstopping …');
    void stack?.supervisor.stopAll();
  });
  try {
    stack = await openBench(loadStackEnv(), progress);
    if (stopping.aborted) return 130;
    const results = await Promise.race([measure(stack, options, stopping), stack.supervisor.failed]);
    const file = join(stack.paths.home, name);
    write(results, file);
    process.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : `\n${render(results)}\n`);
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

/** Measures, shows, and ends the process: 2 for wrong arguments, 1 when it could not be measured, 130 when it was stopped. */
export async function runBenchmark<Options extends { json: boolean }, Results>(
  benchmark: Benchmark<Options, Results>,
): Promise<never> {
  let options: Options;
  try {
    options = benchmark.parse(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
  process.exit(await run(benchmark, options, stopSignal()));
}
