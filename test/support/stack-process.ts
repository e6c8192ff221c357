import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../config/home';
import { asProcessRef, isAlive, type ProcessRef } from '../../stack/processes';
import { until } from './until';

/** `npm start` or `npm run demo` as a person runs them, without npm. */
export interface StackProcess {
  process: ChildProcess;
  /** Both output streams so far. */
  output(): string;
  /** Standard output alone. */
  printed(): string;
  /** Resolves with the URL of the ready line. @throws when the process ends before */
  ready(): Promise<string>;
  exited: Promise<number | null>;
}

/** Servers are private ones, whatever the environment of the tests names. */
const NOT_GIVEN = { DATABASE_URL: '', TEMPORAL_ADDRESS: '', PORT: '', NODE_TEST_CONTEXT: undefined };

export function runStack(args: string[], home: string, env: Record<string, string> = {}): StackProcess {
  const child = spawn(process.execPath, ['stack/bootstrap.mjs', ...args], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, ...NOT_GIVEN, SOAR_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const exited = new Promise<number | null>((done) => child.once('close', done));
  return {
    process: child,
    output: () => output,
    printed: () => printed,
    exited,
    ready: () =>
      until(
        () => `the ready line in:\n${output}`,
        () => {
          if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}:\n${output}`);
          return /^SOAR ready: (\S+)$/m.exec(output)?.[1];
        },
        150_000,
      ),
  };
}

/** The running processes of a state folder, by name. */
export function recordedProcesses(home: string): Record<string, ProcessRef> {
  const folder = join(home, 'run');
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder).map((file) => {
    const ref = asProcessRef(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    return [file.replace('.json', ''), ref] as const;
  });
  return Object.fromEntries(entries.filter((entry): entry is [string, ProcessRef] => entry[1] !== undefined));
}

/** Waits until none of the processes is left. */
export async function allGone(processes: Record<string, ProcessRef>): Promise<void> {
  const left = (): string[] => Object.keys(processes).filter((name) => isAlive(processes[name]!));
  await until(
    () => `the end of ${left().join(', ')}`,
    () => left().length === 0 || undefined,
  );
}
