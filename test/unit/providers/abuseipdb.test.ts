import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { inspect } from 'node:util';
import { abuseIpDb, createAbuseIpDb } from '../../../activities/providers/abuseipdb';
import { ProviderError } from '../../../activities/providers/errors';
import { parseEnv } from '../../../config/env';
import { startSimulator, type Simulator } from '../../../stack/simulator/server';
import { context, serve } from './serve';

const KEY = 'secret-key-0123456789abcdef';
const IP = { type: 'ip', value: '91.240.118.172' } as const;
const NOW = '2026-11-23T12:34:20.000Z';

/** As the service documents it. */
const DOCUMENT = {
  ipAddress: IP.value,
  isPublic: true,
  ipVersion: 4,
  isWhitelisted: false,
  abuseConfidenceScore: 87,
  countryCode: 'RU',
  usageType: 'Data Center/Web Hosting/Transit',
  isp: 'Example Bulletproof Hosting',
  domain: 'bulletproof.example',
  hostnames: [],
  isTor: false,
  totalReports: 132,
  numDistinctUsers: 41,
  lastReportedAt: '2026-11-21T07:46:20+00:00',
};

let simulator: Simulator;
before(async () => {
  simulator = await startSimulator({ now: () => new Date(NOW) });
});
afterEach(() => simulator.control({ mode: 'ok' }));
after(() => simulator.close());

const provider = (timeoutMs = 5000) => createAbuseIpDb({ apiKey: KEY, url: simulator.url, timeoutMs });
const lookup = (value: string) => provider().lookup({ type: 'ip', value }, context(NOW));

async function failure(promise: Promise<unknown>): Promise<ProviderError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ProviderError, `not a ProviderError: ${inspect(error)}`);
  assert.ok(!inspect(error, { depth: 9 }).includes(KEY), 'the key stands in the error');
  return error;
}

test('an address: facts, summary, the exact bytes, and what was asked', async () => {
  const answer = await lookup(IP.value);
  assert.ok(answer.state === 'ok');
  assert.deepEqual(answer.facts, {
    confidence: 87,
    reports: 132,
    reporters: 41,
    lastReportedAt: '2026-11-21T07:46:20.000Z',
    whitelisted: false,
    tor: false,
    countryCode: 'RU',
    usage: 'Data Center/Web Hosting/Transit',
    isp: 'Example Bulletproof Hosting',
    domain: 'bulletproof.example',
    simulated: true,
  });
  assert.equal(answer.summary, 'confidence 87 of 100 from 132 reports by 41 reporters, last on 2026-11-21 (simulated)');
  assert.ok(answer.raw?.body.includes('"isp":"Example Bulletproof Hosting"'));
  const { path } = simulator.requests().at(-1) ?? {};
  assert.equal(path, `/api/v2/check?ipAddress=${IP.value}&maxAgeInDays=90`);
});

test('an address nobody reported is answered, and says so', async () => {
  for (const value of ['81.2.69.142', '2a00:1450:4001:81b::200e']) {
    const answer = await lookup(value);
    assert.ok(answer.state === 'ok', value);
    assert.equal(answer.summary, 'not reported in 90 days, which says nothing (simulated)');
    assert.deepEqual([answer.facts.reports, answer.facts.confidence], [0, 0]);
  }
});

test('an address that is not public has nothing to ask', async () => {
  assert.equal((await lookup('192.168.1.1')).state, 'not_applicable');
});

test('each kind of trouble has its name', async () => {
  for (const [mode, kind, retryable] of [
    ['401', 'unauthorized', false],
    ['403', 'forbidden', false],
    ['404', 'unavailable', true],
    ['500', 'unavailable', true],
    ['502_html', 'unavailable', true],
    ['garbage', 'invalid_response', true],
    ['empty', 'invalid_response', true],
  ] as const) {
    simulator.control({ mode, provider: 'abuseipdb' });
    const error = await failure(lookup(IP.value));
    assert.deepEqual([mode, error.kind, error.retryable], [mode, kind, retryable]);
    assert.ok(error.raw);
  }
  simulator.control({ mode: 'ok' });
  const nonsense = await failure(lookup('1.1.1.'));
  assert.deepEqual([nonsense.kind, nonsense.httpStatus], ['bad_request', 422]);
  assert.match(nonsense.message, /must be a valid IPv4 or IPv6 address/);
  simulator.control({ mode: 'hang', times: 1 });
  assert.equal((await failure(provider(50).lookup(IP, context(NOW)))).kind, 'timeout');
});

test('another shape, a number out of range, another address: an error, never clean', async (t) => {
  const broken: unknown[] = [
    { data: [] },
    { data: null },
    { errors: [] },
    ...[
      { abuseConfidenceScore: null },
      { abuseConfidenceScore: '87' },
      { abuseConfidenceScore: 101 },
      { abuseConfidenceScore: -1 },
      { totalReports: undefined },
      { totalReports: 1.5 },
      { isWhitelisted: 'yes' },
      { isTor: 1 },
      { lastReportedAt: 'yesterday' },
      { ipAddress: '192.0.2.1' },
      { ipAddress: undefined },
    ].map((change) => ({ data: { ...DOCUMENT, ...change } })),
  ];
  for (const document of broken) {
    const { url } = await serve(t, (response) => response.end(JSON.stringify(document)));
    const error = await failure(createAbuseIpDb({ apiKey: KEY, url }).lookup(IP, context(NOW)));
    assert.deepEqual([error.kind, error.retryable], ['invalid_response', true], JSON.stringify(document));
  }
});

