import type { Logger } from '../config/logger';
import type { IocSourceRow } from '../db/rows';
import type { Store } from '../db/store';
import type { ScheduledFeed } from './feed-schedules';
import type { EngineGateway } from './gateway';
import { keepLooking } from './keep-looking';

export interface FeedKeeperDeps {
  store: Pick<Store, 'iocSources'>;
  gateway: Pick<EngineGateway, 'ready' | 'scheduleFeed' | 'unscheduleFeed' | 'scheduledFeeds'>;
  logger: Logger;
  /** Pause between two looks for changed settings, ms. */
  everyMs?: number;
  /** All schedules are compared with the settings, whoever has changed them, each so many looks. */
  everyLooks?: number;
}

const EVERY_MS = 2_000;
const EVERY_LOOKS = 30;

/**
 * Sees to it that the engine has a schedule for every feed, as the settings in MySQL say, and none for a feed that is no
 * more. What this process has seen to once it asks the engine about only now and then. Any number of processes may run it:
 * the last one that sees a change has the same settings as the others.
 */
export function startFeedKeeper(deps: FeedKeeperDeps): { stop(): Promise<void> } {
  /** What the schedules are known to say. */
  const seenTo = new Map<string, string>();
  let looks = 0;
  return keepLooking({
    async look() {
      if (!(await deps.gateway.ready())) return;
      const everything = looks % (deps.everyLooks ?? EVERY_LOOKS) === 0;
      if (everything) seenTo.clear();
      await keep(deps, seenTo, everything);
      looks++;
    },
    everyMs: deps.everyMs ?? EVERY_MS,
    onProblem: (err) => deps.logger.warn({ err }, 'the schedules of feeds could not be looked after; trying again'),
  });
}

/** One look. @param everything also schedules that nobody here has made */
async function keep(deps: FeedKeeperDeps, seenTo: Map<string, string>, everything: boolean): Promise<void> {
  const { store, gateway } = deps;
  const feeds = (await store.iocSources.feeds()).map(scheduledOf);
  for (const feed of feeds) {
    const settings = JSON.stringify([feed.everySeconds, feed.paused]);
    if (seenTo.get(feed.source) === settings) continue;
    await tried(deps, feed.source, async () => {
      const done = await gateway.scheduleFeed(feed);
      seenTo.set(feed.source, settings);
      return done === 'unchanged' ? undefined : done;
    });
  }
  const wanted = new Set(feeds.map(({ source }) => source));
  const scheduled = everything ? await gateway.scheduledFeeds() : [];
  const gone = new Set([...seenTo.keys(), ...scheduled].filter((source) => !wanted.has(source)));
  for (const source of gone) {
    await tried(deps, source, async () => {
      await gateway.unscheduleFeed(source);
      seenTo.delete(source);
      return 'deleted';
    });
  }
}

/** One feed's trouble is not that of the others. */
async function tried(
  { logger }: Pick<FeedKeeperDeps, 'logger'>,
  source: string,
  work: () => Promise<string | undefined>,
): Promise<void> {
  try {
    const done = await work();
    if (done !== undefined) logger.info({ source, schedule: done }, 'schedule of a feed');
  } catch (err) {
    logger.warn({ err, source }, 'the schedule of a feed could not be set; trying again');
  }
}

function scheduledOf({ name, feed_every_seconds, feed_paused, polled_at }: IocSourceRow): ScheduledFeed {
  return {
    source: name,
    everySeconds: feed_every_seconds ?? DEFAULT_EVERY_SECONDS,
    paused: feed_paused,
    polledAt: polled_at,
  };
}

const DEFAULT_EVERY_SECONDS = 3_600;
