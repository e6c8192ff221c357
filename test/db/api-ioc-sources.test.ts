import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { z } from 'zod';
import type { pollSchema, sourceListSchema, sourceSchema } from '../../api/schemas/ioc-source';
import type { iocSchema } from '../../api/schemas/ioc';
import { pointers, startApi, type TestApi } from './api-server';

type Source = z.output<typeof sourceSchema>;

const PATH = '/api/v1/ioc-sources';
const FEED = { url: 'https://kim:secret@feeds.example/a.csv', every_seconds: 1_800 };

describe('sources of the IOC database', () => {
  let api: TestApi;
  let isAway = false;
  const polls: string[] = [];
  before(async () => {
    const pollFeed = (name: string) =>
      isAway ? Promise.reject(new Error('away')) : Promise.resolve(void polls.push(name));
    api = await startApi({ gateway: { pollFeed } });
  });
  after(() => api.stop());

  const put = (name: string, body: unknown) => api.call<Source>('PUT', `${PATH}/${encodeURIComponent(name)}`, { body });
  const get = (name: string) => api.call<Source>('GET', `${PATH}/${encodeURIComponent(name)}`);
  const storedUrl = async (name: string) => (await api.store.iocSources.get(name))?.feed?.url;

  it('are told how far they are believed, and that holds of what they say', async () => {
    const settings = { reliability: 'A', confidence: 75, tlp: 'TLP:GREEN', expires_after_days: 30, tags: ['isac'] };
    const made = await put('isac/alerts x', settings);
    assert.equal(made.status, 201, made.text);
    assert.equal(made.headers.get('location'), `http://soar.test${PATH}/isac%2Falerts%20x`);
    const { reliability, confidence, tlp, declared, created_by } = made.json;
    assert.deepEqual([reliability, confidence, tlp, declared, created_by], ['A', 75, 'green', true, 'tester']);
    const body = { value: 'sources-1.com', source: 'isac/alerts x' };
    const { json: ioc } = await api.call<z.output<typeof iocSchema>>('POST', '/api/v1/iocs', { body });
    const [told] = ioc.sources;
    assert.deepEqual([told?.reliability, told?.confidence, told?.tlp, told?.tags], ['A', 75, 'green', ['isac']]);
    assert.equal((await get('isac/alerts x')).json.entries, 1);
    const changed = await put('isac/alerts x', { reliability: 'C' });
    assert.deepEqual([changed.status, changed.json.confidence, changed.json.tags], [200, 50, []]);
  });

  it('are listed, also those that have only said something', async () => {
    await api.call('POST', '/api/v1/iocs', { body: { value: 'sources-2.com', source: 'undeclared' } });
    const { json } = await api.call<z.output<typeof sourceListSchema>>('GET', PATH);
    const declared = Object.fromEntries(json.items.map((one) => [one.name, one.declared]));
    assert.deepEqual([declared['isac/alerts x'], declared['undeclared']], [true, false]);
  });

  it('never show the password of a feed, and keep it when it comes back hidden', async () => {
    const made = await put('feed', { reliability: 'B', feed: FEED });
    assert.equal(made.json.feed?.url, 'https://kim:***@feeds.example/a.csv');
    assert.ok(!(await api.call('GET', PATH)).text.includes('secret'));
    assert.ok(!JSON.stringify(await api.store.audit.read('system', { after: 0, limit: 500 })).includes('secret'));
    await put('feed', { reliability: 'C', feed: made.json.feed });
    assert.equal(await storedUrl('feed'), FEED.url);
    const elsewhere = { reliability: 'C', feed: { ...made.json.feed, url: 'https://kim:***@evil.example/' } };
    assert.deepEqual(pointers(await put('feed', elsewhere)), ['/feed/url']);
    assert.equal(await storedUrl('feed'), FEED.url);
  });

  it('are polled when somebody asks, if they have a feed and the engine is there', async () => {
    const poll = (name: string) => api.call<z.output<typeof pollSchema>>('POST', `${PATH}/${name}/poll`);
    const asked = await poll('feed');
    assert.deepEqual([asked.status, polls, asked.json.links.source], [202, ['feed'], `http://soar.test${PATH}/feed`]);
    await put('by-hand', { reliability: 'D' });
    assert.equal((await poll('by-hand')).status, 409);
    assert.equal((await poll('nobody')).status, 404);
    isAway = true;
    assert.equal((await poll('feed')).status, 503);
    isAway = false;
  });

  it('are forgotten, and what they have said stays', async () => {
    assert.equal((await api.call('DELETE', `${PATH}/isac%2Falerts%20x`)).status, 200);
    assert.equal((await api.call('DELETE', `${PATH}/isac%2Falerts%20x`)).status, 404);
    const left = (await get('isac/alerts x')).json;
    assert.deepEqual([left.declared, left.entries], [false, 1]);
    assert.equal((await get('nobody')).status, 404);
    assert.deepEqual((await api.store.audit.verify()).problems, []);
  });

  it('422 names every field that is wrong', async () => {
    const feed = { url: 'ftp://x', format: 'odd', every_seconds: 5, paused: 'no', x: 1 };
    const body = { reliability: 'Z', confidence: 101, tlp: 'pink', expires_after_days: 0, tags: 'x', feed };
    assert.deepEqual(pointers(await put('wrong', body)), [
      ...['/confidence', '/expires_after_days', '/feed/every_seconds', '/feed/format', '/feed/paused', '/feed/url'],
      ...['/feed/x', '/reliability', '/tags', '/tlp'],
    ]);
    const columns = { reliability: 'B', feed: { ...FEED, columns: { odd: '1' } } };
    assert.deepEqual(pointers(await put('wrong', columns)), ['/feed/columns/odd']);
    assert.deepEqual(pointers(await put('wrong', {})), ['/reliability']);
  });
});