test('what may be missing, or new, or spelt otherwise, is taken as it is', async (t) => {
  const changes = [
    { isWhitelisted: null, lastReportedAt: null, numDistinctUsers: undefined, isTor: undefined, isp: 7, domain: '' },
    { somethingNew: {}, hostnames: null },
    { ipAddress: '2a00:1450:4001:081b:0000:0000:0000:200e' },
  ];
  for (const change of changes) {
    const { url } = await serve(t, (response) => response.end(JSON.stringify({ data: { ...DOCUMENT, ...change } })));
    const value = 'ipAddress' in change ? '2a00:1450:4001:81b::200e' : IP.value;
    const answer = await createAbuseIpDb({ apiKey: KEY, url }).lookup({ type: 'ip', value }, context(NOW));
    assert.ok(answer.state === 'ok', JSON.stringify(change));
    assert.equal(answer.facts.simulated, false);
  }
});

test('429 waits as Retry-After says, else until the reset, else nobody knows', async (t) => {
  const body = JSON.stringify({ errors: [{ detail: 'Daily rate limit of 1000 requests exceeded', status: 429 }] });
  const reset = String(Date.parse('2026-11-24T00:00:00Z') / 1000);
  const cases = [
    [{ 'retry-after': '29241', 'x-ratelimit-remaining': '0' }, '2026-11-23T20:41:41.000Z'],
    [{ 'x-ratelimit-reset': reset, 'x-ratelimit-remaining': '0' }, '2026-11-24T00:00:00.000Z'],
    [{ 'x-ratelimit-reset': '0' }, undefined],
    [{}, undefined],
  ] as const;
  for (const [headers, until] of cases) {
    const { url } = await serve(t, (response) => response.writeHead(429, { ...headers }).end(body));
    const answer = await createAbuseIpDb({ apiKey: KEY, url }).lookup(IP, context(NOW));
    assert.ok(answer.state === 'waiting');
    assert.equal(answer.until?.toISOString(), until, JSON.stringify(headers));
    assert.match(answer.summary, /Daily rate limit of 1000 requests exceeded/);
    assert.equal(answer.told?.left, 'x-ratelimit-remaining' in headers ? 0 : undefined);
  }
});

test('every answer tells what is left of the day', async (t) => {
  const { url } = await serve(t, (response) =>
    response
      .writeHead(200, { 'x-ratelimit-limit': '1000', 'x-ratelimit-remaining': '998' })
      .end(JSON.stringify({ data: DOCUMENT })),
  );
  const { told } = await createAbuseIpDb({ apiKey: KEY, url }).lookup(IP, context(NOW));
  assert.deepEqual(told, { left: 998, until: new Date('2026-11-24T00:00:00.000Z') });
});

test('the key reaches AbuseIPDB and nothing else, and no redirect is followed', async (t) => {
  const other = await serve(t, (response) => response.end());
  const { url, seen } = await serve(t, (response, { headers }) =>
    response.writeHead(302, { location: other.url }).end(`debug page: ${JSON.stringify(headers)}`),
  );
  const error = await failure(createAbuseIpDb({ apiKey: KEY, url: `${url}/api/v2/` }).lookup(IP, context(NOW)));
  assert.equal(seen[0]?.headers.key, KEY);
  assert.ok(seen[0]?.path.startsWith('/api/v2/check?'));
  assert.match(error.raw?.body.toString() ?? '', /\[key removed\]/);
  assert.equal(other.seen.length, 0);
  const unsendable = await failure(createAbuseIpDb({ apiKey: `${KEY}\nx`, url }).lookup(IP, context(NOW)));
  assert.deepEqual([unsendable.kind, seen.length], ['unauthorized', 1]);
});

test('it is set up by its variables, and without a key not at all', () => {
  const made = (variables: Record<string, string>) => {
    const given = { DATABASE_URL: 'mysql://soar:secret@127.0.0.1/soar', ...variables };
    const { settings } = parseEnv(given, abuseIpDb.variables);
    return abuseIpDb.create(settings, { store: { iocs: { lookup: () => Promise.resolve([]) } }, simulated: false });
  };
  const bare = made({});
  assert.deepEqual([bare.name, bare.where, bare.looksUp], ['abuseipdb', 'outside', ['ip']]);
  assert.deepEqual([bare.configured, bare.setting, bare.credential], [false, 'ABUSEIPDB_API_KEY', undefined]);
  assert.deepEqual(bare.limits, [{ name: 'day', requests: 1000, calendar: 'day' }]);
  const keyed = made({ ABUSEIPDB_API_KEY: KEY, ABUSEIPDB_PER_DAY: '0' });
  assert.deepEqual([keyed.configured, keyed.limits], [true, []]);
  assert.match(keyed.credential ?? '', /^[0-9a-f]{16}$/);
  assert.throws(
    () => made({ ABUSEIPDB_URL: 'nowhere', ABUSEIPDB_PER_DAY: 'many' }),
    /ABUSEIPDB_URL[^]*ABUSEIPDB_PER_DAY/,
  );
});
