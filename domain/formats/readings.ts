import { normaliseLink } from '../normalise';
import { SEVERITIES, type Severity } from '../severity';
import type { Document } from './document';
import { itemsAt, valuesAt, type Found } from './paths';

/**
 * Where a canonical field is found in a document: a dotted path (see {@link valuesAt}), several of them in order of
 * preference, or a function. What it gives are candidates: the field takes the first that it can hold, a list field all.
 */
export type Reading = string | readonly Reading[] | ((document: Document) => readonly Found[]);

/** The candidates of a reading, the preferred first. */
export function candidates(reading: Reading, document: Document): Found[] {
  if (typeof reading === 'string') return valuesAt(document.fields, reading);
  if (typeof reading === 'function') return [...reading(document)];
  return reading.flatMap((each) => candidates(each, document));
}

/** Always this value: what a format knows of all its alerts. */
export function always(value: unknown): Reading {
  return () => [{ value, pointer: '' }];
}

/** The reading, of documents for which the condition holds. */
export function when(holds: (document: Document) => boolean, ...readings: Reading[]): Reading {
  return (document) => (holds(document) ? candidates(readings, document) : []);
}

/** Each candidate turned into another value, or several; undefined leaves it out. */
export function turned(reading: Reading, turn: (value: unknown) => unknown): Reading {
  return (document) =>
    candidates(reading, document).flatMap(({ value, pointer }) => {
      const result = turn(value);
      const results: unknown[] = Array.isArray(result) ? result : [result];
      return results.filter((one) => one !== undefined).map((one) => ({ value: one, pointer }));
    });
}

/** The candidates' text, by a table whose keys are compared without regard to case. `*` stands for all others. */
export function byTable<T>(reading: Reading, table: Readonly<Record<string, T>>): Reading {
  const lower = new Map(Object.entries(table).map(([key, value]) => [key.toLowerCase(), value]));
  return turned(reading, (value) => {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
    return lower.get(String(value).trim().toLowerCase()) ?? lower.get('*');
  });
}

/** A number's severity by the least number of each, mildest first: `bySteps('level', {low: 0, medium: 7})`. */
export function bySteps(reading: Reading, least: Readonly<Partial<Record<Severity, number>>>): Reading {
  return turned(reading, (value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || Number.isNaN(number)) return undefined;
    return SEVERITIES.findLast((severity) => (least[severity] ?? Infinity) <= number);
  });
}

/** The words that most tools use for severities. */
export const SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  ...{ informational: 'low', information: 'low', info: 'low', notice: 'low', debug: 'low', low: 'low', minor: 'low' },
  ...{ medium: 'medium', moderate: 'medium', warning: 'medium', warn: 'medium', average: 'medium' },
  ...{ high: 'high', major: 'high', error: 'high', important: 'high' },
  ...{ critical: 'critical', severe: 'critical', emergency: 'critical', alert: 'critical', fatal: 'critical' },
};

/** A severity that is given in words; those of the product stand before the common ones. */
export function byWords(reading: Reading, own: Readonly<Record<string, Severity>> = {}): Reading {
  return byTable(reading, { ...SEVERITY_WORDS, ...own });
}

/** What the pattern's first group (else the whole of it) finds in each candidate. Patterns must run in linear time. */
export function matched(reading: Reading, pattern: RegExp): Reading {
  return turned(reading, (value) => {
    if (typeof value !== 'string') return undefined;
    const match = pattern.exec(value.slice(0, 20_000));
    return match?.[1] ?? match?.[0];
  });
}

/** Values of one member of those items of a list that fit: `inList('entities', (e) => e.kind === 'Ip', 'address')`. */
export function inList(list: string, fits: (item: Record<string, unknown>) => boolean, ...members: string[]): Reading {
  return ({ fields }) =>
    itemsAt(fields, list).flatMap(({ value, pointer }) => {
      if (typeof value !== 'object' || value === null) return [];
      const item = value as Record<string, unknown>;
      if (!fits(item)) return [];
      return members.flatMap((member) =>
        valuesAt(item, member).map((found) => ({ ...found, pointer: `${pointer}${found.pointer}` })),
      );
    });
}

/** The first candidate of each reading, put together; nothing when one of them is missing. */
export function joined(glue: string, ...readings: Reading[]): Reading {
  return (document) => {
    const parts = readings.map((reading) => candidates(reading, document)[0]);
    if (!parts.every((part) => part !== undefined)) return [];
    return [{ value: parts.map(({ value }) => String(value)).join(glue), pointer: parts[0]?.pointer ?? '' }];
  };
}

/** Of the syslog line the document came in. */
export function fromSyslog(part: 'timestamp' | 'host' | 'app' | 'pid'): Reading {
  return ({ syslog }) => (syslog[part] === undefined ? [] : [{ value: syslog[part], pointer: '' }]);
}

/** The text of a document that is none of fields. */
export const wholeText: Reading = ({ text }) => (text === '' ? [] : [{ value: text, pointer: '' }]);

/** The time with which the text begins, in brackets or not, where it is no syslog. */
export const lineTime: Reading = matched(
  wholeText,
  /^\[?(\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z| ?[+-]\d{2}:?\d{2})?|(?:[A-Z][a-z]{2} ){2} ?\d{1,2} \d{2}:\d{2}:\d{2}(?:\.\d{1,9})? \d{4})\]?/,
);

/** A path or link as the log of a proxy has it, made whole by the host beside it. */
export function linkOf(host: Reading, path: Reading, scheme = 'http'): Reading {
  return (document) => {
    const [link] = candidates(path, document);
    if (typeof link?.value !== 'string' || link.value === '') return [];
    if (/^[a-z][a-z0-9+.-]{1,15}:\/\//i.test(link.value)) return [link];
    const [name] = candidates(host, document);
    if (typeof name?.value !== 'string' || name.value === '') return [link];
    const whole = link.value.startsWith('/') ? `${scheme}://${name.value}${link.value}` : link.value;
    return [{ value: whole, pointer: link.pointer }, link];
  };
}

/** The names of the hosts that links lead to. */
export function hostOf(link: Reading): Reading {
  return turned(link, (value) => (typeof value === 'string' ? normaliseLink(value)?.host : undefined));
}
