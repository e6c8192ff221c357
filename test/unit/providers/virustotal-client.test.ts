import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { inspect } from 'node:util';
import { createVirusTotal } from '../../../activities/providers/virustotal';
import { ProviderError } from '../../../activities/providers/errors';
import type { ObservableType } from '../../../domain/observable';
import { startSimulator, type Simulator } from '../../../stack/simulator/server';
import { context, serve } from './serve';

const KEY = 'secret-key-0123456789abcdef';
const IP = { type: 'ip', value: '185.220.101.1' } as const;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

let simulator: Simulator;
before(async () => {
  simulator = await startSimulator({ now: () => new Date('2026-11-23T12:00:00Z') });
});
afterEach(() => simulator.control({ mode: 'ok' }));
after(() => simulator.close());

const provider = (timeoutMs = 5000) => createVirusTotal({ apiKey: KEY, url: simulator.url, timeoutMs });
const lookup = (type: ObservableType, value: string) => provider().lookup({ type, value }, context());

async function failure(promise: Promise<unknown>): Promise<ProviderError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ProviderError, `not a ProviderError: ${inspect(error)}`);
  assert.ok(!inspect(error, { depth: 9 }).includes(KEY), 'the key stands in the error');
  assert.ok(!error.raw?.body.includes(KEY), 'the key stands in the raw document');
  return error;
}

test('an address: facts, summary, and the exact bytes', async () => {
  const answer = await lookup('ip', IP.value);
  assert.ok(answer.state === 'ok');
  const { facts } = answer;
  assert.deepEqual([facts.malicious, facts.answered, facts.asn, facts.country], [12, 91, 64496, 'DE']);
  assert.equal(facts.analysedAt, '2026-11-22T12:00:00.000Z');
  assert.equal(answer.summary, '12 of 91 engines call it malicious (simulated)');
  assert.ok(answer.raw);
  assert.match(answer.raw.mediaType, /^application\/json/);
  assert.equal((JSON.parse(answer.raw.body.toString()) as { data: { id: string } }).data.id, IP.value);
});

test('a domain tells when it was registered', async () => {
  const answer = await lookup('domain', 'secure-paypa1-login.com');
  assert.ok(answer.state === 'ok');
  assert.equal(answer.facts.createdAt, '2026-11-17T12:00:00.000Z');
});

test('a URL goes by base64url without padding', async () => {
  const url = 'https://mail-invoice-portal.info/view?id=7';
  const answer = await lookup('url', url);
  assert.ok(answer.state === 'ok');
  assert.equal(answer.facts.malicious, 3);
  const path = simulator.requests().at(-1)?.path ?? '';
  assert.equal(Buffer.from(path.replace('/api/v3/urls/', ''), 'base64url').toString(), url);
  assert.ok(!path.includes('='));
});

test('a file answers by SHA-256 and by MD5 alike', async () => {
  const bySha = await lookup('sha256', sha256('soar-sample-emotet'));
  const byMd5 = await lookup('md5', md5('soar-sample-emotet'));
  assert.ok(bySha.state === 'ok' && byMd5.state === 'ok');
  assert.deepEqual(byMd5.facts, bySha.facts);
  assert.deepEqual([bySha.facts.family, bySha.facts.names], ['emotet', ['invoice_scan.exe']]);
  assert.equal(bySha.summary, '58 of 72 engines call it malicious (trojan.emotet/sample) (simulated)');
});

test('404 is not known, with its document, and costs a request', async () => {
  const before = simulator.requests().length;
  const answer = await lookup('ip', '67.43.156.1');
  assert.equal(answer.state, 'not_known');
  assert.ok(answer.raw?.body.includes('NotFoundError'));
  assert.equal(simulator.requests().length, before + 1);
});

test('a 404 that is not VirusTotal speaking says nothing about the observable', async (t) => {
  const { url } = await serve(t, (response) => response.writeHead(404).end('<h1>Not Found</h1>'));
  const error = await failure(createVirusTotal({ apiKey: KEY, url }).lookup(IP, context()));
  assert.deepEqual([error.kind, error.retryable], ['unavailable', true]);
});

test('without a key it is not set up; another key is another credential', () => {
  const [none, one, other] = [undefined, KEY, `${KEY}2`].map((apiKey) => createVirusTotal({ apiKey, url: 'http://x' }));
  assert.deepEqual([none?.configured, none?.credential, one?.configured], [false, undefined, true]);
  assert.match(one?.credential ?? '', /^[0-9a-f]{16}$/);
  assert.notEqual(one?.credential, other?.credential);
});

test('errors that no retry mends', async () => {
  for (const [mode, kind, status] of [
    ['401', 'unauthorized', 401],
    ['403', 'forbidden', 403],
  ] as const) {
    simulator.control({ mode, provider: 'virustotal' });
    const error = await failure(provider().lookup(IP, context()));
    assert.deepEqual([error.kind, error.retryable, error.httpStatus], [kind, false, status]);
    assert.ok(error.raw && error.raw.body.length > 0);
  }
  simulator.control({ mode: 'ok' });
  const error = await failure(lookup('domain', 'printer.local'));
  assert.deepEqual([error.kind, error.retryable, error.httpStatus], ['bad_request', false, 400]);
});

