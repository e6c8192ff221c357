import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { pointers, startApi, type Incident, type Submission, type TestApi } from './api-server';

const MIB = 1024 * 1024;
const BRUTE_FORCE = {
  source: 'firewall',
  alert_type: 'brute_force',
  severity: 'high',
  src_ip: '185.220.101.1',
  username: 'administrator',
};

describe('POST /api/v1/alerts', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  const JSON_TYPE = { 'content-type': 'application/json' };
  const post = (raw: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
    api.call<Submission>('POST', '/api/v1/alerts', { raw, headers });

  it('answers 202 with the ids once alert and incident are committed, and has the playbook started', async () => {
    const answer = await api.submit({ ...BRUTE_FORCE, alert_id: 'fw-1' });
    assert.equal(answer.status, 202);
    assert.match(answer.json.incident_id, /^INC-[0-9A-HJKMNP-TV-Z]{10}$/);
    assert.match(answer.json.alert_id, /^ALT-/);
    assert.equal(answer.json.source_alert_id, 'fw-1');
    assert.equal(answer.json.duplicate, false);
    assert.equal(answer.json.format, 'canonical');
    assert.deepEqual(answer.json.classification, {
      alert_type: 'brute_force',
      confidence: 1,
      reasons: answer.json.classification.reasons,
    });
    assert.equal(answer.headers.get('location'), answer.json.links.incident);
    assert.equal(answer.json.links.incident, `http://soar.test/api/v1/incidents/${answer.json.incident_id}`);
    assert.match(answer.json.links.workflow ?? '', /^http:\/\/temporal\.test\/namespaces\/default\/workflows\/INC-/);
    const start = api.starts.find(({ id }) => id === answer.json.incident_id);
    assert.equal(start?.alertType, 'brute_force');
    assert.equal(start?.severity, 'high');
    const incident = await api.store.incidents.get(answer.json.incident_id);
    assert.equal(incident?.status, 'new');
  });

  it('keeps the exact bytes that were sent', async () => {
    const sent = `{ "source":"siem",  "title": "caf\\u00e9", "rule_id":"1",\n "own": [1.50, null] }`;
    const { json } = await post(sent);
    const { json: incident } = await api.call<Incident>('GET', `/api/v1/incidents/${json.incident_id}?include=raw`);
    assert.equal(incident.alerts.length, 1);
    assert.deepEqual(incident.alerts[0]?.extra, { own: [1.5, null] });
    assert.deepEqual(incident.alerts[0]?.raw?.json, JSON.parse(sent));
    const row = await api.database.knex('raw_documents').select('body');
    assert.ok(row.some(({ body }) => Buffer.from(sent).equals(body as Buffer)));
  });

  it('classifies what comes without a type, and says why', async () => {
    const { json } = await api.submit({
      source: 'mail',
      title: 'Phishing reported by user',
      email_from: 'a@evil.test',
    });
    assert.equal(json.alert_type, 'phishing');
    assert.ok(json.classification.reasons.length > 0);
    assert.ok(json.classification.confidence < 1);
  });

  it('answers the same alert again with the same ids: by its id, by Idempotency-Key, by its body', async () => {
    const byId = { ...BRUTE_FORCE, alert_id: 'fw-2' };
    const first = await api.submit(byId);
    const second = await api.submit({ ...byId, severity: 'low' });
    assert.equal(second.status, 200);
    assert.equal(second.json.duplicate, true);
    assert.equal(second.json.incident_id, first.json.incident_id);
    assert.equal(second.json.alert_id, first.json.alert_id);

    const keyed = { headers: { 'idempotency-key': 'job-7' } };
    const one = await api.call<Submission>('POST', '/api/v1/alerts', {
      body: { ...BRUTE_FORCE, username: 'a' },
      ...keyed,
    });
    const other = await api.call<Submission>('POST', '/api/v1/alerts', {
      body: { ...BRUTE_FORCE, username: 'b' },
      ...keyed,
    });
    assert.deepEqual([one.status, other.status], [202, 200]);
    assert.equal(other.json.alert_id, one.json.alert_id);

    const plain = { ...BRUTE_FORCE, username: 'same body' };
    const answers = await Promise.all([api.submit(plain), api.submit(plain), api.submit(plain)]);
    assert.equal(new Set(answers.map(({ json }) => json.incident_id)).size, 1);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 202]);
  });

  it('refuses an Idempotency-Key nobody could keep', async () => {
    const headers = { 'idempotency-key': 'x'.repeat(256) };
    assert.equal((await api.call('POST', '/api/v1/alerts', { body: BRUTE_FORCE, headers })).status, 422);
  });

  it('files valid documents it does not know as unclassified, open and without a run', async () => {
    const known = api.starts.length;
    for (const sent of ['{"hello": "world"}', '{"source": "tool"}', '"a line of a log"']) {
      const answer = await post(sent);
      assert.equal(answer.status, 202, sent);
      assert.equal(answer.json.alert_type, 'unclassified');
      assert.equal(answer.json.status, 'open');
      assert.equal(answer.json.links.workflow, undefined);
    }
    assert.equal(api.starts.length, known);
    for (const nothing of ['{}', '42', 'null']) assert.deepEqual(pointers(await post(nothing)), [''], nothing);
  });

  it('reads text/plain as JSON where it is JSON, else keeps it as raw_log', async () => {
    const text = { 'content-type': 'text/plain; charset=utf-8' };
    const asJson = await post(JSON.stringify({ ...BRUTE_FORCE, alert_id: 'sns-1' }), text);
    assert.equal(asJson.json.format, 'canonical');
    const asText = await post('Jan 1 sshd[1]: Failed password for root from 203.0.113.9', text);
    assert.equal(asText.status, 202);
    const { json } = await api.call<Incident>('GET', `/api/v1/incidents/${asText.json.incident_id}`);
    assert.match(String(json.alerts[0]?.['raw_log']), /Failed password for root/);
  });

  it('reads application/*+json, a byte order mark and no media type at all as JSON', async () => {
    const body = (id: string) => JSON.stringify({ ...BRUTE_FORCE, alert_id: id });
    const cloudEvent = await post(body('ce-1'), { 'content-type': 'application/cloudevents+json' });
    assert.equal(cloudEvent.json.format, 'canonical');
    assert.equal((await post(`\ufeff${body('bom-1')}`)).json.format, 'canonical');
    const bare = await fetch(`${api.url}/api/v1/alerts`, {
      method: 'POST',
      body: Buffer.from(body('bare-1')),
      headers: { 'x-api-key': api.key },
    });
    assert.equal(((await bare.json()) as { format: string }).format, 'canonical');
  });

  it('400: JSON that does not parse, is empty, or is not UTF-8', async () => {
    for (const sent of ['{"source": "fw",', '', 'not json', Buffer.from([0x22, 0xff, 0xfe, 0x22])]) {
      const answer = await api.call('POST', '/api/v1/alerts', { raw: sent, headers: JSON_TYPE });
      assert.equal(answer.status, 400, String(sent));
      assert.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8');
      assert.equal(answer.json.instance, '/api/v1/alerts');
      assert.equal(answer.json.request_id, answer.headers.get('x-request-id'));
    }
  });

  it('413: over 5 MiB, declared, chunked or only after inflating', async () => {
    const big = Buffer.alloc(10 * MIB, 'a');
    assert.equal((await post(big)).status, 413);
    const chunked = await fetch(`${api.url}/api/v1/alerts`, {
      method: 'POST',
      headers: { 'x-api-key': api.key, 'content-type': 'application/json' },
      body: new Blob([big]).stream(),
      duplex: 'half',
    });
    assert.equal(chunked.status, 413);
    const bomb = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    assert.equal((await post(gzipSync(big), bomb)).status, 413);
    assert.equal((await post(Buffer.alloc(5 * MIB + 1, ' '))).status, 413);
  });

  it('takes just under the limit, and compressed bodies', async () => {
    const padded = JSON.stringify({ ...BRUTE_FORCE, alert_id: 'padded' }).padEnd(5 * MIB, ' ');
    assert.equal((await post(padded)).status, 202);
    const small = (id: string) => JSON.stringify({ ...BRUTE_FORCE, alert_id: id });
    const json = { 'content-type': 'application/json' };
    assert.equal((await post(gzipSync(small('gz')), { ...json, 'content-encoding': 'gzip' })).status, 202);
    assert.equal((await post(brotliCompressSync(small('br')), { ...json, 'content-encoding': 'br' })).status, 202);
    assert.equal((await post('not gzip', { ...json, 'content-encoding': 'gzip' })).status, 400);
    assert.equal((await post(small('zz'), { ...json, 'content-encoding': 'compress' })).status, 415);
  });

  it('415: media types it does not read', async () => {
    for (const type of [
      'application/xml',
      'application/x-www-form-urlencoded',
      'image/png',
      'nonsense',
      'a/b+json'.repeat(30),
    ]) {
      assert.equal((await post('{}', { 'content-type': type })).status, 415, type);
    }
    assert.equal((await post('{}', { 'content-type': 'application/json; charset=klingon' })).status, 415);
  });

  it('422: every offending field is named', async () => {
    const answer = await api.submit({
      source: 'fw',
      alert_type: 'brutal',
      severity: 'urgent',
      src_ip: '300.1.2.3',
      dest_ip: 17,
      src_port: '22',
      urls: ['https://a.test', 5],
      timestamp: 'yesterday',
      file_hash: 'abc',
      executed: 'yes',
    });
    assert.deepEqual(pointers(answer), [
      '/alert_type',
      '/dest_ip',
      '/executed',
      '/file_hash',
      '/severity',
      '/src_ip',
      '/src_port',
      '/timestamp',
      '/urls/1',
    ]);
    assert.deepEqual(pointers(await api.submit({ alert_type: 'brute_force', src_ip: 'x' })), ['/source', '/src_ip']);
  });

  it('answers an array as a batch, and one of one as what it holds', async () => {
    const one = await post('[{"source":"fw","rule_id":"1","hostname":"h1"}]');
    assert.equal(one.status, 202);
    assert.equal(one.json.format, 'canonical');
    const two = await post('[{"source":"fw","rule_id":"1","hostname":"h2"},{"source":"fw","src_ip":"x"}]');
    assert.equal(two.status, 200);
    const { results } = JSON.parse(two.text) as { results: { http_status: number }[] };
    assert.deepEqual(
      results.map(({ http_status }) => http_status),
      [202, 422],
    );
  });

  it('survives hostile documents', async () => {
    assert.equal((await post('['.repeat(200_000))).status, 400);
    assert.equal((await post(`${'['.repeat(5000)}${']'.repeat(5000)}`)).status, 422);
    assert.equal((await post(`{"a":${'{"a":'.repeat(5000)}1${'}'.repeat(5001)}`)).status, 422);
    const proto = await post('{"source":"x","rule_id":"1","__proto__":{"polluted":true},"constructor":1}');
    assert.equal(proto.status, 202);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    assert.equal((await api.submit({ source: "'; DROP TABLE incidents; --", rule_id: '<script>' })).status, 202);
  });

  it('stores nothing of what it refuses', async () => {
    const count = async () => Number((await api.database.knex('incidents').count({ n: '*' }))[0]?.['n']);
    const before = await count();
    await api.submit({ source: 'fw', alert_type: 'brutal' });
    await post('{');
    assert.equal(await count(), before);
  });
});

