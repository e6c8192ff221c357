import { spawn } from 'node:child_process';
import { PROJECT_ROOT } from '../../config/home';
import { until } from './until';

type LogLine = Record<string, unknown> & { msg: string };

/** One of the suite's processes, as an operator runs it. */
export interface RunningProcess {
  /** The log line that said it was ready. */
  ready: LogLine;
  /** As a crash does: no warning, no clean-up. */
  kill(): Promise<void>;
  /** Asks it to end. @returns its exit code */
  stop(): Promise<number | null>;
}

/**
 * Starts a main file and waits for a line of its log.
 * @throws with the output so far when the process ends before
 */
export async function startProcess(
  main: 'worker/main.ts' | 'api/main.ts',
  env: Record<string, string>,
  readyMessage: string,
): Promise<RunningProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    cwd: PROJECT_ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const orphan = (): boolean => child.kill('SIGKILL');
  process.once('exit', orphan);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  void exited.then(() => process.off('exit', orphan));
  const ready = await until(
    () => `"${readyMessage}" of ${main} in:\n${output}`,
    () => {
      if (child.exitCode !== null) throw new Error(`${main} ended with ${child.exitCode}:\n${output}`);
      return linesOf(output).find(({ msg }) => msg === readyMessage);
    },
  );
  return {
    ready,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

function linesOf(output: string): LogLine[] {
  return output.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      return [];
    }
  });
}
