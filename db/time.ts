import { normaliseTimestamp } from '../domain/time';

/** An RFC 3339 time in UTC with microseconds, `2026-11-23T12:00:00.123456Z`: how every time stands outside SQL. */
export type Instant = string;

/**
 * As `datetime(6)` wants it. Neither database reads the `T` and `Z` of RFC 3339 in every version.
 * @throws RangeError when the text is no time
 */
export function toSqlTime(time: string): string {
  const instant = normaliseTimestamp(time);
  if (!instant) throw new RangeError(`Not an RFC 3339 time: ${time}`);
  return instant.slice(0, -1).replace('T', ' ');
}

/** From `datetime(6)` as text. */
export function fromSqlTime(text: string): Instant {
  const [date = '', time = ''] = text.split(' ');
  const [seconds = '', fraction = ''] = time.split('.');
  return `${date}T${seconds}.${fraction.padEnd(6, '0')}Z`;
}

/** The same moment, `ms` whole milliseconds later or (negative) earlier. A JavaScript date would lose the microseconds. */
export function shift(time: string, ms: number): Instant {
  const instant = toInstant(time);
  const shifted = new Date(Date.parse(instant) + ms).toISOString();
  return `${shifted.slice(0, -1)}${instant.slice(-4)}`;
}

/** Any RFC 3339 time in the one form. */
export function toInstant(time: string): Instant {
  return fromSqlTime(toSqlTime(time));
}
