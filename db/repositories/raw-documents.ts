import { saysAll } from '../../domain/json-fidelity';
import type { Knex, Transaction } from '../connect';
import { sha256 } from '../hashes';
import { toSqlTime } from '../time';
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

/** The documents of the given hashes (hex), ready to be shown. */
export async function showRaw(knex: Knex, hashes: readonly Buffer[]): Promise<Map<string, RawView>> {
  const rows = await knex<{ sha256: Buffer; media_type: string; body: Buffer }>('raw_documents').whereIn('sha256', [
    ...hashes,
  ]);
  return new Map(rows.map((row) => [row.sha256.toString('hex'), rawView(row.media_type, row.body)]));
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
