/**
 * The value that a document begins with: of an array the first item; of several values the first. When the beginning ends
 * in the midst of it, or something in it is broken, what has been said of it so far. Undefined when it does not begin like
 * an object or an array.
 */
export function valueAtHead(head: string): unknown {
  const text = head.trimStart();
  if (!/^[[{]/.test(text)) return undefined;
  const first = firstValue(text);
  const whole = parsed(first);
  const value = whole === undefined ? unbroken(first) : whole;
  const item = Array.isArray(value) ? (value[0] as unknown) : value;
  return whole !== undefined || saysSomething(item) ? item : undefined;
}

/** True for an object with members: `{` alone may begin a text of any kind. */
function saysSomething(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
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

/** What stands before the first of the parts that are no JSON: they are halved until it is found. */
function unbroken(text: string): unknown {
  const ends = Array.from(text.matchAll(TOKEN)).flatMap(({ 0: sign, index }) =>
    sign in CLOSER ? [index + 1] : sign === ',' ? [index] : [],
  );
  let value: unknown;
  for (let from = 0, to = ends.length; from < to;) {
    const middle = (from + to) >> 1;
    const part = text.slice(0, ends[middle]);
    const read = parsed(part + closersOf(part));
    if (read === undefined) to = middle;
    else {
      value = read;
      from = middle + 1;
    }
  }
  return value;
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
