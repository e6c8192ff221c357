import type { Tlp } from '../domain/alert';
import { TLP_LABELS } from '../domain/alert';
import type { Indicator } from '../domain/intel/indicator';
import { normaliseTimestamp } from '../domain/time';
import { utf8 } from './hashes';
import type { IocSourceSettings } from './ioc-views';
import type { IocSightingRow } from './rows';
import { shift } from './time';
import type { Instant } from './time';

const DAY_MS = 86_400_000;
/** Of a sighting; a column holds so many. */
const MOST_TAGS = 50;
export const LONGEST_TAG = 190;
const LONGEST_REFERENCE = 2_048;
/** A hundred years: as good as never, and still a date. */
const MOST_DAYS = 36_500;

/** As readers give times: what an import has a million of is not read twice. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** What one source says of one value. */
export type Said = Omit<IocSightingRow, 'ioc_id' | 'source'>;

/** What holds of a source's values where it does not say. */
export type SourceDefaults = Pick<IocSourceSettings, 'confidence' | 'tlp' | 'tags' | 'expires_after_days'>;

/** Who tells something of a number of values. */
export interface Teller {
  source: string;
  /** Null when somebody tells it by hand. */
  importId: string | null;
  actor: string;
  /** When it was said, where it has no date of its own. */
  at: Instant;
  defaults: SourceDefaults;
}

/**
 * What a source has said of a value when it says one thing more. What a later file says is said instead of what the one
 * before it said; what one file says several times is said together. First and last time are those of all. What is older
 * than the word by which the source took it back is not said again.
 */
export function saidThen(known: Said | undefined, indicator: Indicator, teller: Teller): Said {
  if (known && isOutdated(known, indicator, teller)) return known;
  const told = known !== undefined && teller.importId === null ? withKnown(known, indicator) : indicator;
  const now = said(told, teller);
  if (!known) return now;
  const together = isOfImport(known, teller) ? alsoSaid(known, now) : now;
  const last_seen = latest(known.last_seen, now.last_seen);
  return {
    ...together,
    first_seen: earliest(known.first_seen, now.first_seen),
    last_seen,
    expires_at: told.expires_at === undefined ? expiryOf(together.expires_at, last_seen, teller) : together.expires_at,
    added_by: known.added_by,
    added_at: known.added_at,
    import_id: teller.importId ?? known.import_id,
  };
}

/** What is left of it when the source takes it back. What it says elsewhere in the same file still holds. */
export function takenBack(known: Said, { said_at }: Pick<Indicator, 'said_at'>, { importId, at }: Teller): Said {
  if (known.revoked_at !== null || isOfImport(known, { importId })) return known;
  return { ...known, revoked_at: earliest(instant(said_at) ?? at, at), import_id: importId ?? known.import_id };
}

/** Whether somebody who asks for the value is told the same. */
export function saysTheSame(a: Said, b: Said): boolean {
  return (
    a.confidence === b.confidence &&
    a.first_seen === b.first_seen &&
    a.last_seen === b.last_seen &&
    a.expires_at === b.expires_at &&
    a.tlp === b.tlp &&
    a.reference === b.reference &&
    a.revoked_at === b.revoked_at &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, index) => tag === b.tags[index])
  );
}

/** What the same file takes back is another word on the same value, which leaves this one as it is. */
function isOutdated(known: Said, { said_at }: Indicator, { importId }: Teller): boolean {
  const said = instant(said_at);
  if (known.revoked_at === null || said === undefined || known.import_id === importId) return false;
  return said < known.revoked_at;
}

function isOfImport(known: Said, { importId }: Pick<Teller, 'importId'>): boolean {
  return importId !== null && known.import_id === importId && known.revoked_at === null;
}

/** What somebody leaves out who says by hand that a value was seen again is as it was, but for when it expires. */
function withKnown({ confidence, tlp, tags, reference }: Said, indicator: Indicator): Indicator {
  const kept = { confidence, tags, ...(tlp !== null && { tlp: tlp as Tlp }), ...(reference !== null && { reference }) };
  return { ...kept, ...indicator };
}

function said(indicator: Indicator, teller: Teller): Said {
  const { defaults, at } = teller;
  const first = instant(indicator.first_seen);
  // nobody has seen it in the future
  const last_seen = earliest(instant(indicator.last_seen) ?? first ?? at, at);
  const confidence = indicator.confidence ?? defaults.confidence;
  return {
    confidence: Math.min(100, Math.max(0, Math.round(confidence))),
    first_seen: earliest(first ?? last_seen, last_seen),
    last_seen,
    expires_at: instant(indicator.expires_at) ?? expiryOf(null, last_seen, teller),
    tlp: indicator.tlp ?? defaults.tlp,
    tags: tagsOf(indicator.tags ?? [], defaults.tags),
    reference: indicator.reference === undefined ? null : utf8(indicator.reference.slice(0, LONGEST_REFERENCE)),
    added_by: teller.actor,
    added_at: at,
    import_id: teller.importId,
    revoked_at: null,
  };
}

function alsoSaid(known: Said, now: Said): Said {
  return {
    ...now,
    confidence: Math.max(known.confidence, now.confidence),
    expires_at: known.expires_at === null || now.expires_at === null ? null : latest(known.expires_at, now.expires_at),
    tlp: TLP_LABELS.findLast((label) => label === known.tlp || label === now.tlp) ?? null,
    tags: tagsOf(known.tags, now.tags),
    reference: known.reference ?? now.reference,
  };
}

/** By the source's own rule where it has one. */
function expiryOf(otherwise: Instant | null, lastSeen: Instant, { defaults }: Teller): Instant | null {
  const days = defaults.expires_after_days;
  return days === null ? otherwise : shift(lastSeen, Math.min(days, MOST_DAYS) * DAY_MS);
}

function tagsOf(...lists: (readonly string[])[]): string[] {
  const tags = lists.flat().map((tag) => utf8(tag.trim().slice(0, LONGEST_TAG)).trim());
  return [...new Set(tags)].filter((tag) => tag !== '').slice(0, MOST_TAGS);
}

/** Undefined also for what is no time that can be kept: a date is not worth the value that it stands beside. */
function instant(time: string | undefined): Instant | undefined {
  return time === undefined || INSTANT.test(time) ? time : normaliseTimestamp(time);
}

function earliest(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

function latest(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}
