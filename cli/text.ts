/**
 * Alerts carry text that an attacker wrote. Control characters would let it move the cursor or rewrite what stands on
 * the terminal, and bidirectional marks would let it show another order than it has.
 */
export function clean(text: string): string {
  return text.replace(/[\t\n\r]+/g, ' ').replace(UNSAFE, '\u00b7');
}

/** As {@link clean}, but line breaks stay: for notes. */
export function cleanLines(text: string): string[] {
  return text.split(/\r?\n/).map(clean);
}

const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Cuts at `width` columns, showing that something is missing. */
export function truncate(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** Breaks at spaces; a word longer than the line is broken hard, so that no line is ever longer than `width`. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line ? `${line} ${word}` : word;
    if ([...longer].length <= width) {
      line = longer;
      continue;
    }
    if (line) lines.push(line);
    const pieces = chunks(word, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  if (line || lines.length === 0) lines.push(line);
  return lines;
}

function chunks(word: string, width: number): string[] {
  const characters = [...word];
  const pieces: string[] = [];
  for (let from = 0; from < characters.length; from += width)
    pieces.push(characters.slice(from, from + width).join(''));
  return pieces;
}

/** `2026-11-23T12:00:00.123456Z` as `2026-11-23 12:00:00`, UTC. */
export function shortTime(instant: string): string {
  return instant.replace('T', ' ').replace(/(\.\d+)?(Z|\+00:00)$/, '');
}

/** As {@link shortTime}, without the seconds. */
export function minute(instant: string): string {
  return shortTime(instant).slice(0, 'yyyy-mm-dd hh:mm'.length);
}

/** How long ago, in the largest unit that fits: `45s`, `12m`, `7h`, `30d`. */
export function age(instant: string, now: number): string {
  return shortSpan(now - Date.parse(instant));
}

/** `in 2h`, `3h ago`. */
export function fromNow(instant: string, now: number): string {
  const ms = Date.parse(instant) - now;
  return ms > 0 ? `in ${shortSpan(ms)}` : `${shortSpan(-ms)} ago`;
}

function shortSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 2 * 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** In seconds, largest first. */
const UNITS = { d: 86_400, h: 3600, m: 60, s: 1 };

/** How long, in the two largest units that fit: `1.5s`, `4m 30s`, `7h 5m`, `30d 2h`. */
export function spanOf(seconds: number): string {
  let rest = Math.round(seconds);
  if (rest < 60) return `${Math.round(seconds * 10) / 10}s`;
  const parts = Object.entries(UNITS).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return { count, text: `${count}${unit}` };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  return parts
    .slice(first, first + 2)
    .map(({ text }) => text)
    .join(' ');
}

/** The time of day with milliseconds: audit rows of one run differ in little more. */
export function clockTime(instant: string): string {
  return instant.slice(11, 23).replace(/Z$/, '');
}

/** `1 lookup`, `12 lookups`. */
export function plural(count: number, what: string, many = `${what}s`): string {
  return `${counted(count)} ${count === 1 ? what : many}`;
}

export function counted(count: number): string {
  return count.toLocaleString('en');
}

/**
 * A word as it is typed into a shell: of a command that is shown to be copied. What an attacker wrote stays one word, and is
 * run by nobody.
 */
export function typed(word: string): string {
  const safe = clean(word);
  return /^[\w.:@%+,/-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
