import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GUARD_TABLE } from '../domain/guard-table';
import { CliError, messageOf } from './errors';
import { LARGEST_WHEEL, newestWheel, wheelAt } from './guards-download';
import { LARGEST_LIST, readWheel } from './guards-wheel';

/** MISP warning lists from somewhere: the files as they are. */
export interface WarningLists {
  name: string;
  version: string;
  /** False for a folder, which may hold only some of the lists. */
  whole: boolean;
  /** Content of `list.json` by name of the list. */
  documents: ReadonlyMap<string, Uint8Array>;
}

/** Where lists lie in a folder: a checkout of misp-warninglists, its `lists` folder, or plain files. */
const PLACES = [
  (name: string) => join('lists', name, 'list.json'),
  (name: string) => join(name, 'list.json'),
  (name: string) => `${name}.json`,
];

async function sizeOf(file: string): Promise<number | undefined> {
  const stats = await stat(file).catch(() => undefined);
  return stats?.isFile() ? stats.size : undefined;
}

async function documentIn(folder: string, name: string): Promise<Uint8Array | undefined> {
  for (const place of PLACES) {
    const file = join(folder, place(name));
    const size = await sizeOf(file);
    if (size !== undefined && size > LARGEST_LIST) throw new CliError(`${file} is too big for a list.`);
    if (size !== undefined) return readFile(file);
  }
  return undefined;
}

async function readFolder(folder: string): Promise<WarningLists> {
  const documents = new Map<string, Uint8Array>();
  for (const name of Object.keys(GUARD_TABLE)) {
    const document = await documentIn(folder, name);
    if (document) documents.set(name, document);
  }
  if (documents.size > 0) return { name: 'folder', version: basename(folder), whole: false, documents };
  throw new CliError(`${folder} holds none of the lists that are used.`, 'It takes lists/NAME/list.json or NAME.json.');
}

async function readLocal(path: string): Promise<WarningLists> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return await readFolder(path);
    if (stats.size > LARGEST_WHEEL) throw new Error('it is too big for a wheel');
    return readWheel(await readFile(path), path);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${path} cannot be read: ${messageOf(error)}.`, 'Nothing was changed.');
  }
}

/**
 * The lists of `from` (a folder, a wheel, or a URL of a wheel); without it the newest ones of the index.
 * @throws CliError when there are none, or they are not what they should be
 */
export async function readWarningLists(from: string | undefined, indexUrl: string): Promise<WarningLists> {
  if (from === undefined) {
    const { bytes, url } = await newestWheel(indexUrl);
    return readWheel(bytes, url);
  }
  return /^https?:\/\//i.test(from) ? readWheel(await wheelAt(from), from) : readLocal(from);
}
