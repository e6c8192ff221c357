import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { z } from 'zod';
import type { ProblemDocument } from '../../api/problems';
import type { batchSchema } from '../../api/schemas/submission';
import { connect, ping } from '../../db/connect';
import { pendingMigrations } from '../../db/migrate';
import { createStore, type Store } from '../../db/store';
import { testServerUrl } from '../support/database';
import { openLine } from './api-line';
import { pointers, startApi, type Incident, type Submission, type TestApi } from './api-server';

type Batch = z.output<typeof batchSchema>;
/** Any of the entries, for reading: what an accepted and a refused one have. */
type Entry = Submission & Omit<Required<ProblemDocument>, 'status'> & { index: number; http_status: number };

const NDJSON = { 'content-type': 'application/x-ndjson' };
const JSON_TYPE = { 'content-type': 'application/json' };
const alert = (name: string, more: object = {}) => ({
  source: 'ids',
  alert_id: name,
  alert_type: 'suspicious_ip',
  src_ip: '203.0.113.9',
  ...more,
});
/** Without an id of its own. */
const anonymous = (name: string) => ({
  source: 'ids',
  alert_type: 'suspicious_ip',
  src_ip: '203.0.113.9',
  title: name,
});
const lines = (...items: unknown[]): string => items.map((item) => JSON.stringify(item)).join('\n');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('POST /api/v1/alerts/batch', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  const send = (raw: string | Buffer, headers: Record<string, string> = NDJSON) =>
    api.call<Batch>('POST', '/api/v1/alerts/batch', { raw, headers });
  const entries = (batch: Batch) => batch.results as unknown as Entry[];
  const statuses = (batch: Batch) => batch.results.map(({ http_status }) => http_status);
  const counts = ({ accepted, duplicates, failed }: Batch) => [accepted, duplicates, failed];
  const rawOf = async (entry: Entry) => {
    const { json } = await api.call<Incident>('GET', `/api/v1/incidents/${entry.incident_id}`);
    const digest = json.alerts.find(({ alert_id }) => alert_id === entry.alert_id)!.raw_sha256;
    const row = await api.database
      .knex('raw_documents')
      .where({ sha256: Buffer.from(digest, 'hex') })
      .first();
    return { text: (row.body as Buffer).toString('latin1'), mediaType: row.media_type as string, digest };
  };

  it('answers for each item in the order sent, and a wrong one fails alone', async () => {
    const body = [
      JSON.stringify(alert('b-1')),
      '{"source": "ids",',
      '',
      JSON.stringify(alert('b-2', { src_ip: '300.1.1.1', severity: 'urgent' })),
      '17',
      '{"hello":"world"}',
      JSON.stringify(alert('b-1')),
    ].join('\r\n');
    const answer = await send(body);
    assert.equal(answer.status, 200, answer.text);
    const [first, broken, wrong, number, unknown, again] = entries(answer.json);
    assert.deepEqual(
      entries(answer.json).map(({ index }) => index),
      [0, 1, 2, 3, 4, 5],
    );
    assert.match(first!.links.incident, /^http:\/\/soar\.test\/api\/v1\/incidents\/INC-/);
    assert.equal(broken!.http_status, 400);
    assert.match(broken!.detail, /The line is not JSON/);
    assert.deepEqual([wrong!.http_status, wrong!.status, wrong!.instance], [422, 422, '/api/v1/alerts/batch']);
    assert.deepEqual(wrong!.errors.map(({ pointer }) => pointer).sort(), ['/severity', '/src_ip']);
    assert.equal(wrong!.request_id, answer.headers.get('x-request-id'));
    assert.equal(number!.http_status, 422);
    assert.deepEqual([unknown!.http_status, unknown!.alert_type], [202, 'unclassified']);
    // the same one twice at once: which came first nobody can say
    assert.deepEqual([first!.http_status, again!.http_status].sort(), [200, 202]);
    assert.equal(again!.alert_id, first!.alert_id);
    assert.deepEqual(counts(answer.json), [2, 1, 3]);
    assert.equal(answer.headers.get('retry-after'), null);
  });

  it('has the playbook of each accepted one started', async () => {
    const answer = await send(lines(alert('s-1'), { any: 'thing' }, alert('s-2')));
    const started = entries(answer.json).map(({ incident_id }) => api.starts.some(({ id }) => id === incident_id));
    assert.deepEqual(started, [true, false, true]);
  });

  it('keeps of each item the bytes it was written in', async () => {
    const odd = '{ "source":"ids", "alert_id":"raw-1",\n  "n": 123456789012345678901234567890.10, "é":"\\u00e9" }';
    const array = await send(` [ ${odd} ,\n {"source":"ids","alert_id":"raw-2","title":"a,]b"} ]`, JSON_TYPE);
    const kept = await Promise.all(entries(array.json).map(rawOf));
    assert.deepEqual(kept[0]?.digest, sha256(odd));
    assert.deepEqual(kept[1]?.text, '{"source":"ids","alert_id":"raw-2","title":"a,]b"}');
    assert.equal(kept[0]?.mediaType, 'application/json');
    const line = '{"source":"ids", "alert_id":"raw-3" }';
    const ndjson = await send(`\ufeff${line}\r\n${line.replace('raw-3', 'raw-4')}`);
    const texts = await Promise.all(entries(ndjson.json).map(rawOf));
    assert.deepEqual([texts[0]?.digest, texts[1]?.text], [sha256(`\ufeff${line}`), line.replace('raw-3', 'raw-4')]);
  });

  it('reads the other names of NDJSON, an array of any kind of JSON, and text line by line', async () => {
    const names = ['application/ndjson', 'application/json-lines', 'application/jsonl', 'application/x-jsonlines'];
    for (const type of names) {
      const { json } = await send(lines(alert(`${type}-1`), alert(`${type}-2`)), { 'content-type': type });
      assert.deepEqual(statuses(json), [202, 202], type);
    }
    for (const type of ['application/cloudevents-batch+json', 'text/json', 'text/plain']) {
      const { json } = await send(JSON.stringify([alert(`${type}-1`), alert(`${type}-2`)]), { 'content-type': type });
      assert.deepEqual(statuses(json), [202, 202], type);
    }
    const log = `Nov 23 12:00:00 sshd[1]: Failed password for root from 203.0.113.9\n  ${JSON.stringify(alert('log-1'))}\n`;
    const { json } = await send(log, { 'content-type': 'text/plain' });
    assert.deepEqual(statuses(json), [202, 202]);
    assert.deepEqual(
      entries(json).map(({ source_alert_id }) => source_alert_id),
      [null, 'log-1'],
    );
    assert.deepEqual((await rawOf(entries(json)[0]!)).mediaType, 'text/plain');
  });

  it('knows the items of a batch again: by their ids, by its Idempotency-Key and their place, by their bytes', async () => {
    const keyed = { ...NDJSON, 'idempotency-key': 'export-1' };
    const first = await send(lines(anonymous('k-1'), anonymous('k-2'), alert('k-3')), keyed);
    const again = await send(lines(anonymous('k-1, later'), anonymous('k-2'), alert('k-3')), keyed);
    const ids = (batch: Batch) => entries(batch).map(({ alert_id }) => alert_id);
    assert.deepEqual(counts(first.json), [3, 0, 0]);
    assert.deepEqual(counts(again.json), [0, 3, 0]);
    assert.deepEqual(ids(again.json), ids(first.json));

    const single = await api.call<Entry>('POST', '/api/v1/alerts', {
      body: anonymous('k-4'),
      headers: { 'idempotency-key': 'export-1' },
    });
    assert.equal(single.status, 202, 'the key of one alert is not that of a batch');

    const plain = lines(anonymous('plain-1'), anonymous('plain-2'));
    assert.deepEqual(counts((await send(plain)).json), [2, 0, 0]);
    assert.deepEqual(counts((await send(plain)).json), [0, 2, 0]);
    const long = { ...NDJSON, 'idempotency-key': 'x'.repeat(256) };
    assert.equal((await send(plain, long)).status, 422);
  });

  it('takes a thousand and not one more', async () => {
    const many = Array.from({ length: 1000 }, (_, n) => ({ source: 'ids', alert_id: `many-${n}` }));
    const tooMany = await send(lines(...many, { source: 'ids' }));
    assert.equal(tooMany.status, 413);
    assert.equal((await send(JSON.stringify([...many, 1]), JSON_TYPE)).status, 413);
    const { incidents } = await countRows();
    assert.deepEqual(counts((await send(lines(...many))).json), [1000, 0, 0]);
    assert.equal((await countRows()).incidents - incidents, 1000);
  });

  it('refuses as a whole what is no batch, and stores nothing of it', async () => {
    const before = await countRows();
    for (const [body, headers, status] of [
      ['[]', JSON_TYPE, 422],
      ['\n \n', NDJSON, 422],
      ['{"source":"ids"}', JSON_TYPE, 422],
      ['[{"source":"ids"},', JSON_TYPE, 400],
      ['', NDJSON, 400],
      [Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), JSON_TYPE, 400],
      ['From: a', { 'content-type': 'message/rfc822' }, 415],
      [Buffer.from('[1]', 'utf16le'), { 'content-type': 'application/json; charset=utf-16le' }, 415],
      ['<a/>', { 'content-type': 'application/xml' }, 415],
      [Buffer.alloc(5 * 1024 * 1024 + 1, ' '), NDJSON, 413],
    ] as const) {
      const answer = await api.call('POST', '/api/v1/alerts/batch', { raw: body, headers });
      assert.equal(answer.status, status, `${String(body).slice(0, 30)} ${answer.text}`);
    }
    const twice = await api.call('POST', '/api/v1/alerts/batch?format=&colour=red', { raw: '[1]', headers: JSON_TYPE });
    assert.deepEqual(pointers(twice), ['?colour', '?format']);
    assert.deepEqual(await countRows(), before);
  });

  const countRows = async () => {
    const count = async (table: string) => Number((await api.database.knex(table).count({ n: '*' }))[0]?.['n']);
    return { incidents: await count('incidents'), raw: await count('raw_documents') };
  };
});

