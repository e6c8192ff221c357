import { tlpOf } from '../tlp';
import { readTime } from '../formats/times';
import type { Finding, Indicator, IocType } from './indicator';
import { readValue } from './value';

/** What a document says of a value beside the value. */
export type Told = Omit<Indicator, 'type' | 'value'>;

/** What a problem is shown with; the whole may be megabytes. */
const LONGEST_TEXT = 300;
const LONGEST_TAG = 190;
const LONGEST_REFERENCE = 1000;
const MOST_TAGS = 50;
/** What any traffic light has in its tag, if it is not in wide characters: most tags need no closer look. */
const LIGHT = /tlp|[^ -~]/i;
/** Of which the traffic light is read. */
const MOST_READ_TAGS = 200;

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;
const NOTHING = /^(?:-+|n\/?a|null|none|unknown)?$/i;
/** Has nothing that must be cleaned away. */
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;

/** Text of a document as it can be kept and shown; undefined when it says nothing. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = cleaned(String(value));
  return NOTHING.test(text) ? undefined : text;
}

function cleaned(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replace(CONTROL, ' ')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .trim();
}

/** A list of texts; also one that stands between commas in a single text, as abuse.ch has it. */
export function textsOf(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  return items.map(textOf).filter((text) => text !== undefined);
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A number from 0 to 100, rounded; undefined for anything else. */
export function confidenceOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,3}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number <= 100 ? Math.round(number) : undefined;
}

/** A date is the beginning of its day. */
export function timeOf(value: unknown, now: string): string | undefined {
  return readTime(typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value, now);
}

interface Raw {
  confidence?: unknown;
  first_seen?: unknown;
  last_seen?: unknown;
  said_at?: unknown;
  expires_at?: unknown;
  /** Also tags that are a traffic light; the strictest of all holds. */
  tags?: readonly string[];
  reference?: unknown;
}

/**
 * What a document says, checked; what makes no sense is left out. Nothing was seen in the future: there it would not age.
 * What was seen first and never again, was seen last then.
 */
export function told(raw: Raw, now: string): Told {
  const tags = (raw.tags ?? []).slice(0, MOST_READ_TAGS).map((tag) => cut(tag, LONGEST_TAG));
  const seen = (value: unknown): string | undefined => earlier(timeOf(value, now), now);
  const first_seen = seen(raw.first_seen);
  const last_seen = later(seen(raw.last_seen), first_seen);
  return filled({
    confidence: confidenceOf(raw.confidence),
    first_seen,
    last_seen,
    said_at: seen(raw.said_at),
    expires_at: timeOf(raw.expires_at, now),
    tlp: tlpOf({ source: '', tags: tags.filter((tag) => LIGHT.test(tag)) }),
    tags: tagsOf(tags),
    reference: cut(textOf(raw.reference), LONGEST_REFERENCE),
  });
}

/** Each once, without the traffic light, which has a place of its own. */
function tagsOf(tags: readonly string[]): string[] | undefined {
  const each = [
    ...new Set(tags.filter((tag) => !LIGHT.test(tag) || tlpOf({ source: '', tags: [tag] }) === undefined)),
  ].slice(0, MOST_TAGS);
  return each.length > 0 ? each : undefined;
}

/** No longer than that, and with no half of a sign at its end. */
function cut<T extends string | undefined>(text: T, longest: number): T {
  return text?.slice(0, longest).replace(/[\ud800-\udbff]$/, '') as T;
}

function earlier(time: string | undefined, now: string): string | undefined {
  // nearly all are, and to compare texts is cheap
  if (time === undefined || (now.endsWith('Z') && time < now.slice(0, 19))) return time;
  return Date.parse(time) > Date.parse(now) ? timeOf(now, now) : time;
}

function later(time: string | undefined, other: string | undefined): string | undefined {
  if (time === undefined || other === undefined) return time ?? other;
  return time > other ? time : other;
}

type Filled<T> = { [key in keyof T]?: Exclude<T[key], undefined> };

function filled<T extends object>(record: T): Filled<T> {
  const kept: Filled<T> = {};
  for (const key of Object.keys(record) as (keyof T)[]) {
    const value = record[key];
    if (value !== undefined) kept[key] = value as Exclude<T[keyof T], undefined>;
  }
  return kept;
}

/** What came of one value of a document. */
export function found(line: number, type: IocType | undefined, text: string, about: Told): Finding {
  const read = readValue(type, text);
  if (!read.ok) return problem(line, read.kind, text, read.reason);
  return { line, kind: 'indicator', indicator: { type: read.type, value: read.value, ...about }, flags: read.flags };
}

/** What is no indicator, with a text that people find it by. */
export function problem(line: number, kind: 'refused' | 'unsupported', text: string, reason: string): Finding {
  const shown = cut(text, LONGEST_TEXT).replace(CONTROL, ' ');
  return { line, kind, text: shown, reason };
}
