import { spawn, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { asProcessRef, endProcess, isAlive, processRef } from './processes';

export interface ChildSpec {
  /** Names the log and the record of the process. */
  name: string;
  command: string;
  args: string[];
  /** The whole environment of the process. */
  env: Record<string, string | undefined>;
  cwd: string;
  /** Takes standard output and error; the file of the run before is kept beside it as `<log>.1`. */
  log: string;
  /** Time between the request to end and the kill, s. */
  graceSeconds: number;
  /** Folder for the record of the running process. */
  runDir: string;
}

/** How a process ended: its exit code, or 128 + the number of the signal. */
export type ExitCode = number;

export interface Child {
  readonly spec: ChildSpec;
  /** Process id of the command itself. */
  readonly pid: number;
  readonly exited: Promise<ExitCode>;
  exitCode(): ExitCode | undefined;
  /** Asks the process to end, and kills it after its grace. Resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a process that cannot outlive this one: a guard between the two ends it when this process ends, even by kill -9.
 * It has a session of its own, so that Ctrl-C in a terminal reaches it only through us, in the right order.
 */
export async function startChild(spec: ChildSpec): Promise<Child> {
  mkdirSync(dirname(spec.log), { recursive: true });
  mkdirSync(spec.runDir, { recursive: true });
  if (existsSync(spec.log)) renameSync(spec.log, `${spec.log}.1`);
  const log = openSync(spec.log, 'a');
  const guard = spawn('/bin/sh', [join(__dirname, 'guard.sh'), String(spec.graceSeconds), spec.command, ...spec.args], {
    cwd: spec.cwd,
    env: spec.env,
    stdio: ['ignore', log, log, 'pipe'],
    detached: true,
  });
  closeSync(log);
  const pipe = guard.stdio[3] as Duplex;
  pipe.on('error', () => undefined);
  let code: ExitCode | undefined;
  const record = join(spec.runDir, `${spec.name}.json`);
  const exited = exitOf(guard).then((ended) => {
    code = ended;
    rmSync(record, { force: true });
    pipe.destroy();
    return ended;
  });
  const pid = await firstLine(pipe);
  writeFileSync(record, JSON.stringify(processRef(pid) ?? {}));
  if (code !== undefined) rmSync(record, { force: true });
  const stop = async (): Promise<void> => {
    pipe.destroy();
    await exited;
  };
  return { spec, pid, exited, exitCode: () => code, stop };
}

function exitOf(guard: ChildProcess): Promise<ExitCode> {
  return new Promise((done) => {
    guard.once('error', () => done(127));
    guard.once('exit', (code, signal) => done(code ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
}

function firstLine(pipe: Duplex): Promise<number> {
  return new Promise((done) => {
    let text = '';
    pipe.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) done(Number.parseInt(text, 10));
    });
    pipe.once('close', () => done(-1));
  });
}

/** The order in which leftovers end: those that use a service before the service. */
const STOP_ORDER = ['api', 'worker', 'simulator', 'temporal', 'mysql'];
const LEFTOVER_GRACE_MS = 30_000;

/** Ends what an earlier run left behind because its guard was killed too. Gives the names of what was still alive. */
export async function stopLeftovers(runDir: string): Promise<string[]> {
  if (!existsSync(runDir)) return [];
  const names = readdirSync(runDir).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
  const ended: string[] = [];
  for (const name of names.sort((a, b) => STOP_ORDER.indexOf(a) - STOP_ORDER.indexOf(b))) {
    const record = join(runDir, `${name}.json`);
    const ref = readRecord(record);
    if (ref && isAlive(ref)) {
      await endProcess(ref, LEFTOVER_GRACE_MS);
      ended.push(name);
    }
    rmSync(record, { force: true });
  }
  return ended;
}

function readRecord(file: string): ReturnType<typeof asProcessRef> {
  try {
    return asProcessRef(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
