import type { Indicator } from '../../domain/intel/indicator';
import type { Transaction } from '../connect';
import { observableHash } from '../hashes';
import { inPieces } from '../in-pieces';
import { saidThen, saysTheSame, takenBack } from '../ioc-telling';
import type { Said, Teller } from '../ioc-telling';
import { IocSightings } from '../models';
import { rangePrefix } from '../ioc-candidates';
import type { Instant } from '../time';
import { addTags, renewTags, searchTags } from './ioc-tags';
import type { TagRow } from './ioc-tags';

/** What became of the findings of a batch, each counted once. */
export interface ToldCounts {
  /** Entries that were not there before. */
  added: number;
  /** Known entries of which this says something new. */
  updated: number;
  unchanged: number;
  /** Taken back, whether or not the source had said it here. */
  revoked: number;
}

/** One value of a batch, as the database has it and as it is to be. */
interface Entry {
  indicator: Indicator;
  hash: Buffer;
  /** Undefined while there is no entry. */
  id: number | undefined;
  known: Said | undefined;
  now: Said | undefined;
}

/** Waits until nobody else writes entries; the turn ends with the transaction. */
export async function takeTurn(trx: Transaction): Promise<void> {
  await trx('ioc_writing').where('name', 'turn').forUpdate().select('name');
}

/**
 * Has the database know what a source says of a number of values: in a few statements, and only what is new is written.
 * The counts are those of one finding after the other, so they do not depend on how a file is cut into batches.
 */
export async function tell(trx: Transaction, indicators: readonly Indicator[], teller: Teller): Promise<ToldCounts> {
  await takeTurn(trx);
  const entries = entriesOf(indicators);
  await findIds(trx, [...entries.values()]);
  await findKnown(trx, [...entries.values()], teller.source);
  const counts = { added: 0, updated: 0, unchanged: 0, revoked: 0 };
  for (const indicator of indicators) {
    const entry = entries.get(keyOf(indicator));
    if (entry) counts[hear(entry, indicator, teller)] += 1;
  }
  const said = [...entries.values()].filter(isSaid);
  await create(
    trx,
    said.filter(({ id }) => id === undefined),
    teller,
  );
  const news = said.filter(({ known, now }) => !known || now.import_id !== known.import_id || !saysTheSame(known, now));
  await writeSightings(trx, news, teller.source);
  await followTags(trx, news);
  return counts;
}

function keyOf({ type, value }: Indicator): string {
  return `${type}:${value}`;
}

function entriesOf(indicators: readonly Indicator[]): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const indicator of indicators) {
    const key = keyOf(indicator);
    if (entries.has(key)) continue;
    entries.set(key, { indicator, hash: observableHash(indicator), id: undefined, known: undefined, now: undefined });
  }
  return entries;
}

function hear(entry: Entry, indicator: Indicator, teller: Teller): keyof ToldCounts {
  const before = entry.now;
  if (indicator.revoked) {
    if (before) entry.now = takenBack(before, indicator, teller);
    return before === entry.now && before ? 'unchanged' : 'revoked';
  }
  entry.now = saidThen(before, indicator, teller);
  if (before) return saysTheSame(before, entry.now) ? 'unchanged' : 'updated';
  return entry.id === undefined ? 'added' : 'updated';
}

type SaidEntry = Entry & { now: Said };

function isSaid(entry: Entry): entry is SaidEntry {
  return entry.now !== undefined;
}

async function findIds(trx: Transaction, entries: readonly Entry[]): Promise<void> {
  for (const piece of inPieces(entries)) {
    const hashes = piece.map(({ hash }) => hash);
    // a list between brackets, which the driver writes more quickly than a query builder
    const [rows] = (await trx.raw('SELECT id, ioc_hash FROM iocs WHERE ioc_hash IN ?', [[hashes]] as never)) as [
      { id: number; ioc_hash: Buffer }[],
    ];
    noteIds(piece, rows);
  }
}

