import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { ImportStanding, IntelActivities } from '../activities/contract';
import { importProgressQuery } from './messages';
import type { ImportRunInput } from './messages';
import { PATIENT } from './steps';

/**
 * A file may take hours. A worker that was killed is noticed by its missing heartbeat, and another one goes on where MySQL
 * says; MySQL errors are retried without end. A cancellation is waited for, so that nobody reads on after the run is over.
 */
const READING: ActivityOptions = {
  ...PATIENT,
  startToCloseTimeout: '24h',
  heartbeatTimeout: '30s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

const { readIocFile } = proxyActivities<IntelActivities>(READING);
const { giveUpImport } = proxyActivities<IntelActivities>(PATIENT);

/** Reads a file that was taken in, to its end. A run that is cancelled leaves nothing that somebody else would go on with. */
export async function readFile(importId: string): Promise<ImportStanding> {
  try {
    return await readIocFile.executeWithOptions({ ...READING, summary: `Read the file of ${importId}` }, [
      { importId },
    ]);
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => giveUp(importId));
    throw error;
  }
}

function giveUp(importId: string): Promise<ImportStanding> {
  return giveUpImport.executeWithOptions({ ...PATIENT, summary: `Cancelled: give ${importId} up` }, [{ importId }]);
}

/** One import. All of its state is MySQL's; a run that was lost is started again and goes on where that says. */
export async function importIocs({ importId }: ImportRunInput): Promise<ImportStanding> {
  let standing: ImportStanding | null = null;
  setHandler(importProgressQuery, () => standing);
  setCurrentDetails('The file is being read; how far it is, the heartbeat of the pending activity tells.');
  standing = await readFile(importId);
  setCurrentDetails(importDetails(standing));
  return standing;
}

/** For people who look at it in the Temporal UI. */
export function importDetails(standing: ImportStanding): string {
  const { state, lines, added, updated, unchanged, revoked, flagged, refused, unsupported, error } = standing;
  const table = [
    '| state | format | lines | added | updated | unchanged | revoked | flagged | refused | unsupported |',
    '| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |',
    `| ${[state, standing.format ?? '', lines, added, updated, unchanged, revoked, flagged, refused, unsupported].join(' | ')} |`,
  ].join('\n');
  return error === null ? table : `${table}\n\n${error}`;
}
