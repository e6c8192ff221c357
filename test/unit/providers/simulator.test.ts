import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, test } from 'node:test';
import { factsOf, parseObject } from '../../../activities/providers/virustotal/schema';
import { loadCatalogue } from '../../../stack/simulator/catalogue';
import { startSimulator, type Simulator } from '../../../stack/simulator/server';
import { documentOf, namesOf } from '../../../stack/simulator/virustotal-documents';

let simulator: Simulator;
before(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.control({ mode: 'ok' }));
after(() => simulator.close());

const get = (path: string, headers: Record<string, string> = { 'x-apikey': 'any' }) =>
  fetch(`${simulator.url}${path}`, { headers });

test('every document parses, and its engines add up to its stats', () => {
  const now = new Date();
  const { virustotal } = loadCatalogue();
  assert.ok(virustotal.length >= 35);
  for (const entry of virustotal) {
    const document = documentOf(entry, now);
    const object = parseObject(document);
    assert.ok(object, JSON.stringify(entry));
    const facts = factsOf(object, true);
    assert.deepEqual(
      [facts.malicious, facts.suspicious, facts.answered],
      [entry.malicious, entry.suspicious, entry.engines],
    );
    const { attributes } = (
      document as {
        data: { attributes: Record<'last_analysis_results' | 'last_analysis_stats', Record<string, unknown>> };
      }
    ).data;
    const counted: Record<string, number> = {};
    for (const { category } of Object.values(attributes.last_analysis_results) as { category: string }[]) {
      counted[category] = (counted[category] ?? 0) + 1;
    }
    for (const [category, count] of Object.entries(attributes.last_analysis_stats)) {
      assert.equal(counted[category] ?? 0, count, `${category} of ${JSON.stringify(entry)}`);
    }
  }
});

test('nothing is listed twice', () => {
  const names = loadCatalogue().virustotal.flatMap((entry) => namesOf(entry));
  assert.equal(new Set(names).size, names.length);
  const addresses = loadCatalogue().ipApi.entries.map(({ query }) => query);
  assert.equal(new Set(addresses).size, addresses.length);
});

test('every answer is marked, a missing key is refused, an unknown object is not found', async () => {
  const known = await get('/api/v3/ip_addresses/185.220.101.1');
  assert.deepEqual([known.status, known.headers.get('x-simulated')], [200, 'true']);
  const anonymous = await get('/api/v3/ip_addresses/185.220.101.1', {});
  assert.equal(anonymous.status, 401);
  assert.equal(((await anonymous.json()) as { error: { code: string } }).error.code, 'AuthenticationRequiredError');
  for (const path of [
    'ip_addresses/67.43.156.1',
    'domains/fresh-unknown-host.net',
    'domains/example.org',
    'users/me',
  ]) {
    const answer = await get(`/api/v3/${path}`);
    assert.deepEqual([answer.status, answer.headers.get('x-simulated')], [404, 'true'], path);
  }
});

test('ip-api.com says with every answer what is left', async () => {
  const answer = await get('/json/8.8.8.8?fields=status,query,as');
  assert.deepEqual(await answer.json(), { status: 'success', query: '8.8.8.8', as: 'AS15169 Google LLC' });
  assert.ok(answer.headers.get('x-rl') && answer.headers.get('x-ttl'));
});

test('faults are ordered by HTTP, for one provider and path, so many times', async () => {
  const order = (rule: unknown) => fetch(`${simulator.url}/_control`, { method: 'POST', body: JSON.stringify(rule) });
  assert.equal((await order({ provider: 'virustotal', path: '185.220', mode: '500', times: 2 })).status, 200);
  const status = async (path: string) => (await get(path)).status;
  assert.equal(await status('/api/v3/ip_addresses/185.220.101.1'), 503);
  assert.equal(await status('/api/v3/ip_addresses/8.8.8.8'), 200);
  assert.equal(await status('/json/185.220.101.1'), 200);
  assert.equal(await status('/api/v3/ip_addresses/185.220.101.1'), 503);
  assert.equal(await status('/api/v3/ip_addresses/185.220.101.1'), 200);
  assert.equal((await order({ mode: '502_html' })).status, 200);
  assert.equal(await status('/json/8.8.8.8'), 502);
  assert.equal((await order({ mode: 'ok' })).status, 200);
  assert.equal(await status('/json/8.8.8.8'), 200);
  for (const bad of [{ mode: 'explode' }, { mode: '500', tiems: 2 }, 7]) assert.equal((await order(bad)).status, 422);
  assert.throws(() => simulator.control({ mode: '500', times: 0 }));
});

test('what was asked can be counted, hanging requests too', async () => {
  const seen = simulator.requests().length;
  simulator.control({ mode: 'hang', times: 1 });
  const controller = new AbortController();
  const hanging = fetch(`${simulator.url}/json/1.1.1.1`, { signal: controller.signal });
  while (simulator.requests().length === seen) await new Promise(setImmediate);
  controller.abort();
  await assert.rejects(hanging);
  await get('/api/v3/domains/github.com');
  const log = (await (await fetch(`${simulator.url}/_control/requests`)).json()) as {
    path: string;
    status: number | null;
  }[];
  assert.deepEqual(
    log.slice(seen).map(({ path, status }) => [path, status]),
    [
      ['/json/1.1.1.1', null],
      ['/api/v3/domains/github.com', 200],
    ],
  );
});

test('as a process it says where it is, and goes when it is told to', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, '../../../stack/simulator/main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const url = /^simulator ready (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
  assert.ok(url, line);
  assert.equal((await fetch(`${url}/json/8.8.8.8`)).status, 200);
  child.kill('SIGTERM');
  assert.deepEqual(await exit, [0, null]);
});
