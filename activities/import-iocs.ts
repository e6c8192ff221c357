import { ApplicationFailure } from '@temporalio/activity';
import type { IocImportRow } from '../db/rows';
import { iocWarnings, warningNames } from '../domain/ioc-warnings';
import { beating } from './beating';
import type { ImportInput, ImportStanding } from './contract';
import type { ActivityDeps } from './deps';

type ImportDeps = Pick<ActivityDeps, 'store' | 'site' | 'policy' | 'guards' | 'logger' | 'clock'>;

/**
 * Reads the file of an import from where it was read last, to its end; the heartbeat tells how far it is. A file that
 * cannot be read as a whole is no failure of the activity: no retry would mend it.
 * @throws ImportTakenError while another worker reads it
 */
export function readIocFile(deps: ImportDeps, { importId }: ImportInput): Promise<ImportStanding> {
  const { store, clock, logger } = deps;
  return beating(async ({ signal, tell }) => {
    const job = await store.iocImports.get(importId);
    if (!job) throw ApplicationFailure.nonRetryable(`There is no import ${importId}`, 'NoSuchImport');
    const over = await store.iocImports.work(importId, {
      clock,
      signal,
      warningsOf: (values) => iocWarnings(values, currentOf(deps)).map(warningNames),
      onProgress: (now) => tell(importStanding(now)),
    });
    const standing = importStanding(over);
    logger[over.state === 'failed' ? 'warn' : 'info'](
      { import: importId, source: over.source, ...standing },
      'import over',
    );
    return standing;
  });
}

/** Ends an import whose run was cancelled: nobody goes on with it, unless the file is sent again. */
export async function giveUpImport({ store, clock }: ImportDeps, { importId }: ImportInput): Promise<ImportStanding> {
  const end = { at: clock().toISOString(), reason: 'Cancelled by an operator; what was read until then stays' };
  return importStanding(await store.iocImports.giveUp(importId, end));
}

function currentOf({ guards, site, policy }: ImportDeps) {
  return { guards: guards.current(), site: site.current(), policy: policy.current() };
}

function importStanding(job: IocImportRow): ImportStanding {
  const { state, format, bytes, bytes_done: bytesDone, lines, added, updated, unchanged, revoked, error } = job;
  const { flagged, refused, unsupported } = job;
  return {
    ...{ state, format, bytes, bytesDone, lines, added, updated, unchanged, revoked },
    ...{ flagged, refused, unsupported, error },
  };
}
