import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import type { Knex } from '../connect';
import { shift, toSqlTime } from '../time';
import type { Instant } from '../time';

/** Of the file, in bytes. */
const CHUNK = 512 * 1024;
/** Lists of addresses shrink to a fifth by the quickest level, and the best one gains little more. */
const LEVEL = 1;
/** An upload that is not over after a day has broken off. */
const BROKEN_OFF_MS = 86_400_000;

const pack = promisify(deflate);
const unpack = promisify(inflate);

/** Keeps a file in pieces, one of them in memory at a time. @throws whatever the stream throws; some pieces stand then */
export async function keepFile(
  knex: Knex,
  importId: string,
  file: AsyncIterable<Buffer>,
  at: Instant,
): Promise<{ bytes: number; sha256: Buffer }> {
  const hash = createHash('sha256');
  const created_at = toSqlTime(at);
  let bytes = 0;
  let seq = 0;
  let held: Buffer[] = [];
  let length = 0;

  async function keep(chunk: Buffer): Promise<void> {
    const data = await pack(chunk, { level: LEVEL });
    await knex('ioc_import_chunks').insert({ import_id: importId, seq, data, created_at });
    seq += 1;
  }

  for await (const piece of file) {
    hash.update(piece);
    bytes += piece.length;
    held.push(piece);
    length += piece.length;
    while (length >= CHUNK) {
      const all = Buffer.concat(held);
      await keep(all.subarray(0, CHUNK));
      held = [Buffer.from(all.subarray(CHUNK))];
      length -= CHUNK;
    }
  }
  if (length > 0) await keep(Buffer.concat(held));
  return { bytes, sha256: hash.digest() };
}

/** The pieces in their order, each read when it is wanted. */
export async function* keptFile(knex: Knex, importId: string): AsyncGenerator<Buffer> {
  for (let seq = 0; ; seq += 1) {
    const row: { data: Buffer } | undefined = await knex('ioc_import_chunks')
      .where({ import_id: importId, seq })
      .first('data');
    if (!row) return;
    yield await unpack(row.data);
  }
}

/** Gives the pieces of one import to another one, in the place of its own. */
export async function handOver(knex: Knex, from: string, to: string): Promise<void> {
  await dropFile(knex, to);
  await knex('ioc_import_chunks').where({ import_id: from }).update({ import_id: to });
}

export async function dropFile(knex: Knex, importId: string): Promise<void> {
  await knex('ioc_import_chunks').where({ import_id: importId }).delete();
}

/** Drops what is left of uploads that broke off with the process that took them in. */
export async function dropBrokenOff(knex: Knex, now: Instant): Promise<void> {
  const broken = await knex('ioc_import_chunks as chunk')
    .leftJoin('ioc_imports as import', 'import.id', 'chunk.import_id')
    .whereNull('import.id')
    .where('chunk.created_at', '<', toSqlTime(shift(now, -BROKEN_OFF_MS)))
    .distinct<{ import_id: string }[]>('chunk.import_id');
  for (const { import_id } of broken) await dropFile(knex, import_id);
}
