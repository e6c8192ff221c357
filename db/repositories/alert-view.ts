import { raw } from 'objection';
import type { Knex } from '../connect';
import { Alerts } from '../models';
import type { AlertRow } from '../rows';
import type { AlertView, RawView } from '../views';

/** Of one text, of one list of texts, and of `extra` as JSON: more is in the raw document. */
const MOST_CHARACTERS = 16 * 1024;
/** Of all alerts that are shown together, as JSON. */
const MOST_BYTES_SHOWN = 8 * 1024 * 1024;
/** Of rows that are read at once, in bytes of what is stored. */
const MOST_BYTES_READ = 8 * 1024 * 1024;

/** An alert that is to be shown, and how much there is of it. */
export type Weighed = Pick<AlertRow, 'id' | 'received_at'> & { weight: number };

/** What a query for {@link Weighed} selects. */
export const WEIGHED = ['id', 'received_at', raw('OCTET_LENGTH(fields) + OCTET_LENGTH(extra)').as('weight')] as const;

/** The alerts in the given order, long texts cut; read a few at a time, since each may be as large as a document. */
export async function readAlerts(knex: Knex, wanted: readonly Weighed[]): Promise<AlertView[]> {
  const views = new Map<string, AlertView>();
  for (const ids of batches(wanted)) {
    const rows = await Alerts.query(knex).whereIn('id', ids);
    for (const row of rows) views.set(row.id, alertView(row.toJSON()));
  }
  return wanted.flatMap(({ id }) => views.get(id) ?? []);
}

/** How many of them, from the first one on and at least one, may be shown together. */
export function fittingStart(views: readonly AlertView[]): number {
  let bytes = 0;
  const beyond = views.findIndex((view) => (bytes += sizeOf(view)) > MOST_BYTES_SHOWN);
  return beyond === -1 ? views.length : Math.max(1, beyond);
}

/** As many of the first and the last as may be shown together. */
export function fittingEnds(views: readonly AlertView[]): AlertView[] {
  const sizes = views.map(sizeOf);
  let bytes = sizes.reduce((sum, size) => sum + size, 0);
  let [head, tail] = [Math.ceil(views.length / 2), Math.ceil(views.length / 2)];
  while (bytes > MOST_BYTES_SHOWN && head + views.length - tail > 1) {
    if (head >= views.length - tail) bytes -= sizes[--head] as number;
    else bytes -= sizes[tail++] as number;
  }
  return [...views.slice(0, head), ...views.slice(tail)];
}

export function withRaw<View extends { raw_sha256: string | null }>(
  view: View,
  documents: (digest: string) => RawView | 'too_much' | undefined,
): View {
  const document = view.raw_sha256 === null ? undefined : documents(view.raw_sha256);
  if (document === undefined) return view;
  return document === 'too_much' ? { ...view, raw_omitted: true } : { ...view, raw: document };
}

function batches(wanted: readonly Weighed[]): string[][] {
  const all: string[][] = [[]];
  let bytes = 0;
  for (const { id, weight } of wanted) {
    if (bytes > 0 && bytes + weight > MOST_BYTES_READ) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)?.push(id);
    bytes += weight;
  }
  return all.filter((ids) => ids.length > 0);
}

function alertView(row: AlertRow): AlertView {
  return {
    ...cutFields(row.fields),
    alert_id: row.id,
    source_alert_id: row.source_alert_id,
    format: row.format,
    received_at: row.received_at,
    classification: row.classification,
    extra: cutExtra(row.extra),
    raw_sha256: row.raw_sha256.toString('hex'),
  };
}

function cutFields(fields: AlertRow['fields']): AlertRow['fields'] {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, cut(value)]),
  ) as unknown as AlertRow['fields'];
}

function cut(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value);
  return Array.isArray(value) ? cutList(value) : value;
}

function cutText(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  // no half of a surrogate pair
  const start = text.slice(0, MOST_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '');
  return `${start}… [cut: ${text.length} characters; whole with ?include=raw]`;
}

function cutList(values: readonly unknown[]): unknown[] {
  let characters = 0;
  const cutOnes = values.map(cut);
  const beyond = cutOnes.findIndex((one, index) => (characters += lengthOf(one)) > MOST_CHARACTERS && index > 0);
  if (beyond === -1) return cutOnes;
  return [...cutOnes.slice(0, beyond), `… [cut: ${values.length} entries; whole with ?include=raw]`];
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length + 3 : sizeOf(value);
}

function cutExtra(extra: Record<string, unknown>): Record<string, unknown> {
  const bytes = sizeOf(extra);
  return bytes > MOST_CHARACTERS ? { _cut: `${bytes} bytes; see the raw document` } : extra;
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
