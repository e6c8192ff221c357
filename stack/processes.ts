import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that cannot be mistaken for a later one with the same id. */
export interface ProcessRef {
  pid: number;
  /** When it started, in the system's own notation. */
  started: string;
}

/** Start time of a living process; undefined when there is none (a zombie counts as none). */
function startTime(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // fields after the command, which may itself hold spaces and parentheses: 0 is the state, 19 the start time
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

export function processRef(pid: number): ProcessRef | undefined {
  const started = startTime(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isAlive(ref: ProcessRef): boolean {
  return startTime(ref.pid) === ref.started;
}

/** Reads a process from parsed JSON; undefined when it is not one. */
export function asProcessRef(value: unknown): ProcessRef | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, started } = value as Partial<Record<keyof ProcessRef, unknown>>;
  return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
}

/** Asks a process to end and, after the grace, ends it. Resolves when it is gone. */
export async function endProcess(ref: ProcessRef, graceMs: number): Promise<void> {
  signal(ref, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (isAlive(ref)) {
    if (Date.now() > deadline) signal(ref, 'SIGKILL');
    await sleep(50);
  }
}

function signal(ref: ProcessRef, name: 'SIGTERM' | 'SIGKILL'): void {
  if (!isAlive(ref)) return;
  try {
    process.kill(ref.pid, name);
  } catch {
    // gone in between
  }
}