describe('POST /api/v1/alerts and an engine in trouble', () => {
  it('does not wait for an engine that never answers', async () => {
    const api = await startApi({ gateway: { start: () => new Promise(() => {}), ready: () => new Promise(() => {}) } });
    try {
      const answers = await Promise.all([1, 2, 3].map((n) => api.submit({ ...BRUTE_FORCE, alert_id: `e-${n}` })));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [202, 202, 202],
      );
      const ready = await api.call<{ engine: string }>('GET', '/readyz', { key: null });
      assert.deepEqual([ready.status, ready.json.engine], [200, 'away']);
    } finally {
      await api.stop();
    }
  });

  it('accepts when the engine refuses, and asks again when the alert comes again', async () => {
    let asked = 0;
    const start = () => {
      asked += 1;
      return Promise.reject(new Error('connection refused'));
    };
    const api = await startApi({ gateway: { start, ready: () => Promise.resolve(false) } });
    try {
      assert.equal((await api.submit({ ...BRUTE_FORCE, alert_id: 'e-9' })).status, 202);
      assert.equal((await api.submit({ ...BRUTE_FORCE, alert_id: 'e-9' })).status, 200);
      assert.equal(asked, 2);
      assert.ok(api.log.some((line) => line.includes('playbook not started')));
    } finally {
      await api.stop();
    }
  });
});
