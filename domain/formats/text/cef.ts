import type { Fields } from '../document';

/** The header's fields by their ArcSight names; the extension stands beside them. */
const HEADER = ['vendor', 'product', 'productVersion', 'signature', 'name', 'cefSeverity'] as const;
const START = /(?:^|[^A-Za-z])CEF: ?\d{1,2}\|/;
/** Some collectors cut the name off. */
const HEADLESS = /^\d{1,2}\|(?=[^|]{1,100}\|[^|]{1,100}\|[^|]{0,100}\|[^|]{0,200}\|[^|]{1,500}\|[^|]{1,20}\|)/;
/** A key is what stands before an unescaped `=` and after white space. */
const KEY = /(?:^|\s)([A-Za-z_][\w.[\]-]{0,99})=/g;
const LONGEST = 200_000;

/** Splits at bars that are not escaped, into at most so many parts. */
function splitBars(text: string, most: number): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length && parts.length < most - 1; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '|') {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

function unescaped(text: string): string {
  return text.replace(/\\([\\=|nr])/g, (_all, char: string) => (char === 'n' || char === 'r' ? '\n' : char));
}

/** `key=value key2=value with spaces`; a key's label (`cs1Label`) names its value a second time. */
export function readExtension(text: string): Fields {
  const keys = [...text.matchAll(KEY)].filter(({ index }) => text[index] !== '\\');
  const pairs = keys.map((match, nth): [string, string] => {
    const end = keys[nth + 1]?.index ?? text.length;
    return [match[1] ?? '', unescaped(text.slice(match.index + match[0].length, end)).trim()];
  });
  const fields = new Map(pairs);
  for (const [key, label] of pairs) {
    const value = key.endsWith('Label') ? fields.get(key.slice(0, -'Label'.length)) : undefined;
    if (value !== undefined && label !== '' && !fields.has(label)) fields.set(label, value);
  }
  return Object.fromEntries(fields);
}

/** Reads Common Event Format anywhere in a line; undefined when the line has none. Linear time. */
export function readCef(line: string): Fields | undefined {
  const head = line.slice(0, 4000);
  const start = START.exec(head) ?? HEADLESS.exec(head);
  if (!start) return undefined;
  const text = line.slice(start.index + start[0].length, LONGEST).replace(/[\r\n].*$/s, '');
  const parts = splitBars(text, HEADER.length + 1);
  if (parts.length < HEADER.length) return undefined;
  const header = HEADER.map((name, nth) => [name, unescaped(parts[nth] ?? '').trim()] as const);
  return { ...readExtension(parts[HEADER.length] ?? ''), ...Object.fromEntries(header) };
}
