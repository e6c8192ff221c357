import { cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readGuardFolder, type GuardManifest } from '../config/guards';
import { GUARD_TABLE } from '../domain/guard-table';
import type { StoredList } from './guards-parse';

/** What the lists of MISP are published under. */
const LICENCE = 'CC0-1.0';

export function manifestFor(source: GuardManifest['source'], lists: readonly StoredList[]): GuardManifest {
  return {
    source,
    licence: LICENCE,
    lists: lists.map(({ name, version, title, match, attributes, entries, leftOut }) => ({
      ...{ name, version, title, type: match },
      kind: GUARD_TABLE[name]?.kind ?? 'marks',
      ...{ entries: entries.length, left_out: leftOut, attributes: [...attributes] },
    })),
  };
}

/** One list a line: a new version is one changed line. */
function manifestText({ lists, ...head }: GuardManifest): string {
  const top = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  const lines = lists.map((list) => `    ${JSON.stringify(list)}`);
  return ['{', ...top, '  "lists": [', lines.join(',\n'), '  ]', '}', ''].join('\n');
}

/**
 * Puts the lists in the folder's place, whole: they are written and read back beside it first. What else lies in the
 * folder stays.
 */
export async function writeGuardFolder(
  folder: string,
  source: GuardManifest['source'],
  lists: readonly StoredList[],
): Promise<void> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const fresh = await mkdtemp(join(parent, `.${basename(folder)}-`));
  const old = `${fresh}.old`;
  try {
    if (await exists(folder)) await cp(folder, fresh, { recursive: true, filter: (path) => !isOfLists(path, folder) });
    for (const { name, entries } of lists) await writeFile(join(fresh, `${name}.txt`), `${entries.join('\n')}\n`);
    await writeFile(join(fresh, 'manifest.json'), manifestText(manifestFor(source, lists)));
    readGuardFolder(fresh);
    await replace(folder, fresh, old);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

async function replace(folder: string, fresh: string, old: string): Promise<void> {
  const before = await exists(folder);
  if (before) await rename(folder, old);
  try {
    await rename(fresh, folder);
  } catch (error) {
    if (before) await rename(old, folder);
    throw error;
  }
}

function isOfLists(path: string, folder: string): boolean {
  return dirname(path) === folder && (path.endsWith('.txt') || basename(path) === 'manifest.json');
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
