import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { RefusedByRunError } from '../../api/gateway';
import type { ActOrder, StartableIncident } from '../../api/gateway';
import type { ProblemDocument } from '../../api/problems';
import { changeIncident } from '../support/database';
import { pointers, startApi, type Incident, type TestApi } from './api-server';

const LATER = new Date(Date.now() + 3_600_000).toISOString();

describe('what analysts do with an incident, over HTTP', () => {
  let api: TestApi;
  let orders: [StartableIncident, ActOrder][] = [];
  let run: () => Promise<void> = () => Promise.resolve();
  let alerts = 0;

  before(async () => {
    api = await startApi({
      gateway: {
        act: (...order) => {
          orders.push(order);
          return run();
        },
      },
    });
  });
  beforeEach(() => {
    orders = [];
    run = () => Promise.resolve();
  });
  after(() => api.stop());

  async function incident(alert: Record<string, unknown> = {}): Promise<string> {
    alerts += 1;
    const body = {
      source: 'fw',
      alert_id: `act-${alerts}`,
      alert_type: 'brute_force',
      src_ip: '185.220.101.1',
      ...alert,
    };
    return (await api.submit(body)).json.incident_id;
  }
  const unclassified = () => incident({ alert_type: 'unclassified' });
  const patch = <T = Incident>(id: string, body: unknown, headers: Record<string, string> = {}) =>
    api.call<T>('PATCH', `/api/v1/incidents/${id}`, { body, headers });

  it('hands them to the run, in whose name and on which version', async () => {
    const id = await incident();
    const reason = 'Known pentest';
    const { json } = await patch(id, { status: 'closed', resolution: 'false_positive', reason }, { 'if-match': '"1"' });
    assert.equal(json.id, id);
    const [[startable, order] = []] = orders;
    assert.deepEqual([startable?.id, startable?.alertType], [id, 'brute_force']);
    assert.match(order!.requestId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(order, {
      ...{ acts: [{ act: 'close', resolution: 'false_positive' }], reason },
      ...{ requestId: order?.requestId, actor: 'tester', ifVersion: 1 },
    });
  });

  it('reads every field as the act that it stands for', async () => {
    const cases: [Record<string, unknown>, unknown[]][] = [
      [{ status: 'acknowledged' }, [{ act: 'acknowledge' }]],
      [{ status: 'on_hold', hold_until: LATER, reason: 'r' }, [{ act: 'hold', until: `${LATER.slice(0, -1)}000Z` }]],
      [{ verdict: 'malicious', reason: 'r' }, [{ act: 'overrideVerdict', verdict: 'malicious' }]],
      [{ severity: 'critical' }, [{ act: 'setSeverity', severity: 'critical' }]],
      [{ alert_type: 'malware' }, [{ act: 'reclassify', alert_type: 'malware' }]],
      [
        { severity: 'low', status: 'closed', resolution: 'duplicate', assignee: 'kim', analyst_notes: 'n' },
        [
          { act: 'setSeverity', severity: 'low' },
          { act: 'close', resolution: 'duplicate' },
          { act: 'assign', assignee: 'kim' },
          { act: 'note', text: 'n' },
        ],
      ],
    ];
    const id = await incident();
    for (const [body, acts] of cases) {
      assert.equal((await patch(id, body)).status, 200, JSON.stringify(body));
      assert.deepEqual(orders.at(-1)?.[1].acts, acts);
    }
    await changeIncident(api.database.knex, id, { status: 'closed', resolution: 'true_positive' });
    await patch(id, { status: 'open' });
    assert.deepEqual(orders.at(-1)?.[1].acts, [{ act: 'reopen' }]);
  });

  it('422 for what is missing, or makes no sense together', async () => {
    const id = await incident();
    const refused = async (body: unknown) => pointers(await patch(id, body));
    assert.deepEqual(await refused({ status: 'closed' }), ['/resolution']);
    assert.deepEqual(await refused({ status: 'closed', resolution: 'auto_benign' }), ['/resolution']);
    assert.deepEqual(await refused({ resolution: 'duplicate' }), ['/resolution']);
    assert.deepEqual(await refused({ status: 'on_hold' }), ['/hold_until', '/reason']);
    assert.deepEqual(await refused({ hold_until: LATER }), ['/hold_until']);
    assert.deepEqual(await refused({ status: 'on_hold', hold_until: 'soon', reason: 'r' }), ['/hold_until']);
    assert.deepEqual(await refused({ verdict: 'benign' }), ['/reason']);
    assert.deepEqual(await refused({ status: 'escalated' }), ['/status']);
    assert.deepEqual(await refused({ alert_type: 'unclassified' }), ['/alert_type']);
    assert.deepEqual(await refused({ reason: 'r' }), ['']);
    assert.deepEqual(await refused({ status: 'on_hold', hold_until: '2020-01-01T00:00:00Z', reason: 'r' }), [
      '/hold_until',
    ]);
    assert.deepEqual(orders, []);
  });

  it('409 for a move that the table does not have, without asking the engine', async () => {
    const id = await incident();
    await changeIncident(api.database.knex, id, { status: 'closed', resolution: 'true_positive' });
    for (const body of [
      { status: 'acknowledged' },
      { status: 'closed', resolution: 'duplicate' },
      { severity: 'low' },
    ]) {
      const { status, json } = await patch<ProblemDocument>(id, body);
      assert.deepEqual([status, json.type], [409, '/docs#problem-not-allowed']);
      assert.match(json.detail, /closed as true_positive.*reopen it first/);
    }
    const all = await patch<ProblemDocument>(id, { status: 'acknowledged', analyst_notes: 'all or nothing' });
    assert.equal(all.status, 409);
    assert.equal((await api.call<Incident>('GET', `/api/v1/incidents/${id}`)).json.analyst_notes, '');
    assert.deepEqual(orders, []);
  });

  it('leaves alone what is so already', async () => {
    const id = await incident();
    await changeIncident(api.database.knex, id, { status: 'closed', resolution: 'true_positive' });
    const { status, json } = await patch(id, { status: 'closed', resolution: 'true_positive' });
    assert.deepEqual([status, json.version, orders.length], [200, 1, 0]);
  });

  it('412 and 409 by the word of the run, 503 when there is none', async () => {
    const id = await incident();
    const answer = async (error: Error) => {
      run = () => Promise.reject(error);
      return patch<ProblemDocument>(id, { status: 'acknowledged' });
    };
    assert.equal((await answer(new RefusedByRunError('VersionMismatch', 'm'))).status, 412);
    assert.equal((await answer(new RefusedByRunError('NotAllowed', 'm'))).status, 409);
    assert.equal((await answer(new RefusedByRunError('InvalidRequest', 'm'))).status, 422);
    const away = await answer(new Error('nobody'));
    assert.deepEqual([away.status, away.headers.get('retry-after')], [503, '5']);
    assert.match(away.json.detail, /Repeat the call with "Idempotency-Key: [0-9a-f-]{36}"/);
    assert.equal((await patch(id, { status: 'acknowledged' }, { 'if-match': '"99"' })).status, 412);
  });

  it('does a request once under its Idempotency-Key, and refuses another one under it', async () => {
    const id = await incident();
    const key = { 'idempotency-key': 'a/b 50%' };
    for (let times = 1; times <= 2; times += 1) assert.equal((await patch(id, { assignee: 'kim' }, key)).status, 200);
    await patch(id, { assignee: 'lee' });
    const again = await patch(id, { assignee: 'kim' }, { ...key, 'if-match': '"1"' });
    assert.deepEqual([again.status, again.json.assignee], [200, 'lee']);
    assert.equal((await patch(id, { assignee: 'eve' }, key)).status, 422);
    assert.deepEqual(orders, []);
  });

  describe('an unclassified incident', () => {
    it('is acknowledged and closed without an engine, and needs a type to be held', async () => {
      const id = await unclassified();
      const { json } = await patch(id, { status: 'acknowledged', severity: 'low', reason: 'mine' });
      assert.deepEqual([json.status, json.status_by, json.severity], ['acknowledged', 'tester', 'low']);
      const held = await patch<ProblemDocument>(id, { status: 'on_hold', hold_until: LATER, reason: 'r' });
      assert.equal(held.status, 409);
      const closed = await patch(
        id,
        { status: 'closed', resolution: 'false_positive' },
        { 'if-match': `"${json.version}"` },
      );
      assert.deepEqual([closed.json.status, closed.json.resolution], ['closed', 'false_positive']);
      assert.ok(closed.json.closed_at);
      assert.deepEqual([orders.length, api.starts.some((one) => one.id === id)], [0, false]);
      assert.deepEqual((await api.store.audit.verify(id)).problems, []);
    });

    it('is started by its type, once', async () => {
      const id = await unclassified();
      const { json } = await patch(id, { alert_type: 'suspicious_ip', reason: 'I looked' });
      assert.deepEqual([json.alert_type, json.status, json.classification.confidence], ['suspicious_ip', 'new', 1]);
      assert.deepEqual(
        api.starts.filter((one) => one.id === id).map(({ alertType, status }) => [alertType, status]),
        [['suspicious_ip', 'new']],
      );
      await patch(id, { alert_type: 'suspicious_ip' });
      assert.equal(api.starts.filter((one) => one.id === id).length, 1);
      const due = await api.store.reconcile.due(new Date(Date.now() + 1000).toISOString(), 50);
      assert.ok(
        due.some((one) => one.id === id),
        'the reconciler looks after it, should the start be lost',
      );
    });
  });
});
