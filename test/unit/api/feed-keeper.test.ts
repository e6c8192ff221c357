import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { startFeedKeeper } from '../../../api/feed-keeper';
import type { FeedKeeperDeps } from '../../../api/feed-keeper';
import type { ScheduledFeed } from '../../../api/feed-schedules';
import { startImportKeeper } from '../../../api/import-keeper';
import type { ImportKeeperDeps } from '../../../api/import-keeper';
import type { IocImportRow, IocSourceRow } from '../../../db/rows';
import { until } from '../../support/until';

const logger = pino({ level: 'silent' });
const feed = (name: string, every = 60, paused = false) =>
  ({ name, feed_every_seconds: every, feed_paused: paused, polled_at: null }) as IocSourceRow;

/** A keeper on these; what the engine was asked for, in its order. */
function keeping(given: { feeds: IocSourceRow[]; scheduled?: string[]; ready?: () => boolean; broken?: string[] }) {
  const calls: string[] = [];
  const deps = {
    store: { iocSources: { feeds: () => Promise.resolve(given.feeds) } },
    gateway: {
      ready: () => Promise.resolve(given.ready?.() ?? true),
      scheduleFeed: ({ source, everySeconds, paused }: ScheduledFeed) => {
        calls.push(`${source} ${everySeconds} ${paused}`);
        return given.broken?.includes(source) ? Promise.reject(new Error('no')) : Promise.resolve('created' as const);
      },
      unscheduleFeed: (source: string) => Promise.resolve(void calls.push(`${source} gone`)),
      scheduledFeeds: () => Promise.resolve(given.scheduled ?? []),
    },
    ...{ logger, everyMs: 1, everyLooks: 1_000_000 },
  } as unknown as FeedKeeperDeps;
  return { calls, keeper: startFeedKeeper(deps) };
}

test('a schedule is asked for once, again when its settings change, and taken away with its feed', async () => {
  const given = { feeds: [feed('a'), feed('b')] };
  const { calls, keeper } = keeping(given);
  await until('both', () => calls.length === 2 || undefined);
  given.feeds = [feed('a', 60, true), feed('b')];
  await until('the change', () => calls.length === 3 || undefined);
  given.feeds = [feed('b')];
  await until('the end', () => calls.length === 4 || undefined);
  await keeper.stop();
  assert.deepEqual(calls, ['a 60 false', 'b 60 false', 'a 60 true', 'a gone']);
});

test('one that was left behind is taken away; the trouble of one feed is not that of the others, and is tried again', async () => {
  const given = { feeds: [feed('bad'), feed('good')], scheduled: ['good', 'left'], broken: ['bad'] };
  const { calls, keeper } = keeping(given);
  await until('another try', () => calls.filter((call) => call.startsWith('bad')).length > 2 || undefined);
  await keeper.stop();
  assert.deepEqual(calls.slice(0, 3), ['bad 60 false', 'good 60 false', 'left gone']);
  assert.equal(calls.filter((call) => call.startsWith('good')).length, 1);
});

test('while the engine is away nothing is asked of anybody', async () => {
  let looks = 0;
  const { calls, keeper } = keeping({ feeds: [feed('a')], ready: () => (looks += 1) > 5 });
  await until('the engine to be back', () => calls.length === 1 || undefined);
  await keeper.stop();
  assert.ok(looks > 5);
});

test('imports that are due get a run and are looked after later; the trouble of one is not that of the others', async () => {
  const due = ['IMP-1', 'IMP-2'];
  const started: string[] = [];
  const deps = {
    store: {
      iocImports: {
        due: () => Promise.resolve(due.map((id) => ({ id, requested_by: 'ann' }) as IocImportRow)),
        checkAgain: (id: string) => Promise.resolve(void due.splice(due.indexOf(id), 1)),
      },
    },
    gateway: {
      ready: () => Promise.resolve(true),
      importIocs: ({ id, requestedBy }: { id: string; requestedBy: string }) => {
        started.push(`${id} ${requestedBy}`);
        return started.length === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
      },
    },
    ...{ logger, clock: () => new Date(), everyMs: 1 },
  } as unknown as ImportKeeperDeps;
  const keeper = startImportKeeper(deps);
  await until('all to be started', () => due.length === 0 || undefined);
  await keeper.stop();
  assert.deepEqual(started, ['IMP-1 ann', 'IMP-2 ann', 'IMP-1 ann']);
});
