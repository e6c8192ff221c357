import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { BatchAnswer, SoarClient, Submission } from '../../../cli/client';
import { ApiProblemError, ApiUnreachableError } from '../../../cli/http';
import { batchesOf, type Batch } from '../../../cli/stream/batches';
import { inOrder } from '../../../cli/stream/in-order';
import { openResumeFile } from '../../../cli/stream/resume-file';
import { runStream, type Progress, type RunOptions } from '../../../cli/stream/run';
import type { Sent } from '../../../cli/stream/send';
import { fileSource, shapeOf, stdinSource, type Source } from '../../../cli/stream/source';

type Client = Pick<SoarClient, 'submitBatch' | 'submitDocument'>;

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'soar-bulk-'));
  context.after(() => rm(path, { recursive: true }));
  return path;
}

function itemsIn({ body, contentType }: Submission): string[] {
  const text = String(body);
  if (contentType === 'application/json') return (JSON.parse(text) as unknown[]).map((item) => JSON.stringify(item));
  return text.split('\n').filter(Boolean);
}

/** Plays the API: knows an item again by its key and place, and may refuse a batch before it takes it. */
function apiDouble(refuse: (call: number) => Error | undefined = () => undefined) {
  const known = new Map<string, string>();
  const calls: Submission[] = [];
  const taken: string[] = [];
  const entry = (item: string, index: number, key: string) => {
    const identity = `${key}\n${index}`;
    const duplicate = known.has(identity);
    if (!duplicate) taken.push(item);
    known.set(identity, item);
    return { index, http_status: duplicate ? 200 : 202, incident_id: `INC-${known.size}`, duplicate };
  };
  const client = {
    submitBatch: (submission: Submission) => {
      calls.push(submission);
      const error = refuse(calls.length);
      if (error) return Promise.reject(error);
      const results = itemsIn(submission).map((item, index) => entry(item, index, submission.idempotencyKey ?? ''));
      return Promise.resolve({ results, accepted: 0, duplicates: 0, failed: 0 } as unknown as BatchAnswer);
    },
    submitDocument: (submission: Submission) => {
      calls.push(submission);
      return Promise.resolve(entry(String(submission.body), 0, submission.idempotencyKey ?? ''));
    },
  } as unknown as Client;
  return { client, calls, taken };
}

async function run(
  files: string[],
  state: string,
  client: Client,
  options: Partial<RunOptions> = {},
): Promise<{ sent: Sent[]; progress: Progress }> {
  const sent: Sent[] = [];
  const progress = await runStream({
    client,
    sources: files.map((name) => ({ name, open: () => fileSource(name) })),
    lines: false,
    resume: openResumeFile(state),
    onSent: (some) => void sent.push(...some),
    tries: 2,
    pauseMs: 1,
    ...options,
  });
  return { sent, progress };
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => JSON.stringify({ n }));

