import { sha256, utf8 } from './hashes';

/** Of the column, in characters. */
const LONGEST_KEY = 700;
const KEPT = 600;

/**
 * An action key as it stands in the database. One that names a very long URL keeps its beginning, and its SHA-256 tells
 * it from all others that begin so; giving it in either form finds the same row.
 */
export function storedKey(key: string): string {
  const actionKey = utf8(key);
  if (actionKey.length <= LONGEST_KEY) return actionKey;
  // cut between code points: half a surrogate pair has no UTF-8
  const start = actionKey.slice(0, KEPT).replace(/[\ud800-\udbff]$/, '');
  return `${start}…${sha256(actionKey).toString('hex')}`;
}
