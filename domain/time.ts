const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(Z|z|[+-]\d{2}:?\d{2})?$/;
const USUAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** Minutes east of Greenwich; a time without a zone is taken as UTC. */
function offsetMinutes(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
}

/**
 * An RFC 3339 time as UTC with microseconds (`2026-11-23T12:00:00.123456Z`), the form all times have inside.
 * Undefined when it is no such time, or lies before 1970 or after 9999.
 */
export function normaliseTimestamp(text: string): string | undefined {
  return usual(text) ?? general(text);
}

/** As nearly all are written, of which lists have millions: undefined for what needs a closer look. */
function usual(text: string): string | undefined {
  if (!USUAL.test(text)) return undefined;
  const ms = Date.parse(text);
  if (!(ms >= 0)) return undefined;
  const seconds = text.slice(0, 19);
  // a day that there is not would be another one
  return new Date(ms).toISOString().startsWith(seconds)
    ? `${seconds}.${text.slice(20, -1).padEnd(6, '0')}Z`
    : undefined;
}

function general(text: string): string | undefined {
  const match = RFC3339.exec(text.trim());
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const offset = offsetMinutes(match[8]);
  if (Math.abs(offset) >= 24 * 60) return undefined;
  const ms = date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000;
  if (ms < 0 || ms > LAST_MS) return undefined;
  const micros = (match[7] ?? '').slice(0, 6).padEnd(6, '0');
  return `${new Date(ms).toISOString().slice(0, 19)}.${micros}Z`;
}
