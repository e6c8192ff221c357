const TWO = (text: string): string => text.padStart(2, '0');

/** Ways in which tables write a day, or a minute, and how it is read. */
const DATES: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [/^((?:19|20)\d\d)(\d\d)(\d\d)$/, (year, month, day) => `${year}-${month}-${day}T00:00:00Z`],
  [/^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/, (year, month, day) => `${year}-${TWO(month)}-${TWO(day)}T00:00:00Z`],
  [/^(\d{4})-(\d\d)-(\d\d)[ T](\d\d:\d\d)$/, (year, month, day, clock) => `${year}-${month}-${day}T${clock}:00Z`],
  [/^(\d{1,2})[-.](\d{1,2})[-.](\d{4})$/, (day, month, year) => `${year}-${TWO(month)}-${TWO(day)}T00:00:00Z`],
  [/^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, slashes],
];

/** Americans put the month first, unless it cannot be one. */
function slashes(first: string, second: string, year: string): string {
  const [month, day] = Number(first) > 12 ? [second, first] : [first, second];
  return `${year}-${TWO(month)}-${TWO(day)}T00:00:00Z`;
}

/**
 * A date of a table as the reader of times understands it: `20190909`, `03-01-2026` (the day first), `2016-11-12 15:02`; a
 * day is its beginning. What is written otherwise comes back as it is.
 */
export function dateText(text: string | undefined): string | undefined {
  const bare = text?.trim().replace(/\s*\(?UTC\)?$/i, '');
  if (bare === undefined) return undefined;
  for (const [pattern, write] of DATES) {
    const match = pattern.exec(bare);
    if (match) return write(...match.slice(1));
  }
  return bare;
}
