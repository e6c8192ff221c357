import { setImmediate as otherWork } from 'node:timers/promises';
import { UnknownFormatError, openIntel } from '../../domain/intel/read-intel';
import type { IntelReader } from '../../domain/intel/read-intel';
import type { Knex } from '../connect';
import type { Finding, ImportOptions, ImportWork } from '../ioc-views';
import { IocImportProblems, IocImports } from '../models';
import type { IocImportRow } from '../rows';
import { shift, toInstant } from '../time';
import { keptFile } from './ioc-chunks';
import { endImport } from './ioc-import-end';
import { CHECK_LATER_MS, writeBatch } from './ioc-import-batch';
import type { ReadBatch } from './ioc-import-batch';
import { settingsOf } from './ioc-settings';

/** Findings of one transaction. */
const BATCH = 1_000;
/** Bytes that are read at a stretch: what else the process does waits for no more. */
const SLICE = 2 * 1024;

/**
 * Reads the file of an import from where the last one who did it came to. While a batch is being written the next one is
 * read; no more than a piece of the file and two batches are in memory.
 * @throws ImportTakenError
 */
export async function workImport(knex: Knex, id: string, work: ImportWork): Promise<IocImportRow> {
  const job = await begin(knex, id, nowOf(work));
  if (job.state !== 'running') return job;
  const options = job.options as ImportOptions;
  const defaults = await settingsOf(knex, job.source, options);
  const reader = openReader(job, options);
  if (reader instanceof UnknownFormatError) return endImport(knex, job, { at: nowOf(work), error: reader.message });
  let latest = job;
  let written = Promise.resolve(job);
  try {
    for await (const batch of batchesOf(knex, { job, reader, work, beat: () => work.onProgress?.(latest) })) {
      latest = await written;
      work.signal?.throwIfAborted();
      written = writeBatch(knex, latest, { batch, defaults, work });
      // until it is waited for, nobody hears of its failure
      written.catch(() => {});
    }
  } finally {
    await written.catch(() => {});
  }
  const error = reader.format ? null : await whyUnread(knex, id);
  return endImport(knex, await written, { at: nowOf(work), error });
}

/** Ends an import before its file is read to the end. @throws ImportTakenError */
export async function giveUpImport(
  knex: Knex,
  id: string,
  { at, error }: { at: string; error: string },
): Promise<IocImportRow> {
  const job = await begin(knex, id, at);
  return job.state === 'running' ? endImport(knex, job, { at: toInstant(at), error }) : job;
}

/** A file that no format can read has one finding, which tells why. */
async function whyUnread(knex: Knex, id: string): Promise<string> {
  const finding = await IocImportProblems.query(knex).where({ import_id: id }).orderBy('seq').first();
  return finding?.reason ?? 'Nobody here can read the file';
}

function nowOf({ clock }: ImportWork): string {
  return toInstant(clock().toISOString());
}

/** @returns the import as it stands; `running` when there is something to do */
async function begin(knex: Knex, id: string, now: string): Promise<IocImportRow> {
  const found = await IocImports.query(knex).findById(id);
  if (!found) throw new Error(`There is no import ${id}`);
  const job = found.toJSON() as IocImportRow;
  if (job.state === 'done' || job.state === 'failed') return job;
  const begun = {
    state: 'running' as const,
    started_at: job.started_at ?? toInstant(now),
    check_at: shift(now, CHECK_LATER_MS),
  };
  await IocImports.query(knex).findById(id).whereIn('state', ['queued', 'running']).patch(begun);
  return { ...job, ...begun };
}

function openReader({ created_at }: IocImportRow, options: ImportOptions): IntelReader | UnknownFormatError {
  const { format, columns, type } = options;
  try {
    return openIntel({
      // the same whenever it is read
      now: created_at,
      ...(format !== null && { format }),
      ...(columns && { columns }),
      ...(type !== null && { type }),
    });
  } catch (error) {
    if (error instanceof UnknownFormatError) return error;
    throw error;
  }
}

interface Reading {
  job: IocImportRow;
  reader: IntelReader;
  work: ImportWork;
  /** For what is read without anything to write. */
  beat: () => void;
}

/** What is still to be done of a file, in batches of its findings; the last one may be empty. */
async function* batchesOf(knex: Knex, { job, reader, work, beat }: Reading): AsyncGenerator<ReadBatch> {
  let findings: Finding[] = [];
  let toSkip = job.position;
  let bytes = 0;

  function take(found: Finding[]): void {
    const skipped = Math.min(toSkip, found.length);
    toSkip -= skipped;
    findings = findings.concat(skipped > 0 ? found.slice(skipped) : found);
  }

  for await (const slice of slicesOf(keptFile(knex, job.id), work.signal)) {
    take(reader.push(slice));
    bytes += slice.length;
    if (findings.length < BATCH) beat();
    while (findings.length >= BATCH) {
      yield { findings: findings.slice(0, BATCH), bytes, format: reader.format?.name };
      findings = findings.slice(BATCH);
    }
  }
  take(reader.end());
  for (let start = 0; start === 0 || start < findings.length; start += BATCH) {
    yield { findings: findings.slice(start, start + BATCH), bytes, format: reader.format?.name };
  }
}

async function* slicesOf(file: AsyncIterable<Buffer>, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  for await (const chunk of file) {
    for (let start = 0; start < chunk.length; start += SLICE) {
      signal?.throwIfAborted();
      yield chunk.subarray(start, start + SLICE);
      await otherWork();
    }
  }
}
