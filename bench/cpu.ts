import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** CPU time by process, ms. */
export type CpuTimes = Record<string, number>;

/** CPU time since some moment in the past. */
export interface CpuReading {
  processes: CpuTimes;
  /** Of the whole machine, all processes on all cores, ms. */
  machineMs: number;
  /** When it was read, ms since 1970. */
  at: number;
}

/** What was used between two readings. */
export interface CpuUse {
  /** A process that is not in both counts as 0. */
  processes: CpuTimes;
  /** Cores that processes other than these kept busy, in the mean. */
  othersCores: number;
}

/** Reads CPU times; undefined where the system has no `/proc`. */
export interface CpuMeter {
  read(): CpuReading | undefined;
}

/**
 * CPU time of a process and of the children it has waited for, in clock ticks, from the text of `/proc/<pid>/stat`.
 * The command, second of the fields, may itself hold spaces and parentheses.
 * @throws Error when it is not such a text
 */
export function ticksOf(stat: string): number {
  const end = stat.lastIndexOf(')');
  // after the command: 0 is the state; 11 to 14 are utime, stime, cutime, cstime
  const times = stat
    .slice(end + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  if (end < 0 || times.length < 4 || times.some((time) => !Number.isInteger(time))) {
    throw new Error('not the text of a /proc/<pid>/stat');
  }
  return times.reduce((sum, time) => sum + time, 0);
}

/**
 * Time in which the machine did anything, in clock ticks summed over its cores, from the text of `/proc/stat`. What other
 * machines on the same hardware took from it counts as done.
 * @throws Error when it is not such a text
 */
export function busyTicksOf(stat: string): number {
  const [name, user, nice, system, , , irq, softirq, steal] = (stat.split('\n')[0] ?? '').split(/ +/);
  const busy = [user, nice, system, irq, softirq, steal].reduce((sum, ticks) => sum + Number(ticks), 0);
  if (name !== 'cpu' || !Number.isInteger(busy)) throw new Error('not the text of a /proc/stat');
  return busy;
}

export function usedBetween(before: CpuReading, after: CpuReading): CpuUse {
  const processes = Object.fromEntries(
    Object.entries(after.processes).map(([name, ms]) => {
      const known = before.processes[name];
      return [name, known === undefined ? 0 : ms - known];
    }),
  );
  const own = Object.values(processes).reduce((sum, ms) => sum + ms, 0);
  const others = after.machineMs - before.machineMs - own;
  return { processes, othersCores: Math.max(0, others / (after.at - before.at)) };
}

/**
 * Measures processes with all their descendants, and as `load` this process without: those it has started are measured
 * themselves. Linux only: elsewhere there is no reading.
 * @param processes process ids by name
 */
export function createCpuMeter(processes: Record<string, number>): CpuMeter {
  if (process.platform !== 'linux') return { read: () => undefined };
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return {
    read: () => {
      const { user, system } = process.cpuUsage();
      const toMs = (ticks: number): number => (ticks * 1000) / ticksPerSecond;
      const started = Object.entries(processes).map(([name, pid]) => [name, toMs(treeTicks(pid))] as const);
      return {
        processes: { ...Object.fromEntries(started), load: (user + system) / 1000 },
        machineMs: toMs(busyTicksOf(readFileSync('/proc/stat', 'utf8'))),
        at: Date.now(),
      };
    },
  };
}

function treeTicks(pid: number): number {
  try {
    const own = ticksOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return childrenOf(pid).reduce((sum, child) => sum + treeTicks(child), own);
  } catch {
    // ended meanwhile: its parent has waited for it and has its time
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}
