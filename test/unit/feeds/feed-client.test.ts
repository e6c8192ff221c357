import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { feedBody } from '../../../activities/feed-body';
import { openFeed } from '../../../activities/feed-client';
import type { FeedRequest } from '../../../activities/feed-client';
import { FeedError } from '../../../activities/feed-error';
import { serve } from '../providers/serve';

const NOW = new Date('2026-11-23T12:00:00.000Z');
const LIST = '# a list\n198.51.100.7\nevil.example.com\n';

type Reply = (response: ServerResponse, request: { path: string; headers: IncomingHttpHeaders }) => void;

const sends =
  (body: string | Buffer, headers: Record<string, string> = {}): Reply =>
  (response) =>
    void response.writeHead(200, headers).end(body);

/** The whole file, `not_modified`, or the error. */
async function fetched(url: string, changes: Partial<FeedRequest> = {}): Promise<string | FeedError> {
  const { signal } = new AbortController();
  const isOutside = () => false;
  try {
    const answer = await openFeed({
      ...{ url, etag: null, lastModified: null, signal, now: NOW, isOutside },
      ...changes,
    });
    if (answer.status === 'not_modified') return answer.status;
    const chunks: Buffer[] = [];
    for await (const chunk of answer.file) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    assert.ok(error instanceof FeedError, String(error));
    return error;
  }
}

async function answerTo(t: TestContext, reply: Reply, changes: Partial<FeedRequest> = {}): Promise<string | FeedError> {
  const { url } = await serve(t, reply);
  return fetched(`${url}/list.txt?key=a-secret-key`, changes);
}

async function refusal(t: TestContext, reply: Reply, changes: Partial<FeedRequest> = {}): Promise<FeedError> {
  const error = await answerTo(t, reply, changes);
  assert.ok(error instanceof FeedError, String(error));
  assert.doesNotMatch(error.message, /secret|list\.txt/);
  return error;
}

test('the file as it is, with what the server wants to hear next time; by name, so that its operator can complain', async (t) => {
  const { url, seen } = await serve(
    t,
    sends(LIST, { etag: '"one"', 'last-modified': 'Mon, 23 Nov 2026 10:00:00 GMT' }),
  );
  const { signal } = new AbortController();
  const answer = await openFeed({
    ...{ url, etag: null, lastModified: null, signal, now: NOW },
    isOutside: () => true,
  });
  assert.ok(answer.status === 'ok');
  assert.deepEqual([answer.etag, answer.lastModified], ['"one"', 'Mon, 23 Nov 2026 10:00:00 GMT']);
  assert.match(seen[0]?.headers['user-agent'] ?? '', /soar-suite/);
  assert.deepEqual([seen[0]?.headers['if-none-match'], seen[0]?.headers['if-modified-since']], [undefined, undefined]);
});

test('what the server was told before is told again, and a 304 means that nothing is new', async (t) => {
  const told: unknown[] = [];
  const answer = await answerTo(
    t,
    (response, { headers }) => {
      told.push(headers['if-none-match'], headers['if-modified-since']);
      response.writeHead(304).end();
    },
    { etag: 'W/"two"', lastModified: 'Mon, 23 Nov 2026 10:00:00 GMT' },
  );
  assert.deepEqual([answer, told], ['not_modified', ['W/"two"', 'Mon, 23 Nov 2026 10:00:00 GMT']]);
});

test('packed for the way, packed as a file, or both: unpacked', async (t) => {
  assert.equal(await answerTo(t, sends(gzipSync(LIST), { 'content-encoding': 'gzip' })), LIST);
  assert.equal(await answerTo(t, sends(deflateSync(LIST), { 'content-encoding': 'deflate' })), LIST);
  assert.equal(await answerTo(t, sends(gzipSync(LIST), { 'content-type': 'application/gzip' })), LIST);
  assert.equal(await answerTo(t, sends(gzipSync(gzipSync(LIST)), { 'content-encoding': 'gzip' })), LIST);
});

test('what cannot be a feed is refused for good: web pages, archives, unknown encodings', async (t) => {
  const page = await refusal(t, sends('\n <!DOCTYPE html><html><a href="http://evil.example.com">x</a></html>'));
  assert.match(page.message, /^127\.0\.0\.1:\d+ sent a web page, and no feed$/);
  const zip = await refusal(t, sends(Buffer.from('PK\x03\x04…')));
  const odd = await refusal(t, sends('x', { 'content-encoding': 'zstd' }));
  assert.deepEqual([page.retryable, zip.retryable, odd.retryable], [false, false, false]);
});

test('what broke off, is damaged or empty may be better the next time', async (t) => {
  const cut = await refusal(t, (response) => {
    response.writeHead(200, { 'content-length': '100000' });
    response.write(LIST, () => response.destroy());
  });
  assert.match(cut.message, /broke off while sending/);
  const damaged = await refusal(t, sends(gzipSync('x'.repeat(5000)).subarray(0, 30), { 'content-encoding': 'gzip' }));
  const garbage = await refusal(t, sends('no gzip at all', { 'content-encoding': 'gzip' }));
  const empty = await refusal(t, sends(''));
  assert.deepEqual(
    [cut, damaged, garbage, empty].map(({ retryable }) => retryable),
    [true, true, true, true],
  );
});

