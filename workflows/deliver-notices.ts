import { continueAsNew, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { NoticeActivities } from '../activities/contract';
import type { NoticeRunInput } from './messages';
import { PATIENT } from './steps';

/** A receiver that is down is tried again without end; operators see it as a pending activity with its last error. */
const DELIVERY: ActivityOptions = { ...PATIENT, retry: { ...PATIENT.retry, maximumInterval: '5m' } };

const { gatherNotices } = proxyActivities<NoticeActivities>(PATIENT);
const { deliverNotices: deliver } = proxyActivities<NoticeActivities>(DELIVERY);

/** What comes within it of a request is told by the next one. */
const FOLD_MS = 5_000;

/**
 * Tells another tool of what stands in MySQL to be told, request by request, until nothing does; the next event has it
 * started again. The first event is told at once, those of a storm behind it together.
 */
export async function deliverNotices({ foldMs = FOLD_MS }: NoticeRunInput): Promise<void> {
  for (;;) {
    const { ids } = await gatherNotices.executeWithOptions({ ...PATIENT, summary: 'What is to be told' }, []);
    if (ids.length === 0) return;
    const summary = ids.length === 1 ? 'Tell an event' : `Tell ${ids.length} events`;
    await deliver.executeWithOptions({ ...DELIVERY, summary }, [{ ids }]);
    await sleep(foldMs, { summary: 'What comes meanwhile is told together' });
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof deliverNotices>({ foldMs });
  }
}
