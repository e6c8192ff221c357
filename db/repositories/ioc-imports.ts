import { randomBytes } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json';
import { newImportId } from '../../domain/ids';
import type { Knex, Transaction } from '../connect';
import { InvalidCursorError, isDuplicateKey } from '../errors';
import { sha256Of } from '../hashes';
import type { IocImportRepository, NewImport } from '../ioc-views';
import { IocImportProblems, IocImports } from '../models';
import type { IocImportProblemRow, IocImportRow } from '../rows';
import { shift, toInstant, toSqlTime } from '../time';
import type { Instant } from '../time';
import { newestPage } from '../time-cursor';
import { inTransaction } from '../transaction';
import { CHECK_LATER_MS } from './ioc-import-batch';
import { dropBrokenOff, dropFile, handOver, keepFile } from './ioc-chunks';
import { giveUpImport, workImport } from './ioc-import-work';

/** Long enough for a start that is under way. */
const CHECK_SOON_MS = 5_000;
const TRIES = 5;

export function createIocImportRepository(knex: Knex): IocImportRepository {
  async function get(id: string): Promise<IocImportRow | undefined> {
    return (await IocImports.query(knex).findById(id))?.toJSON();
  }

  return {
    get,

    async receive(file, wanted) {
      const at = toInstant(wanted.at);
      await dropBrokenOff(knex, at);
      const id = newImportId(randomBytes);
      try {
        const kept = await keepFile(knex, id, file, at);
        return await accept(knex, id, { ...wanted, at, ...kept });
      } catch (error) {
        await dropFile(knex, id).catch(() => {});
        throw error;
      }
    },

    list({ source, ...page }) {
      const query = IocImports.query(knex);
      if (source !== undefined) void query.where({ source });
      return newestPage<IocImportRow>(query, page);
    },

    async problems(id, { limit, cursor }) {
      const query = IocImportProblems.query(knex).where({ import_id: id }).orderBy('seq');
      if (cursor !== undefined) void query.where('seq', '>', seqOf(cursor));
      const found = (await query.limit(limit + 1)).map((row) => row.toJSON() as IocImportProblemRow);
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, nextCursor: found.length > limit && last ? String(last.seq) : null };
    },

    work: (id, options) => workImport(knex, id, options),

    giveUp: (id, { at, reason }) => giveUpImport(knex, id, { at, error: reason }),

    async due(now, limit) {
      const rows = await IocImports.query(knex)
        .where('check_at', '<=', toSqlTime(now))
        .orderBy('check_at')
        .limit(limit);
      return rows.map((row) => row.toJSON() as IocImportRow);
    },

    async checkAgain(id, at) {
      await knex('ioc_imports')
        .where({ id })
        .whereNotNull('check_at')
        .update({ check_at: toSqlTime(shift(at, CHECK_LATER_MS)) });
    },
  };
}

/** @throws InvalidCursorError */
function seqOf(cursor: string): number {
  if (!/^\d{1,9}$/.test(cursor)) throw new InvalidCursorError();
  return Number(cursor);
}

type Kept = NewImport & { at: Instant; bytes: number; sha256: Buffer };

/** Makes an import of a file that is kept under `id`, unless it is one of before. */
async function accept(knex: Knex, id: string, kept: Kept): Promise<{ repeated: boolean; job: IocImportRow }> {
  const row = newRow(id, kept);
  for (let tries = 1; ; tries += 1) {
    try {
      const job = await inTransaction(knex, async (trx) => {
        const found = await IocImports.query(trx).findOne({ identity: row.identity }).forUpdate();
        if (found) return repeat(trx, found.toJSON(), row);
        await IocImports.query(trx).insert(row);
        return row;
      });
      return { repeated: job.id !== id, job };
    } catch (error) {
      // the same file at the same time: the other one's import is there now
      if (!isDuplicateKey(error) || tries === TRIES) throw error;
    }
  }
}

/** One that failed is done again, as it is asked for now. */
async function repeat(trx: Transaction, job: IocImportRow, wanted: IocImportRow): Promise<IocImportRow> {
  if (job.state !== 'failed') {
    await dropFile(trx, wanted.id);
    return job;
  }
  await handOver(trx, wanted.id, job.id);
  await trx('ioc_import_problems').where({ import_id: job.id }).delete();
  const again = { ...wanted, id: job.id };
  await IocImports.query(trx).findById(job.id).patch(again);
  return again;
}

const UNDONE = {
  ...{
    state: 'queued' as const,
    error: null,
    position: 0,
    bytes_done: 0,
    lines: 0,
    added: 0,
    updated: 0,
    unchanged: 0,
  },
  ...{ revoked: 0, flagged: 0, refused: 0, unsupported: 0, started_at: null, finished_at: null },
};

function newRow(id: string, { source, fileName, options, actor, at, bytes, sha256 }: Kept): IocImportRow {
  return {
    ...{ id, source, file_name: fileName, bytes, file_sha256: sha256, options, format: options.format },
    identity: sha256Of([source, sha256.toString('hex'), canonicalJson(options)]),
    ...{ requested_by: actor, created_at: at, check_at: shift(at, CHECK_SOON_MS) },
    ...UNDONE,
  };
}