/** Reads a file under other limits than usual. */
async function read(t: TestContext, reply: Reply, limits: { mostBytes?: number; mostMs?: number }): Promise<void> {
  const { url } = await serve(t, reply);
  const response = await new Promise<IncomingMessage>((resolve) => request(url, resolve).end());
  const body = feedBody(response, { host: 'h', signal: new AbortController().signal, ...limits });
  try {
    for await (const chunk of body) assert.ok(chunk.length > 0);
  } finally {
    assert.ok(response.destroyed);
  }
}

test('a file larger than allowed is given up, however small it is packed', async (t) => {
  await assert.rejects(read(t, sends(gzipSync(Buffer.alloc(3 * 1024 ** 2, 'a\n'))), { mostBytes: 2 * 1024 ** 2 }), {
    ...{ name: 'FeedError', message: 'h sent more than 2 MiB', retryable: false },
  });
});

test('so is one that never ends', async (t) => {
  const drips: Reply = (response) => {
    response.writeHead(200).write(LIST);
    const drip = setInterval(() => response.write('a'), 10);
    response.on('close', () => clearInterval(drip));
  };
  await assert.rejects(read(t, drips, { mostMs: 60 }), {
    name: 'FeedError',
    message: 'h was not done within 0.001 min',
  });
});

test('trouble of the server may pass, and it may say when; what is wrong with the request does not', async (t) => {
  const status =
    (code: number, headers: Record<string, string> = {}): Reply =>
    (response) =>
      void response.writeHead(code, headers).end('no');
  const tooMany = await refusal(t, status(429, { 'retry-after': '120' }));
  assert.deepEqual([tooMany.retryable, tooMany.retryAfterMs], [true, 120_000]);
  assert.deepEqual(
    [(await refusal(t, status(503))).retryable, (await refusal(t, status(502))).retryable],
    [true, true],
  );
  const missing = await refusal(t, status(404));
  assert.deepEqual(
    [missing.retryable, missing.message.replace(/:\d+/, '')],
    [false, '127.0.0.1 answered 404: there is nothing at this address'],
  );
  // nothing was asked that could be answered so
  assert.equal((await refusal(t, status(304))).retryable, false);
});

test('nobody there', async () => {
  const error = await fetched('http://127.0.0.1:1/x');
  assert.ok(error instanceof FeedError && error.retryable);
  assert.equal(error.message, '127.0.0.1:1 cannot be reached (ECONNREFUSED)');
  const unknown = await fetched('http://nobody.invalid/x');
  assert.match(unknown instanceof FeedError ? unknown.message : '', /^nobody\.invalid cannot be reached \(E/);
});

test('redirects are followed, not for ever, and a password goes to nobody else', async (t) => {
  const other = await serve(t, sends(LIST));
  const { url, seen } = await serve(t, (response, { path }) => {
    const to = path === '/a' ? '/b' : path === '/b' ? other.url : '/loop';
    response.writeHead(302, { location: to }).end();
  });
  const named = url.replace('//', '//user:p%40ss@');
  assert.equal(await fetched(`${named}/a`), LIST);
  const basic = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
  assert.deepEqual(
    [...seen, ...other.seen].map(({ headers }) => headers.authorization),
    [basic, basic, undefined],
  );
  const looped = await fetched(`${url}/loop`);
  assert.match(looped instanceof FeedError ? looped.message : '', /leads on and on/);
  assert.equal(seen.length, 2 + 6);
});

test('from the Internet nobody is led back inside; within, redirects are an affair of the house', async (t) => {
  const inside = await serve(t, sends(LIST));
  const at2 = inside.url.replace('127.0.0.1', 'localhost');
  const leads = await serve(t, (response) => void response.writeHead(301, { location: at2 }).end());
  let asked = 0;
  // the first host is taken for one of the Internet
  const error = await fetched(leads.url, { isOutside: () => ++asked === 1 });
  assert.ok(error instanceof FeedError && !error.retryable);
  assert.match(error.message, /^A redirect leads to localhost:\d+, which is inside; it is not followed$/);
  assert.equal(inside.seen.length, 0);
  assert.equal(await fetched(leads.url, { isOutside: () => false }), LIST);
});

test('a redirect elsewhere than to http or https is none', async (t) => {
  for (const location of ['file:///etc/passwd', 'ftp://127.0.0.1/x', 'http://']) {
    const error = await refusal(t, (response) => void response.writeHead(302, { location }).end());
    assert.equal(error.retryable, false);
  }
  assert.match(String(await fetched('file:///etc/passwd')), /not file:/);
});

test('whoever has enough can stop it, also amid the file', async (t) => {
  const controller = new AbortController();
  const { url } = await serve(t, (response) => void response.writeHead(200).write('a\n'.repeat(500)));
  const answer = await openFeed({
    ...{ url, etag: null, lastModified: null, signal: controller.signal, now: NOW },
    isOutside: () => true,
    onBytes: () => controller.abort(new Error('enough')),
  });
  assert.ok(answer.status === 'ok');
  const { file } = answer;
  await assert.rejects(
    async () => {
      for await (const chunk of file) assert.ok(chunk.length > 0);
    },
    { message: 'enough' },
  );
});
