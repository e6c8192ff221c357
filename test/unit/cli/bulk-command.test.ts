import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { alertCommand } from '../../../cli/commands/alert';
import { bulkCommand, type BulkCommandOptions } from '../../../cli/commands/bulk';
import { PROJECT_ROOT } from '../../../config/home';
import { ApiProblemError } from '../../../cli/http';
import { json, serve, type Handler, type SeenRequest } from './api-double';
import { incident } from './incident-fixture';
import { sessionWith } from './session-double';

/** Plays the API: an alert's title is the verdict its incident gets; the title `refused` is refused. */
const api: Handler = (request, response) => {
  if (request.method === 'GET') {
    const verdict = decodeURIComponent(request.url.split('/').at(-1) ?? '').slice('INC-'.length) as 'malicious';
    return json(response, 200, incident({ id: `INC-${verdict}`, verdict, score: 50 }));
  }
  const isArray = request.headers['content-type'] === 'application/json';
  const items = isArray ? (JSON.parse(request.body) as unknown[]) : request.body.trim().split('\n').map(parsed);
  const results = items.map((item, index) => {
    const { title } = item as { title?: string };
    if (title === undefined) return { index, http_status: 400, title: 'no', detail: 'The line is not JSON' };
    if (title === 'refused') {
      const errors = [{ pointer: '/src_ip', detail: 'is bad' }];
      return { index, http_status: 422, title: 'no', detail: 'One field is not valid', errors };
    }
    return { index, http_status: 202, incident_id: `INC-${title}`, alert_type: 'brute_force', duplicate: false };
  });
  return json(response, 200, { results });
};

function parsed(line: string): object {
  try {
    return JSON.parse(line) as object;
  } catch {
    return {};
  }
}

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'soar-bulk-'));
  context.after(() => rm(path, { recursive: true }));
  return path;
}

const OPTIONS: BulkCommandOptions = { wait: true, timeout: 30 };
const titled = (...titles: string[]) => titles.map((title) => JSON.stringify({ source: 'x', title }));

