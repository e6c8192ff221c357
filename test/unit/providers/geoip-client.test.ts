import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { ProviderError } from '../../../activities/providers/errors';
import { createGeoIp } from '../../../activities/providers/geoip';
import { startSimulator, type Simulator } from '../../../stack/simulator/server';
import { context, serve } from './serve';

const IP = { type: 'ip', value: '185.220.101.1' } as const;

let simulator: Simulator;
before(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.control({ mode: 'ok' }));
after(() => simulator.close());

const provider = (timeoutMs = 5000) => createGeoIp({ url: simulator.url, timeoutMs });

test('an address: facts, summary, and only the fields asked for', async () => {
  const answer = await provider().lookup(IP, context());
  assert.ok(answer.state === 'ok');
  assert.deepEqual(answer.facts, {
    country: 'Germany',
    countryCode: 'DE',
    city: 'Berlin',
    asn: 64496,
    asOrg: 'Example Tor Exit Operator',
    isp: 'Example Tor Exit Operator',
    hosting: true,
    proxy: true,
    mobile: false,
    simulated: true,
  });
  assert.equal(answer.summary, 'DE, AS64496 Example Tor Exit Operator, hosting, proxy (simulated)');
  const asked = new URL(simulator.requests().at(-1)?.path ?? '', simulator.url).searchParams.get('fields')?.split(',');
  assert.ok(asked?.includes('hosting') && !asked.includes('reverse'));
  assert.ok(answer.raw && !answer.raw.body.includes('"zip"'));
});

test('an address that the catalogue does not have gets the neutral answer', async () => {
  const answer = await provider().lookup({ type: 'ip', value: '2a00:1450:4001:81b::200e' }, context());
  assert.ok(answer.state === 'ok');
  assert.deepEqual([answer.facts.hosting, answer.facts.asn], [false, null]);
});

test('private and reserved addresses have nothing to ask, nonsense is a bad request', async () => {
  for (const value of ['192.168.1.1', '127.0.0.1', '::1', '203.0.113.10']) {
    assert.equal((await provider().lookup({ type: 'ip', value }, context())).state, 'not_applicable', value);
  }
  await assert.rejects(
    provider().lookup({ type: 'ip', value: '1.1.1.' }, context()),
    (error) => error instanceof ProviderError && error.kind === 'bad_request' && !error.retryable,
  );
});

test('each kind of trouble has its name', async () => {
  for (const [mode, kind, retryable] of [
    ['401', 'unauthorized', false],
    ['404', 'unavailable', true],
    ['500', 'unavailable', true],
    ['502_html', 'unavailable', true],
    ['garbage', 'invalid_response', true],
    ['empty', 'rate_limited', true],
  ] as const) {
    simulator.control({ mode, provider: 'geoip' });
    await assert.rejects(provider().lookup(IP, context()), (error) => {
      assert.ok(error instanceof ProviderError);
      assert.deepEqual([mode, error.kind, error.retryable], [mode, kind, retryable]);
      assert.ok(error.raw);
      return true;
    });
  }
  simulator.control({ mode: 'hang', times: 1 });
  await assert.rejects(
    provider(50).lookup(IP, context()),
    (error) => error instanceof ProviderError && error.kind === 'timeout',
  );
});

test('every answer tells what ip-api.com says is left', async (t) => {
  const document = { status: 'success', query: IP.value, country: 'Germany', countryCode: 'DE', as: '' };
  const { url } = await serve(t, (response) =>
    response.writeHead(200, { 'x-rl': '0', 'x-ttl': '17' }).end(JSON.stringify(document)),
  );
  const answer = await createGeoIp({ url }).lookup(IP, context('2026-11-23T12:34:20.000Z'));
  assert.ok(answer.state === 'ok');
  assert.deepEqual([answer.facts.asn, answer.facts.hosting, answer.facts.simulated], [null, null, false]);
  assert.deepEqual(answer.told, { left: 0, until: new Date('2026-11-23T12:34:37.000Z') });
  for (const headers of [{ 'x-rl': '44' }, { 'x-rl': 'many', 'x-ttl': '60' }, { 'x-rl': '3', 'x-ttl': '0' }]) {
    const odd = await serve(t, (response) => response.writeHead(200, headers).end(JSON.stringify(document)));
    assert.equal((await createGeoIp({ url: odd.url }).lookup(IP, context())).told, undefined, JSON.stringify(headers));
  }
});

test('429 waits until X-Ttl; with X-Ttl 0 nobody knows', async () => {
  simulator.control({ mode: '429', provider: 'geoip', ms: 30_000, times: 1 });
  const refused = await provider().lookup(IP, context('2026-11-23T12:34:20.000Z'));
  assert.ok(refused.state === 'waiting');
  assert.equal(refused.until?.toISOString(), '2026-11-23T12:34:50.000Z');
  assert.deepEqual(refused.told, { left: 0, until: refused.until });
  simulator.control({ mode: '429', provider: 'geoip', times: 1 });
  const silent = await provider().lookup(IP, context('2026-11-23T12:34:20.000Z'));
  assert.ok(silent.state === 'waiting');
  assert.deepEqual([silent.until, silent.told], [null, undefined]);
});

test('a 403 is a ban, and waits for an hour; that of a wrong key is none', async (t) => {
  simulator.control({ mode: '403', provider: 'geoip', times: 1 });
  const banned = await provider().lookup(IP, context('2026-11-23T12:34:20.000Z'));
  assert.ok(banned.state === 'waiting');
  assert.equal(banned.until?.toISOString(), '2026-11-23T13:34:20.000Z');
  assert.match(banned.summary, /banned/);
  assert.ok(banned.raw?.body.includes('403 Forbidden'));
  const { url } = await serve(t, (response) => response.writeHead(403).end('invalid key\n'));
  await assert.rejects(
    createGeoIp({ url }).lookup(IP, context()),
    (error) => error instanceof ProviderError && error.kind === 'forbidden',
  );
});

test('one process does not remember for all: only the shared quota keeps silence', async () => {
  const geoip = provider();
  simulator.control({ mode: '429', provider: 'geoip', ms: 30_000, times: 1 });
  assert.equal((await geoip.lookup(IP, context())).state, 'waiting');
  assert.equal((await geoip.lookup(IP, context())).state, 'ok');
});

test('an empty 200 that says it has no requests left is a refusal, not an error', async (t) => {
  const { url } = await serve(t, (response) => response.writeHead(200, { 'x-rl': '0', 'x-ttl': '5' }).end());
  const answer = await createGeoIp({ url }).lookup(IP, context('2026-11-23T12:34:20.000Z'));
  assert.ok(answer.state === 'waiting');
  assert.equal(answer.until?.toISOString(), '2026-11-23T12:34:25.000Z');
});

test('the answer to another question is refused', async (t) => {
  const { url } = await serve(t, (response) => response.end(JSON.stringify({ status: 'success', query: '8.8.8.8' })));
  await assert.rejects(
    createGeoIp({ url }).lookup(IP, context()),
    (error) => error instanceof ProviderError && error.kind === 'invalid_response',
  );
});
