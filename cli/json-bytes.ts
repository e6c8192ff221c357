/*
 * JSON taken apart by bytes: what is decoded and encoded again may come out as another text (bytes that are not UTF-8,
 * numbers beyond a double). In UTF-8 no byte of a longer character is equal to one of the signs looked for here.
 */

const [TAB, NEWLINE, RETURN, SPACE, QUOTE, BACKSLASH, COMMA] = [...Buffer.from('\t\n\r "\\,')];
const OPENING = new Set(Buffer.from('[{'));
const CLOSING = new Set(Buffer.from(']}'));
const BLANK = new Set([TAB, NEWLINE, RETURN, SPACE]);

/** The items of a JSON array that has been found to parse, each with the bytes it was written in. */
export function arrayItems(bytes: Buffer): Buffer[] {
  const items: Buffer[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (quoted) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) {
      quoted = true;
    } else if (OPENING.has(byte)) {
      if (++depth === 1) start = at + 1;
    } else if (CLOSING.has(byte)) {
      if (--depth === 0) items.push(trimmed(bytes.subarray(start, at)));
    } else if (byte === COMMA && depth === 1) {
      items.push(trimmed(bytes.subarray(start, at)));
      start = at + 1;
    }
  }
  return items.filter((item) => item.length > 0);
}

/** The lines without their ends. */
export function lines(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf('\n'); end !== -1; end = bytes.indexOf('\n', start)) {
    found.push(bytes.subarray(start, bytes[end - 1] === RETURN && end > start ? end - 1 : end));
    start = end + 1;
  }
  return [...found, bytes.subarray(start)];
}

function trimmed(bytes: Buffer): Buffer {
  let start = 0;
  let end = bytes.length;
  while (start < end && BLANK.has(bytes[start])) start++;
  while (end > start && BLANK.has(bytes[end - 1])) end--;
  return bytes.subarray(start, end);
}
