import { ALERT_CLASSES, type Alert } from '../alert';
import { strongestHash } from '../hashes';
import { CANONICAL_KEYS, canonicalAlertSchema } from './canonical-schema';
import { normaliseTimestamp } from '../time';
import { isObject } from '../is-object';
import { InvalidAlertError, pointerOf, type Format, type MappedAlert, type Submission } from './format';

/** Fields without a value are left out: absent means "the source did not say". */
function compact<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept = Object.entries(value).filter(
    ([, field]) => field !== undefined && field !== '' && !(Array.isArray(field) && field.length === 0),
  );
  return Object.fromEntries(kept) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Many tools write null where they have nothing to say. */
function split(document: Record<string, unknown>): { known: Record<string, unknown>; extra: Record<string, unknown> } {
  const entries = Object.entries(document);
  const known = entries.filter(([key, value]) => CANONICAL_KEYS.has(key) && (value !== null || key === 'source'));
  const extra = entries.filter(([key]) => !CANONICAL_KEYS.has(key));
  return { known: Object.fromEntries(known), extra: Object.fromEntries(extra) };
}

/** Of a document with fields that are not ours: it may be another tool's that only looks like our own. */
const FOREIGN = ' (a document of another tool is read leniently with ?format=generic)';

/** Clocks go wrong by time zones, not by more. */
const MOST_AHEAD_MS = 24 * 3600 * 1000;

/** What is dated after tomorrow happened by its arrival; the time that was given is kept beside the alert. */
function datedByArrival(alert: Alert, given: unknown, receivedAt: string): Pick<MappedAlert, 'alert' | 'extra'> {
  const arrived = normaliseTimestamp(receivedAt);
  const ahead = Date.parse(alert.timestamp ?? receivedAt) - Date.parse(receivedAt);
  if (arrived === undefined || !(ahead > MOST_AHEAD_MS)) return { alert, extra: {} };
  return { alert: { ...alert, timestamp: arrived }, extra: { timestamp_given: given } };
}

function mapCanonical(document: unknown, { receivedAt }: Pick<Submission, 'receivedAt'>): MappedAlert[] {
  if (!isObject(document)) throw new InvalidAlertError([{ pointer: '', detail: 'must be an object' }]);
  const { known, extra } = split(document);
  const parsed = canonicalAlertSchema.safeParse(known);
  if (!parsed.success) {
    const hint = Object.keys(extra).length > 0 ? FOREIGN : '';
    throw new InvalidAlertError(
      parsed.error.issues.map(({ path, message }) => ({ pointer: pointerOf(path), detail: message + hint })),
    );
  }
  const fields: Alert = compact(parsed.data);
  const fileHash = fields.file_hash ?? strongestHash(fields.file_hashes ?? []);
  const alert: Alert = { severity: 'medium', ...fields, ...(fileHash === undefined ? {} : { file_hash: fileHash }) };
  const dated = datedByArrival(alert, document.timestamp, receivedAt);
  return [{ alert: dated.alert, original: document, extra: { ...extra, ...dated.extra } }];
}

/**
 * A `source` that is no object, or a string `alert_type`, and another canonical key; or one of our own types alone. What
 * was so plainly meant for us is better refused with its wrong fields named than filed away unclassified. A `source`
 * object is another schema's (ECS).
 */
function detectCanonical(document: unknown): boolean {
  if (!isObject(document) || (typeof document.source === 'object' && document.source !== null)) return false;
  const { alert_type: type } = document;
  if (typeof type === 'string' && ALERT_CLASSES.some((known) => known === type.toLowerCase())) return true;
  const given = Object.keys(document).filter((key) => CANONICAL_KEYS.has(key));
  const named = document.source !== undefined || typeof document.alert_type === 'string';
  return named && given.length > 1;
}

export const canonical: Format = {
  name: 'canonical',
  title: 'Canonical alert',
  understand: ({ syntax, fields }, submission) =>
    syntax === 'json' && detectCanonical(fields) ? mapCanonical(fields, submission) : undefined,
};
