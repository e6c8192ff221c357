import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { PROJECT_ROOT } from '../config/home';
import { parseCase, type Case } from './case';
import { EvaluationError } from './errors';

/** The labelled cases that come with the code: a half to tune on, and a frozen half that tells whether it was worth it. */
export const BUILT_IN_CASES: readonly string[] = ['tuning', 'holdout'].map((half) =>
  join(PROJECT_ROOT, 'evaluation', 'cases', half),
);
const SITE = join(PROJECT_ROOT, 'evaluation', 'site.yaml');
const SUFFIXES = ['.yaml', '.yml', '.json'];

/**
 * The cases in files (YAML or JSON, a list or a single one) and folders, which are followed down.
 * @throws EvaluationError naming every problem of every file
 */
export function loadCases(paths: readonly string[]): Case[] {
  const problems: string[] = [];
  const site = parse(readFileSync(SITE, 'utf8')) as Record<string, unknown>;
  const files = [...new Set(paths.flatMap((path) => filesOf(path, problems)))];
  const cases = files.flatMap((file) => casesIn(file, site, problems));
  const seen = new Map<string, string>();
  for (const { id, file } of cases) {
    const other = seen.get(id);
    if (other !== undefined) problems.push(`${file}: ${id}: id: stands in ${other} already`);
    seen.set(id, file);
  }
  if (problems.length > 0) throw new EvaluationError(problems);
  if (cases.length === 0) throw new EvaluationError([`there is no case in ${paths.join(', ')}`]);
  return cases;
}

function filesOf(path: string, problems: string[]): string[] {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info) problems.push(`there is no file or folder ${path}`);
  if (!info?.isDirectory()) return info ? [resolve(path)] : [];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && SUFFIXES.includes(extname(entry.name)))
    .map((entry) => resolve(entry.parentPath, entry.name))
    .sort();
}

function casesIn(path: string, site: Record<string, unknown>, problems: string[]): Case[] {
  const set = basename(dirname(path));
  const file = relative(process.cwd(), path);
  let document: unknown;
  try {
    // YAML's core schema has no dates: what looks like one stays the RFC 3339 text that it is
    document = parse(readFileSync(path, 'utf8'), { schema: 'core' });
  } catch (error) {
    problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
  return [document].flat().flatMap((one, index) => {
    const result = parseCase(one, { file, set, index }, site);
    if (result.ok) return [result.value];
    problems.push(...result.problems);
    return [];
  });
}
