import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { stateHome, statePaths } from '../config/home';
import type { StackEnv } from '../config/stack';
import { stopLeftovers } from './child';
import type { StackContext } from './context';
import { StackError } from './errors';
import { tryLock } from './lock';
import { rememberedPorts } from './ports';
import type { Progress } from './progress';
import { createSupervisor } from './supervise';

export type StackKind = 'start' | 'demo' | 'test';

export interface OpenStack extends StackContext {
  progress: Progress;
  /** Has something done when everything is stopped. */
  atClose: (what: () => void) => void;
  /** Stops everything that was started, in reverse order, and frees the state folder. */
  close(): Promise<void>;
}

/**
 * Takes a state folder for this process and ends what a killed run left in it.
 * @throws StackError when another process is using it
 */
export async function openStack(env: StackEnv, kind: StackKind, progress: Progress): Promise<OpenStack> {
  const paths = statePaths(stateHome(env.soarHome, kind));
  mkdirSync(paths.home, { recursive: true, mode: 0o700 });
  const attempt = tryLock(paths.lock);
  if ('heldBy' in attempt) {
    const url = existsSync(paths.url) ? ` at ${readFileSync(paths.url, 'utf8').trim()}` : '';
    throw new StackError(`It is already running here${url} (process ${attempt.heldBy.pid}).`, {
      advice: [
        `use that one, stop it (kill ${attempt.heldBy.pid}), or give this one its own state: SOAR_HOME=<folder>`,
      ],
    });
  }
  const leftovers = await stopLeftovers(paths.run);
  if (leftovers.length > 0) progress.note(`stopped what an earlier run had left: ${leftovers.join(', ')}`);
  const last = [() => attempt.lock.release()];
  const supervisor = createSupervisor((text) => progress.note(text));
  return {
    env,
    paths,
    supervisor,
    progress,
    ports: rememberedPorts(paths.ports),
    durable: kind !== 'test',
    atClose: (what) => void last.push(what),
    async close() {
      await supervisor.stopAll();
      for (const what of last.splice(0)) what();
    },
  };
}