test('errors that a retry may mend carry the bytes that came', async () => {
  for (const [mode, kind, bytes] of [
    ['500', 'unavailable', 'TransientError'],
    ['502_html', 'unavailable', '<!DOCTYPE html>'],
    ['garbage', 'invalid_response', '{"data"'],
    ['empty', 'invalid_response', ''],
  ] as const) {
    simulator.control({ mode });
    const error = await failure(provider().lookup(IP, context()));
    assert.deepEqual([mode, error.kind, error.retryable], [mode, kind, true]);
    assert.ok(error.raw?.body.includes(bytes), mode);
  }
});

test('a provider that hangs, or is not there, ends in time', async () => {
  simulator.control({ mode: 'hang', times: 1 });
  const hung = await failure(provider(50).lookup(IP, context()));
  assert.deepEqual([hung.kind, hung.retryable], ['timeout', true]);
  const away = createVirusTotal({ apiKey: KEY, url: 'http://127.0.0.1:1' });
  assert.equal((await failure(away.lookup(IP, context()))).kind, 'unavailable');
});

test('an answer that stops in the middle is no answer', async (t) => {
  const { url } = await serve(t, (response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"data":', () => response.destroy());
  });
  assert.equal((await failure(createVirusTotal({ apiKey: KEY, url }).lookup(IP, context()))).kind, 'unavailable');
});

test('a slow provider that answers in time is heard', async () => {
  simulator.control({ mode: 'latency', ms: 30, times: 1 });
  assert.equal((await provider().lookup(IP, context())).state, 'ok');
});

test('the caller can end a lookup, before and during it', async () => {
  const reason = new Error('cancelled by the workflow');
  await assert.rejects(provider().lookup(IP, context(undefined, AbortSignal.abort(reason))), reason);
  simulator.control({ mode: 'hang', times: 1 });
  const controller = new AbortController();
  const seen = simulator.requests().length;
  const pending = provider().lookup(IP, context(undefined, controller.signal));
  while (simulator.requests().length === seen) await new Promise(setImmediate);
  controller.abort(reason);
  await assert.rejects(pending, reason);
});

test('429 waits as long as Retry-After says; without it nobody knows', async () => {
  simulator.control({ mode: '429', times: 1 });
  const next = await provider().lookup(IP, context('2026-11-23T12:34:20.000Z'));
  assert.ok(next.state === 'waiting');
  assert.equal(next.until, null);
  assert.match(next.summary, /QuotaExceededError/);
  assert.ok(next.raw?.body.includes('QuotaExceededError'));
  simulator.control({ mode: '429', ms: 120_000, times: 1 });
  const told = await provider().lookup(IP, context('2026-11-23T12:34:20.000Z'));
  assert.ok(told.state === 'waiting');
  assert.equal(told.until?.toISOString(), '2026-11-23T12:36:20.000Z');
});

test('an answer to another question, or of another shape, is refused', async (t) => {
  const documents = [
    { data: { type: 'ip_address', id: '192.0.2.1', attributes: { last_analysis_stats: { harmless: 90 } } } },
    { data: { type: 'domain', id: IP.value, attributes: { last_analysis_stats: { harmless: 90 } } } },
    { data: [] },
    { data: { type: 'ip_address', id: IP.value, attributes: { last_analysis_stats: { malicious: '12' } } } },
    { data: { type: 'ip_address', id: IP.value, attributes: { last_analysis_stats: { malicious: -1 } } } },
  ];
  for (const document of documents) {
    const { url } = await serve(t, (response) => response.end(JSON.stringify(document)));
    const error = await failure(createVirusTotal({ apiKey: KEY, url }).lookup(IP, context()));
    assert.deepEqual([error.kind, error.retryable], ['invalid_response', true]);
  }
});

test('no redirect is followed: the key would travel along', async (t) => {
  const other = await serve(t, (response) => response.end());
  const { url } = await serve(t, (response) => response.writeHead(302, { location: other.url }).end());
  assert.equal((await failure(createVirusTotal({ apiKey: KEY, url }).lookup(IP, context()))).kind, 'unavailable');
  assert.equal(other.seen.length, 0);
});

test('an answer without end is cut off', async (t) => {
  const { url } = await serve(t, (response) => {
    response.writeHead(200);
    const block = Buffer.alloc(1024 * 1024, 0x20);
    const more = () => {
      while (!response.destroyed && response.write(block));
    };
    response.on('drain', more);
    more();
  });
  const error = await failure(createVirusTotal({ apiKey: KEY, url }).lookup(IP, context()));
  assert.equal(error.kind, 'invalid_response');
  assert.match(error.message, /4 MB/);
});

test('the key reaches the provider, and nothing else', async (t) => {
  const { url, seen } = await serve(t, (response, { headers }) =>
    response.writeHead(500).end(`debug page: ${JSON.stringify(headers)}`),
  );
  const error = await failure(createVirusTotal({ apiKey: KEY, url }).lookup(IP, context()));
  assert.equal(seen[0]?.headers['x-apikey'], KEY);
  assert.match(error.raw?.body.toString() ?? '', /\[key removed\]/);
});

test('a key that no header can carry is refused without being quoted', async () => {
  const broken = createVirusTotal({ apiKey: `${KEY}\nx`, url: simulator.url });
  const error = await failure(broken.lookup(IP, context()));
  assert.deepEqual([error.kind, error.retryable], ['unauthorized', false]);
});
