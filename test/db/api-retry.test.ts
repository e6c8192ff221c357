import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { RefusedByRunError, type EngineGateway } from '../../api/gateway';
import type { OpenApiDocument } from '../../api/openapi';
import type { ProblemDocument } from '../../api/problems';
import { inTransaction } from '../../db/transaction';
import type { SourceState } from '../../domain/enrichment';
import type { ObservableId } from '../../domain/observable';
import { step } from './fixtures';
import { pointers, startApi, type CallOptions, type Retry, type TestApi } from './api-server';

const IP: ObservableId = 'ip:185.220.101.1';
const UNTIL = '2026-11-23T12:05:00.000000Z';

describe('POST /api/v1/incidents/:id/retry', () => {
  let api: TestApi;
  let retry: EngineGateway['retry'];
  let asked: Parameters<EngineGateway['retry']>[] = [];
  let alerts = 0;

  before(async () => {
    api = await startApi({
      gateway: {
        retry: (...call) => {
          asked.push(call);
          return retry(...call);
        },
      },
    });
  });
  beforeEach(() => {
    asked = [];
    retry = () => Promise.resolve([{ source: 'virustotal', observable: IP, state: 'failed' }]);
  });
  after(() => api.stop());

  /** An incident whose lookups ended so. */
  async function incident(lookups: Record<string, SourceState>, alert: Record<string, unknown> = {}): Promise<string> {
    alerts += 1;
    const { json } = await api.submit({
      source: 'fw',
      alert_id: `retry-${alerts}`,
      alert_type: 'brute_force',
      severity: 'critical',
      src_ip: '185.220.101.1',
      username: `user-${alerts}`,
      ...alert,
    });
    await inTransaction(api.database.knex, async (trx) => {
      for (const [name, state] of Object.entries(lookups)) {
        const [source = '', ...rest] = name.split('/');
        const observable = rest.join('/') as ObservableId;
        const until = state === 'waiting' ? UNTIL : null;
        const facts = state === 'ok' ? {} : null;
        const change = { source, observable, state, until, facts, summary: state, at: UNTIL, actionKey: `1/${name}` };
        await api.store.enrichments.upsert(trx, json.incident_id, change);
      }
    });
    return json.incident_id;
  }

  const post = <T = Retry>(id: string, body: unknown = {}, options: CallOptions = {}) =>
    api.call<T>('POST', `/api/v1/incidents/${id}/retry`, { body, ...options });
  const keyed = (key: string): CallOptions => ({ headers: { 'idempotency-key': key } });

  it('202: hands the engine the incident and who asks, and answers what is asked again', async () => {
    const id = await incident({ [`virustotal/${IP}`]: 'failed', [`geoip/${IP}`]: 'ok' });
    const { status, json } = await post(id, {}, keyed('ticket 7'));
    assert.equal(status, 202);
    assert.equal(json.incident_id, id);
    assert.deepEqual(json.retried, [{ source: 'virustotal', observable: IP, state: 'failed' }]);
    assert.equal(json.links.self, `http://soar.test/api/v1/incidents/${id}`);
    const [[startable, request] = []] = asked;
    assert.deepEqual([startable?.id, startable?.alertType, startable?.severity], [id, 'brute_force', 'critical']);
    assert.deepEqual(request, { requestId: 'ticket 7', actor: 'tester' });
  });

  it('names only those that are wanted, each once; without a key every request is one of its own', async () => {
    const id = await incident({ [`virustotal/${IP}`]: 'waiting', [`geoip/${IP}`]: 'failed' });
    const enrichments = [`virustotal/${IP}`, `virustotal/${IP}`];
    const answers = [await post(id, { enrichments }), await post(id, { enrichments })];
    assert.ok(answers.every(({ status }) => status === 202));
    assert.deepEqual(
      asked.map(([, request]) => request.enrichments),
      [[`virustotal/${IP}`], [`virustotal/${IP}`]],
    );
    assert.equal(new Set(asked.map(([, { requestId }]) => requestId)).size, 2);
  });

  it('answers a repeated Idempotency-Key as the first time, without acting, also when nothing is left to retry', async () => {
    const id = await incident({ [`virustotal/${IP}`]: 'failed' });
    const other = await incident({ [`virustotal/${IP}`]: 'failed' });
    const result = { retried: [{ source: 'virustotal', observable: IP, state: 'failed' }], lookups: [], token: 't' };
    const body = { summary: 'repeated', detail: { result } };
    await api.store.actions.finish(step(id, 'retry/once', { action: 'retry', body }));
    await inTransaction(api.database.knex, (trx) =>
      api.store.enrichments.upsert(trx, id, {
        ...{ source: 'virustotal', observable: IP, actionKey: `retry/once/virustotal/${IP}` },
        ...{ state: 'ok', until: null, summary: 'found', facts: {}, at: UNTIL },
      }),
    );
    for (const body of [{}, { enrichments: [`virustotal/${IP}`] }]) {
      const { status, json } = await post(id, body, keyed('once'));
      assert.deepEqual([status, json.retried], [202, result.retried]);
    }
    assert.equal(asked.length, 0);
    assert.equal((await post(id, {}, keyed('twice'))).status, 409);
    assert.equal((await post(other, {}, keyed('once'))).status, 202);
    assert.equal(asked.length, 1);
  });

  it('keeps the name of a request from being mistaken for the key of one of its lookups', async () => {
    const id = await incident({ [`virustotal/${IP}`]: 'failed' });
    await api.store.actions.finish(step(id, `retry/a/virustotal/${IP}`));
    assert.equal((await post(id, {}, keyed(`a/virustotal/${IP}`))).status, 202);
    assert.doesNotMatch(asked[0]?.[1].requestId ?? '', /\//);
  });

  it('takes no body for all', async () => {
    const id = await incident({ [`virustotal/${IP}`]: 'failed' });
    for (const none of [{}, { raw: '' }, { raw: '', headers: { 'content-type': 'application/json' } }]) {
      assert.equal((await api.call('POST', `/api/v1/incidents/${id}/retry`, none)).status, 202);
    }
    assert.deepEqual(Object.keys(asked[0]?.[1] ?? {}), ['requestId', 'actor']);
    const document = await api.call<OpenApiDocument>('GET', '/openapi.json', { key: null });
    const { paths } = document.json;
    assert.equal(paths['/api/v1/incidents/{id}/retry']?.['post']?.requestBody?.required, false);
    assert.equal(paths['/api/v1/incidents/{id}']?.['patch']?.requestBody?.required, true);
  });

  it('409 when nothing has failed or is waiting, before the engine is asked', async () => {
    const id = await incident({
      [`virustotal/${IP}`]: 'ok',
      [`geoip/${IP}`]: 'failed',
      'iocs/user:x': 'not_applicable',
    });
    const none = await incident({});
    const named = await post<ProblemDocument>(id, { enrichments: [`virustotal/${IP}`] });
    for (const { status, json } of [named, await post<ProblemDocument>(none)]) {
      assert.deepEqual([status, json.type], [409, '/docs#problem-nothing-to-retry']);
      assert.match(json.detail, /^Nothing of INC-\w+ has failed or is waiting/);
    }
    assert.equal(asked.length, 0);
  });

  it('asks again what was not set up only when it is by now', async () => {
    const id = await incident({ 'abuseipdb/ip:185.220.101.1': 'not_configured' });
    const profile = { name: 'abuseipdb', title: 'AbuseIPDB', where: 'outside', looksUp: ['ip'], limits: [] } as const;
    const register = (configured: boolean) =>
      api.store.quotas.register({
        ...{ ...profile, looksUp: ['ip'], limits: [], setting: 'ABUSEIPDB_API_KEY' },
        ...{ configured, credential: configured ? 'ab'.repeat(8) : null },
      });
    assert.equal((await post(id)).status, 409);
    await register(false);
    assert.equal((await post(id)).status, 409);
    await register(true);
    assert.equal((await post(id)).status, 202);
  });

  it('409 for an incident that has no playbook', async () => {
    const { json } = await api.call<{ incident_id: string }>('POST', '/api/v1/alerts', { body: { hello: 'retry' } });
    const answer = await post<ProblemDocument>(json.incident_id);
    assert.deepEqual([answer.status, answer.json.type], [409, '/docs#problem-no-playbook']);
    assert.equal(asked.length, 0);
  });

  it('404 for what is not there or could not be', async () => {
    for (const id of ['INC-0000000000', 'INC-1', '%00', '..%2f..%2fetc'])
      assert.equal((await post(id)).status, 404, id);
    assert.equal((await post('INC-0000000000', { enrichments: ['a/b:c'] }, keyed('k'))).status, 404);
  });

  it('422 naming each enrichment that the incident does not have', async () => {
    const id = await incident({ [`virustotal/${IP}`]: 'failed' });
    const long = `virustotal/url:http://x.test/${'a'.repeat(5000)}`;
    const enrichments = [`virustotal/${IP}`, 'virustotal/ip:185.220.101.2', `geoip/${IP}`, long, "x/ip:' OR 1=1 --"];
    const answer = await post(id, { enrichments });
    assert.deepEqual(
      pointers(answer),
      [1, 2, 3, 4].map((index) => `/enrichments/${index}`),
    );
    assert.ok(answer.text.length < 2000);
    assert.equal(asked.length, 0);
  });

  it('422 for a body that is not meant so', async () => {
    const id = await incident({ [`virustotal/${IP}`]: 'failed' });
    const cases: [unknown, string[]][] = [
      [{ enrichments: [] }, ['/enrichments']],
      [{ enrichments: null }, ['/enrichments']],
      [{ enrichments: `virustotal/${IP}` }, ['/enrichments']],
      [{ enrichments: Array(1001).fill(`virustotal/${IP}`) }, ['/enrichments']],
      [
        { enrichments: [5, null, '', 'virustotal', 'virustotal/ip', '/ip:1.2.3.4', `virustotal/${IP}`] },
        [0, 1, 2, 3, 4, 5].map((index) => `/enrichments/${index}`),
      ],
      [{ enrichment: [`virustotal/${IP}`], force: true }, ['/enrichment', '/force']],
      [[], ['']],
      ['virustotal', ['']],
      [null, ['']],
    ];
    for (const [body, expected] of cases)
      assert.deepEqual(pointers(await post(id, body)), expected, JSON.stringify(body));
    const proto = { raw: '{"__proto__": {"enrichments": []}}', headers: { 'content-type': 'application/json' } };
    assert.deepEqual(pointers(await post(id, undefined, proto)), ['/__proto__']);
    assert.equal(asked.length, 0);
  });

  it('422 for an Idempotency-Key nobody could keep; an empty one is none', async () => {
    const id = await incident({ [`virustotal/${IP}`]: 'failed' });
    for (const key of ['x'.repeat(256), 'caf\u00e9', 'a\tb'])
      assert.deepEqual(pointers(await post(id, {}, keyed(key))), ['']);
    assert.equal(asked.length, 0);
    assert.equal((await post(id, {}, keyed('x'.repeat(255)))).status, 202);
    assert.equal((await post(id, {}, keyed('%/'.repeat(127)))).status, 202);
    assert.equal((await post(id, {}, keyed('  '))).status, 202);
    assert.ok(asked.every(([, { requestId }]) => requestId.length > 0));
  });

  it('400, 401, 405 and 415 like any other call', async () => {
    const id = await incident({ [`virustotal/${IP}`]: 'failed' });
    const broken = { raw: '{', headers: { 'content-type': 'application/json' } };
    assert.equal((await post(id, undefined, broken)).status, 400);
    assert.equal((await post(id, {}, { key: null })).status, 401);
    assert.equal((await api.call('GET', `/api/v1/incidents/${id}/retry`)).status, 405);
    assert.equal((await post(id, undefined, { raw: 'x=1', headers: { 'content-type': 'text/csv' } })).status, 415);
    assert.deepEqual(pointers(await api.call('POST', `/api/v1/incidents/${id}/retry?all=1`, { body: {} })), ['?all']);
    assert.equal(asked.length, 0);
  });

  it('hands on what the run refuses', async () => {
    const id = await incident({ [`virustotal/${IP}`]: 'failed' });
    const refusals = { NothingToRetry: 409, UnknownEnrichment: 422, InvalidRequest: 422, ClaimLost: 503 };
    for (const [type, status] of Object.entries(refusals)) {
      retry = () => Promise.reject(new RefusedByRunError(type, 'the run says no'));
      assert.equal((await post(id)).status, status, type);
    }
  });

  it('503 when the engine is away: the same key may be sent again', async () => {
    const id = await incident({ [`virustotal/${IP}`]: 'failed' });
    retry = () => Promise.reject(new Error('14 UNAVAILABLE: 10.9.8.7:7233'));
    const answer = await post<ProblemDocument>(id, {}, keyed('my-key'));
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
    assert.match(answer.json.detail, /"Idempotency-Key: my-key"/);
    assert.doesNotMatch(answer.text, /10\.9\.8\.7/);
    const unnamed = await post<ProblemDocument>(id);
    const name = /"Idempotency-Key: ([^"]+)"/.exec(unnamed.json.detail)?.[1] ?? '';
    assert.equal(asked.at(-1)?.[1].requestId, name);
  });

  it('503 when the engine hangs', async () => {
    const id = await incident({ [`virustotal/${IP}`]: 'failed' });
    retry = () => new Promise(() => {});
    const answer = await post<ProblemDocument>(id);
    assert.equal(answer.status, 503);
    assert.match(answer.json.detail, /Idempotency-Key/);
  });
});
