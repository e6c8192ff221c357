import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { FetchFeedResult, ImportStanding, IntelActivities, NotePollInput } from '../activities/contract';
import { importDetails, readFile } from './import-iocs';
import { pollProgressQuery } from './messages';
import type { PollProgress, PollRunInput } from './messages';
import { PATIENT } from './steps';

/** The activity itself gives a silent server up; a lost worker or database is retried without end. */
const FETCHING: ActivityOptions = { ...PATIENT, startToCloseTimeout: '1h', heartbeatTimeout: '30s' };

const { fetchFeed } = proxyActivities<IntelActivities>(FETCHING);
const { notePoll } = proxyActivities<IntelActivities>(PATIENT);

/** What came of a poll. */
export interface PollOutcome {
  outcome: FetchFeedResult['outcome'] | 'imported';
  importId: string | null;
  standing: ImportStanding | null;
}

/**
 * Fetches a source's feed, imports what is new and writes down what came of it. A poll that fails is written down too, and
 * then ends as a failed run, which operators see.
 */
export async function pollFeed({ source }: PollRunInput): Promise<PollOutcome> {
  let progress: PollProgress = { step: 'fetching', importId: null, standing: null };
  setHandler(pollProgressQuery, () => progress);
  const note = (poll: Omit<NotePollInput, 'source' | 'pollId'>): Promise<void> =>
    notePoll.executeWithOptions({ ...PATIENT, summary: `Write down: ${poll.outcome.replace('_', ' ')}` }, [
      { source, pollId: workflowInfo().runId, ...poll },
    ]);

  async function failed(error: string, importId?: string): Promise<never> {
    await note({ outcome: 'failed', error, ...(importId === undefined ? {} : { importId }) });
    throw ApplicationFailure.nonRetryable(error, 'FeedFailed');
  }

  const fetched = await fetchFeed
    .executeWithOptions({ ...FETCHING, summary: `Fetch the feed of ${source}` }, [{ source }])
    .catch((error: unknown) => (isCancellation(error) ? Promise.reject(error as Error) : failed(reasonOf(error))));
  if (fetched.outcome === 'gone') return { outcome: 'gone', importId: null, standing: null };
  if (fetched.outcome === 'not_modified') {
    await note(fetched);
    return { outcome: 'not_modified', importId: fetched.importId ?? null, standing: null };
  }
  const { importId, validators } = fetched;
  progress = { step: 'importing', importId, standing: null };
  setCurrentDetails(`${importId} is being read; how far it is, the heartbeat of the pending activity tells.`);
  const standing = await readFile(importId);
  progress = { step: 'over', importId, standing };
  setCurrentDetails(`${importId}\n\n${importDetails(standing)}`);
  if (standing.state === 'failed') await failed(standing.error ?? 'The file could not be read', importId);
  await note({ outcome: 'imported', importId, validators });
  return { outcome: 'imported', importId, standing };
}

/** An activity's own words; what wraps them says only that it failed. */
function reasonOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
