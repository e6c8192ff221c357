import type { Fields } from '../document';

/** `key=value`, `key="quoted value"`, `key='…'`; bounded, so that no line is gone through twice. */
const PAIR = /([A-Za-z_][\w.\-/]{0,99})=(?:"((?:[^"\\]|\\.){0,20000})"|'([^']{0,20000})'|([^\s,;|]{0,20000}))/g;
const COLON_PAIR = /(?:^|, )([A-Z][A-Za-z0-9_/ -]{0,60}): /g;
const MOST_PAIRS = 500;
const LONGEST = 200_000;

/** The `key=value` pairs of a line, apart by blanks, commas or semicolons; of a key that is given twice the first. */
export function readKeyValues(text: string): Fields {
  const fields = new Map<string, string>();
  for (const match of text.slice(0, LONGEST).matchAll(PAIR)) {
    const [, key = '', double, single, bare = ''] = match;
    if (!fields.has(key)) fields.set(key, double?.replace(/\\(["\\])/g, '$1') ?? single ?? bare);
    if (fields.size >= MOST_PAIRS) break;
  }
  return Object.fromEntries(fields);
}

/** The pairs of a line such as `SrcIP: 192.0.2.1, User: No Authentication Required, …`. */
export function readColonPairs(text: string): Fields {
  const keys = [...text.slice(0, LONGEST).matchAll(COLON_PAIR)].slice(0, MOST_PAIRS);
  const pairs = keys.map((match, nth): [string, string] => {
    const end = keys[nth + 1]?.index ?? text.length;
    return [match[1] ?? '', text.slice(match.index + match[0].length, end).trim()];
  });
  return Object.fromEntries(pairs);
}
