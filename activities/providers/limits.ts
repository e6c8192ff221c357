import type { QuotaLimit } from '../../domain/quota';

/**
 * Limits as operators give them; 0 or absent = none. The minute is any 60 s, since nobody says when theirs begins; day and
 * month are those of UTC.
 */
export function limitsOf(given: { minute?: number; day?: number; month?: number }): QuotaLimit[] {
  const { minute = 0, day = 0, month = 0 } = given;
  return [
    ...(minute > 0 ? [{ name: 'minute', requests: minute, ms: 60_000 }] : []),
    ...(day > 0 ? [{ name: 'day', requests: day, calendar: 'day' as const }] : []),
    ...(month > 0 ? [{ name: 'month', requests: month, calendar: 'month' as const }] : []),
  ];
}
