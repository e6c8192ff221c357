import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { connect, ping } from '../../db/connect';
import { pendingMigrations } from '../../db/migrate';
import { createStore } from '../../db/store';
import { testServerUrl } from '../support/database';
import { openLine } from './api-line';
import { startApi, type TestApi } from './api-server';

const LIST = '/api/v1/incidents';
interface Readiness {
  status: string;
  mysql: string;
  migrations: string;
}

const NO_KEY = { key: null };

describe('keys', () => {
  let api: TestApi;
  let now = Date.now();
  before(async () => {
    api = await startApi({ clock: () => new Date(now) });
  });
  after(() => api.stop());

  const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const list = async (headers: Record<string, string>) => api.call('GET', LIST, { ...NO_KEY, headers });

  it('takes a key as Bearer, as X-API-Key and as the password of HTTP Basic', async () => {
    assert.equal((await list({ authorization: `Bearer ${api.key}` })).status, 200);
    assert.equal((await list({ authorization: `bearer  ${api.key}` })).status, 200);
    assert.equal((await list({ 'x-api-key': api.key })).status, 200);
    assert.equal((await list({ authorization: basic('anyone', api.key) })).status, 200);
    assert.equal((await list({ authorization: basic('', api.key) })).status, 200);
  });

  it('401 with a challenge otherwise', async () => {
    const wrong: Record<string, string>[] = [
      {},
      { authorization: 'Bearer' },
      { authorization: `Bearer ${api.key}x` },
      { authorization: `Digest ${api.key}` },
      { authorization: basic(api.key, '') },
      { authorization: 'Basic !!!' },
      { 'x-api-key': 'soar_nope' },
      { 'x-api-key': 'x'.repeat(5000) },
    ];
    for (const headers of wrong) {
      const answer = await list(headers);
      assert.equal(answer.status, 401, JSON.stringify(headers).slice(0, 80));
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic .*Bearer /);
      assert.equal(answer.text.includes('soar_nope'), false);
    }
  });

  it('asks for the key before it reads a body', async () => {
    const raw = { raw: '{', headers: { 'content-type': 'application/json' } };
    assert.equal((await api.call('POST', '/api/v1/alerts', { ...raw, ...NO_KEY })).status, 401);
  });

  it('refuses a revoked key after ten seconds at the latest', async () => {
    const { id, key } = await api.store.apiKeys.create('leaver', 'admin', 'test');
    assert.equal((await list({ 'x-api-key': key })).status, 200);
    await api.database.knex('api_keys').where({ id }).update({ revoked_at: api.database.knex.fn.now() });
    now += 10_001;
    assert.equal((await list({ 'x-api-key': key })).status, 401);
  });

  it('logs who asked for what, and never a key', async () => {
    await api.call('GET', `${LIST}?q=secret-host`, { headers: { 'x-request-id': 'trace-42' } });
    const line = api.log
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .find(({ request_id }) => request_id === 'trace-42');
    assert.deepEqual(
      [line?.['method'], line?.['route'], line?.['status'], line?.['actor'], typeof line?.['ms']],
      ['GET', LIST, 200, 'tester', 'number'],
    );
    assert.equal(api.log.join('').includes(api.key), false);
    assert.equal(api.log.join('').includes('secret-host'), false);
  });
});

