const [QUOTE, BACKSLASH, COLON, MINUS, ZERO, NINE] = Array.from('"\\:-09', (sign) => sign.charCodeAt(0));
const NUMBER = /-?\d[\d.eE+-]*/y;
/** Significant digits that every double gives back. */
const DIGITS = 15;

/**
 * Whether parsed JSON still says all that its text says: no name stands twice in an object, and no number has more digits
 * than a double holds. `value` is what JSON.parse made of the text.
 */
export function saysAll(text: string, value: unknown): boolean {
  let names = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) at = endOfString(text, at);
    else if (sign === COLON) names += 1;
    else if (sign === MINUS || (sign >= (ZERO ?? 0) && sign <= (NINE ?? 0))) {
      NUMBER.lastIndex = at;
      const [number = ''] = NUMBER.exec(text) ?? [];
      if (!isExact(number)) return false;
      at += Math.max(0, number.length - 1);
    }
  }
  return names === countNames(value);
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

function isExact(number: string): boolean {
  const digits = number
    .replace(/[eE].*/, '')
    .replace(/\D/g, '')
    .replace(/^0+|0+$/g, '');
  if (digits.length <= DIGITS) return Number.isFinite(Number(number));
  return String(Number(number)) === number;
}

function countNames(value: unknown): number {
  let count = 0;
  const pending: unknown[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const members: unknown[] = Array.isArray(next) ? next : Object.values(next);
    if (!Array.isArray(next)) count += members.length;
    for (const member of members) pending.push(member);
  }
  return count;
}
