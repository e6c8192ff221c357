import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { loadStackEnv } from '../../config/stack';
import { freePort } from '../../stack/ports';
import { findTemporal } from '../../stack/temporal-program';
import { until } from './until';

/** A Temporal server of the test's own, with its state in a file, which may be killed. */
export interface TemporalProcess {
  address: string;
  /** Starts it where it was, with what it had written. */
  start(): Promise<void>;
  /** As a crash does: no warning, no clean-up. */
  kill(): Promise<void>;
  /** Ends it for good and removes its state. */
  close(): Promise<void>;
}

/** @throws when there is no Temporal CLI; the run of the tests, which brings up the other one, sees to that */
export async function startTemporal(): Promise<TemporalProcess> {
  const { searchPath, cacheHome } = loadStackEnv();
  const program = await findTemporal(searchPath, cacheHome);
  if (!program) throw new Error('no Temporal CLI');
  const folder = mkdtempSync(join(tmpdir(), 'soar-temporal-'));
  const port = String(await freePort());
  const address = `127.0.0.1:${port}`;
  const state = ['--db-filename', join(folder, 'temporal.db'), '--sqlite-pragma', 'journal_mode=WAL'];
  let child: ChildProcess | undefined;

  const kill = async (): Promise<void> => {
    const running = child;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const exited = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await exited;
  };
  const start = async (): Promise<void> => {
    const started = spawn(program.path, ['server', 'start-dev', '--headless', '--port', port, ...state], {
      stdio: 'ignore',
    });
    child = started;
    process.once('exit', () => started.kill('SIGKILL'));
    await until(`Temporal at ${address}`, async () => {
      if (started.exitCode !== null) throw new Error(`Temporal ended with ${started.exitCode}`);
      return (await serves(address)) ? true : undefined;
    });
  };
  await start();
  return {
    address,
    start,
    kill,
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function serves(address: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: '2s' });
    try {
      await connection.workflowService.listWorkflowExecutions({ namespace: 'default', pageSize: 1 });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}
