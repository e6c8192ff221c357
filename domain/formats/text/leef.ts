import type { Fields } from '../document';
import { readExtension } from './cef';

const START = /(?:^|[^A-Za-z])LEEF: ?(\d(?:\.\d)?)\|/;
const HEADER = ['vendor', 'product', 'productVersion', 'eventId'] as const;
const LONGEST = 200_000;

/** LEEF 2.0 names its delimiter, as a character or as its code (`x09`, `0x5E`). */
function delimiterOf(given: string): string {
  const code = /^(?:0?x)([0-9a-f]{1,4})$/i.exec(given.trim())?.[1];
  return code === undefined ? given || '\t' : String.fromCharCode(Number.parseInt(code, 16));
}

function readPairs(text: string, delimiter: string): Fields {
  const pairs = text.split(delimiter).flatMap((pair): [string, string][] => {
    const equals = pair.indexOf('=');
    return equals < 1 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]];
  });
  return Object.fromEntries(pairs);
}

/** Reads IBM's Log Event Extended Format anywhere in a line; undefined when the line has none. Linear time. */
export function readLeef(line: string): Fields | undefined {
  const start = START.exec(line.slice(0, 4000));
  if (!start) return undefined;
  const parts = line
    .slice(start.index + start[0].length, LONGEST)
    .replace(/[\r\n].*$/s, '')
    .split('|');
  if (parts.length < HEADER.length) return undefined;
  const header = Object.fromEntries(HEADER.map((name, nth) => [name, (parts[nth] ?? '').trim()]));
  const rest = parts.slice(HEADER.length);
  const named = start[1] === '2.0' || start[1] === '2';
  const first = rest[0] ?? '';
  const hasDelimiter = named && rest.length > 1 && !first.includes('=');
  const delimiter = hasDelimiter ? delimiterOf(first) : '\t';
  const text = rest.slice(hasDelimiter ? 1 : 0).join('|');
  // some senders turn tabs into blanks
  return { ...(text.includes(delimiter) ? readPairs(text, delimiter) : readExtension(text)), ...header };
}
