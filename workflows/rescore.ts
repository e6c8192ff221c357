import {
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { ApplyPageResult, RescoreActivities, RescoreStanding } from '../activities/contract';
import { goOnSignal, rescoreProgressQuery } from './messages';
import type { RescoreRunInput } from './messages';
import { PATIENT } from './steps';

/** MySQL errors and lost workers are retried without end. */
const { beginRescore, comparePage, expireRescore, applyPage } = proxyActivities<RescoreActivities>(PATIENT);

/** What a step is for, as the Temporal UI says it. */
const forWhat = (summary: string): ActivityOptions => ({ ...PATIENT, summary });

/** An incident with a round under way is tried again after each pass; a round is mostly over in seconds. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Three minutes in all. */
const MOST_PASSES = 8;

/**
 * One re-scoring: compare page by page, wait until somebody has what was found applied, apply page by page. All of its
 * state is MySQL's; a run that was lost is started again and goes on where that says.
 */
export async function rescoreIncidents({ jobId, after = '', passes = 0 }: RescoreRunInput): Promise<RescoreStanding> {
  let told = false;
  let standing: RescoreStanding | undefined;
  setHandler(goOnSignal, () => {
    told = true;
  });
  setHandler(rescoreProgressQuery, () => standing ?? UNKNOWN);
  const note = (now: RescoreStanding): RescoreStanding => {
    standing = now;
    setCurrentDetails(detailsOf(now));
    return now;
  };

  let now = note(await beginRescore.executeWithOptions(forWhat('Where the job stands'), [{ jobId }]));
  while (now.state === 'comparing') {
    now = note(await comparePage.executeWithOptions(forWhat('Compare a page of incidents'), [{ jobId }]));
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof rescoreIncidents>({ jobId });
  }
  while (now.state === 'compared') {
    const left = Math.max(Date.parse(now.expiresAt ?? '') - Date.now() || 0, 1000);
    const heard = await condition(() => told, left, { summary: 'Until then what was found may be applied' });
    told = false;
    now = note(
      await (heard
        ? beginRescore.executeWithOptions(forWhat('Whether it is to be applied'), [{ jobId }])
        : expireRescore.executeWithOptions(forWhat('Nobody has applied it in time'), [{ jobId }])),
    );
  }
  let position = { after, passes };
  while (now.state === 'applying') {
    const page = await applyPage.executeWithOptions(forWhat('Apply a page of changes'), [
      { jobId, after: position.after, isLastPass: position.passes >= MOST_PASSES },
    ]);
    now = note(withoutPosition(page));
    if (now.state !== 'applying') break;
    if (page.after === null) await sleep(pauseMs(position.passes), { summary: 'Rounds under way are left to end' });
    position = page.after === null ? { after: '', passes: position.passes + 1 } : { ...position, after: page.after };
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof rescoreIncidents>({ jobId, ...position });
  }
  return now;
}

const UNKNOWN: RescoreStanding = {
  state: 'comparing',
  compared: 0,
  failed: 0,
  changes: 0,
  applied: 0,
  skipped: 0,
  expiresAt: null,
};

function pauseMs(passes: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** passes, LONGEST_PAUSE_MS);
}

function withoutPosition({ after: _after, ...standing }: ApplyPageResult): RescoreStanding {
  return standing;
}

/** For people who look at it in the Temporal UI. */
function detailsOf({ state, compared, failed, changes, applied, skipped, expiresAt }: RescoreStanding): string {
  const table = [
    '| state | compared | failed | come out differently | applied | skipped |',
    '| --- | --: | --: | --: | --: | --: |',
    `| ${state} | ${compared} | ${failed} | ${changes} | ${applied} | ${skipped} |`,
  ].join('\n');
  return expiresAt === null ? table : `${table}\n\nMay be applied until ${expiresAt}.`;
}
