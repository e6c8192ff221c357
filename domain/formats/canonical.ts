import { ALERT_CLASSES, type Alert } from '../alert';
import { strongestHash } from '../hashes';
import { CANONICAL_KEYS, canonicalAlertSchema } from './canonical-schema';
import { InvalidAlertError, isObject, pointerOf, type Format, type MappedAlert } from './format';

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

function mapCanonical(document: unknown): MappedAlert[] {
  if (!isObject(document)) throw new InvalidAlertError([{ pointer: '', detail: 'must be an object' }]);
  const { known, extra } = split(document);
  const parsed = canonicalAlertSchema.safeParse(known);
  if (!parsed.success) {
    throw new InvalidAlertError(
      parsed.error.issues.map(({ path, message }) => ({ pointer: pointerOf(path), detail: message })),
    );
  }
  const fields: Alert = compact(parsed.data);
  const fileHash = fields.file_hash ?? strongestHash(fields.file_hashes ?? []);
  const alert: Alert = { severity: 'medium', ...fields, ...(fileHash === undefined ? {} : { file_hash: fileHash }) };
  return [{ alert, original: document, extra }];
}

/**
 * A string `source` and another canonical key. Without a usable source, one of our own alert types says as much: such
 * a document was meant for us, and the missing field is better named than the alert filed away unclassified.
 */
function detectCanonical(document: unknown): boolean {
  if (!isObject(document)) return false;
  const others = Object.keys(document).filter((key) => key !== 'source' && CANONICAL_KEYS.has(key));
  if (typeof document.source === 'string') return others.length > 0;
  return ALERT_CLASSES.some((known) => known === document.alert_type);
}

export const canonical: Format = {
  name: 'canonical',
  title: 'Canonical alert',
  detect: detectCanonical,
  map: mapCanonical,
};
