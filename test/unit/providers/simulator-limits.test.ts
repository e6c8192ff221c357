import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { createAbuseIpDb } from '../../../activities/providers/abuseipdb';
import { createGeoIp } from '../../../activities/providers/geoip';
import { createVirusTotal } from '../../../activities/providers/virustotal';
import { createLimits, REAL_LIMITS } from '../../../stack/simulator/limits';
import { startSimulator, type Limits, type Simulator } from '../../../stack/simulator/server';
import { until } from '../../support/until';
import { context } from './serve';

const IP = { type: 'ip', value: '185.220.101.1' } as const;
const HOUR_MS = 3_600_000;

async function simulated(t: TestContext, limits?: Limits): Promise<Simulator> {
  const simulator = await startSimulator(limits ? { limits } : {});
  t.after(() => simulator.close());
  return simulator;
}

function post(simulator: Simulator, path: string, body: unknown): Promise<Response> {
  return fetch(`${simulator.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
}

/** A keeper whose clock the test moves. */
function keeper(limits: Limits, start = Date.parse('2026-11-23T12:00:00Z')) {
  let now = start;
  const limit = createLimits(limits, () => now);
  const take = (provider: 'virustotal' | 'geoip' | 'abuseipdb') => limit.take(provider).over ?? 'ok';
  return { limit, take, at: (ms: number) => (now = start + ms) };
}

test('VirusTotal counts in any window of that length', () => {
  const { take, at, limit } = keeper({ virustotal: { perWindow: 2, windowMs: 1000 } });
  assert.equal(take('virustotal'), 'ok');
  at(900);
  assert.deepEqual([take('virustotal'), take('virustotal'), take('geoip')], ['ok', 'window', 'ok']);
  at(999);
  assert.equal(take('virustotal'), 'window');
  // Refused ones do not count: the first of the two has left the window, the second not yet.
  at(1000);
  assert.deepEqual([take('virustotal'), take('virustotal')], ['ok', 'window']);
  at(1900);
  assert.equal(take('virustotal'), 'ok');
  assert.deepEqual(limit.refused, { virustotal: 3 });
});

test("ip-api.com's window begins with its first request and is told with every answer", () => {
  const { limit, at } = keeper({ geoip: { perWindow: 3 } });
  assert.deepEqual(limit.take('geoip').tightest, { limit: 3, left: 2, endsInMs: 60_000 });
  at(45_500);
  assert.deepEqual(limit.take('geoip').tightest, { limit: 3, left: 1, endsInMs: 14_500 });
  limit.take('geoip');
  assert.deepEqual(limit.take('geoip'), { over: 'window', tightest: { limit: 3, left: 0, endsInMs: 14_500 } });
  at(60_000);
  assert.deepEqual(limit.take('geoip'), { over: undefined, tightest: { limit: 3, left: 2, endsInMs: 60_000 } });
});

test('day and month are those of UTC', () => {
  const { take, at, limit } = keeper({ virustotal: { perDay: 2, perMonth: 5 } }, Date.parse('2026-11-29T23:30:00Z'));
  const three = () => [take('virustotal'), take('virustotal'), take('virustotal')];
  assert.deepEqual(three(), ['ok', 'ok', 'day']);
  at(HOUR_MS);
  assert.deepEqual(three(), ['ok', 'ok', 'day']);
  assert.equal(limit.take('virustotal').tightest?.endsInMs, 23.5 * HOUR_MS);
  at(25 * HOUR_MS);
  assert.deepEqual(three(), ['ok', 'ok', 'day']);
  const { take: more, at: later } = keeper({ virustotal: { perMonth: 1 } }, Date.parse('2026-01-30T12:00:00Z'));
  assert.deepEqual([more('virustotal'), more('virustotal')], ['ok', 'month']);
  later(48 * HOUR_MS);
  assert.equal(more('virustotal'), 'ok');
});

test('the real limits are the free plans of the services', () => {
  const { limit, take } = keeper(REAL_LIMITS);
  assert.deepEqual(
    Array.from({ length: 5 }, () => take('virustotal')),
    ['ok', 'ok', 'ok', 'ok', 'window'],
  );
  for (let asked = 0; asked < 45; asked += 1) assert.equal(take('geoip'), 'ok');
  assert.equal(take('geoip'), 'window');
  for (let asked = 0; asked < 1000; asked += 1) assert.equal(take('abuseipdb'), 'ok');
  assert.equal(take('abuseipdb'), 'day');
  assert.equal(limit.limits.virustotal?.perMonth, 15_500);
});

test('over the limit VirusTotal refuses in its own words, and the client waits without knowing until when', async (t) => {
  const simulator = await simulated(t, { virustotal: { perWindow: 1, windowMs: HOUR_MS } });
  const provider = createVirusTotal({ apiKey: 'any', url: simulator.url });
  assert.equal((await provider.lookup(IP, context())).state, 'ok');
  const refused = await provider.lookup(IP, context());
  assert.ok(refused.state === 'waiting');
  assert.equal(refused.until, null);
  assert.match(refused.summary, /QuotaExceededError/);
  assert.deepEqual(
    simulator.requests().map(({ status, over }) => [status, over]),
    [
      [200, undefined],
      [429, 'window'],
    ],
  );
});

test('ip-api.com tells what is left, and refuses with an empty body', async (t) => {
  const simulator = await simulated(t, { geoip: { perWindow: 2, windowMs: HOUR_MS } });
  const provider = createGeoIp({ url: simulator.url });
  const asked = async () => provider.lookup(IP, context(new Date().toISOString()));
  const answers = [await asked(), await asked(), await asked()];
  assert.deepEqual(
    answers.map(({ state, told }) => [state, told?.left]),
    [
      ['ok', 1],
      ['ok', 0],
      ['waiting', 0],
    ],
  );
  const [ends = 0] = answers.map(({ told }) => told?.until.getTime());
  assert.ok(ends > Date.now() && ends <= Date.now() + HOUR_MS + 1000);
  assert.equal(answers[2]?.raw?.body.length, 0);
});

test('AbuseIPDB counts down the day, and refuses with the moment of the reset', async (t) => {
  const simulator = await simulated(t, { abuseipdb: { perDay: 1 } });
  const check = () =>
    fetch(`${simulator.url}/api/v2/check?ipAddress=185.220.101.1&maxAgeInDays=90`, { headers: { key: 'any' } });
  const first = await check();
  assert.deepEqual([first.status, first.headers.get('x-ratelimit-remaining')], [200, '0']);
  const second = await check();
  assert.equal(second.status, 429);
  assert.deepEqual(
    ['x-ratelimit-limit', 'x-ratelimit-remaining'].map((name) => second.headers.get(name)),
    ['1', '0'],
  );
  assert.equal(Number(second.headers.get('x-ratelimit-reset')) % 86_400, 0);
  assert.ok(Number(second.headers.get('retry-after')) > 0);
  const { errors } = (await second.json()) as { errors: { detail: string; status: number }[] };
  assert.equal(errors[0]?.status, 429);
  const refused = await createAbuseIpDb({ apiKey: 'any', url: simulator.url }).lookup(IP, context());
  assert.equal(refused.state, 'waiting');
});

test('limits are ordered, shown and lifted over HTTP, while it runs', async (t) => {
  const simulator = await simulated(t);
  const state = async () => (await createGeoIp({ url: simulator.url }).lookup(IP, context())).state;
  assert.deepEqual([await state(), await state()], ['ok', 'ok']);
  const order = { geoip: { perWindow: 1, windowMs: HOUR_MS } };
  assert.equal((await post(simulator, '/_control/limits', order)).status, 200);
  assert.deepEqual([await state(), await state(), await state()], ['ok', 'waiting', 'waiting']);
  const shown: unknown = await (await fetch(`${simulator.url}/_control/limits`)).json();
  assert.deepEqual(shown, { limits: order, refused: { geoip: 2 } });
  for (const bad of [{ geoip: { perWindow: 0 } }, { shodan: {} }, { geoip: { perMinute: 4 } }, 7]) {
    assert.equal((await post(simulator, '/_control/limits', bad)).status, 422, JSON.stringify(bad));
  }
  assert.equal(await state(), 'waiting');
  simulator.limit({});
  assert.equal(await state(), 'ok');
});

test('a window of the services can be made short, and passes', async (t) => {
  const simulator = await simulated(t, { virustotal: { perWindow: 1, windowMs: 50 } });
  const provider = createVirusTotal({ apiKey: 'any', url: simulator.url });
  assert.equal((await provider.lookup(IP, context())).state, 'ok');
  await until('the window to pass', async () =>
    (await provider.lookup(IP, context())).state === 'ok' ? true : undefined,
  );
});

test('requests in trouble count as any other, hanging ones too', async (t) => {
  const simulator = await simulated(t, { virustotal: { perWindow: 2, windowMs: HOUR_MS } });
  const provider = createVirusTotal({ apiKey: 'any', url: simulator.url, timeoutMs: 50 });
  simulator.control({ mode: '500', times: 1 });
  await assert.rejects(provider.lookup(IP, context()));
  simulator.control({ mode: 'hang', times: 1 });
  await assert.rejects(provider.lookup(IP, context()));
  assert.equal((await provider.lookup(IP, context())).state, 'waiting');
});

test('thousands of requests are listed, and can be forgotten', async (t) => {
  const simulator = await simulated(t);
  const batch = 100;
  for (let asked = 0; asked < 3000; asked += batch) {
    const answers = Array.from({ length: batch }, () => fetch(`${simulator.url}/json/8.8.8.8`));
    for (const answer of await Promise.all(answers)) await answer.body?.cancel();
  }
  const list = async () => (await (await fetch(`${simulator.url}/_control/requests`)).json()) as unknown[];
  assert.equal((await list()).length, 3000);
  await fetch(`${simulator.url}/_control/requests`, { method: 'DELETE' });
  assert.deepEqual(await list(), []);
  await fetch(`${simulator.url}/json/8.8.8.8`);
  assert.equal(simulator.requests().length, 1);
  simulator.forget();
  assert.equal(simulator.requests().length, 0);
});

test('as a process it has the real limits where it is told to', async (t) => {
  const script = join(__dirname, '../../../stack/simulator/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, '0', '--limits'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGTERM'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const url = line.split(' ').at(-1);
  const shown = (await (await fetch(`${url}/_control/limits`)).json()) as { limits: Limits };
  assert.equal(shown.limits.virustotal?.perWindow, 4);
});
