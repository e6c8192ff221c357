import { normaliseTimestamp } from '../time';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_MS = 86_400_000;

/** Epoch times are told apart by their number of digits, which holds from 2001 to 2286. */
const EPOCH_UNITS_MS: Readonly<Record<number, number>> = { 10: 1000, 13: 1, 16: 1 / 1000, 19: 1 / 1_000_000 };

function fromEpoch(text: string): string | undefined {
  const [, whole = '', fraction = ''] = /^(\d{10,19})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  const unit = EPOCH_UNITS_MS[whole.length];
  if (unit === undefined) return undefined;
  const digits = whole.length === 10 ? whole + fraction.slice(0, 6).padEnd(6, '0') : whole;
  const seconds = new Date(Number(digits.slice(0, 10)) * 1000).toISOString().slice(0, 19);
  return normaliseTimestamp(`${seconds}.${digits.slice(10, 16).padEnd(6, '0')}Z`);
}

const two = (text: string | undefined): string => (text ?? '').padStart(2, '0');

function hourOf(hour: string | undefined, half: string | undefined): string {
  const number = Number(hour) % (half === undefined ? 24 : 12);
  return two(String(/^p/i.test(half ?? '') ? number + 12 : number));
}

function zoneOf(zone: string | undefined): string {
  if (zone === undefined || /^(?:utc|gmt|z)$/i.test(zone.trim())) return 'Z';
  const [, sign = '', hours = '', minutes = '00'] = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone.trim()) ?? [];
  return `${sign}${two(hours)}${minutes}`;
}

const CLOCK = String.raw`(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?: ?([ap]\.?m\.?))?`;
/** `GMT-03:00` is an offset, not Greenwich. */
const ZONE = String.raw`(?: ?(?:(?:utc|gmt)(?=[+-]))?(z|utc|gmt|[+-]\d{1,2}(?::?\d{2})?))?`;

interface Written {
  year: string | undefined;
  month: string | undefined;
  day: string | undefined;
  /** Hour, minute, second, fraction, half of the day, zone. */
  clock: readonly (string | undefined)[];
}

function assemble({ year, month, day, clock }: Written): string | undefined {
  const [hour, minute, second, fraction, half, zone] = clock;
  const number = MONTHS.indexOf((month ?? '').slice(0, 3).toLowerCase()) + 1;
  const inYear = number > 0 ? String(number) : month;
  const time = `${hourOf(hour, half)}:${minute ?? ''}:${second ?? ''}${fraction === undefined ? '' : `.${fraction}`}`;
  return normaliseTimestamp(`${year ?? ''}-${two(inYear)}-${two(day)}T${time}${zoneOf(zone)}`);
}

type Order = readonly ('year' | 'month' | 'day')[];

/** Dates that name their year; the groups of the pattern stand in the order that is told. */
const WRITTEN: readonly (readonly [RegExp, Order])[] = [
  [
    new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[t :,]{1,2}${CLOCK}${ZONE}`, 'i'),
    ['year', 'month', 'day'],
  ],
  [new RegExp(String.raw`^(\d{4})[ -]([a-z]{3})[ -](\d{1,2}) ${CLOCK}${ZONE}`, 'i'), ['year', 'month', 'day']],
  // 15/May/2019:17:56:41 +0000 · Fri, 24 Sep 2021 10:04:52 UTC
  [
    new RegExp(
      String.raw`^(?:[a-z]{3,9},? )?(\d{1,2})[-/ ]([a-z]{3,9})[-/ ,]{1,2}(\d{4})[: t,]{1,2}${CLOCK}${ZONE}`,
      'i',
    ),
    ['day', 'month', 'year'],
  ],
  // May 15, 2019 5:56:41 PM · Apr 09 2012 08:18:27
  [
    new RegExp(
      String.raw`^(?:[a-z]{3,9},? )?([a-z]{3,9}) {1,2}(\d{1,2}),? {1,2}(\d{4})[ ,t]{1,2}(?:at )?${CLOCK}${ZONE}`,
      'i',
    ),
    ['month', 'day', 'year'],
  ],
  // Americans put the month first, and no tool that we know writes slashes otherwise
  [new RegExp(String.raw`^(\d{1,2})/(\d{1,2})/(\d{4})[ ,t]{1,2}${CLOCK}${ZONE}`, 'i'), ['month', 'day', 'year']],
  [new RegExp(String.raw`^(\d{1,2})\.(\d{1,2})\.(\d{4})[ ,t]{1,2}${CLOCK}${ZONE}`, 'i'), ['day', 'month', 'year']],
];

/** Wed Sep 24 10:04:52 2021, as C's `ctime` has it. */
const CTIME = new RegExp(String.raw`^(?:[a-z]{3} )?([a-z]{3}) {1,2}(\d{1,2}) ${CLOCK}(?: [a-z]{3,4})? (\d{4})$`, 'i');
const COMPACT = /^(\d{4})(\d{2})(\d{2})t?(\d{2})(\d{2})(\d{2})(?:\.\d{1,9})?z?$/i;
const WITHOUT_YEAR = new RegExp(String.raw`^([a-z]{3}) {1,2}(\d{1,2}) ${CLOCK}`, 'i');

function written(text: string): string | undefined {
  for (const [pattern, order] of WRITTEN) {
    const match = pattern.exec(text);
    if (!match) continue;
    const part = (name: Order[number]): string | undefined => match[order.indexOf(name) + 1];
    return assemble({ year: part('year'), month: part('month'), day: part('day'), clock: match.slice(4) });
  }
  const compact = COMPACT.exec(text);
  if (compact) return assemble({ year: compact[1], month: compact[2], day: compact[3], clock: compact.slice(4, 7) });
  const ctime = CTIME.exec(text);
  return ctime ? assemble({ year: ctime[8], month: ctime[1], day: ctime[2], clock: ctime.slice(3, 8) }) : undefined;
}

/** Classic syslog knows no year: it is the one in which the time is the latest before it arrived. */
function withoutYear(text: string, receivedAt: string): string | undefined {
  const match = WITHOUT_YEAR.exec(text);
  if (!match) return undefined;
  const latest = Date.parse(receivedAt) + DAY_MS;
  const year = new Date(receivedAt).getUTCFullYear();
  return [year + 1, year, year - 1, year - 2, year - 3, year - 4]
    .map((each) => assemble({ year: String(each), month: match[1], day: match[2], clock: match.slice(3) }))
    .find((time) => time !== undefined && Date.parse(time) <= latest);
}

/**
 * A time as tools write it, as UTC with microseconds: RFC 3339, epoch seconds to nanoseconds, syslog, the common log
 * format, mail, and what spreadsheets show. Without a zone it is taken as UTC; undefined when it is no time.
 */
export function readTime(value: unknown, receivedAt: string): string | undefined {
  if (typeof value === 'number') return fromEpoch(String(value));
  if (typeof value !== 'string' || value.length > 64) return undefined;
  const text = value
    .trim()
    .replace(/^\/Date\((\d{10,13})[^)]{0,6}\)\/$/, '$1')
    // tools that pad with blanks: `14: 20:37`
    .replace(/(\d{2}:) (?=\d{2}:\d{2})/, '$1');
  return normaliseTimestamp(text) ?? fromEpoch(text) ?? written(text) ?? withoutYear(text, receivedAt);
}
