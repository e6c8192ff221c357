import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { CASEWORK_ACTS } from './demo-casework';
import { INTEL_ACTS } from './demo-intel';
import { LOOKUP_ACTS } from './demo-lookups';
import { play } from './demo-stage';
import { coloursFor } from './progress';
import { printSampleTable, submitSamples } from '../cli/bulk';
import type { SampleResult } from '../cli/bulk';
import { createClient } from '../cli/client';
import { PROJECT_ROOT } from '../config/home';
import type { RunningSuite } from './run';

const SAMPLES = join(PROJECT_ROOT, 'samples', 'alerts');

/**
 * Shows what becomes of lookups that their source refuses or fails, what the IOC database adds, and what analysts do.
 * @returns true when all of it came out as it should
 */
export async function runActs({ url, stack }: RunningSuite, signal: AbortSignal): Promise<boolean> {
  const client = createClient({ url, apiKey: readFileSync(stack.paths.apiKey, 'utf8').trim() });
  const simulatorUrl = `http://127.0.0.1:${stack.ports.get('simulator')}`;
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const stage = { client, simulatorUrl, say, signal };
  const passed: boolean[] = [];
  for (const [title, acts] of [
    ['When a source does not answer:', LOOKUP_ACTS],
    ['What your own threat intelligence knows:', INTEL_ACTS],
    ['What an analyst decides, or does not in time:', CASEWORK_ACTS],
  ] as const) {
    say(`${title}\n`);
    passed.push(await play(stage, acts));
    say('');
  }
  return passed.every(Boolean);
}

/**
 * Submits every sample and prints what became of it.
 * @returns true when every sample got the type and verdict that is expected of it
 */
export async function runSamples({ url, stack }: RunningSuite, stopping: AbortSignal): Promise<boolean> {
  const client = createClient({ url, apiKey: readFileSync(stack.paths.apiKey, 'utf8').trim() });
  const { results, seconds } = await withBar((onProgress) =>
    submitSamples({ client, dir: SAMPLES, onProgress, signal: stopping }),
  );
  const colours = coloursFor(process.stdout);
  const passed = results.filter(({ ok }) => ok).length;
  const known = results.filter(({ duplicate }) => duplicate).length;
  process.stdout.write(`\n${printSampleTable(results)}\n\n`);
  process.stdout.write(
    `${passed === results.length ? colours.green('✔') : colours.red('✘')} ${passed} of ${results.length} samples have the ` +
      `expected verdict, after ${seconds} s.${known > 0 ? ` ${known} were known from an earlier run.` : ''}\n` +
      'Provider answers are simulated: no alert data left this machine.\n\n',
  );
  return passed === results.length;
}

type OnProgress = NonNullable<Parameters<typeof submitSamples>[0]['onProgress']>;

async function withBar(
  work: (onProgress: OnProgress) => Promise<SampleResult[]>,
): Promise<{ results: SampleResult[]; seconds: string }> {
  const startedAt = Date.now();
  const bar = new SingleBar({
    format: '  samples [{bar}] {value}/{total} with a verdict',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    noTTYOutput: false,
  });
  let started = false;
  try {
    const results = await work(({ total, settled }) => {
      if (!started) bar.start(total, settled);
      started = true;
      bar.update(settled);
    });
    return { results, seconds: ((Date.now() - startedAt) / 1000).toFixed(1) };
  } finally {
    bar.stop();
  }
}

/** What to try next, for somebody who has just seen the table. */
export function printNextSteps({ servers }: RunningSuite): void {
  const lines = [
    'npx soar incidents --verdict malicious',
    'npx soar alert --source firewall --type brute_force --severity high --src-ip 185.220.101.1 --username administrator --wait',
    'npx soar ioc lookup 185.220.101.1',
    ...(servers.temporal.uiUrl ? [`open ${servers.temporal.uiUrl} and look into a run`] : []),
  ];
  process.stdout.write(
    `Try, in another terminal:\n${lines.map((line) => `  ${line}\n`).join('')}\nCtrl-C stops everything.\n`,
  );
}
