import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { z } from 'zod';
import type { EngineGateway } from '../../api/gateway';
import type { rescoreJobSchema, rescoreSchema } from '../../api/schemas/rescore';
import type { ComparedPage } from '../../db/repositories/rescores';
import { until } from '../support/until';
import { pointers, startApi, type CallOptions, type TestApi } from './api-server';

type Job = z.output<typeof rescoreJobSchema>;
type Rescore = z.output<typeof rescoreSchema>;

const NONE = 'RSC-0000000000';

describe('/api/v1/rescores', () => {
  let api: TestApi;
  let rescore: EngineGateway['rescore'];
  let asked: string[] = [];

  before(async () => {
    api = await startApi({
      gateway: {
        rescore: (job) => {
          asked.push(job.id);
          return rescore(job);
        },
      },
    });
  });
  beforeEach(() => {
    asked = [];
    rescore = () => Promise.resolve();
  });
  after(() => api.stop());

  const start = (body: unknown = {}, options: CallOptions = {}) =>
    api.call<Job>('POST', '/api/v1/rescores', { body, ...options });
  const get = (id: string, query = '') => api.call<Rescore>('GET', `/api/v1/rescores/${id}${query}`);
  const apply = <T = Job>(id: string, body: unknown = {}, options: CallOptions = {}) =>
    api.call<T>('POST', `/api/v1/rescores/${id}/apply`, { body, ...options });

  let alerts = 0;
  async function incident(changes: Record<string, unknown> = {}): Promise<string> {
    alerts += 1;
    const alert = { source: 'fw', alert_id: `rescore-${alerts}`, alert_type: 'brute_force', src_ip: '192.0.2.1' };
    return (await api.submit({ ...alert, severity: 'low', ...changes })).json.incident_id;
  }

  function change(incidentId: string): ComparedPage['changes'][number] {
    return {
      incident_id: incidentId,
      score_key: '1/score',
      ...{ old_verdict: 'benign', new_verdict: 'malicious', old_score: 3, new_score: 82 },
      ...{ old_outcome: 'close', new_outcome: 'escalate', old_complete: true, new_complete: false },
      ...{ why: 'Malicious from 80 (was 90).', effect: 'flag' },
    };
  }

  /** A job as its run leaves it when it has compared. */
  async function compared(incidents: string[] = [], body: unknown = {}, at = new Date().toISOString()): Promise<Job> {
    const { json } = await start(body);
    const page = { incidentIds: incidents, isLast: true, changes: incidents.map(change), failures: [], at };
    await api.store.rescores.noteCompared({ id: json.id, position: '' }, page);
    return json;
  }

  it('202: the job is there, with where to find it, and the engine is asked', async () => {
    const { status, json, headers } = await start({
      alert_type: ['brute_force'],
      verdict: 'benign,unknown',
      reopen: true,
    });
    assert.equal(status, 202);
    assert.equal(headers.get('location'), `http://soar.test/api/v1/rescores/${json.id}`);
    assert.deepEqual([json.state, json.requested_by, json.reopen], ['comparing', 'tester', true]);
    assert.deepEqual(json.filter, { alert_type: ['brute_force'], verdict: ['benign', 'unknown'] });
    assert.deepEqual(asked, [json.id]);
    assert.deepEqual((await get(json.id)).json, { ...json, changes: [], next_cursor: null });
  });

  it('takes no body for all incidents', async () => {
    for (const options of [{}, { raw: '' }]) {
      const { status, json } = await api.call<Job>('POST', '/api/v1/rescores', options);
      assert.deepEqual([status, json.filter, json.reopen], [202, {}, false]);
    }
  });

  it('202 also while the engine is away: the job is due until the engine has it', async () => {
    rescore = () => Promise.reject(new Error('14 UNAVAILABLE'));
    const { status, json } = await start();
    assert.equal(status, 202);
    const later = new Date(Date.now() + 60_000).toISOString();
    const due = await api.store.rescores.due(later, 100);
    assert.ok(due.some(({ id }) => id === json.id));
    await until('the log to say so', () => api.log.find((line) => line.includes('re-scoring not started')));
  });

  it('422 naming each filter that there is not', async () => {
    const body = { verdict: 'evil', from: 'yesterday', limit: 5, reopen: 'perhaps', sort: 'score' };
    assert.deepEqual(pointers(await start(body)), ['/from', '/limit', '/reopen', '/sort', '/verdict/0']);
    const span = { from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' };
    assert.deepEqual(pointers(await start(span)), ['/to']);
    assert.deepEqual(pointers(await start([])), ['']);
    assert.equal(asked.length, 0);
  });

  it('gives what was found in pages, in one order', async () => {
    const ids = (await Promise.all([incident(), incident(), incident()])).sort();
    const { id } = await compared(ids);
    const { json } = await get(id);
    assert.deepEqual(
      [json.state, json.counts],
      ['compared', { compared: 3, failed: 0, changed: 3, applied: 0, skipped: 0 }],
    );
    assert.deepEqual(json.changes[0], {
      ...{ incident_id: ids[0], alert_type: 'brute_force' },
      old: { verdict: 'benign', score: 3, decision: 'close', complete: true },
      new: { verdict: 'malicious', score: 82, decision: 'escalate', complete: false },
      ...{ why: 'Malicious from 80 (was 90).', effect: 'flag', applied_at: null, skipped: null },
    });
    const pages = [];
    for (let query = '?limit=2'; ;) {
      const page = (await get(id, query)).json;
      pages.push(page.changes.map(({ incident_id }) => incident_id));
      if (page.next_cursor === null) break;
      query = `?limit=2&cursor=${page.next_cursor}`;
    }
    assert.deepEqual(pages, [ids.slice(0, 2), ids.slice(2)]);
    assert.deepEqual(pointers(await get(id, '?cursor=x&limit=0&q=1')), ['?cursor', '?limit', '?q']);
  });

  it('notes a page once, whoever compares it twice', async () => {
    const id = await incident();
    const { id: job } = await compared([id]);
    const at = new Date().toISOString();
    const again = { incidentIds: [id], isLast: true, changes: [change(id)], failures: [], at };
    await api.store.rescores.noteCompared({ id: job, position: '' }, again);
    const { json } = await get(job);
    assert.deepEqual([json.counts.compared, json.counts.changed, json.changes.length], [1, 1, 1]);
  });

  it('counts what could not be judged apart from what was compared, and names the first of them', async () => {
    const { id } = (await start()).json;
    const at = new Date().toISOString();
    const name = (index: number) => `INC-${String(index).padStart(10, '0')}`;
    for (const [position, last] of [
      [0, 15],
      [15, 30],
    ] as const) {
      const incidentIds = Array.from({ length: 15 }, (_, index) => name(position + index + 1));
      const failures = incidentIds.slice(1).map((incident_id) => ({ incident_id, reason: 'unusable' }));
      const page = { incidentIds, isLast: last === 30, changes: [], failures, at };
      await api.store.rescores.noteCompared({ id, position: position === 0 ? '' : name(position) }, page);
    }
    const { state, counts, failures } = (await get(id)).json;
    assert.deepEqual([state, counts.compared, counts.failed, failures.length], ['compared', 2, 28, 20]);
    assert.deepEqual(failures[0], { incident_id: name(2), reason: 'unusable' });
  });

  it('applies what was compared, once; who did stands in the system’s audit', async () => {
    const { id } = await compared([await incident()]);
    asked = [];
    const first = await apply(id);
    assert.deepEqual([first.status, first.json.state, first.json.applied_by], [202, 'applying', 'tester']);
    assert.deepEqual(asked, [id]);
    const rowOf = () => api.store.actions.find('system', `rescore/${id}`);
    const row = await rowOf();
    assert.match(row?.summary ?? '', /^tester applies RSC-\w{10}: 1 of 1 incidents come out differently$/);
    assert.equal((await apply(id)).status, 202);
    assert.deepEqual(await rowOf(), row);
    await api.store.rescores.finish(id, new Date().toISOString());
    asked = [];
    const done = await apply(id);
    assert.deepEqual([done.status, done.json.state], [202, 'applied']);
    assert.deepEqual(asked, []);
    assert.deepEqual((await api.store.audit.verify('system')).problems, []);
  });

  it('reopens as the comparison or the one who applies says', async () => {
    for (const [body, wish, expected] of [
      [{ reopen: true }, {}, true],
      [{}, { reopen: true }, true],
      [{ reopen: true }, { reopen: false }, false],
      [{}, {}, false],
    ] as const) {
      const { id } = await compared([], body);
      assert.equal((await apply(id, wish)).json.reopen, expected);
    }
  });

  it('409 while it compares, and when its time has passed', async () => {
    const comparing = (await start()).json.id;
    const weekAgo = new Date(Date.now() - 8 * 24 * 3_600_000).toISOString();
    const late = await compared([], {}, weekAgo);
    const expired = await compared();
    await api.store.rescores.expire(expired.id, new Date().toISOString());
    for (const id of [comparing, late.id, expired.id]) {
      const { status, json } = await apply<{ type: string; detail: string }>(id);
      assert.deepEqual([status, json.type], [409, '/docs#problem-not-compared'], id);
    }
    assert.equal((await get(expired.id)).json.state, 'expired');
  });

  it('404 for what is not there or could not be; 400, 401, 405, 415 and 422 like any other call', async () => {
    for (const id of [NONE, 'RSC-1', 'INC-0000000000', '%00']) {
      assert.equal((await get(id)).status, 404, id);
      assert.equal((await apply(id)).status, 404, id);
    }
    assert.equal((await start({}, { key: null })).status, 401);
    assert.equal((await apply(NONE, {}, { key: null })).status, 401);
    assert.equal((await api.call('GET', '/api/v1/rescores')).status, 405);
    assert.equal((await start(undefined, { raw: '{', headers: { 'content-type': 'application/json' } })).status, 400);
    assert.equal((await start(undefined, { raw: 'x=1', headers: { 'content-type': 'text/csv' } })).status, 415);
    assert.deepEqual(pointers(await apply(NONE, { force: true })), ['/force']);
  });

  it('lists what is flagged, and only that', async () => {
    const [flagged, other] = [await incident(), await incident()];
    await api.database.knex('incidents').where({ id: flagged }).update({ flagged: 'Re-scored as malicious' });
    type Listed = { items: { id: string; flagged: string | null }[] };
    const list = async (value: string): Promise<Listed['items']> =>
      (await api.call<Listed>('GET', `/api/v1/incidents?flagged=${value}&limit=200`)).json.items;
    const [yes, no] = [await list('true'), await list('false')];
    assert.deepEqual(
      yes.map(({ id, flagged: why }) => [id, why]),
      [[flagged, 'Re-scored as malicious']],
    );
    assert.ok(no.some(({ id }) => id === other) && !no.some(({ id }) => id === flagged));
    const plan = (await api.database.knex.raw('EXPLAIN SELECT id FROM incidents WHERE flagged IS NOT NULL'))[0];
    assert.equal(plan[0].key, 'by_flagged');
  });
});
