import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child, type ChildSpec, type ExitCode } from './child';
import { StackError } from './errors';

/** A process that ends by itself is started again; this often within the window is one time too many. */
const RESTARTS = { most: 5, windowMs: 60_000, pauseMs: 1000 };

export interface ServiceSpec extends ChildSpec {
  /** True when the process can do its work; called again and again until then. What it throws counts as not yet. */
  ready: (child: Child) => Promise<boolean>;
  readyWithinMs: number;
  advice?: string[];
}

/** Everything this process has started, stopped in reverse order of start. */
export interface Supervisor {
  /** Starts a process that stays; resolves when it is ready. It is started again if it ends by itself later. */
  start(spec: ServiceSpec): Promise<void>;
  /** Runs a process to its end. @throws StackError when it is stopped */
  exitOf(spec: ChildSpec): Promise<ExitCode>;
  /** Runs a process to its end. @throws StackError when it ends with another code than 0 */
  run(spec: ChildSpec, advice?: string[]): Promise<void>;
  /** The running process of that name. */
  child(name: string): Child | undefined;
  /** Stops one process. */
  stop(name: string): Promise<void>;
  /** Stops everything; nothing can be started afterwards. */
  stopAll(): Promise<void>;
  /** Rejects when a process keeps ending by itself. */
  readonly failed: Promise<never>;
}

/** @param note is told about processes that end by themselves */
export function createSupervisor(note: (text: string) => void): Supervisor {
  const children = new Map<string, Child>();
  let closed = false;
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);

  const launch = async (spec: ChildSpec): Promise<Child> => {
    if (closed) throw new StackError('stopped');
    const child = await startChild(spec);
    children.set(spec.name, child);
    if (closed) await child.stop();
    return child;
  };
  const expectsToRun = (child: Child): boolean => !closed && children.get(child.spec.name) === child;

  const keepUp = (spec: ServiceSpec, child: Child, restarts: number[]): void => {
    const again = async (code: ExitCode): Promise<void> => {
      if (!expectsToRun(child)) return;
      const recent = [...restarts.filter((at) => at > Date.now() - RESTARTS.windowMs), Date.now()];
      if (recent.length > RESTARTS.most) {
        return fail(new StackError(`${spec.name} keeps ending (exit code ${code})`, { log: spec.log }));
      }
      note(`${spec.name} ended by itself (exit code ${code}); starting it again`);
      await sleep(RESTARTS.pauseMs);
      if (expectsToRun(child)) keepUp(spec, await launch(spec), recent);
    };
    child.exited.then(again).catch(fail);
  };

  const stop = async (name: string): Promise<void> => {
    const child = children.get(name);
    children.delete(name);
    await child?.stop();
  };

  const exitOf = async (spec: ChildSpec): Promise<ExitCode> => {
    const child = await launch(spec);
    const code = await child.exited;
    children.delete(spec.name);
    if (closed) throw new StackError('stopped');
    return code;
  };

  let stopping: Promise<void> | undefined;
  const stopEach = async (): Promise<void> => {
    for (const name of [...children.keys()].reverse()) await stop(name);
  };

  return {
    failed,
    child: (name) => children.get(name),
    stop,
    start: async (spec) => {
      const child = await launch(spec);
      try {
        await untilReady(spec, child);
      } catch (error) {
        await stop(spec.name);
        throw error;
      }
      keepUp(spec, child, []);
    },
    exitOf,
    run: async (spec, advice) => {
      const code = await exitOf(spec);
      const about = { log: spec.log, advice: advice ?? [] };
      if (code !== 0) throw new StackError(`${spec.name} failed (exit code ${code})`, about);
    },
    stopAll: () => {
      closed = true;
      // told twice, it still ends when everything is stopped
      stopping ??= stopEach();
      return stopping;
    },
  };
}

async function untilReady(spec: ServiceSpec, child: Child): Promise<void> {
  const deadline = Date.now() + spec.readyWithinMs;
  let obstacle: unknown;
  const isReady = (): Promise<boolean> =>
    spec.ready(child).catch((error: unknown) => {
      obstacle = error;
      return false;
    });
  while (!(await isReady())) {
    const code = child.exitCode();
    const about = { log: spec.log, advice: spec.advice ?? [] };
    if (code !== undefined) throw new StackError(`${spec.name} ended at its start (exit code ${code})`, about);
    if (Date.now() > deadline) {
      const message = `${spec.name} is not ready after ${spec.readyWithinMs / 1000} s`;
      throw new StackError(message, { ...about, cause: obstacle });
    }
    await sleep(100);
  }
}
