const TWO = (text: string): string => text.padStart(2, '0');
const YEAR = (text: string): string => (text.length === 2 ? `20${text}` : text);

/** Ways in which tables write a day, and how it is read. */
const DAYS: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [/^((?:19|20)\d\d)(\d\d)(\d\d)$/, (year, month, day) => `${year}-${month}-${day}`],
  [/^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/, (year, month, day) => `${year}-${TWO(month)}-${TWO(day)}`],
  [/^(\d{1,2})[-.](\d{1,2})[-.](\d{4})$/, (day, month, year) => `${year}-${TWO(month)}-${TWO(day)}`],
  [/^(\d{1,2})\/(\d{1,2})\/(\d{4}|\d\d)$/, slashes],
];
/** `14-Mar-2024`, `14 March 2024`, `Mar 14, 2024`. */
const IN_WORDS = /^(?:(\d{1,2})[- ]([a-z]{3,9})[- ,]{1,2}(\d{4}|\d\d)|([a-z]{3,9}) (\d{1,2}),? (\d{4}))$/i;
const CLOCK = /^(.{6,10}?)[ T,]{1,2}(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?: ?([ap])\.?m\.?)?$/i;

/** Americans put the month first, unless it cannot be one. */
function slashes(first: string, second: string, year: string): string {
  const [month, day] = Number(first) > 12 ? [second, first] : [first, second];
  return `${YEAR(year)}-${TWO(month)}-${TWO(day)}`;
}

/** What needs no reading here: most tables write their dates so. */
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]{8,18}Z$/;
const SLASHES = /^(\d{1,2})\/(\d{1,2})\/(?=\d\d)/;

/** Which of the two comes first in a date with slashes; undefined for any other text, and where both could be the month. */
function orderOf(text: string): 'day' | 'month' | undefined {
  const [, first, second] = SLASHES.exec(text) ?? [];
  if (Number(first) > 12) return 'day';
  return Number(second) > 12 ? 'month' : undefined;
}

/** Reads the dates of one table, as {@link dateText} does. */
export type DateReader = (text: string | undefined) => string | undefined;

/**
 * A table writes all its dates in one way: where the day comes first in one (`14/03/2024`), it does in those that could be
 * either (`03/04/2024`) as well. The first date that tells decides, looked for in the head of the table; later ones that
 * tell otherwise decide for what follows them. As long as none tells, the month comes first.
 * @param head texts that the table begins with, of which some may be dates
 */
export function openDates(head: readonly string[]): DateReader {
  let order = head.map((text) => orderOf(text.trim())).find((each) => each !== undefined);
  return (text) => {
    const bare = text?.trim();
    if (bare === undefined || INSTANT.test(bare)) return bare;
    order = orderOf(bare) ?? order;
    return dateText(order === 'day' ? bare.replace(SLASHES, '$2/$1/') : bare);
  };
}

function dayOf(text: string): string | undefined {
  for (const [pattern, write] of DAYS) {
    const match = pattern.exec(text);
    if (match) return write(...match.slice(1));
  }
  return undefined;
}

function clockOf(hour: string, minute: string, second = '00', half = ''): string {
  const hours = half === '' ? Number(hour) : (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0);
  return `${TWO(String(hours))}:${minute}:${second}`;
}

/**
 * A date of a table as the reader of times understands it: `20190909`, `03-01-2026` (the day first), `3/14/2024 2:05 PM`
 * (the month first, if it can be one), `14 March 2024`; a day is its beginning. What is written otherwise comes back as it
 * is.
 */
export function dateText(text: string | undefined): string | undefined {
  const bare = text?.trim().replace(/\s*\(?UTC\)?$/i, '');
  if (bare === undefined) return undefined;
  const alone = dayOf(bare);
  if (alone !== undefined) return `${alone}T00:00:00Z`;
  const [, date = '', hour = '', minute = '', second, half] = CLOCK.exec(bare) ?? [];
  const day = dayOf(date);
  if (day !== undefined) return `${day}T${clockOf(hour, minute, second, half)}Z`;
  const [, first, month, year = '', named, ofNamed, yearOfNamed] = IN_WORDS.exec(bare) ?? [];
  if (first !== undefined) return `${first} ${month ?? ''} ${YEAR(year)} 00:00:00`;
  return named === undefined ? bare : `${named} ${ofNamed ?? ''} ${yearOfNamed ?? ''} 00:00:00`;
}
