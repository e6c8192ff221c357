import { saysAll } from '../../domain/json-fidelity';
import type { Knex, Transaction } from '../connect';
import { sha256 } from '../hashes';
import { toSqlTime } from '../time';
import { inTransaction } from '../transaction';
import type { RawView } from '../views';

export interface RawDocument {
  body: Buffer;
  mediaType: string;
}

/** Keeps exact bytes by their SHA-256; the same document is kept once. */
export async function storeRaw(trx: Transaction, document: RawDocument, at: string): Promise<Buffer> {
  const digest = sha256(document.body);
  await trx('raw_documents')
    .insert({
      sha256: digest,
      media_type: document.mediaType.slice(0, 255),
      body: document.body,
      created_at: toSqlTime(at),
    })
    .onConflict('sha256')
    .ignore();
  return digest;
}

/** As {@link storeRaw}, on its own: what is there already is not sent again. */
export async function keepRaw(knex: Knex, document: RawDocument, at: string): Promise<void> {
  const known = await knex('raw_documents')
    .where({ sha256: sha256(document.body) })
    .select<unknown[]>(knex.raw('1'));
  if (known.length === 0) await inTransaction(knex, (trx) => storeRaw(trx, document, at));
}

/** Much less than a server takes at least. */
const MOST_BYTES = 8 * 1024 * 1024;

/** As {@link storeRaw}, for several at once: always in one order, so that two who keep the same ones do not deadlock. */
export async function storeAllRaw(
  trx: Transaction,
  documents: readonly (RawDocument & { at: string })[],
): Promise<void> {
  const rows = new Map(
    documents.map(({ body, mediaType, at }) => {
      const digest = sha256(body);
      const row = { sha256: digest, media_type: mediaType.slice(0, 255), body, created_at: toSqlTime(at) };
      return [digest.toString('hex'), row];
    }),
  );
  let batch: unknown[] = [];
  let bytes = 0;
  const write = async () => {
    if (batch.length > 0) await trx('raw_documents').insert(batch).onConflict('sha256').ignore();
    [batch, bytes] = [[], 0];
  };
  for (const [, row] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (bytes + row.body.length > MOST_BYTES) await write();
    batch.push(row);
    bytes += row.body.length;
  }
  await write();
}

/** Of all documents that are shown together: each place that shows one counts. */
const MOST_BYTES_SHOWN = 8 * 1024 * 1024;

/**
 * Gives out documents to the places that show them, named by their hashes (hex) in the order in which they will ask; the
 * rest is told that it would be too much.
 */
export async function showRaw(
  knex: Knex,
  digests: readonly string[],
): Promise<(digest: string) => RawView | 'too_much' | undefined> {
  const sizes = await sizesOf(knex, [...new Set(digests)]);
  const places = new Map<string, number>();
  let left = MOST_BYTES_SHOWN;
  for (const digest of digests) {
    const size = sizes.get(digest);
    if (size === undefined || size > left) continue;
    left -= size;
    places.set(digest, (places.get(digest) ?? 0) + 1);
  }
  const rows = await knex<{ sha256: Buffer; media_type: string; body: Buffer }>('raw_documents').whereIn(
    'sha256',
    [...places.keys()].map((digest) => Buffer.from(digest, 'hex')),
  );
  const views = new Map(rows.map((row) => [row.sha256.toString('hex'), rawView(row.media_type, row.body)]));
  return (digest) => {
    const free = places.get(digest) ?? 0;
    if (free === 0) return sizes.has(digest) ? 'too_much' : undefined;
    places.set(digest, free - 1);
    return views.get(digest);
  };
}

async function sizesOf(knex: Knex, digests: readonly string[]): Promise<Map<string, number>> {
  const rows: { sha256: Buffer; size: number }[] = await knex('raw_documents')
    .whereIn(
      'sha256',
      digests.map((digest) => Buffer.from(digest, 'hex')),
    )
    .select('sha256', knex.raw('OCTET_LENGTH(body) AS size'));
  return new Map(rows.map((row) => [row.sha256.toString('hex'), Number(row.size)]));
}

function rawView(mediaType: string, body: Buffer): RawView {
  const text = body.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(body)) return { media_type: mediaType, base64: body.toString('base64') };
  const json = parsed(text);
  return json !== undefined && saysAll(text, json) ? { media_type: mediaType, json } : { media_type: mediaType, text };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
