import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ProviderProfile } from '../../db/repositories/quotas';
import { inTransaction } from '../../db/transaction';
import type { ObservableId } from '../../domain/observable';
import type { QuotaLimit } from '../../domain/quota';
import { pointers, startApi, type Providers, type TestApi } from './api-server';

const FINGERPRINT = 'cafe0123deadbeef';
const LIMITS: QuotaLimit[] = [
  { name: 'minute', requests: 2, ms: 60_000 },
  { name: 'month', requests: 500, calendar: 'month' },
];

describe('GET /api/v1/providers', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  const register = (name: string, changes: Partial<ProviderProfile> = {}) =>
    api.store.quotas.register({
      ...{ name, title: name.toUpperCase(), where: 'outside', looksUp: ['ip'], limits: LIMITS },
      ...{ configured: true, setting: `${name.toUpperCase()}_API_KEY`, credential: FINGERPRINT },
      ...changes,
    });

  async function providers(): Promise<Map<string, Providers['items'][number]>> {
    const { status, json, text } = await api.call<Providers>('GET', '/api/v1/providers');
    assert.equal(status, 200, text);
    assert.doesNotMatch(text, new RegExp(`${FINGERPRINT}|credential|fingerprint`));
    return new Map(json.items.map((item) => [item.name, item]));
  }

  async function one(name: string): Promise<Providers['items'][number]> {
    const found = (await providers()).get(name);
    assert.ok(found, name);
    return found;
  }

  async function incident(name: string, severity: string): Promise<string> {
    const alert = { source: 'fw', alert_id: name, alert_type: 'brute_force', severity, username: name };
    return (await api.submit({ ...alert, src_ip: '185.220.101.1' })).json.incident_id;
  }

  /** Sends one request of the provider and ends it so. */
  async function request(
    provider: string,
    observable: ObservableId,
    settlement: Parameters<TestApi['store']['quotas']['settle']>[2],
  ): Promise<void> {
    const incidentId = await incident(`${provider}-${observable}`, 'low');
    const asked = { provider, limits: LIMITS, credential: FINGERPRINT, observable, incidentId, leaseMs: 30_000 };
    const admission = await api.store.quotas.admit(asked);
    assert.ok(admission.kind === 'go', admission.kind);
    await api.store.quotas.settle(admission.ticket, LIMITS, settlement);
  }

  const ANSWER = { answer: { state: 'not_known', facts: null, summary: 'nothing', freshForMs: 0 } } as const;

  async function waits(incidentId: string, source: string, observable: ObservableId, at: string): Promise<void> {
    const change = { source, observable, state: 'waiting', until: null, summary: 'no slot', facts: null, at } as const;
    await inTransaction(api.database.knex, (trx) =>
      api.store.enrichments.upsert(trx, incidentId, { ...change, actionKey: `1/${source}/${observable}` }),
    );
  }

  it('knows of none before a worker has reported', async () => {
    assert.equal((await providers()).size, 0);
  });

  it('says what may be asked, what is left, and that nothing is wrong', async () => {
    await register('calm', { title: 'Calm <b>Source</b>', looksUp: ['ip', 'domain'] });
    const calm = await one('calm');
    assert.deepEqual([calm.state, calm.title, calm.looks_up], ['ready', 'Calm <b>Source</b>', ['ip', 'domain']]);
    assert.deepEqual([calm.configured, calm.setting, calm.next_slot_at], [true, 'CALM_API_KEY', null]);
    assert.deepEqual(
      calm.windows.map(({ name, limit, used, left }) => [name, limit, used, left]),
      [
        ['minute', 2, 0, 2],
        ['month', 500, 0, 500],
      ],
    );
    assert.deepEqual(calm.waiting, { count: 0, incidents: 0, items: [] });
    assert.deepEqual([calm.error_rate, calm.requests, calm.last_error, calm.last_answer_at], [null, 0, null, null]);
    assert.deepEqual([calm.blocked, calm.silent, calm.told, calm.in_flight], [null, null, null, 0]);
    assert.match(calm.updated_at, /^\d{4}-\d\d-\d\dT/);
  });

  it('says what is not set up, and by which variable it would be', async () => {
    await register('keyless', { configured: false, credential: null });
    const { state, configured, setting } = await one('keyless');
    assert.deepEqual([state, configured, setting], ['not_configured', false, 'KEYLESS_API_KEY']);
  });

  it('shows a spent quota, and what waits for it in its order: how many, of which incidents, since and until when, why', async () => {
    await register('spent');
    await request('spent', 'ip:198.51.100.1', ANSWER);
    await request('spent', 'ip:198.51.100.2', ANSWER);
    const low = await incident('w-low', 'low');
    const critical = await incident('w-critical', 'critical');
    await waits(low, 'spent', 'ip:198.51.100.3', '2026-11-23T12:00:00.000000Z');
    await waits(low, 'spent', 'ip:198.51.100.4', '2026-11-23T12:00:01.000000Z');
    await waits(critical, 'spent', 'ip:198.51.100.5', '2026-11-23T12:00:02.000000Z');
    const { state, windows, next_slot_at, waiting, last_answer_at, error_rate, requests } = await one('spent');
    assert.equal(state, 'spent');
    assert.deepEqual([windows[0]?.used, windows[0]?.left, windows[1]?.left], [2, 0, 498]);
    assert.ok(next_slot_at !== null && windows[0]?.resets_at !== null && last_answer_at !== null);
    assert.deepEqual([error_rate, requests], [0, 2]);
    assert.deepEqual([waiting.count, waiting.incidents], [3, 2]);
    assert.deepEqual(
      waiting.items.map(({ incident_id, observable, severity, since }) => [incident_id, observable, severity, since]),
      [
        [critical, 'ip:198.51.100.5', 'critical', '2026-11-23T12:00:02.000000Z'],
        [low, 'ip:198.51.100.3', 'low', '2026-11-23T12:00:00.000000Z'],
        [low, 'ip:198.51.100.4', 'low', '2026-11-23T12:00:01.000000Z'],
      ],
    );
    assert.ok(waiting.items.every(({ until, reason }) => until !== null && /quota of 2 a minute/.test(reason)));
  });

  it('shows a refused key, with the error, and when it is tried again', async () => {
    await register('refused');
    const error = { kind: 'unauthorized', message: 'the key is refused (401)', httpStatus: 401 };
    await request('refused', 'ip:198.51.100.1', { error });
    const { state, blocked, last_error, error_rate, requests } = await one('refused');
    assert.equal(state, 'blocked');
    assert.equal(blocked?.message, error.message);
    assert.ok(blocked.probe_at > blocked.since);
    assert.deepEqual(last_error, { at: blocked.since, kind: 'unauthorized', message: error.message, http_status: 401 });
    assert.deepEqual([error_rate, requests], [1, 1]);
    await register('refused', { credential: 'another-fingerprint' });
    assert.equal((await one('refused')).state, 'ready');
  });

  it('shows a source that asked for silence, and what it said is left', async () => {
    await register('silent');
    const until = new Date(Date.now() + 3_600_000);
    await request('silent', 'ip:198.51.100.1', { refused: { until }, told: { left: 0, until } });
    const { state, silent, told, next_slot_at } = await one('silent');
    assert.equal(state, 'silent');
    assert.equal(Date.parse(silent?.until ?? ''), until.getTime());
    assert.match(silent?.reason ?? '', /429/);
    assert.equal(told?.left, 0);
    assert.ok(next_slot_at !== null && Date.parse(next_slot_at) >= until.getTime());
  });

  it('counts all that wait, also those that it does not list', async () => {
    await register('crowded');
    const id = await incident('crowd', 'low');
    const hosts = Array.from({ length: 60 }, (_, index) => `ip:198.51.100.${index}` as const);
    for (const host of hosts) await waits(id, 'crowded', host, '2026-11-23T12:00:00.000000Z');
    const { waiting } = await one('crowded');
    assert.deepEqual([waiting.count, waiting.incidents], [60, 1]);
    assert.ok(waiting.items.length > 0 && waiting.items.length < 60);
  });

  it('needs a key and takes no parameters', async () => {
    assert.equal((await api.call('GET', '/api/v1/providers', { key: null })).status, 401);
    assert.deepEqual(pointers(await api.call('GET', '/api/v1/providers?name=calm')), ['?name']);
    assert.equal((await api.call('POST', '/api/v1/providers', { body: {} })).status, 405);
  });
});