function noteIds(entries: readonly Entry[], rows: readonly { id: number; ioc_hash: Buffer }[]): void {
  if (rows.length === 0) return;
  const ids = new Map(rows.map(({ id, ioc_hash }) => [ioc_hash.toString('latin1'), id]));
  for (const entry of entries) entry.id ??= ids.get(entry.hash.toString('latin1'));
}

async function findKnown(trx: Transaction, entries: readonly Entry[], source: string): Promise<void> {
  const byId = new Map(entries.flatMap((entry) => (entry.id === undefined ? [] : [[entry.id, entry] as const])));
  for (const ids of inPieces([...byId.keys()])) {
    for (const row of await IocSightings.query(trx).where({ source }).whereIn('ioc_id', ids)) {
      const { ioc_id, source: _same, ...known } = row.toJSON() as typeof row;
      const entry = byId.get(ioc_id);
      if (entry) entry.known = entry.now = known as Said;
    }
  }
}

async function create(trx: Transaction, entries: readonly Entry[], { actor, at }: Teller): Promise<void> {
  // in the order of their hashes the index takes them best
  const sorted = [...entries].sort((a, b) => a.hash.compare(b.hash));
  for (const piece of inPieces(sorted, ({ indicator }) => indicator.value.length + 200)) {
    const rows = piece.map(({ indicator: { type, value }, hash }) => [
      ...[type, value, hash, rangePrefix({ type, value }), sqlTime(at), actor],
    ]);
    const columns = 'type, value, ioc_hash, prefix, created_at, created_by';
    const [{ insertId }] = (await trx.raw(`INSERT INTO iocs (${columns}) VALUES ?`, [rows] as never)) as [
      { insertId: number },
    ];
    // nobody else can have added any since
    noteIds(piece, await trx('iocs').where('id', '>=', insertId).select('id', 'ioc_hash'));
  }
}

const SAID = [
  ...(['confidence', 'first_seen', 'last_seen', 'expires_at', 'tlp', 'tags', 'reference'] as const),
  ...(['added_by', 'added_at', 'import_id', 'revoked_at'] as const),
];

async function writeSightings(trx: Transaction, entries: readonly SaidEntry[], source: string): Promise<void> {
  const changes = SAID.map((column) => `${column} = VALUES(${column})`).join(', ');
  const rows = entries.map(({ id, now }) => [
    ...[id, source, now.confidence, sqlTime(now.first_seen), sqlTime(now.last_seen), sqlTime(now.expires_at)],
    ...[now.tlp, JSON.stringify(now.tags), now.reference, now.added_by, sqlTime(now.added_at), now.import_id],
    sqlTime(now.revoked_at),
  ]);
  const weigh = (row: (typeof rows)[number]): number => String(row[7]).length + String(row[8]).length + 400;
  for (const piece of inPieces(rows, weigh)) {
    await trx.raw(
      `INSERT INTO ioc_sightings (ioc_id, source, ${SAID.join(', ')}) VALUES ? ON DUPLICATE KEY UPDATE ${changes}`,
      [piece] as never,
    );
  }
}

/** As `toSqlTime`, of what is known to be an instant. */
function sqlTime(time: Instant | null): string | null {
  return time && `${time.slice(0, 10)} ${time.slice(11, -1)}`;
}

async function followTags(trx: Transaction, entries: readonly SaidEntry[]): Promise<void> {
  const added: TagRow[] = [];
  const lost: number[] = [];
  for (const { id, known, now } of entries) {
    if (id === undefined) continue;
    const [before, after] = [searchTags(known?.tags ?? []), searchTags(now.tags)];
    if (before.some((tag) => !after.includes(tag))) lost.push(id);
    else for (const tag of after) if (!before.includes(tag)) added.push([tag, id]);
  }
  await addTags(trx, added);
  await renewTags(trx, lost);
}
