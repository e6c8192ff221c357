import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createGuardIndex, type GuardIndex } from '../domain/guard-index';
import { GUARD_MATCHES, isOlderVersion, type GuardList } from '../domain/guard-list';
import { OWN_LISTS } from '../domain/guard-own';
import { GUARD_TABLE } from '../domain/guard-table';
import { PROJECT_ROOT } from './home';

/** The lists that came with the code. */
export const VENDORED_GUARDS = join(PROJECT_ROOT, 'guards');

const manifestSchema = z.object({
  source: z.object({ name: z.string(), version: z.string() }),
  licence: z.string(),
  lists: z.array(
    z.object({
      // it becomes a file name
      name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/i),
      version: z.string().min(1),
      title: z.string(),
      type: z.enum(GUARD_MATCHES),
      kind: z.string(),
      entries: z.number().int().positive(),
      left_out: z.number().int().nonnegative(),
      attributes: z.array(z.string()),
    }),
  ),
});

/**
 * `manifest.json` of a folder of lists, beside one `NAME.txt` for each: one entry per line. `kind` is for readers: what a
 * list means is decided by `domain/guard-table.ts`. `left_out`: entries of the original that no observable can be.
 */
export type GuardManifest = z.infer<typeof manifestSchema>;

/** Thrown when a folder of lists cannot be used; says what is wrong with it. */
export class InvalidGuardFolderError extends Error {
  constructor(folder: string, problem: string, options?: ErrorOptions) {
    super(`The warning lists in ${folder} are not usable: ${problem}`, options);
    this.name = 'InvalidGuardFolderError';
  }
}

/** What a folder holds. */
export interface GuardFolder {
  manifest: GuardManifest;
  /** Those of its lists that the project has a use for. */
  lists: GuardList[];
}

function readList(folder: string, one: GuardManifest['lists'][number]): GuardList[] {
  const { name, version, title, type, attributes } = one;
  const judgement = GUARD_TABLE[name];
  if (!judgement) return [];
  const entries = readFileSync(join(folder, `${name}.txt`), 'utf8')
    .trimEnd()
    .split('\n');
  if (entries.length !== one.entries) {
    throw new Error(`${name}.txt has ${entries.length} entries, and not ${one.entries}`);
  }
  return [{ ...judgement, name, version, title, match: type, attributes, entries }];
}

/** @throws InvalidGuardFolderError when the manifest or one of its lists is missing or broken */
export function readGuardFolder(folder: string): GuardFolder {
  try {
    const document: unknown = JSON.parse(readFileSync(manifestOf(folder), 'utf8'));
    const manifest = manifestSchema.parse(document);
    return { manifest, lists: manifest.lists.flatMap((one) => readList(folder, one)) };
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new InvalidGuardFolderError(folder, problem, { cause });
  }
}

function manifestOf(folder: string): string {
  return join(folder, 'manifest.json');
}

function holdsLists(folder: string): boolean {
  return statSync(manifestOf(folder), { throwIfNoEntry: false }) !== undefined;
}

/** The first of the folders that has lists, or undefined. */
export function guardFolderInForce(folders: readonly string[]): string | undefined {
  return folders.find(holdsLists);
}

/**
 * The lists in force: each of the first folder that has it, unless a later one has a newer version of it. So what was
 * fetched wins over what came with the code, until a release of the code brings something newer.
 * @throws InvalidGuardFolderError
 */
function guardListsInForce(folders: readonly string[]): GuardList[] {
  const lists = new Map<string, GuardList>();
  for (const folder of folders.filter(holdsLists)) {
    for (const list of readGuardFolder(folder).lists) {
      const known = lists.get(list.name);
      if (!known || isOlderVersion(known.version, list.version)) lists.set(list.name, list);
    }
  }
  return [...lists.values()];
}

/** Gives the lists in force. */
export interface GuardSource {
  current(): GuardIndex;
}

/**
 * The lists in force (of those fetched by `soar guards update` and those that came with the code), with the project's own.
 * Read again whenever a manifest changes; lists that are not usable are reported to `onProblem` and leave the last good
 * ones in force, at start those of the other folders.
 * @throws InvalidGuardFolderError when no folder is usable at start
 */
export function createGuardSource(
  folders: readonly string[],
  onProblem: (error: unknown) => void = () => {},
): GuardSource {
  let tried = stampOf(folders);
  let index = firstUsable(folders, onProblem);
  return {
    current() {
      const stamp = stampOf(folders);
      if (stamp !== '' && stamp !== tried) {
        tried = stamp;
        try {
          index = indexOf(folders);
        } catch (error) {
          onProblem(error);
        }
      }
      return index;
    },
  };
}

function stampOf(folders: readonly string[]): string {
  return folders
    .map((folder) => {
      const stats = statSync(manifestOf(folder), { throwIfNoEntry: false });
      return stats ? `${folder} ${stats.mtimeMs} ${stats.size} ${stats.ino}` : '';
    })
    .join(' ')
    .trim();
}

function indexOf(folders: readonly string[]): GuardIndex {
  return createGuardIndex([...OWN_LISTS, ...guardListsInForce(folders)]);
}

function firstUsable(folders: readonly string[], onProblem: (error: unknown) => void): GuardIndex {
  const held = folders.filter(holdsLists);
  if (held.length === 0) throw new InvalidGuardFolderError(folders.join(', '), 'there is no manifest.json');
  try {
    return indexOf(held);
  } catch (error) {
    if (held.length === 1) throw error;
    onProblem(error);
    return firstUsable(held.slice(1), onProblem);
  }
}