test('shows each alert with its verdict, and what failed by its line', async (context) => {
  const [dir, { url }] = await Promise.all([folder(context), serve(context, api)]);
  await writeFile(join(dir, 'a.json'), `[\n${titled('malicious', 'refused').join(',\n')}]`);
  await writeFile(join(dir, 'b.ndjson'), `${titled('benign')[0]}\n{"source":\n`);
  const { session, lines } = sessionWith(url, { home: dir });
  const report = join(dir, 'failed.ndjson');
  assert.equal(await bulkCommand(session, [dir], { ...OPTIONS, errors: report }), 1);
  const text = lines.join('\n');
  assert.match(text, /✓ +a\.json:2 +brute_force .*malicious +50/);
  assert.match(text, /✓ +b\.ndjson:1 +brute_force .*benign/);
  assert.match(text, /4 alerts: 2 done, 0 of them known before \(=\), 2 failed\./);
  assert.match(text, /a\.json:3: 422 One field is not valid; \/src_ip is bad/);
  const written = (await readFile(report, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  assert.deepEqual(written, [
    { file: join(dir, 'a.json'), line: 3, error: '422 One field is not valid; /src_ip is bad' },
    { file: join(dir, 'b.ndjson'), line: 2, error: '400 The line is not JSON' },
  ]);
});

test('with --json a line for each; without waiting as they come', async (context) => {
  const { url, seen } = await serve(context, api);
  const stdin = [Buffer.from(titled('malicious', 'refused').join('\n'))];
  const dir = await folder(context);
  const { session, data, notes } = sessionWith(url, { json: true, home: dir, stdin });
  assert.equal(await bulkCommand(session, ['-'], { ...OPTIONS, wait: false }), 1);
  assert.deepEqual(
    data.map((line) => [(line as { file: string }).file, 'error' in (line as object)]),
    [
      ['stdin:1', false],
      ['stdin:2', true],
    ],
  );
  assert.ok(seen.every(({ method }) => method === 'POST'));
  assert.deepEqual(notes, []);
});

test('of very many only the counts are shown, and no verdict is waited for', async (context) => {
  const [dir, { url, seen }] = await Promise.all([folder(context), serve(context, api)]);
  const many = [...titled(...Array<string>(1100).fill('benign')), ...titled(...Array<string>(150).fill('refused'))];
  await writeFile(join(dir, 'a.ndjson'), many.join('\n'));
  const { session, lines, notes } = sessionWith(url, { home: dir });
  assert.equal(await bulkCommand(session, [join(dir, 'a.ndjson')], OPTIONS), 1);
  assert.ok(seen.every(({ method }) => method === 'POST'));
  assert.match(notes.join('\n'), /More than 1000 alerts: verdicts are not waited for/);
  assert.match(lines[1] ?? '', /1250 alerts: 1100 done, 0 of them known before \(=\), 150 failed\./);
  assert.equal(lines.length, 1 + 1 + 100 + 1);
  assert.match(lines.at(-1) ?? '', /and 50 more; --errors FILE writes them all down/);
});

test('stopped, it says how to go on, and the same command does', async (context) => {
  const dir = await folder(context);
  const file = join(dir, 'a.ndjson');
  await writeFile(file, titled(...Array<string>(1100).fill('benign')).join('\n'));
  let revoked = true;
  const isFirst = (request: SeenRequest) => String(request.headers['idempotency-key']).includes(':0:');
  const { url, seen } = await serve(context, (request, response) =>
    revoked && !isFirst(request) ? json(response, 401, { title: 'no', detail: 'revoked' }) : api(request, response),
  );
  const options = { ...OPTIONS, wait: false };
  const first = sessionWith(url, { home: dir });
  await assert.rejects(bulkCommand(first.session, [file], options), ApiProblemError);
  assert.match(first.notes.join(), /the same command goes on from there/);
  seen.length = 0;
  revoked = false;
  const again = sessionWith(url, { home: dir });
  assert.equal(await bulkCommand(again.session, [file], options), 0);
  assert.match(again.notes.join(), /Going on where the last run stopped/);
  assert.ok(seen.length > 0 && !seen.some(isFirst));
});

test('nothing to submit is said', async (context) => {
  const [dir, { url }] = await Promise.all([folder(context), serve(context, api)]);
  const { session } = sessionWith(url, { home: dir });
  await assert.rejects(bulkCommand(session, [], OPTIONS), /Nothing to submit/);
  await assert.rejects(bulkCommand(session, [dir], OPTIONS), /No alerts in/);
  await writeFile(join(dir, 'a.json'), '[]');
  await assert.rejects(bulkCommand(session, [dir], OPTIONS), /No alerts in/);
});

test('soar alert shows each of several alerts that one document held', async (context) => {
  const dir = await folder(context);
  const file = join(dir, 'group.json');
  await writeFile(file, '{"alerts": 2}');
  const { url } = await serve(context, (_request, response) =>
    json(response, 200, {
      results: [
        {
          ...{ index: 0, http_status: 202, incident_id: 'INC-A', alert_type: 'malware', severity: 'high' },
          ...{ status: 'new', classification: { confidence: 1, reasons: [] } },
        },
        { index: 1, http_status: 422, title: 'no', detail: 'One field is not valid' },
      ],
      accepted: 1,
      duplicates: 0,
      failed: 1,
    }),
  );
  const { session, lines } = sessionWith(url);
  assert.equal(await alertCommand(session, file, { timeout: 1 }), 1);
  assert.match(
    lines.join('\n'),
    /INC-A malware.*\n✗ 422 One field is not valid\n1 accepted, 0 known before, 1 failed\./,
  );
});

test('Ctrl-C ends it at once, and the same command ends what it began', async (context) => {
  const dir = await folder(context);
  const file = join(dir, 'a.ndjson');
  await writeFile(file, titled(...Array<string>(1600).fill('benign')).join('\n'));
  let hold = true;
  let arrived = (): void => {};
  const held = new Promise<void>((resolve) => (arrived = resolve));
  const answered = new Set<string>();
  const { url } = await serve(context, (request, response) => {
    const key = String(request.headers['idempotency-key']);
    if (hold && answered.size > 0) return arrived();
    answered.add(key);
    return api(request, response);
  });
  const soar = () => {
    const env = { ...process.env, SOAR_URL: url, SOAR_API_KEY: 'k', SOAR_HOME: dir };
    const args = [join(PROJECT_ROOT, 'bin', 'soar.mjs'), 'bulk', file, '--no-wait'];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number, stderr })) };
  };
  const first = soar();
  await held;
  first.child.kill('SIGINT');
  const { code, stderr } = await first.ended;
  assert.equal(code, 1, stderr);
  assert.match(stderr, /Interrupted\.[\s\S]*the same command goes on from there/);
  hold = false;
  const again = await soar().ended;
  assert.equal(again.code, 0, again.stderr);
  assert.equal(answered.size, 4, 'four parts, each under one key, however often it was sent');
});
