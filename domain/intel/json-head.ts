/**
 * The value that a document begins with: of an array the first item; of several values the first. When the beginning ends
 * in the midst of it, what has been said of it so far. Undefined when it does not begin like an object or an array.
 */
export function valueAtHead(head: string): unknown {
  const text = head.trimStart();
  if (!/^[[{]/.test(text)) return undefined;
  const value = parsed(firstValue(text));
  return Array.isArray(value) ? (value[0] as unknown) : value;
}

const CLOSER: Readonly<Record<string, string>> = { '{': '}', '[': ']' };
/** Strings as a whole, and the signs that make the structure. */
const TOKEN = /"(?:[^"\\]|\\.)*(?:"|$)|[[\]{},]/gs;

/** The first value as it stands, or closed behind the last of its parts that is whole. */
function firstValue(text: string): string {
  let depth = 0;
  let whole = 0;
  for (const { 0: sign, index } of text.matchAll(TOKEN)) {
    if (sign in CLOSER) depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    if (depth === 0) return text.slice(0, index + 1);
    if (sign in CLOSER) whole = index + 1;
    else if (sign === ',') whole = index;
  }
  const part = text.slice(0, whole);
  return part + closersOf(part);
}

function closersOf(text: string): string {
  const open: string[] = [];
  for (const [sign] of text.matchAll(TOKEN)) {
    const closer = CLOSER[sign];
    if (closer !== undefined) open.push(closer);
    else if (sign === '}' || sign === ']') open.pop();
  }
  return open.toReversed().join('');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** True when each line is a value of its own, so that a broken one spoils no other. */
export function isJsonLines(head: string): boolean {
  const lines = head.split('\n', 20).map((line) => line.trim());
  const begins = lines.findIndex((line) => line !== '');
  const [first = '', second = ''] = begins < 0 ? [] : lines.slice(begins).filter((line) => line !== '');
  return first.startsWith('{') && second.startsWith('{') && !/[[{,:]$/.test(first);
}
