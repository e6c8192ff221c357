import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { loadStackEnv } from '../config/stack';
import { findChromium } from '../stack/chromium';
import { describeFailure, tail } from '../stack/errors';
import { openStack, type OpenStack } from '../stack/open';
import { tool } from '../stack/programs';
import { coloursFor, createProgress, type Report } from '../stack/progress';
import { startTestServers } from '../stack/servers';
import { stopSignal } from '../stack/stopping';
import { AT_ONCE, checks, ON_SERVERS, readResults, testFiles, TIERS, type Result, type Tier } from './support/tiers';

const USAGE = `Usage: npm test                 every check and test
       npm test -- TIER ...     only these: ${TIERS.join(', ')}
`;
/** Longest time for one file; one that hangs must not hold up the run. */
const FILE_TIMEOUT_MS = 600_000;
const SHOWN_LINES = 60;

type Variables = Record<string, string | undefined>;

/** One npm script of the static gate, counted as one test. */
async function runCheck(stack: OpenStack, script: string, report: Report): Promise<Result> {
  const started = Date.now();
  const spec = tool(stack, script.replaceAll(':', '-'), 'npm', ['run', '--silent', script]);
  const code = await stack.supervisor.exitOf(spec);
  report(code === 0 ? 'passed' : 'failed');
  const outcome = { file: 'package.json', name: `npm run ${script}`, ms: Date.now() - started };
  return code === 0
    ? { result: 'passed', ...outcome }
    : { result: 'failed', ...outcome, message: tail(spec.log, SHOWN_LINES).join('\n') };
}

async function runChecks(stack: OpenStack): Promise<Result[]> {
  const results: Result[] = [];
  for (const script of checks()) {
    results.push(await stack.progress.step(script, (report) => runCheck(stack, script, report), isGood));
  }
  return results;
}

/** All files of one tier, in processes of their own. */
async function runFiles(
  stack: OpenStack,
  tier: Exclude<Tier, 'check'>,
  given: Variables,
  report: Report,
): Promise<Result[]> {
  const output = join(stack.paths.home, `${tier}.jsonl`);
  rmSync(output, { force: true });
  const atOnce = Math.min(AT_ONCE[tier], availableParallelism());
  const runner = ['--test', `--test-concurrency=${atOnce}`, `--test-timeout=${FILE_TIMEOUT_MS}`];
  const reporter = ['--test-reporter=./test/support/reporter.mjs', `--test-reporter-destination=${output}`];
  const args = ['--import', 'tsx', ...runner, ...reporter, ...testFiles(tier)];
  const spec = tool(stack, `test-${tier}`, process.execPath, args, { NODE_ENV: 'test', ...given });
  const ticking = setInterval(() => report(summary(readResults(output))), 1000);
  try {
    const code = await stack.supervisor.exitOf(spec);
    const results = readResults(output);
    report(summary(results));
    return code === 0 || failures(results).length > 0 ? results : [...results, crash(tier, spec.log, code)];
  } finally {
    clearInterval(ticking);
  }
}

/** The runner itself failed, and no test says so. */
function crash(tier: Tier, log: string, code: number): Result {
  const message = tail(log, SHOWN_LINES).join('\n');
  return { result: 'failed', file: `test/${tier}`, name: `the test runner (exit code ${code})`, ms: 0, message };
}

async function runTier(stack: OpenStack, tier: Tier, given: Variables): Promise<Result[]> {
  if (tier === 'check') return runChecks(stack);
  if (testFiles(tier).length === 0) return [];
  if (tier !== 'browser') return stack.progress.step(tier, (report) => runFiles(stack, tier, given, report), areGood);
  const path = await stack.progress.step('Chromium', (report) => findChromium(stack, report)).catch(() => undefined);
  if (path !== undefined) {
    return stack.progress.step(
      tier,
      (report) => runFiles(stack, tier, { ...given, CHROMIUM_PATH: path }, report),
      areGood,
    );
  }
  return testFiles(tier).map((file) => ({ result: 'skipped', file, name: file, ms: 0, reason: 'no Chromium' }));
}

/** Adds to `results` as it goes, so that what a failing bring-up leaves untested does not hide what was tested. */
async function runTiers(stack: OpenStack, tiers: readonly Tier[], results: Result[]): Promise<void> {
  let given: Variables = {};
  for (const tier of tiers) {
    if (ON_SERVERS.includes(tier) && testFiles(tier).length > 0 && given.TEST_DATABASE_URL === undefined) {
      const { databaseUrl, temporal } = await startTestServers(stack);
      given = {
        TEST_DATABASE_URL: databaseUrl,
        TEST_TEMPORAL_ADDRESS: temporal.address,
        TEST_TEMPORAL_UI: temporal.uiUrl,
      };
    }
    results.push(...(await runTier(stack, tier, given)));
  }
}

const isGood = ({ result }: Result): boolean => result !== 'failed';
const areGood = (results: Result[]): boolean => results.every(isGood);
const failures = (results: Result[]): Result[] => results.filter(({ result }) => result === 'failed');

function count(results: Result[], which: Result['result']): number {
  return results.filter(({ result }) => result === which).length;
}

/** `12 passed, 0 failed, 1 skipped` */
function summary(results: Result[]): string {
  const skipped = count(results, 'skipped');
  const counts = `${count(results, 'passed')} passed, ${count(results, 'failed')} failed`;
  return skipped > 0 ? `${counts}, ${skipped} skipped` : counts;
}

function printDetails(results: Result[]): void {
  for (const { file, name, reason } of results.filter(({ result }) => result === 'skipped')) {
    process.stdout.write(`– skipped: ${file}: ${name}${reason ? ` (${reason})` : ''}\n`);
  }
  for (const { file, name, message = '' } of failures(results)) {
    const lines = message.split('\n').slice(0, SHOWN_LINES);
    process.stdout.write(`\n${coloursFor(process.stdout).red('✘')} ${file}: ${name}\n`);
    process.stdout.write(`${lines.map((line) => `    ${line}`).join('\n')}\n`);
  }
}

async function main(): Promise<number> {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !TIERS.some((tier) => tier === name));
  if (unknown.length > 0) {
    process.stderr.write(`No such tier: ${unknown.join(', ')}\n${USAGE}`);
    return 2;
  }
  const tiers = TIERS.filter((tier) => asked.length === 0 || asked.includes(tier));
  const stopping = stopSignal();
  const stack = await openStack(loadStackEnv(), 'test', createProgress(process.stdout));
  stopping.addEventListener('abort', () => void stack.supervisor.stopAll());
  const results: Result[] = [];
  try {
    rmSync(stack.paths.mysqlData, { recursive: true, force: true });
    for (const end of ['', '-wal', '-shm']) rmSync(`${stack.paths.temporalDb}${end}`, { force: true });
    mkdirSync(stack.paths.logs, { recursive: true });
    await Promise.race([runTiers(stack, tiers, results), stack.supervisor.failed]);
  } catch (error) {
    const message = stopping.aborted ? 'stopped before the end' : describeFailure(error);
    results.push({ result: 'failed', file: 'test/run.ts', name: 'the test run', ms: 0, message });
  }
  await stack.close();
  printDetails(results);
  process.stdout.write(`\n${summary(results)}\n`);
  return failures(results).length > 0 || count(results, 'passed') === 0 ? 1 : 0;
}

main()
  .catch((error: unknown) => {
    process.stderr.write(`\n${coloursFor(process.stderr).red('✘')} ${describeFailure(error)}\n`);
    return 1;
  })
  .then((code) => process.exit(code));
