import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PROJECT_ROOT } from '../../config/home';

/** The tiers of tests, cheapest first; `check` is the static gate. */
export const TIERS = ['check', 'unit', 'db', 'workflow', 'replay', 'e2e', 'browser'] as const;
export type Tier = (typeof TIERS)[number];

/** Tiers that need MySQL and Temporal. */
export const ON_SERVERS: readonly Tier[] = ['db', 'workflow', 'replay', 'e2e'];

/** Files run at once: a machine with two slow cores is the measure. */
export const AT_ONCE: Record<Exclude<Tier, 'check'>, number> = {
  unit: 2,
  db: 2,
  workflow: 1,
  replay: 1,
  e2e: 1,
  browser: 1,
};

/** Test files of a tier, relative to the project. */
export function testFiles(tier: Tier): string[] {
  const folder = join(PROJECT_ROOT, 'test', tier);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(PROJECT_ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

/** The npm scripts of the static gate. */
export function checks(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  return Object.keys(scripts).filter((name) => name.startsWith('check:'));
}

/** One counted result. */
export interface Result {
  result: 'passed' | 'failed' | 'skipped';
  file: string;
  name: string;
  ms: number;
  message?: string;
  reason?: string;
}

/** Results written so far by the reporter; a line cut short is left for later. */
export function readResults(file: string): Result[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Result);
}
