import type { IocFlag } from '../../domain/intel/indicator';
import type { Knex, Transaction } from '../connect';
import { ImportTakenError } from '../errors';
import { utf8 } from '../hashes';
import { inPieces } from '../in-pieces';
import type { SourceDefaults } from '../ioc-telling';
import type { Finding, ImportWork } from '../ioc-views';
import { IocImports } from '../models';
import type { IocImportProblemRow, IocImportRow } from '../rows';
import { shift, toInstant } from '../time';
import { inTransaction } from '../transaction';
import { tell } from './ioc-batch';

/** Problems of one import that are kept; the counts have them all. */
const MOST_PROBLEMS = 10_000;
const LONGEST_TEXT = 500;
/** How long a batch may take before the keeper looks whether somebody is at it. */
export const CHECK_LATER_MS = 60_000;

export interface ReadBatch {
  findings: readonly Finding[];
  /** Of the file that are read by now. */
  bytes: number;
  /** Name of it, once it is known. */
  format: string | undefined;
}

interface Writing {
  batch: ReadBatch;
  defaults: SourceDefaults;
  work: ImportWork;
}

type Kept = Extract<Finding, { kind: 'indicator' }>;

/**
 * Writes a batch with the place that the import has come to.
 * @param job as the one who does it has seen it last
 * @throws ImportTakenError when somebody else has gone on with it
 */
export async function writeBatch(
  knex: Knex,
  job: IocImportRow,
  { batch, defaults, work }: Writing,
): Promise<IocImportRow> {
  const kept = batch.findings.filter((finding): finding is Kept => finding.kind === 'indicator');
  const told = { source: job.source, importId: job.id, actor: job.requested_by, at: job.created_at, defaults };
  const problems = problemsOf(batch.findings, warnings(kept, work));
  const done = await inTransaction(knex, async (trx) => {
    await stillMine(trx, job);
    const counts = await tell(
      trx,
      kept.map(({ indicator }) => indicator),
      told,
    );
    await keepProblems(trx, job, problems);
    const after = progressed(job, {
      batch,
      problems,
      counts,
      check_at: shift(work.clock().toISOString(), CHECK_LATER_MS),
    });
    const { position, bytes_done, lines, added, updated, unchanged, revoked } = after;
    const { flagged, refused, unsupported, format, check_at } = after;
    await IocImports.query(trx)
      .findById(job.id)
      .patch({
        ...{ position, bytes_done, lines, added, updated, unchanged, revoked },
        ...{ flagged, refused, unsupported, format, check_at },
      });
    return after;
  });
  work.onProgress?.(done);
  return done;
}

/** Locks the import for the rest of the transaction. @throws ImportTakenError */
export async function stillMine(trx: Transaction, { id, position }: IocImportRow): Promise<void> {
  const found = await IocImports.query(trx).findById(id).forUpdate().select('position', 'state');
  if (found?.state !== 'running' || found.position !== position) throw new ImportTakenError(id);
}

function warnings(kept: readonly Kept[], { warningsOf }: ImportWork): string[][] {
  return warningsOf(kept.map(({ indicator: { type, value } }) => ({ type, value })));
}

type Problem = Pick<IocImportProblemRow, 'line' | 'kind' | 'text' | 'reason'>;

const FLAGS: Record<IocFlag, string> = {
  private: 'Is a private address',
  reserved: 'Is a reserved address',
  internal_name: 'Is a name that cannot be public',
};

/** Refused lines, and values that are kept though something speaks against them; in the order of the file. */
function problemsOf(findings: readonly Finding[], warned: readonly string[][]): Problem[] {
  let next = 0;
  return findings.flatMap((finding): Problem[] => {
    const { line } = finding;
    if (finding.kind !== 'indicator') return [{ line, kind: finding.kind, text: finding.text, reason: finding.reason }];
    const lists = warned[next++] ?? [];
    const { indicator, flags } = finding;
    if (indicator.revoked || (flags.length === 0 && lists.length === 0)) return [];
    const reasons = flags.map((flag) => FLAGS[flag]);
    if (lists.length > 0) reasons.push(`Is on ${lists.join(', ')}`);
    return [{ line, kind: 'flagged', text: indicator.value, reason: reasons.join('; ') }];
  });
}

async function keepProblems(trx: Transaction, job: IocImportRow, problems: readonly Problem[]): Promise<void> {
  const before = job.flagged + job.refused + job.unsupported;
  const rows = problems.slice(0, Math.max(0, MOST_PROBLEMS - before)).map(({ line, kind, text, reason }, index) => ({
    ...{ import_id: job.id, seq: before + index + 1, line, kind },
    ...{ text: utf8(text.slice(0, LONGEST_TEXT)), reason: utf8(reason.slice(0, LONGEST_TEXT)) },
  }));
  for (const piece of inPieces(rows)) await trx('ioc_import_problems').insert(piece);
}

interface Progress {
  batch: ReadBatch;
  problems: readonly Problem[];
  counts: Pick<IocImportRow, 'added' | 'updated' | 'unchanged' | 'revoked'>;
  check_at: string;
}

function progressed(job: IocImportRow, { batch, problems, counts, check_at }: Progress): IocImportRow {
  const of = (kind: Problem['kind']): number => problems.filter((problem) => problem.kind === kind).length;
  return {
    ...job,
    position: job.position + batch.findings.length,
    bytes_done: batch.bytes,
    lines: Math.max(job.lines, batch.findings.at(-1)?.line ?? 0),
    added: job.added + counts.added,
    updated: job.updated + counts.updated,
    unchanged: job.unchanged + counts.unchanged,
    revoked: job.revoked + counts.revoked,
    flagged: job.flagged + of('flagged'),
    refused: job.refused + of('refused'),
    unsupported: job.unsupported + of('unsupported'),
    format: batch.format ?? job.format,
    check_at: toInstant(check_at),
  };
}
