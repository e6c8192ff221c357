import { createHash } from 'node:crypto';
import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client, ScheduleDescription, ScheduleOptionsStartWorkflowAction } from '@temporalio/client';
import { feedScheduleId, PLAYBOOK_QUEUE, POLL_WORKFLOW, sourceOfSchedule } from '../domain/names';
import type { PollRunInput } from '../workflows/messages';
import type { pollFeed } from '../workflows/poll-feed';
import type { EngineGateway } from './gateway';

/** What the schedule of a feed is made of. */
export interface ScheduledFeed {
  source: string;
  everySeconds: number;
  paused: boolean;
  /** When it was polled last; null = never, so that a new schedule begins with a poll. */
  polledAt: string | null;
}

type FeedSchedules = Pick<EngineGateway, 'pollFeed' | 'scheduleFeed' | 'unscheduleFeed' | 'scheduledFeeds'>;

/** A poll that the engine could not start in time is left to the next one, unless it is only a little late. */
const CATCH_UP_MS = 10 * 60_000;
const LONGEST_JITTER_MS = 60_000;
const NOTE = 'As the settings of the source say; a change made here is undone';
const POLICIES = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP_MS };

/** The schedules of feeds, one for each source; see `EngineGateway`. */
export function createFeedSchedules(client: Client, deadlineMs: number): FeedSchedules {
  const within = <T>(call: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + deadlineMs, call);
  const handleOf = (source: string) => client.schedule.getHandle(feedScheduleId(source));

  async function update(feed: ScheduledFeed): Promise<'updated' | 'unchanged'> {
    const handle = handleOf(feed.source);
    if (isAsWanted(await within(() => handle.describe()), feed)) return 'unchanged';
    await within(() => handle.update<typeof pollFeed>(() => ({ ...partsOf(feed), policies: POLICIES })));
    return 'updated';
  }

  return {
    async pollFeed(source) {
      try {
        await within(() => handleOf(source).trigger(ScheduleOverlapPolicy.SKIP));
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
        // declared a moment ago: its schedule is still to be made
        await within(() =>
          client.workflow.start<typeof pollFeed>(POLL_WORKFLOW, {
            ...actionOf(source),
            workflowIdConflictPolicy: 'USE_EXISTING',
            workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          }),
        );
      }
    },
    async scheduleFeed(feed) {
      try {
        return await update(feed);
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      }
      try {
        const { state, ...parts } = partsOf(feed);
        await within(() =>
          client.schedule.create<typeof pollFeed>({
            ...parts,
            scheduleId: feedScheduleId(feed.source),
            policies: POLICIES,
            state: { ...state, triggerImmediately: !feed.paused && isOverdue(feed) },
          }),
        );
        return 'created';
      } catch (error) {
        if (error instanceof ScheduleAlreadyRunning) return update(feed);
        throw error;
      }
    },
    async unscheduleFeed(source) {
      try {
        await within(() => handleOf(source).delete());
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      }
    },
    async scheduledFeeds() {
      const sources: string[] = [];
      await within(async () => {
        for await (const { scheduleId } of client.schedule.list()) {
          const source = sourceOfSchedule(scheduleId);
          if (source !== undefined) sources.push(source);
        }
      });
      return sources;
    },
  };
}

/** What a run is started with, by the schedule or by hand. */
function actionOf(source: string) {
  const input: PollRunInput = { source };
  return {
    workflowId: feedScheduleId(source),
    taskQueue: PLAYBOOK_QUEUE,
    args: [input] as [PollRunInput],
    staticSummary: `Poll of the feed of ${source}`.slice(0, 200),
  };
}

function partsOf({ source, everySeconds, paused }: ScheduledFeed) {
  const action: ScheduleOptionsStartWorkflowAction<typeof pollFeed> = {
    ...{ type: 'startWorkflow', workflowType: POLL_WORKFLOW },
    ...actionOf(source),
  };
  return { spec: specOf(source, everySeconds), action, state: { paused, note: NOTE } };
}

/** Not all feeds of an hour at the full hour: each has a moment of its own. */
function specOf(source: string, everySeconds: number) {
  const every = everySeconds * 1000;
  const offset = (createHash('sha256').update(source).digest().readUInt32BE(0) % everySeconds) * 1000;
  return { intervals: [{ every, offset }], jitter: Math.min(Math.floor(every / 10), LONGEST_JITTER_MS) };
}

function isAsWanted({ spec, state, policies, action }: ScheduleDescription, feed: ScheduledFeed): boolean {
  const wanted = specOf(feed.source, feed.everySeconds);
  const [interval, ...others] = spec.intervals ?? [];
  return (
    others.length === 0 &&
    interval?.every === wanted.intervals[0]?.every &&
    interval?.offset === wanted.intervals[0]?.offset &&
    spec.jitter === wanted.jitter &&
    state.paused === feed.paused &&
    policies.catchupWindow === CATCH_UP_MS &&
    action.workflowType === POLL_WORKFLOW
  );
}

function isOverdue({ polledAt, everySeconds }: ScheduledFeed): boolean {
  return polledAt === null || Date.parse(polledAt) + everySeconds * 1000 <= Date.now();
}
