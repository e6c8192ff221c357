import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { pointers, startApi, type Incident, type Submission, type TestApi } from './api-server';

const MIB = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
const TEXT = { 'content-type': 'text/plain' };
type Stored = Incident['alerts'][number];

describe('bad and hostile submissions', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  const post = (raw: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
    api.call<Submission>('POST', '/api/v1/alerts', { raw, headers });

  const count = async () => Number((await api.database.knex('raw_documents').count({ n: '*' }))[0]?.['n']);

  /** Accepted, and kept as it came. */
  async function keeps(raw: string | Buffer, headers: Record<string, string> = JSON_TYPE) {
    const answer = await post(raw, headers);
    assert.equal(answer.status, 202, `${String(raw).slice(0, 80)} ${answer.text}`);
    const response = await fetch(`${api.url}/api/v1/incidents/${answer.json.incident_id}?include=raw`, {
      headers: { authorization: `Bearer ${api.key}` },
    });
    // not through a schema, which has its own opinion of some names
    const [alert] = ((await response.json()) as Incident).alerts as [Stored];
    const digest = createHash('sha256').update(raw).digest();
    assert.equal(alert.raw_sha256, digest.toString('hex'));
    const row = await api.database.knex('raw_documents').where({ sha256: digest }).first();
    assert.ok(Buffer.from(raw).equals(row.body as Buffer));
    return { alert, answer: answer.json, mediaType: row.media_type as string };
  }

  /** Refused, and nothing is left of it. */
  async function refuses(raw: string | Buffer, status: number, headers: Record<string, string> = JSON_TYPE) {
    const before = await count();
    const answer = await post(raw, headers);
    assert.equal(answer.status, status, `${String(raw).slice(0, 80)} ${answer.text.slice(0, 200)}`);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.equal(await count(), before);
    return answer;
  }

  const canonical = (fields: string) => `{"source":"ids","rule_id":"1",${fields}}`;

  describe('size', () => {
    for (const [encoding, compress] of Object.entries({
      gzip: gzipSync,
      br: brotliCompressSync,
      deflate: deflateSync,
    })) {
      it(`refuses what ${encoding} blows up, and a broken stream`, async () => {
        const headers = { ...JSON_TYPE, 'content-encoding': encoding };
        const bomb = compress(Buffer.alloc(20 * MIB, ' '));
        assert.ok(bomb.length < MIB);
        await refuses(bomb, 413, headers);
        await refuses(compress(Buffer.from('{"source":"ids","title":"cut"}')).subarray(0, -9), 400, headers);
        const fits = canonical(`"alert_id":"${encoding}"`);
        assert.equal((await post(compress(Buffer.from(fits)), headers)).status, 202);
      });
    }

    it('refuses layers of compression', async () => {
      const twice = gzipSync(gzipSync('{}'));
      await refuses(twice, 415, { ...JSON_TYPE, 'content-encoding': 'gzip, gzip' });
    });

    it('refuses depth, and more values than an alert has', async () => {
      await refuses(canonical(`"own":${'['.repeat(200)}${']'.repeat(200)}`), 422);
      await refuses('['.repeat(MIB) + ']'.repeat(MIB), 422);
      assert.deepEqual(pointers(await refuses(canonical(`"own":[${'0,'.repeat(60_000)}0]`), 422)), ['']);
      const fields = Array.from({ length: 60_000 }, (_, n) => `"f${n}":1`).join();
      assert.deepEqual(pointers(await refuses(canonical(fields), 422)), ['']);
      await keeps(canonical(Array.from({ length: 5_000 }, (_, n) => `"f${n}":1`).join()));
    });

    it('names fields that are too long, and keeps long ones that are nobody knows what', async () => {
      const long = 'x'.repeat(300_000);
      const fields = ['title', 'description', 'username', 'file_name', 'command_line'];
      const answer = await refuses(canonical(fields.map((name) => `"${name}":"${long}"`).join()), 422);
      assert.deepEqual(pointers(answer), fields.map((name) => `/${name}`).sort());
      // kept whole, shown cut
      const { alert } = await keeps(canonical(`"own":"${long}"`));
      assert.match(JSON.stringify(alert.extra), /_cut/);
      // each of these grows when it is written as JSON, and again when it is put into a statement
      await keeps(canonical(`"own":"${'\\"'.repeat(2 * MIB)}"`));
      await keeps(canonical(`"own":"${'\\u0000'.repeat(MIB / 2)}"`));
      await keeps(canonical(`"${'k'.repeat(MIB)}":1`));
    });

    it('answers with fewer words than it was sent', async () => {
      const zeros = JSON.stringify(Array(100).fill(0));
      const answer = await refuses(canonical(`"urls":${zeros},"tags":${zeros},"mitre":${zeros}`), 422);
      assert.ok(answer.text.length < 20_000, `${answer.text.length}`);
      assert.match(answer.text, /the first 100/);
      const named = await refuses(canonical(`"${'k'.repeat(MIB)}":1e400`), 422);
      assert.ok(named.text.length < 2_000);
    });
  });

  describe('text', () => {
    it('NUL and lone surrogates: refused by name in our fields, kept in others', async () => {
      const answer = await refuses(canonical('"username":"a\\u0000b","hostname":"\\ud800","tags":["\\udfff"]'), 422);
      assert.deepEqual(pointers(answer), ['/hostname', '/tags/0', '/username']);
      const { alert } = await keeps(canonical('"own":["\\u0000","\\ud800x"],"\\u0000":1'));
      assert.deepEqual(alert.extra, { own: ['\0', '\ud800x'], '\0': 1 });
      await keeps('{"\\ud800":"\\u0000"}');
      await keeps('a line with \0 and a tail', TEXT);
    });

    it('invalid UTF-8: refused as JSON, kept as text', async () => {
      await refuses(Buffer.from('{"source":"ids","title":"caf\xe9"}', 'latin1'), 400);
      await refuses(Buffer.from([0xef, 0xbb, 0xbf, 0xc3]), 400);
      const { alert } = await keeps(Buffer.from('denied: caf\xe9', 'latin1'), TEXT);
      assert.equal(alert['raw_log'], 'denied: caf\ufffd');
      assert.ok(alert.raw?.base64);
    });

    it('a charset is believed: read by it, kept with its name, or refused', async () => {
      const latin = { 'content-type': 'application/json; charset=ISO-8859-1' };
      const { alert, mediaType } = await keeps(Buffer.from(canonical('"title":"caf\xe9"'), 'latin1'), latin);
      assert.equal(alert['title'], 'café');
      assert.match(mediaType, /^application\/json; charset=(iso-8859-1|windows-1252)$/);
      const wide = { 'content-type': 'application/json; charset=utf-16le' };
      assert.equal((await keeps(Buffer.from(canonical('"title":"ж"'), 'utf16le'), wide)).alert['title'], 'ж');
      await refuses(canonical('"title":"not wide"'), 400, wide);
      await refuses('{}', 415, { 'content-type': 'application/json; charset=klingon' });
    });

    it('a byte order mark is no part of the text, and kept', async () => {
      assert.equal((await keeps(`\ufeff${canonical('"title":"bom"')}`)).answer.format, 'canonical');
      await keeps('\ufeffa line of a log', TEXT);
    });
  });

  describe('JSON', () => {
    it('numbers: refused beyond a double, kept to the last digit where ours would lose some', async () => {
      const answer = await refuses(canonical('"own":[1,{"n":-1e400}],"bytes_out":1e999'), 422);
      assert.deepEqual(pointers(answer).length, 1);
      const digits = '123456789012345678901234567890';
      const { alert } = await keeps(canonical(`"own":${digits},"tiny":1e-400`));
      assert.ok(alert.raw?.text?.includes(digits), 'shown as text, since JSON would lose digits');
      const inOurs = pointers(await refuses(canonical(`"bytes_out":${digits},"src_port":1.5`), 422));
      assert.deepEqual(new Set(inOurs), new Set(['/bytes_out', '/src_port']));
    });

    it('names that mean something to JavaScript are names like others', async () => {
      const hostile =
        '"__proto__":{"polluted":1,"severity":"low"},"constructor":{"prototype":{"polluted":1}},"toString":1';
      const { alert } = await keeps(canonical(hostile));
      assert.deepEqual(Object.keys(alert.extra), ['__proto__', 'constructor', 'toString']);
      assert.equal(alert['severity'], 'medium');
      assert.equal(({} as { polluted?: number }).polluted, undefined);
      await keeps('{"__proto__":{"source":"x","alert_type":"malware"}}');
      await keeps('{"source":"__proto__","alert_type":"malware","hostname":"constructor","alert_id":"__proto__"}');
    });

    it('a name that stands twice: the last is read, and both are kept and shown', async () => {
      const { alert } = await keeps('{"source":"ids","rule_id":"1","source":"edr","own":1,"own":2}');
      assert.equal(alert.source, 'edr');
      assert.deepEqual(alert.extra, { own: 2 });
      assert.match(alert.raw?.text ?? '', /"source":"ids".*"source":"edr"/);
    });

    it('what holds nothing is refused; what nobody knows is filed', async () => {
      for (const nothing of ['{}', '[]', 'null', '0', 'true', '[[]]', '[null]']) {
        assert.deepEqual(pointers(await refuses(nothing, 422)), [''], nothing);
      }
      const two = await post('[1,2]');
      assert.equal(two.status, 200);
      assert.match(two.text, /"accepted":0,"duplicates":0,"failed":2/);
      for (const unknown of ['{"":""}', '{"a":null}', '{"a":[]}', '"text"']) {
        assert.equal((await keeps(unknown)).answer.alert_type, 'unclassified', unknown);
      }
      await refuses('""', 422);
      await refuses(' \n\t', 422, TEXT);
    });

    it('what is nearly JSON is refused', async () => {
      for (const nearly of [
        "{'a':1}",
        '{"a":1,}',
        '{a:1}',
        '{"a":NaN}',
        '{"a":01}',
        '{"a":"\n"}',
        '{"a":1}{"b":2}',
        '\0',
      ]) {
        await refuses(nearly, 400);
      }
    });
  });

  it('of a batch, each bad item fails alone', async () => {
    const raw = [
      '{"source":"ids","rule_id":"1","n":1e400}',
      '{"source":"\\u0000","rule_id":"2"}',
      '{',
      '[]',
      canonical('"a":1'),
    ];
    const answer = await api.call<{ results: { http_status: number }[] }>('POST', '/api/v1/alerts/batch', {
      raw: Buffer.concat([Buffer.from(`${raw.join('\n')}\n`), Buffer.from([0x22, 0xff, 0x22])]),
      headers: { 'content-type': 'application/x-ndjson' },
    });
    assert.deepEqual(
      answer.json.results.map(({ http_status }) => http_status),
      [422, 422, 400, 422, 202, 400],
    );
  });
});
