import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { printSampleTable, submitAll, submitSamples } from '../../../cli/bulk';
import { createClient } from '../../../cli/client';
import { json, serve, type Handler } from './api-double';
import { incident } from './incident-fixture';

/** Plays the API: an alert's title is the verdict its incident gets; the title `refused` is refused. */
const api: Handler = (request, response) => {
  if (request.method === 'GET') {
    const verdict = decodeURIComponent(request.url.split('/').at(-1) ?? '').slice('INC-'.length) as 'malicious';
    return json(response, 200, incident({ id: `INC-${verdict}`, verdict, score: 50 }));
  }
  const { title } = JSON.parse(request.body) as { title: string };
  if (title === 'refused')
    return json(response, 422, { title: 'no', errors: [{ pointer: '/src_ip', detail: 'is bad' }] });
  return json(response, 202, { incident_id: `INC-${title}`, alert_type: 'brute_force', duplicate: false });
};

async function samples(context: TestContext, verdicts: Record<string, string>, expected: object): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'soar-samples-'));
  context.after(() => rm(dir, { recursive: true }));
  await mkdir(join(dir, 'brute_force'));
  for (const [name, verdict] of Object.entries(verdicts)) {
    await writeFile(join(dir, 'brute_force', name), JSON.stringify({ source: 'x', title: verdict }));
  }
  await writeFile(join(dir, 'expected.json'), JSON.stringify(expected));
  return dir;
}

test('samples are compared with what is expected of them', async (context) => {
  const dir = await samples(
    context,
    { '01.json': 'malicious', '02.json': 'suspicious', '03.json': 'refused' },
    {
      'brute_force/01.json': { type: 'brute_force', verdict: 'malicious', why: '' },
      'brute_force/02.json': { type: 'brute_force', verdict: 'benign', why: '' },
      'brute_force/03.json': { type: 'brute_force', verdict: 'benign', why: '' },
    },
  );
  const { url } = await serve(context, api);
  const progress: number[] = [];
  const results = await submitSamples({
    client: createClient({ url, apiKey: 'k' }),
    dir,
    onProgress: ({ submitted, settled }) => progress.push(submitted + settled),
  });
  assert.deepEqual(
    results.map(({ ok, verdict }) => [ok, verdict]),
    [
      [true, 'malicious'],
      [false, 'suspicious'],
      [false, '–'],
    ],
  );
  assert.match(results[1]?.problem ?? '', /verdict is suspicious, expected benign/);
  assert.match(results[2]?.problem ?? '', /422 .*\/src_ip is bad/);
  assert.equal(progress.at(-1), 6);

  const table = printSampleTable(results);
  assert.match(table, /✓ {2}01 +brute_force +malicious +50 +malicious/);
  assert.match(table, /✗ {2}02 +brute_force +suspicious/);
  assert.match(table, /✗ brute_force\/02\.json: verdict is suspicious, expected benign/);
  assert.ok(
    table
      .split('\n')
      .slice(0, 5)
      .every((line) => [...line].length <= 100),
  );
});

test('a sample without an expectation, or the other way round, is an error before anything is sent', async (context) => {
  const dir = await samples(
    context,
    { '01.json': 'malicious' },
    {
      'brute_force/09.json': { type: 'brute_force', verdict: 'benign', why: '' },
    },
  );
  const { url, seen } = await serve(context, api);
  await assert.rejects(
    submitSamples({ client: createClient({ url, apiKey: 'k' }), dir }),
    /01\.json has no entry.*|09\.json is in/,
  );
  assert.equal(seen.length, 0);
});

test('without waiting only the acceptance is asked for', async (context) => {
  const { url, seen } = await serve(context, api);
  const documents = ['malicious', 'refused'].map((title) => ({
    name: title,
    body: Buffer.from(JSON.stringify({ title })),
    contentType: 'application/json',
  }));
  const results = await submitAll({ client: createClient({ url, apiKey: 'k' }), documents, wait: false });
  assert.deepEqual(
    results.map((result) => result.failure === undefined),
    [true, false],
  );
  assert.ok(seen.every((request) => request.method === 'POST'));
});
