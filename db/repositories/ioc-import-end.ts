import { appendActions, deed, openChain, SYSTEM_CHAIN } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import { IocImports } from '../models';
import type { IocImportRow } from '../rows';
import { inTransaction } from '../transaction';
import { dropFile } from './ioc-chunks';
import { stillMine } from './ioc-import-batch';

/** Imports of a source whose problems are kept, line by line; the counts of all of them are. */
const REPORTS_KEPT = 20;

/** Ends an import: its file is no longer needed, and what came of it stands in the system's chain. */
export function endImport(
  knex: Knex,
  job: IocImportRow,
  { at, error }: { at: string; error: string | null },
): Promise<IocImportRow> {
  return inTransaction(knex, async (trx) => {
    const key = `ioc-import/${job.id}`;
    const chain = await openChain(trx, SYSTEM_CHAIN, key);
    await stillMine(trx, job);
    const end = { state: error === null ? 'done' : 'failed', error, finished_at: at, check_at: null } as const;
    await IocImports.query(trx).findById(job.id).patch(end);
    await dropFile(trx, job.id);
    await dropOldProblems(trx, job.source);
    const ended = { ...job, ...end };
    const told = deed({
      ...{ incident_id: null, at, action: 'import_iocs', actor: job.requested_by },
      // one that failed and was asked for again has a row of each time
      action_key: chain.row ? `${key}/${job.created_at}` : key,
      summary: summaryOf(ended),
      detail: detailOf(ended),
    });
    await appendActions(trx, chain, [{ ...told, status: error === null ? 'ok' : 'failed' }]);
    return ended;
  });
}

/** A feed that is polled every hour would heap up what nobody reads again. */
async function dropOldProblems(trx: Transaction, source: string): Promise<void> {
  const old: { id: string }[] = await trx('ioc_imports')
    .where({ source })
    .orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .offset(REPORTS_KEPT)
    .limit(REPORTS_KEPT)
    .select('id');
  const ids = old.map(({ id }) => id);
  if (ids.length > 0) await trx('ioc_import_problems').whereIn('import_id', ids).delete();
}

function summaryOf({ id, source, file_name, error, ...job }: IocImportRow): string {
  const name = `${id} of ${file_name ?? 'a file'} for ${source}`;
  if (error !== null) return `${name} failed: ${error}`;
  const { added, updated, unchanged, revoked, refused } = job;
  return `${name}: ${added} added, ${updated} updated, ${unchanged} unchanged, ${revoked} revoked, ${refused} refused`;
}

function detailOf(job: IocImportRow): Record<string, unknown> {
  const { id, source, file_name, bytes, file_sha256, format, options, lines, error } = job;
  const { added, updated, unchanged, revoked, flagged, refused, unsupported } = job;
  return {
    ...{ import_id: id, source, file_name, bytes, file_sha256: file_sha256.toString('hex'), format, options, error },
    ...{ lines, added, updated, unchanged, revoked, flagged, refused, unsupported },
  };
}
