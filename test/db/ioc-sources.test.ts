import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { IocSourceSettings, Who } from '../../db/ioc-views';
import { shift } from '../../db/time';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { atOnce, NOW } from './fixtures';

const ANA: Who = { actor: 'ana', at: NOW };
const FEED = { url: 'https://feed.example/list', format: null, columns: null, every_seconds: 3_600, paused: false };
const SETTINGS: IocSourceSettings = {
  ...{ reliability: 'A', confidence: 70, tlp: 'amber', expires_after_days: 30, tags: ['tor'] },
  ...{ description: 'Exit nodes', feed: FEED },
};

describe('sources of IOCs', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  const audit = async (): Promise<{ action: string; status: string; detail: string; action_key: string }[]> =>
    database.knex('action_log').where({ chain: 'system' }).orderBy('seq', 'desc');
  const sight = (source: string, value = 'x.example') =>
    database.store.iocs.add({ type: 'domain', value, source }, ANA);

  it('have settings, which hold of what they say, and who changed them is on record', async () => {
    const { iocSources, iocs } = database.store;
    const { created, source } = await iocSources.put('tor', SETTINGS, ANA);
    assert.deepEqual([created, source.declared, source.created_by, source.entries], [true, true, 'ana', 0]);
    const { ioc } = await sight('tor');
    const [said] = ioc.sightings;
    assert.deepEqual(
      [said?.confidence, said?.tlp, said?.tags, said?.expires_at, said?.reliability],
      [70, 'amber', ['tor'], shift(NOW, 30 * 86_400_000), 'A'],
    );
    assert.equal((await iocs.lookup({ type: 'domain', value: 'x.example' }))[0]?.sightings[0]?.reliability, 'A');
    const rows = (await audit()).length;
    assert.equal((await iocSources.put('tor', SETTINGS, ANA)).created, false);
    assert.equal((await audit()).length, rows);
    await iocSources.put('tor', { ...SETTINGS, reliability: 'C' }, ANA);
    const [row] = await audit();
    assert.equal(row?.action, 'put_ioc_source');
    const { before: was, after: is } = JSON.parse(row?.detail ?? '') as Record<string, IocSourceSettings>;
    assert.deepEqual([was?.reliability, is?.reliability], ['A', 'C']);
    assert.deepEqual((await database.store.audit.verify('system')).problems, []);
  });

  it('that nobody has declared are listed with what they have said', async () => {
    await sight('stranger');
    const all = await database.store.iocSources.list();
    const stranger = all.find(({ name }) => name === 'stranger');
    assert.deepEqual([stranger?.declared, stranger?.entries, stranger?.created_at], [false, 1, null]);
    assert.deepEqual(await database.store.iocSources.get('stranger'), stranger);
    assert.equal(await database.store.iocSources.get('nobody'), undefined);
    const { sightings } = (await sight('stranger')).ioc;
    assert.ok(!('reliability' in (sightings.find(({ source }) => source === 'stranger') ?? {})));
  });

  it('whose settings are forgotten keep what they have said', async () => {
    const { iocSources } = database.store;
    await iocSources.put('leaving', SETTINGS, ANA);
    await sight('leaving');
    const removed = await atOnce(3, () => iocSources.remove('leaving', ANA));
    assert.equal(removed.filter(Boolean).length, 1);
    assert.deepEqual((await iocSources.get('leaving'))?.declared, false);
    assert.equal((await audit())[0]?.action, 'remove_ioc_source');
  });

  it('are polled: what came of it is noted once, with the validators of what was imported', async () => {
    const { iocSources } = database.store;
    await iocSources.put('polled', SETTINGS, ANA);
    const first = { pollId: 'p-1', at: NOW, outcome: 'imported', importId: 'IMP-1', etag: '"1"' } as const;
    await iocSources.notePoll('polled', { ...first, lastModified: 'Mon' });
    await iocSources.notePoll('polled', { ...first, etag: '"other"' });
    const feed = async () => (await iocSources.feeds()).find(({ name }) => name === 'polled');
    assert.deepEqual(
      [(await feed())?.etag, (await feed())?.last_modified, (await feed())?.poll_outcome],
      ['"1"', 'Mon', 'imported'],
    );
    await iocSources.notePoll('polled', { pollId: 'p-2', at: shift(NOW, 1000), outcome: 'failed', error: 'HTTP 500' });
    const { last_poll } = (await iocSources.get('polled'))!;
    assert.deepEqual(last_poll, {
      ...{ polled_at: shift(NOW, 1000), poll_outcome: 'failed', poll_error: 'HTTP 500', last_import_id: 'IMP-1' },
    });
    assert.equal((await feed())?.etag, '"1"');
    const polls = (await audit()).filter(({ action }) => action === 'poll_ioc_feed');
    assert.deepEqual(
      polls.map(({ status }) => status),
      ['failed', 'ok'],
    );
    await iocSources.notePoll('gone', { pollId: 'p-3', at: NOW, outcome: 'not_modified' });
    assert.deepEqual((await database.store.audit.verify('system')).problems, []);
  });

  it('are fetched anew when they are read in another way or from elsewhere', async () => {
    const { iocSources } = database.store;
    const etagAfter = async (settings: IocSourceSettings) => {
      await iocSources.put('moved', SETTINGS, ANA);
      await database.knex('ioc_sources').where({ name: 'moved' }).update({ etag: '"1"' });
      await iocSources.put('moved', settings, ANA);
      return (await iocSources.feeds()).find(({ name }) => name === 'moved')?.etag;
    };
    assert.equal(await etagAfter({ ...SETTINGS, confidence: 5, feed: { ...FEED, paused: true } }), '"1"');
    assert.equal(await etagAfter({ ...SETTINGS, feed: { ...FEED, format: 'csv' } }), null);
    assert.equal(await etagAfter({ ...SETTINGS, feed: { ...FEED, url: 'https://feed.example/2' } }), null);
    assert.equal(await etagAfter({ ...SETTINGS, feed: null }), undefined);
  });

  it('are asked for all of their feed once what they have said is removed: it has not changed, and is wanted again', async () => {
    const { iocSources, iocs } = database.store;
    await iocSources.put('again', SETTINGS, ANA);
    await sight('again', 'again.example');
    const validators = { etag: '"1"', lastModified: 'Mon, 23 Nov 2026 12:00:00 GMT' };
    await iocSources.notePoll('again', { pollId: 'again-1', at: NOW, outcome: 'imported', ...validators });
    const feed = async () => (await iocSources.feeds()).find(({ name }) => name === 'again');
    assert.equal((await feed())?.etag, '"1"');
    await iocs.removeSource('again', ANA);
    assert.deepEqual([(await feed())?.etag, (await feed())?.last_modified], [null, null]);
  });
});
