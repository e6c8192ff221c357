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
    ['403', 'forbidden', false],
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

test('429 is silence until X-Ttl, and nothing is sent meanwhile', async () => {
  const geoip = provider();
  simulator.control({ mode: '429', ms: 30_000, times: 1 });
  const refused = await geoip.lookup(IP, context('2026-11-23T12:34:20.000Z'));
  assert.ok(refused.state === 'waiting');
  assert.equal(refused.until.toISOString(), '2026-11-23T12:34:50.000Z');
  const sent = simulator.requests().length;
  const meanwhile = await geoip.lookup(IP, context('2026-11-23T12:34:40.000Z'));
  assert.ok(meanwhile.state === 'waiting');
  assert.equal(meanwhile.until.toISOString(), '2026-11-23T12:34:50.000Z');
  assert.equal(simulator.requests().length, sent);
  assert.equal((await geoip.lookup(IP, context('2026-11-23T12:34:50.000Z'))).state, 'ok');
});

test('429 with X-Ttl 0 waits for the next minute', async () => {
  simulator.control({ mode: '429', times: 1 });
  const refused = await provider().lookup(IP, context('2026-11-23T12:34:20.000Z'));
  assert.ok(refused.state === 'waiting');
  assert.equal(refused.until.toISOString(), '2026-11-23T12:35:00.000Z');
});

test('X-Rl 0 on a good answer: it counts, and the next ones wait', async (t) => {
  const document = { status: 'success', query: IP.value, country: 'Germany', countryCode: 'DE', as: '' };
  const { url, seen } = await serve(t, (response) =>
    response.writeHead(200, { 'x-rl': '0', 'x-ttl': '17' }).end(JSON.stringify(document)),
  );
  const geoip = createGeoIp({ url });
  const answer = await geoip.lookup(IP, context('2026-11-23T12:34:20.000Z'));
  assert.ok(answer.state === 'ok');
  assert.deepEqual([answer.facts.asn, answer.facts.hosting, answer.facts.simulated], [null, null, false]);
  assert.equal((await geoip.lookup(IP, context('2026-11-23T12:34:36.000Z'))).state, 'waiting');
  assert.equal(seen.length, 1);
  assert.equal((await geoip.lookup(IP, context('2026-11-23T12:34:37.000Z'))).state, 'ok');
});

test('an empty 200 that says it has no requests left is a refusal, not an error', async (t) => {
  const { url } = await serve(t, (response) => response.writeHead(200, { 'x-rl': '0', 'x-ttl': '5' }).end());
  assert.equal((await createGeoIp({ url }).lookup(IP, context())).state, 'waiting');
});

test('the answer to another question is refused', async (t) => {
  const { url } = await serve(t, (response) => response.end(JSON.stringify({ status: 'success', query: '8.8.8.8' })));
  await assert.rejects(
    createGeoIp({ url }).lookup(IP, context()),
    (error) => error instanceof ProviderError && error.kind === 'invalid_response',
  );
});
