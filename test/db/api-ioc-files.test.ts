import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import type { z } from 'zod';
import type {
  importAnswerSchema,
  importDetailSchema,
  importListSchema,
  problemListSchema,
} from '../../api/schemas/ioc-import';
import { iocWarnings, warningNames } from '../../domain/ioc-warnings';
import { DEFAULT_POLICY } from '../../domain/policy';
import { DEFAULT_SITE } from '../../domain/site';
import { GUARDS } from '../support/guards';
import { tellIocs } from '../support/iocs';
import { until } from '../support/until';
import { pointers, startApi, type Answer, type TestApi } from './api-server';

type Import = z.output<typeof importAnswerSchema>;
type Detail = z.output<typeof importDetailSchema>;

const PATH = '/api/v1/iocs';
const LIMIT = 8 * 2 ** 20;
const DAY_MS = 86_400_000;

describe('files of indicators', () => {
  let api: TestApi;
  /** What the engine does with an import: its work, nothing, or a failure. */
  let engine: 'works' | 'sleeps' | 'away' = 'works';
  before(async () => {
    api = await startApi({
      importLimit: LIMIT,
      gateway: {
        importIocs({ id }) {
          if (engine === 'away') return Promise.reject(new Error('away'));
          if (engine === 'works') void work(id);
          return Promise.resolve();
        },
      },
    });
  });
  after(() => api.stop());

  const work = (id: string) =>
    api.store.iocImports.work(id, {
      clock: () => new Date(),
      warningsOf: (values) =>
        iocWarnings(values, { guards: GUARDS.current(), site: DEFAULT_SITE, policy: DEFAULT_POLICY }).map(warningNames),
    });
  const send = <T = Import>(query: string, raw: Buffer | string, headers: Record<string, string> = {}) =>
    api.call<T>('POST', `${PATH}/import?${query}`, { raw, headers });
  const count = async (table: string) => {
    const [row] = await api.database.knex(table).count({ n: '*' });
    return Number(row?.['n']);
  };
  const exported = (query: string) => api.call('GET', `${PATH}/export?${query}`);
  const lines = (answer: Answer<unknown>) => answer.text.split('\n').filter(Boolean).sort();
  const names = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => `host-${from + n}.files-test.com`);

  describe('POST /iocs/import', () => {
    it('keeps the good lines, and tells of the others with line and reason', async () => {
      const file = '# our list\nevil-a[.]com\n185.220.101.77\nlocalhost\n8.8.8.8\n10.0.0.0/4\n';
      const { status, json, text } = await send('source=list&file_name=list.txt&confidence=70&tags=c2,apt', file);
      assert.equal(status, 200, text);
      assert.deepEqual([json.state, json.source, json.file_name, json.repeated], ['done', 'list', 'list.txt', false]);
      const { added, refused, flagged, unchanged } = json.counts;
      assert.deepEqual([added, refused, flagged, unchanged], [3, 2, 1, 0]);
      assert.deepEqual(
        json.problems.filter(({ kind }) => kind === 'refused').map(({ line, text: said }) => [line, said]),
        [
          [4, 'localhost'],
          [6, '10.0.0.0/4'],
        ],
      );
      assert.ok(json.problems.every(({ reason }) => reason.length > 0));
      const found = (
        await api.call<{ items: { value: string; confidence: number; tags: string[] }[] }>(
          'GET',
          `${PATH}?source=list&type=domain`,
        )
      ).json;
      assert.deepEqual(
        found.items.map(({ value, confidence, tags }) => [value, confidence, tags]),
        [['evil-a.com', 70, ['c2', 'apt']]],
      );
    });

    it('does the same file once', async () => {
      const first = (await send('source=twice', 'twice-1.com\n')).json;
      const again = await send('source=twice', 'twice-1.com\n');
      assert.deepEqual([again.status, again.json.id, again.json.repeated], [200, first.id, true]);
    });

    it('takes files larger than any other body, and reads them as gzip, deflate and zip', async () => {
      const remarks = `# ${'x'.repeat(2 ** 16)}\n`.repeat(6 * 2 ** 4);
      const file = Buffer.from(`${names(0, 5_000).join('\n')}\n${remarks}`);
      const { json, status, text } = await send('source=large', file, { prefer: 'wait=60' });
      assert.equal(status, 200, text.slice(0, 300));
      assert.deepEqual(
        [json.counts.added, json.progress.bytes, json.progress.bytes_done],
        [5_000, file.length, file.length],
      );
      // the same file, however it is packed
      const packed: [Buffer, Record<string, string>][] = [
        [gzipSync(file), {}],
        [gzipSync(file), { 'content-encoding': 'gzip' }],
        [gzipSync(gzipSync(file)), { 'content-encoding': 'gzip' }],
        [deflateSync(file), { 'content-encoding': 'deflate' }],
        [Buffer.from(zipSync({ 'list.txt': file, 'readme.txt': Buffer.from('other') })), {}],
      ];
      for (const [bytes, headers] of packed) {
        const repeated = await send('source=large', bytes, headers);
        assert.deepEqual([repeated.status, repeated.json.id, repeated.json.repeated], [200, json.id, true]);
      }
    });

    it('leaves nothing of a file that is too large, broken off, or cannot be unpacked', async () => {
      const [jobs, chunks] = [await count('ioc_imports'), await count('ioc_import_chunks')];
      const large = Buffer.alloc(LIMIT + 1, 'a\n');
      assert.equal((await send('source=x', large)).status, 413);
      assert.equal((await send('source=x', gzipSync(large))).status, 413);
      assert.equal((await send('source=x', gzipSync(randomBytes(2 ** 20)).subarray(0, 2 ** 19))).status, 400);
      assert.equal((await send('source=x', Buffer.from('PK\u0003\u0004 and no zip'))).status, 400);
      assert.equal((await send('source=x', 'x', { 'content-encoding': 'gzip' })).status, 400);
      assert.equal((await send('source=x', 'x', { 'content-encoding': 'br' })).status, 415);
      assert.equal((await send('source=x', '')).status, 400);
      await brokenOff(api, `${PATH}/import?source=x`);
      await until('the pieces to go', async () => (await count('ioc_import_chunks')) === chunks || undefined);
      assert.deepEqual([await count('ioc_imports'), await count('ioc_import_chunks')], [jobs, chunks]);
    });

    it('422 for what it does not know, before it reads the file', async () => {
      const query = 'format=odd&type=host&confidence=101&tlp=pink&expires_after_days=0&columns=odd:1&y=1';
      assert.deepEqual(pointers(await send(query, 'x.com')), [
        '?columns',
        '?confidence',
        '?expires_after_days',
        '?format',
        '?source',
        '?tlp',
        '?type',
        '?y',
      ]);
    });

    it('maps the columns of a table', async () => {
      const csv = 'when,what,sure\n2026-11-01,columns-1.com,60\n';
      const { json } = await send('source=columns&columns=value:what,confidence:3,last_seen:1', csv);
      assert.deepEqual([json.state, json.counts.added], ['done', 1], JSON.stringify(json));
    });

    it('fails as a whole where it is no format at all, and says why', async () => {
      const { status, json } = await send('source=binary', randomBytes(4_096));
      assert.equal(status, 200);
      assert.ok(json.state === 'failed' ? json.error : json.counts.refused > 0, JSON.stringify(json));
    });

    it('answers 202 while it goes on, and when the engine is away', async () => {
      engine = 'sleeps';
      const waiting = await send('source=later', 'later-1.com\n', { prefer: 'wait=0' });
      assert.deepEqual([waiting.status, waiting.json.state, waiting.json.note], [202, 'queued', null]);
      assert.equal(waiting.headers.get('location'), waiting.json.links.self);
      engine = 'away';
      const away = await send('source=later', 'later-2.com\n');
      assert.equal(away.status, 202);
      assert.match(away.json.note ?? '', /engine does not answer/);
      engine = 'works';
      await work(away.json.id);
      const done = (await api.call<Detail>('GET', `${PATH}/imports/${away.json.id}`)).json;
      assert.deepEqual([done.state, done.counts.added], ['done', 1]);
    });
  });

  describe('GET /iocs/imports', () => {
    it('lists them page by page, with all problems of one', async () => {
      const bad = Array.from({ length: 250 }, (_, n) => `10.${n}.0.0/3`);
      const { json } = await send('source=bad', [...names(9_000, 9_300), ...bad].join('\n'));
      assert.deepEqual([json.counts.refused, json.problems.length], [250, 100]);
      type Problems = z.output<typeof problemListSchema>;
      const first = (await api.call<Problems>('GET', `${PATH}/imports/${json.id}/problems?limit=200`)).json;
      const rest = `${PATH}/imports/${json.id}/problems?limit=200&cursor=${first.next_cursor}`;
      assert.deepEqual([first.items.length, (await api.call<Problems>('GET', rest)).json.items.length], [200, 50]);
      const list = (await api.call<z.output<typeof importListSchema>>('GET', `${PATH}/imports?source=bad`)).json;
      assert.deepEqual(
        list.items.map(({ id }) => id),
        [json.id],
      );
      assert.equal((await api.call('GET', `${PATH}/imports/IMP-0000000000`)).status, 404);
      assert.equal((await api.call('GET', `${PATH}/imports/IMP-0000000000/problems`)).status, 404);
      assert.deepEqual(pointers(await api.call('GET', `${PATH}/imports?cursor=abc`)), ['?cursor']);
    });

    it('names the formats that files may have', async () => {
      const { json } = await api.call<{ formats: { name: string }[] }>('GET', `${PATH}/formats`);
      assert.ok(json.formats.some(({ name }) => name === 'stix'));
    });
  });

  describe('GET /iocs/export', () => {
    before(async () => {
      const sighting = {
        ...{ source: 'exports', confidence: 80, expires_at: null, tlp: 'clear', tags: ['=cmd|run', 'c2'] },
        ...{ first_seen: new Date().toISOString(), last_seen: new Date().toISOString(), reference: null },
      };
      const entries = Array.from({ length: 3_000 }, (_, n) => `45.${100 + (n >> 8)}.${n & 255}.9`);
      await tellIocs(api.database.knex, [
        ...entries.map((value) => ({ type: 'ip' as const, value, sighting })),
        { type: 'ip', value: '1.1.1.1', sighting },
        { type: 'ip', value: '45.99.1.1', sighting: { ...sighting, last_seen: '2020-01-01T00:00:00Z' } },
        { type: 'ip', value: '45.99.1.2', sighting: { ...sighting, tlp: 'red' } },
      ]);
    });

    it('streams a list for firewalls: what counts, and nothing that is flagged', async () => {
      const answer = await exported('format=plain&type=ip&source=exports');
      assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal(answer.headers.get('content-length'), null);
      assert.equal(lines(answer).length, 3_001);
      assert.ok(!lines(answer).includes('1.1.1.1') && !lines(answer).includes('45.99.1.1'));
      const all = await exported('format=plain&type=ip&source=exports&include_flagged=true&include_expired=true');
      assert.equal(lines(all).length, 3_003);
      assert.equal(lines(await exported('format=plain&type=ip&source=exports&tlp=amber')).length, 3_000);
      assert.equal(lines(await exported('format=plain&type=ip&source=exports&min_confidence=90')).length, 0);
      const basic = { authorization: `Basic ${Buffer.from(`fw:${api.key}`).toString('base64')}` };
      const path = `${PATH}/export?format=plain&type=ip&source=exports`;
      assert.equal((await api.call('GET', path, { key: null, headers: basic })).status, 200);
    });

    it('leaves out what an analyst has dismissed', async () => {
      const { json } = await api.call<{ matches: { id: number }[] }>('GET', '/api/v1/ioc/lookup?value=45.100.0.9');
      const body = { verdict: 'benign', reason: 'ours' };
      await api.call('PATCH', `${PATH}/${json.matches[0]?.id}`, { body });
      assert.ok(!lines(await exported('format=plain&type=ip&source=exports')).includes('45.100.0.9'));
      await api.call('PATCH', `${PATH}/${json.matches[0]?.id}`, { body: { verdict: null } });
    });

    it('gives a STIX bundle and CSV that come in again as the same set', async () => {
      const plain = lines(await exported('format=plain&type=ip&source=exports'));
      for (const format of ['stix', 'csv']) {
        const file = (await exported(`format=${format}&source=exports`)).text;
        const { json } = await send(`source=back-${format}`, file, { prefer: 'wait=60' });
        assert.deepEqual(
          [json.state, json.format, json.counts.refused],
          ['done', format, 0],
          JSON.stringify(json.problems),
        );
        assert.deepEqual(lines(await exported(`format=plain&type=ip&source=back-${format}`)), plain);
      }
    });

    it('gives what is old away as it stands here: age is not taken off twice', async () => {
      const last_seen = new Date(Date.now() - 20 * DAY_MS).toISOString();
      const sighting = { source: 'aged', confidence: 60, first_seen: last_seen, last_seen, expires_at: null };
      const rest = { tlp: null, tags: [], reference: null };
      await tellIocs(api.database.knex, [{ type: 'ip', value: '45.98.1.1', sighting: { ...sighting, ...rest } }]);
      for (const format of ['stix', 'csv']) {
        const file = (await exported(`format=${format}&source=aged`)).text;
        await api.call('DELETE', `${PATH}?source=aged`);
        await send('source=aged', file, { prefer: 'wait=60' });
        const { json } = await api.call<{ confidence: number }>('GET', '/api/v1/ioc/lookup?value=45.98.1.1');
        assert.equal(Math.round(json.confidence), 36, format);
      }
    });

    it('writes no cell that a spreadsheet would run', async () => {
      const { text, headers } = await exported('format=csv&source=exports');
      assert.equal(headers.get('content-type'), 'text/csv; charset=utf-8');
      assert.match(headers.get('content-disposition') ?? '', /^attachment; filename="iocs-\d{4}-\d\d-\d\d\.csv"$/);
      const cells = text.match(/"(?:[^"]|"")*"|[^,\r\n]+/g) ?? [];
      assert.deepEqual(
        cells.filter((cell) => /^"?[=+@-]/.test(cell)),
        [],
      );
      assert.match(text, /,"?'=cmd/);
    });

    it('422 without a format, and without a type of a plain list', async () => {
      assert.deepEqual(pointers(await exported('')), ['?format']);
      assert.deepEqual(pointers(await exported('format=plain')), ['?type']);
    });

    it('walks no further when the caller goes away', async () => {
      const walks = watchWalks(api);
      const gone = new AbortController();
      const answer = await fetch(`${api.url}${PATH}/export?format=csv`, {
        headers: { authorization: `Bearer ${api.key}` },
        signal: gone.signal,
      });
      await answer.body?.getReader().read();
      gone.abort();
      await until('the end of the answer', () => api.log.some((line) => line.includes('"aborted":true')) || undefined);
      const before = walks.count;
      await until('the end of the walk under way', () => !walks.underWay || undefined);
      assert.ok(walks.count - before <= 1, `${walks.count} walks`);
      walks.restore();
    });

    it('breaks the connection when it fails in the middle, and refuses when it fails at once', async () => {
      const walk = api.store.iocs.walk.bind(api.store.iocs);
      let calls = 0;
      api.store.iocs.walk = (wanted) => (++calls > 2 ? Promise.reject(new Error('torn')) : walk(wanted));
      await assert.rejects(exported('format=plain&type=domain'));
      api.store.iocs.walk = () => Promise.reject(new Error('torn'));
      assert.equal((await exported('format=plain&type=domain')).status, 500);
      api.store.iocs.walk = walk;
    });
  });
});

/** Begins to send a file, and goes away. */
function brokenOff(api: TestApi, path: string): Promise<void> {
  return new Promise((resolve) => {
    const upload = request(`${api.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.key}`, 'content-length': 6 * 2 ** 20 },
    });
    upload.on('error', () => {});
    upload.on('close', () => resolve());
    upload.write(Buffer.alloc(3 * 2 ** 20, 'a.com\n'), () => upload.destroy());
  });
}

/** Counts what is read of the database. */
function watchWalks({ store }: TestApi) {
  const walk = store.iocs.walk.bind(store.iocs);
  const seen = { count: 0, underWay: false, restore: () => void (store.iocs.walk = walk) };
  store.iocs.walk = async (wanted) => {
    seen.count += 1;
    seen.underWay = true;
    try {
      return await walk(wanted);
    } finally {
      seen.underWay = false;
    }
  };
  return seen;
}