describe('the road of a request', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  it('404 for unknown paths, 405 with Allow for unknown methods, OPTIONS answered', async () => {
    for (const path of ['/nope', '/api/v1', '/api/v2/incidents', '/API/v1/incidents']) {
      assert.equal((await api.call('GET', path)).status, 404, path);
    }
    const wrong = await api.call('DELETE', '/api/v1/alerts');
    assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'POST, OPTIONS']);
    const put = await api.call('PUT', `${LIST}/INC-0000000000`, { body: {} });
    assert.deepEqual([put.status, put.headers.get('allow')], [405, 'GET, PATCH, HEAD, OPTIONS']);
    const options = await api.call('OPTIONS', LIST, NO_KEY);
    assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, OPTIONS']);
    assert.equal((await api.call('HEAD', '/healthz', NO_KEY)).status, 200);
  });

  it('400 for broken percent-encoding, in path and query', async () => {
    for (const path of ['/%', '/api/v1/incidents/%E0%A4%A', `${LIST}?q=%zz`, '/%ff']) {
      assert.equal((await api.call('GET', path)).status, 400, path);
    }
  });

  it('takes a sane X-Request-Id and replaces any other', async () => {
    const idFor = async (id: string) =>
      (await api.call('GET', '/healthz', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    assert.equal(await idFor('abc-1.2:3'), 'abc-1.2:3');
    for (const forged of ['a b', '"},{"', 'x'.repeat(200)])
      assert.match((await idFor(forged)) ?? '', /^[0-9a-f-]{36}$/);
  });

  it('carries the security headers on every answer', async () => {
    for (const path of ['/docs', '/healthz', '/nope', LIST]) {
      const { headers } = await api.call('GET', path, NO_KEY);
      assert.equal(headers.get('x-powered-by'), null);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    }
  });

  it('permits a page its own style sheet by hash, and nothing else', async () => {
    for (const path of ['/docs', '/']) {
      const { headers, text } = await api.call('GET', path, { ...NO_KEY, headers: { accept: 'text/html' } });
      const sheet = /<style>(.*?)<\/style>/s.exec(text)?.[1] ?? '';
      const hash = createHash('sha256').update(sheet).digest('base64');
      const policy = headers.get('content-security-policy') ?? '';
      assert.ok(policy.startsWith(`default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors`), policy);
      assert.doesNotMatch(policy, /unsafe/);
    }
  });

  it('health, readiness, reference and landing page are open', async () => {
    assert.deepEqual((await api.call('GET', '/healthz', NO_KEY)).json, { status: 'ok' });
    const ready = { status: 'ready', mysql: 'ok', migrations: 'ok', engine: 'ok' };
    assert.deepEqual((await api.call('GET', '/readyz', NO_KEY)).json, ready);
    const browser = { ...NO_KEY, headers: { accept: 'text/html' } };
    assert.match((await api.call('GET', '/', browser)).text, /href="\/docs"/);
    assert.equal(
      (await api.call<{ links: { docs: string } }>('GET', '/', NO_KEY)).json.links.docs,
      'http://soar.test/docs',
    );
    const docs = await api.call('GET', '/docs', NO_KEY);
    assert.equal(docs.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(docs.text, /\/api\/v1\/alerts/);
    assert.equal((await api.call<{ openapi: string }>('GET', '/openapi.json', NO_KEY)).json.openapi, '3.1.1');
  });
});

describe('a database that goes away and comes back', () => {
  it('503 with Retry-After meanwhile, alive but not ready, and no word of SQL or addresses', async () => {
    const line = await openLine(testServerUrl());
    const api = await startApi();
    const knex = connect(line.through(api.database.url));
    const broken = await startApi({
      store: createStore(knex),
      database: { ping: () => ping(knex), pendingMigrations: () => pendingMigrations(knex) },
    });
    const call = <T>(method: string, path: string, body?: unknown) =>
      broken.call<T>(method, path, body === undefined ? { key: api.key } : { key: api.key, body });
    const alert = { source: 'fw', alert_id: 'again', alert_type: 'brute_force', src_ip: '203.0.113.5' };
    try {
      assert.equal((await call('GET', LIST)).status, 200);
      line.cut();
      for (const answer of [
        await call('POST', '/api/v1/alerts', alert),
        await call('GET', LIST),
        await broken.call('GET', LIST, { key: 'soar_unknown' }),
      ]) {
        assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5'], answer.text);
        assert.doesNotMatch(answer.text, /select|insert|127\.0\.0\.1|ECONN|node_modules/i);
      }
      assert.equal((await call('GET', '/healthz')).status, 200);
      const ready = await call<Readiness>('GET', '/readyz');
      assert.deepEqual([ready.status, ready.json.status, ready.json.mysql], [503, 'not_ready', 'away']);
      await line.mend();
      assert.equal((await call('POST', '/api/v1/alerts', alert)).status, 202);
      assert.equal((await call('GET', '/readyz')).status, 200);
    } finally {
      await broken.stop();
      await knex.destroy();
      await api.stop();
      line.cut();
    }
  });

  it('is not ready while migrations are pending', async () => {
    const database = { ping: () => Promise.resolve(), pendingMigrations: () => Promise.resolve(['20990101A-later']) };
    const api = await startApi({ database });
    try {
      const ready = await api.call<Readiness>('GET', '/readyz');
      assert.deepEqual([ready.status, ready.json.mysql, ready.json.migrations], [503, 'ok', 'pending']);
    } finally {
      await api.stop();
    }
  });
});