describe('how a file is taken apart', () => {
  const shape = (name: string, text: string, lines = false) => shapeOf({ name, head: Buffer.from(text) }, lines);

  test('by its name, else by how it begins', () => {
    assert.equal(shape('a.json', ' \n[{"a":1}]'), 'array');
    assert.equal(shape('a.json', '\ufeff{\n "a":1\n}'), 'values');
    assert.equal(shape('stdin', '{"a":1}\n{"a":2}'), 'ndjson');
    assert.equal(shape('a.json', '{"a":1}\n'), 'values');
    assert.equal(shape('a.jsonl', 'broken'), 'ndjson');
    assert.equal(shape('auth.log.1', 'x'), 'log');
    assert.equal(shape('x.CEF', 'CEF:0|a'), 'log');
    assert.equal(shape('mail.eml', 'From: a'), 'document');
    assert.equal(shape('notes.txt', 'some text'), 'document');
    assert.equal(shape('app', '[2026-11-23 12:00] denied'), 'document');
    assert.equal(shape('app', '[2026-11-23 12:00] denied', true), 'log');
    assert.equal(shape('a.json', 'broken', true), 'document', 'is refused as what it says it is');
  });

  const batches = async (name: string, text: string): Promise<Batch[]> => {
    const bytes = Buffer.from(text, 'latin1');
    const source: Source = {
      name,
      size: undefined,
      head: bytes,
      read: async function* (offset) {
        await Promise.resolve();
        for (let at = offset; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
      },
    };
    const found: Batch[] = [];
    for await (const batch of batchesOf(source, { lines: false })) found.push(batch);
    return found;
  };
  const named = (found: Batch[]) => found.flatMap(({ items }) => items.map(({ name, problem }) => [name, problem]));

  test('each item is named by its line, and what cannot be sent says why', async () => {
    const broken = await batches('a.json', '[{"a":1},\n{"a":},\n{"b":"\xff"},\n{"c":1}, {"d":');
    assert.deepEqual(named(broken), [
      ['a.json:1', undefined],
      ['a.json:2', 'is not JSON'],
      ['a.json:3', 'is not valid UTF-8'],
      ['a.json:4', undefined],
      ['a.json:4', 'is not JSON'],
    ]);
    assert.equal(broken[0]?.body.toString(), '[{"a":1},{"c":1}]');
    assert.deepEqual(named(await batches('a.json', '[{"a":1},')).at(-1), ['a.json:1', 'the JSON does not end']);
    assert.deepEqual(named(await batches('one.json', '{\n"a": 1\n}\n')), [['one.json', undefined]]);
    assert.deepEqual(
      named(await batches('a.log', 'one\n\n  two\n')).map(([name]) => name),
      ['a.log:1', 'a.log:3'],
    );
    const [huge, after] = named(await batches('a.jsonl', `"${'x'.repeat(5 * 1024 * 1024)}"\n1\n`));
    assert.deepEqual(
      [huge, after],
      [
        ['a.jsonl:1', 'has more than 5 MiB'],
        ['a.jsonl:2', undefined],
      ],
    );
  });

  test('batches are small, and the same each time', async () => {
    const text = [...numbered(1200), `"${'x'.repeat(1024 * 1024)}"`, '{}'].join('\n');
    const found = await batches('a.jsonl', text);
    assert.deepEqual(
      found.map(({ items, last }) => [items.length, last]),
      [
        [500, false],
        [500, false],
        [200, false],
        [1, false],
        [1, true],
      ],
    );
    assert.deepEqual(
      (await batches('a.jsonl', text)).map(({ key }) => key),
      found.map(({ key }) => key),
    );
    const changed = (await batches('a.jsonl', text.replace('{"n":7}', '{"n":8}'))).map(({ key }) => key);
    assert.notEqual(changed[0], found[0]?.key);
    assert.deepEqual(
      changed.slice(1),
      found.slice(1).map(({ key }) => key),
    );
    assert.ok(found.every(({ key }) => key.length <= 255));
  });
});

test('results come in the order of the items, and no more are under way than wanted', async () => {
  const release: (() => void)[] = [];
  let taken = 0;
  async function* items() {
    for (let n = 0; n < 5; n++) {
      await Promise.resolve();
      taken++;
      yield n;
    }
  }
  const results = inOrder(items(), 3, (n) => new Promise<number>((resolve) => (release[n] = () => resolve(n))));
  const first = results.next();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(taken, 3);
  release[2]?.();
  release[1]?.();
  release[0]?.();
  assert.equal((await first).value, 0);
  const rest: number[] = [];
  const all = (async () => {
    for await (const n of results) rest.push(n);
  })();
  while (rest.length < 4) {
    release.forEach((done) => done());
    await new Promise((resolve) => setImmediate(resolve));
  }
  await all;
  assert.deepEqual(rest, [1, 2, 3, 4]);
});

describe('submitting a stream', () => {
  test('submits every kind of file in small parts, and leaves no state behind', async (context) => {
    const dir = await folder(context);
    const write = async (name: string, text: string) => {
      await writeFile(join(dir, name), text);
      return join(dir, name);
    };
    const files = [
      await write('a.ndjson', numbered(700).join('\n')),
      await write('b.json', `[\n ${numbered(3).join(',\n ')}\n]`),
      await write('c.log', 'Failed password for root\n\naccepted\n'),
      await write('d.eml', 'From: a\r\n\r\nhello\r\n'),
      await write('empty.json', ''),
    ];
    const { client, calls, taken } = apiDouble();
    const { sent, progress } = await run([...files, join(dir, 'none')], join(dir, 'state'), client, { format: 'x' });
    assert.equal(taken.length, 706);
    assert.deepEqual(
      calls.map(({ contentType }) => contentType),
      ['application/x-ndjson', 'application/x-ndjson', 'application/json', 'text/plain', 'message/rfc822'],
    );
    assert.ok(calls.every(({ format }) => format === 'x'));
    assert.equal(String(calls[4]?.body), 'From: a\r\n\r\nhello\r\n');
    const failed = sent.filter(({ failure }) => failure);
    assert.deepEqual([failed.length, progress.failed], [2, 2]);
    assert.equal(failed[0]?.failure, 'is empty');
    assert.match(failed[1]?.failure ?? '', /cannot be read/);
    assert.ok(!(await isThere(join(dir, 'state'))));
  });

  test('holds a few batches, however long the source is', async (context) => {
    const dir = await folder(context);
    const chunk = Buffer.from(`${JSON.stringify({ text: 'x'.repeat(500) })}\n`.repeat(512));
    let given = 0;
    let answered = 0;
    let most = 0;
    const source: Source = {
      name: 'stdin',
      size: undefined,
      head: chunk,
      read: async function* () {
        for (let n = 0; n < 200; n++) {
          await Promise.resolve();
          given += chunk.length;
          most = Math.max(most, given - answered);
          yield chunk;
        }
      },
    };
    const { client, calls } = apiDouble();
    const submitBatch: Client['submitBatch'] = async (submission) => {
      await new Promise((resolve) => setImmediate(resolve));
      const answer = await client.submitBatch(submission);
      answered += submission.body.length;
      // what was sent is not what is held
      calls.length = 0;
      return answer;
    };
    const sources = [{ name: 'stdin', open: () => Promise.resolve(source) }];
    const { progress } = await run([], join(dir, 'state'), { ...client, submitBatch }, { sources, onSent: () => {} });
    assert.equal(progress.alerts, 200 * 512);
    assert.ok(given > 50_000_000);
    assert.ok(most < 4 * 1024 * 1024, `${most} bytes were read ahead`);
  });

  test('goes on where it stopped when the API went away, and takes nothing twice', async (context) => {
    const dir = await folder(context);
    const [file, other, state] = [join(dir, 'a.json'), join(dir, 'b.ndjson'), join(dir, 'state')];
    await writeFile(file, `[${numbered(1600).join(',\n')}]`);
    await writeFile(other, numbered(5).join('\n'));
    const away = new ApiUnreachableError('http://127.0.0.1');
    const api = apiDouble((call) => (call >= 3 ? away : undefined));
    await assert.rejects(run([other, file], state, api.client), ApiUnreachableError);
    const before = api.calls.length;
    assert.ok(api.taken.length > 0 && api.taken.length < 1605);

    const back = apiDouble();
    const { sent } = await run([other, file], state, back.client);
    assert.ok(before > 3, 'it was tried again before it gave up');
    assert.deepEqual([...api.taken, ...back.taken], [...numbered(5), ...numbered(1600)]);
    assert.equal(sent.at(-1)?.item.name, `${file}:1600`);
    assert.ok(!(await isThere(state)));
  });

  test('does what was not noted again, under the same keys: killed, it doubles nothing', async (context) => {
    const dir = await folder(context);
    const [file, state] = [join(dir, 'a.ndjson'), join(dir, 'state')];
    await writeFile(file, numbered(1600).join('\n'));
    const { client, taken } = apiDouble();
    const controller = new AbortController();
    const interrupted = run([file], state, client, {
      signal: controller.signal,
      onSent: () => controller.abort(new Error('Ctrl-C')),
    });
    await assert.rejects(interrupted, /Ctrl-C/);
    await rm(state);
    const { progress } = await run([file], state, client);
    assert.deepEqual(taken, numbered(1600));
    assert.ok(progress.duplicates >= 500);
  });

  test('a file that was written on goes on; another one under its name begins anew; so does --restart', async (context) => {
    const dir = await folder(context);
    const [file, state] = [join(dir, 'a.ndjson'), join(dir, 'state')];
    await writeFile(file, `${numbered(3).join('\n')}\n`);
    const resume = openResumeFile(state);
    const end = { offset: (await stat(file)).size, line: 4 };
    resume.record(await fileSource(file), end, true);
    resume.save();
    const startOf = async (options = {}) => openResumeFile(state, options).startOf(await fileSource(file));
    assert.equal(await startOf(), 'done');
    assert.equal(await startOf({ restart: true }), undefined);
    await appendFile(file, '{"n":3}\n');
    assert.deepEqual(await startOf(), end);
    const { client, taken } = apiDouble();
    const { sent } = await run([file], state, client);
    assert.deepEqual(taken, ['{"n":3}']);
    assert.equal(sent[0]?.item.line, 4);

    openResumeFile(state).record(await fileSource(file), end, false);
    await writeFile(file, numbered(9).reverse().join('\n'));
    assert.equal(await startOf(), undefined);
    await writeFile(state, '{"mine": true}');
    assert.throws(() => openResumeFile(state, { restart: true }), /left alone/);
    assert.equal(await readFile(state, 'utf8'), '{"mine": true}');
  });

  test('sends again what the database had no time for, as the same items', async (context) => {
    const dir = await folder(context);
    const file = join(dir, 'a.ndjson');
    await writeFile(file, numbered(4).join('\n'));
    const { client, calls, taken } = apiDouble();
    const submitBatch: Client['submitBatch'] = async (submission) => {
      const answer = await client.submitBatch(submission);
      if (calls.length > 1) return answer;
      taken.splice(2);
      const problem = { type: '', title: 'away', status: 503, detail: 'away', instance: '', request_id: '' };
      const results = answer.results.map((entry) =>
        entry.index < 2 ? entry : { index: entry.index, http_status: 503, ...problem },
      );
      return { ...answer, results };
    };
    const { sent, progress } = await run([file], join(dir, 'state'), { ...client, submitBatch });
    assert.equal(calls.length, 2);
    assert.equal(calls[0]?.idempotencyKey, calls[1]?.idempotencyKey);
    assert.deepEqual([progress.alerts, progress.failed], [4, 0]);
    assert.deepEqual(
      sent.slice(0, 2).map(({ answer }) => answer?.duplicate),
      [false, false],
    );
  });

  test('a refused batch is not the end; a refused key is', async (context) => {
    const dir = await folder(context);
    const file = join(dir, 'a.ndjson');
    await writeFile(file, numbered(700).join('\n'));
    const refused = apiDouble((call) => (call === 1 ? new ApiProblemError(413, { detail: 'too large' }) : undefined));
    const { progress } = await run([file], join(dir, 'state'), refused.client);
    assert.deepEqual([progress.alerts, progress.failed], [700, 500]);
    const noKey = apiDouble(() => new ApiProblemError(401, { detail: 'no key' }));
    await assert.rejects(run([file], join(dir, 'state'), noKey.client), { status: 401 });
    assert.ok(noKey.calls.length <= 2);
  });

  test('standard input is read as it comes', async () => {
    async function* input() {
      for (const text of ['{"n":', '0}\n{"n"', ':1}\n']) {
        await Promise.resolve();
        yield Buffer.from(text);
      }
    }
    const source = await stdinSource(input());
    const found: string[] = [];
    for await (const { items } of batchesOf(source, { lines: false })) {
      found.push(...items.map(({ name, bytes }) => `${name} ${bytes.toString()}`));
    }
    assert.deepEqual(found, ['stdin:1 {"n":0}', 'stdin:2 {"n":1}']);
  });
});