describe('POST /api/v1/alerts with NDJSON', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  const send = (raw: string) => api.call<Submission & Batch>('POST', '/api/v1/alerts', { raw, headers: NDJSON });

  it('is answered as a batch when it has several lines, and as an alert when it has one', async () => {
    const one = await send(`${JSON.stringify(alert('one'))}\n`);
    assert.deepEqual([one.status, one.json.source_alert_id], [202, 'one']);
    assert.equal((await send(`\n${JSON.stringify(alert('one'))}`)).status, 200);
    const two = await send(`${lines(alert('one'), alert('two'))}\n{`);
    assert.equal(two.status, 200);
    assert.deepEqual([two.json.accepted, two.json.duplicates, two.json.failed], [1, 1, 1]);
    assert.equal((await send('{"source":')).status, 400);
    assert.equal((await send('')).status, 400);
  });
});

describe('a batch and a database in trouble', () => {
  it('is refused as a whole when nothing was committed, and item by item when something was', async () => {
    const line = await openLine(testServerUrl());
    const api = await startApi();
    const knex = connect(line.through(api.database.url));
    const real = createStore(knex);
    let accepts = 0;
    let cutAfter = Infinity;
    const accept: Store['alerts']['accept'] = async (input) => {
      if (accepts === cutAfter) line.cut();
      accepts += 1;
      return real.alerts.accept(input);
    };
    const broken = await startApi({
      store: { ...real, alerts: { ...real.alerts, accept } },
      database: { ping: () => ping(knex), pendingMigrations: () => pendingMigrations(knex) },
    });
    const send = (raw: string) =>
      broken.call<Batch>('POST', '/api/v1/alerts/batch', { raw, headers: NDJSON, key: api.key });
    try {
      assert.deepEqual((await send(lines(alert('up'), alert('up-2')))).json.accepted, 2);
      const many = lines(...Array.from({ length: 200 }, (_, n) => alert(`cut-${n}`)));
      cutAfter = accepts + 40;
      const partly = await send(many);
      assert.equal(partly.status, 200, partly.text);
      assert.equal(partly.headers.get('retry-after'), '5');
      assert.ok(partly.json.accepted > 0 && partly.json.failed > 100, partly.text);
      assert.deepEqual(new Set(partly.json.results.map(({ http_status }) => http_status)), new Set([202, 503]));
      assert.ok(accepts < 60, 'the rest is not tried once the database is known to be away');

      const whole = await broken.call('POST', '/api/v1/alerts/batch', { raw: many, headers: NDJSON, key: api.key });
      assert.deepEqual([whole.status, whole.headers.get('retry-after')], [503, '5']);
      await line.mend();
      cutAfter = Infinity;
      const again = await send(many);
      assert.equal(again.json.failed, 0);
      assert.equal(again.json.accepted + again.json.duplicates, 200);
      assert.ok(again.json.duplicates >= partly.json.accepted);
    } finally {
      await broken.stop();
      await knex.destroy();
      await api.stop();
      line.cut();
    }
  });
});
