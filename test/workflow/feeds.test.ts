import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { ScheduleNotFoundError, WorkflowFailedError } from '@temporalio/client';
import type { ScheduleDescription } from '@temporalio/client';
import { startFeedKeeper } from '../../api/feed-keeper';
import type { IocFeed, IocSourceSettings } from '../../db/ioc-views';
import type { IocSourceRow } from '../../db/rows';
import { feedScheduleId } from '../../domain/names';
import type { PollOutcome } from '../../workflows/poll-feed';
import { eventsOf, scheduled } from '../support/history';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';
import { pino } from 'pino';

interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
}

let system: TestSystem;
let server: Server;
let url: string;
/** What the server of the feeds was asked, and what it answers next. */
let asked: Asked[] = [];
let answer: (response: ServerResponse, request: Asked) => void;
let nth = 0;
/** A source of its own for each test. */
let source: string;

const RETRY_FOR_MS = 4_000;

before(async () => {
  server = createServer((request, response) => {
    const one = { path: request.url ?? '', headers: request.headers };
    asked.push(one);
    answer(response, one);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/list.txt`;
  system = await createTestSystem();
  await system.startWorkers({ providerRetryForMs: RETRY_FOR_MS });
});
beforeEach(() => {
  asked = [];
  source = `feed ${++nth}`;
});
afterEach(async () => {
  // nothing of one test is polled in another
  await system.store.iocSources.remove(source, by());
});
after(async () => {
  await system.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const by = () => ({ actor: 'ann', at: new Date().toISOString() });
const SETTINGS: IocSourceSettings = {
  ...{ reliability: 'B', confidence: 80, tlp: null, expires_after_days: null, tags: [], description: null, feed: null },
};

/** A feed that only polls by hand, as its schedule is paused. */
async function declare(feed: Partial<IocFeed> = {}): Promise<void> {
  const settings = { url, format: null, columns: null, every_seconds: 3600, paused: true, ...feed };
  await system.store.iocSources.put(source, { ...SETTINGS, feed: settings }, by());
}

async function rowOf(): Promise<IocSourceRow> {
  return (await system.store.iocSources.feeds()).find(({ name }) => name === source)!;
}

const schedule = () => system.client.schedule.getHandle(feedScheduleId(source));

/** Waits until the keeper has made the schedule as wanted. */
function scheduleThat(wanted: (described: ScheduleDescription) => boolean): Promise<ScheduleDescription> {
  return until(`the schedule of ${source}`, async () => {
    const described = await schedule()
      .describe()
      .catch((error: unknown) => {
        if (error instanceof ScheduleNotFoundError) return undefined;
        throw error;
      });
    return described && wanted(described) ? described : undefined;
  });
}

/** Polls by hand through the schedule, and gives the run's id. */
async function poll(): Promise<string> {
  const taken = (await scheduleThat(() => true)).info.numActionsTaken;
  await system.gateway.pollFeed(source);
  const { info } = await scheduleThat((described) => described.info.numActionsTaken > taken);
  return info.recentActions.at(-1)!.action.workflow.workflowId;
}

const resultOf = (id: string) => system.client.workflow.getHandle(id).result() as Promise<PollOutcome>;
const polled = async () => resultOf(await poll());

async function failureOf(id: string): Promise<string> {
  const error = await resultOf(id).then(
    () => assert.fail('it did not fail'),
    (failure: unknown) => failure,
  );
  assert.ok(error instanceof WorkflowFailedError);
  return error.cause?.message ?? '';
}

const audit = () =>
  system.knex('action_log').where('action', 'poll_ioc_feed').where('summary', 'like', `%${source}%`).orderBy('seq');

const LIST = (net: number) => `45.77.${net}.1\n45.77.${net}.2\n`;

/** As servers do that know what they have sent. */
const serving =
  (text: string, etag: string) =>
  (response: ServerResponse, { headers }: Asked): void => {
    if (headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag, 'last-modified': 'Sat, 28 Nov 2026 10:00:00 GMT' }).end(text);
  };

describe('a poll', () => {
  it('imports what is new, and asks only for what is newer the next time', async () => {
    answer = serving(LIST(1), '"one"');
    await declare();
    const first = await polled();
    assert.deepEqual([first.outcome, first.standing?.added], ['imported', 2]);
    const stored = await rowOf();
    assert.deepEqual(
      [stored.etag, stored.last_modified, stored.poll_outcome, stored.last_import_id],
      ['"one"', 'Sat, 28 Nov 2026 10:00:00 GMT', 'imported', first.importId],
    );
    const second = await polled();
    assert.deepEqual([second.outcome, second.importId], ['not_modified', null]);
    assert.equal(asked.at(-1)?.headers['if-none-match'], '"one"');
    assert.equal(asked.at(-1)?.headers['if-modified-since'], 'Sat, 28 Nov 2026 10:00:00 GMT');
    const { poll_outcome, etag, last_import_id } = await rowOf();
    assert.deepEqual([poll_outcome, etag, last_import_id], ['not_modified', '"one"', first.importId]);
    assert.deepEqual(
      (await audit()).map(({ status }: { status: string }) => status),
      ['ok', 'ok'],
    );
  });

  it('of the very same file, from a server that cannot say so, imports nothing again', async () => {
    answer = (response) => void response.writeHead(200).end(LIST(2));
    await declare();
    const first = await polled();
    const second = await polled();
    assert.deepEqual([second.outcome, second.importId], ['not_modified', first.importId]);
  });

  it('stores what the server wants to hear next time only when its file is imported', async () => {
    answer = serving('{"what": "nobody can read"}', '"unreadable"');
    await declare();
    const id = await poll();
    assert.match(await failureOf(id), /\w/);
    const { etag, poll_outcome, poll_error, last_import_id } = await rowOf();
    assert.deepEqual([etag, poll_outcome], [null, 'failed']);
    assert.ok(poll_error);
    assert.ok(last_import_id);
    answer = serving(LIST(3), '"unreadable"');
    assert.equal((await polled()).outcome, 'imported');
  });

  it('is tried again while the server has trouble', async () => {
    const normal = serving(LIST(4), '"x"');
    answer = (response, request) => (asked.length < 3 ? void response.writeHead(503).end() : normal(response, request));
    await declare();
    assert.equal((await polled()).outcome, 'imported');
    assert.equal(asked.length, 3);
  });

  it('is given up when the trouble lasts: a failed run, a note, an audit row', async () => {
    answer = (response) => void response.writeHead(500).end('<html>');
    await declare();
    const id = await poll();
    const said = `${new URL(url).host} answered 500`;
    assert.equal(await failureOf(id), said);
    const { poll_outcome, poll_error } = await rowOf();
    assert.deepEqual([poll_outcome, poll_error], ['failed', said]);
    assert.ok(asked.length > 1);
    const rows = await audit();
    assert.deepEqual([rows.length, rows[0].status], [1, 'failed']);
    assert.deepEqual(scheduled(await eventsOf(system, id)), ['fetchFeed', 'notePoll']);
    // and the next one that goes well is no failure any more
    answer = serving(LIST(5), '"y"');
    await polled();
    assert.deepEqual([(await rowOf()).poll_outcome, (await rowOf()).poll_error], ['imported', null]);
  });

  it('of what is not there is not tried again', async () => {
    answer = (response) => void response.writeHead(404).end();
    await declare();
    assert.match(await failureOf(await poll()), /answered 404: there is nothing/);
    assert.equal(asked.length, 1);
  });

  it('comes back no sooner than the server wants, and gives up when that is too late', async () => {
    answer = (response) => void response.writeHead(429, { 'retry-after': '3600' }).end();
    await declare();
    assert.match(await failureOf(await poll()), /answered 429/);
    assert.equal(asked.length, 1);
  });

  it('follows a redirect, and takes no page for a feed', async () => {
    const page = '<!doctype html><a href="http://45.77.6.9/">log in</a>';
    answer = (response, { path }) =>
      path === '/list.txt'
        ? void response.writeHead(302, { location: '/moved.txt' }).end()
        : void response.writeHead(200).end(LIST(6));
    await declare();
    assert.equal((await polled()).outcome, 'imported');
    answer = (response) => void response.writeHead(200).end(page);
    assert.match(await failureOf(await poll()), /sent a web page/);
  });

  it('that broke off in the midst leaves nothing behind', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': '10000000' });
      response.write(LIST(7), () => response.destroy());
    };
    await declare();
    assert.match(await failureOf(await poll()), /broke off/);
    const { items } = await system.store.iocImports.list({ source, limit: 10 });
    assert.deepEqual(items, []);
    assert.deepEqual(await system.knex('ioc_import_chunks').count({ n: '*' }), [{ n: 0 }]);
  });

  it('under settings that were changed meanwhile does not speak for the new ones', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    answer = (response) => void held.then(() => response.writeHead(200, { etag: '"old"' }).end(LIST(8)));
    await declare();
    const id = await poll();
    await until('the question', () => (asked.length > 0 ? true : undefined));
    await declare({ url: `${url}?another` });
    release();
    assert.equal((await resultOf(id)).outcome, 'imported');
    assert.deepEqual([(await rowOf()).etag, (await rowOf()).poll_outcome], [null, 'imported']);
  });

  it('of a feed that is no more does nothing', async () => {
    answer = serving(LIST(9), '"z"');
    await system.gateway.pollFeed(source);
    const outcome = await resultOf(feedScheduleId(source));
    assert.deepEqual([outcome.outcome, asked.length], ['gone', 0]);
  });
});

describe('the schedule of a feed', () => {
  it('is made with its first poll, changed, paused and taken away as the settings say', async () => {
    answer = serving(LIST(20), '"s"');
    await declare({ paused: false, every_seconds: 900 });
    const made = await scheduleThat(() => true);
    assert.equal(made.spec.intervals?.[0]?.every, 900_000);
    assert.deepEqual([made.policies.overlap, made.policies.catchupWindow], ['SKIP', 600_000]);
    await until('the first poll', async () => ((await rowOf()).poll_outcome === 'imported' ? true : undefined));

    await declare({ paused: true, every_seconds: 900 });
    await scheduleThat(({ state }) => state.paused);
    await declare({ paused: false, every_seconds: 7200 });
    const changed = await scheduleThat(({ state }) => !state.paused);
    assert.equal(changed.spec.intervals?.[0]?.every, 7_200_000);

    await system.store.iocSources.put(source, SETTINGS, by());
    await until('the schedule to be gone', async () =>
      schedule()
        .describe()
        .then(
          () => undefined,
          (error: unknown) => error instanceof ScheduleNotFoundError || undefined,
        ),
    );
  });

  it('is set right by any number of keepers, also when somebody has changed it or left one behind', async () => {
    answer = serving(LIST(21), '"t"');
    await declare();
    await scheduleThat(({ state }) => state.paused);
    await system.gateway.scheduleFeed({ source: 'left behind', everySeconds: 60, paused: true, polledAt: null });
    await schedule().unpause('by hand');
    const { store, gateway } = system;
    const deps = { store, gateway, logger: pino({ level: 'silent' }), everyMs: 50, everyLooks: 1 };
    const keepers = [startFeedKeeper(deps), startFeedKeeper(deps), startFeedKeeper(deps)];
    await scheduleThat(({ state }) => state.paused);
    await until('the one left behind to be gone', async () =>
      (await gateway.scheduledFeeds()).includes('left behind') ? undefined : true,
    );
    await Promise.all(keepers.map((keeper) => keeper.stop()));
    assert.deepEqual(await gateway.scheduledFeeds(), [source]);
  });

  it('leaves a poll out while the one before is under way', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    answer = (response) => void held.then(() => response.writeHead(200).end(LIST(22)));
    await declare();
    const id = await poll();
    await until('the question', () => (asked.length > 0 ? true : undefined));
    await system.gateway.pollFeed(source);
    await scheduleThat(({ info }) => info.numActionsSkippedOverlap === 1);
    release();
    await resultOf(id);
    assert.equal(asked.length, 1);
  });
});
