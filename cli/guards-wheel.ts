import { unzipSync } from 'fflate';
import { GUARD_TABLE } from '../domain/guard-table';
import { CliError, messageOf } from './errors';
import type { WarningLists } from './guards-source';

/** A list file is at most this long: the biggest that is used has 1.3 MB. */
export const LARGEST_LIST = 16 * 1024 * 1024;
/** All list files of an archive together. */
const LARGEST_TOTAL = 64 * 1024 * 1024;
/** The wheel has about 130 files. */
const MOST_FILES = 5000;

const LIST = /^[^/]+\/(?:[^/]+\/)*lists\/([^/]+)\/list\.json$/;
const VERSION = /^pymispwarninglists-([^/]+)\.dist-info\//;

function isUnsafe(path: string): boolean {
  return path.startsWith('/') || /^[a-z]:/i.test(path) || path.includes('\\') || path.split('/').includes('..');
}

/**
 * The lists in a wheel of `pymispwarninglists`. Nothing is written: files are taken by the names of lists that the project
 * uses, and what an archive says of a size bounds what is unpacked.
 * @throws CliError when it is no such wheel, or one that nobody makes in good faith
 */
export function readWheel(bytes: Uint8Array, shown: string): WarningLists {
  let version: string | undefined;
  let files = 0;
  let total = 0;
  const names = new Map<string, string>();
  const wanted = ({ name, originalSize }: { name: string; originalSize: number }): boolean => {
    if (++files > MOST_FILES) throw new Error(`it has more than ${MOST_FILES} files`);
    if (isUnsafe(name)) throw new Error(`it has a file named ${JSON.stringify(name)}`);
    version ??= VERSION.exec(name)?.[1];
    const list = LIST.exec(name)?.[1];
    if (list === undefined || !Object.hasOwn(GUARD_TABLE, list)) return false;
    total += originalSize;
    if (originalSize > LARGEST_LIST || total > LARGEST_TOTAL) throw new Error(`its list ${list} is too big`);
    names.set(name, list);
    return true;
  };
  try {
    const unpacked = unzipSync(bytes, { filter: wanted });
    const documents = new Map(Object.entries(unpacked).map(([path, text]) => [names.get(path) ?? path, text]));
    if (version === undefined || documents.size === 0) throw new Error('it is no wheel of pymispwarninglists');
    return { name: 'pymispwarninglists', version, whole: true, documents };
  } catch (cause) {
    throw new CliError(`${shown} cannot be used: ${messageOf(cause)}.`, 'Nothing was changed.');
  }
}
