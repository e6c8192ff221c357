import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { Logger } from '@temporalio/worker';
import { PROJECT_ROOT } from '../config/home';

const CACHE = join(PROJECT_ROOT, 'node_modules', '.cache', 'soar');
/** Everything a bundle is made of. */
const SOURCES = ['workflows', 'domain', 'activities/contract.ts', 'package-lock.json'];

/**
 * The workflow bundle of the present sources, built once and then taken from the cache, so that workers start in
 * moments and all processes of one version run the very same code.
 * @returns path of the bundle
 */
export async function workflowBundle(logger?: Logger): Promise<string> {
  const path = join(CACHE, `workflows-${fingerprint()}.js`);
  if (existsSync(path)) return path;
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows'),
    ...(logger ? { logger } : {}),
  });
  mkdirSync(CACHE, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, code);
  renameSync(unfinished, path);
  return path;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of filesOf(join(PROJECT_ROOT, source))) hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

function filesOf(path: string): string[] {
  if (path.endsWith('.ts') || path.endsWith('.json')) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(path, name));
}
