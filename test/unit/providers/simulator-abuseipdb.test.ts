import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { factsOf, parseReport } from '../../../activities/providers/abuseipdb/schema';
import { loadCatalogue } from '../../../stack/simulator/catalogue';
import { startSimulator, type Simulator } from '../../../stack/simulator/server';

const NOW = '2026-11-23T12:00:00.000Z';

let simulator: Simulator;
before(async () => {
  simulator = await startSimulator({ now: () => new Date(NOW) });
});
after(() => simulator.close());

const check = (query: string, headers: Record<string, string> = { key: 'any' }) =>
  fetch(`${simulator.url}/api/v2/check?${query}`, { headers });

test('every entry is answered as it is listed, marked, and once only', async () => {
  const { abuseIpDb } = loadCatalogue();
  assert.equal(new Set(abuseIpDb.map(({ ip }) => ip)).size, abuseIpDb.length);
  for (const entry of abuseIpDb) {
    const answer = await check(`ipAddress=${entry.ip}&maxAgeInDays=90`);
    assert.deepEqual([answer.status, answer.headers.get('x-simulated')], [200, 'true']);
    const report = parseReport(await answer.json());
    assert.ok(report, entry.ip);
    const facts = factsOf(report, true);
    assert.deepEqual(
      [facts.confidence, facts.reports, facts.reporters, facts.tor, facts.whitelisted],
      [entry.confidence, entry.reports, entry.reporters, entry.tor, entry.whitelisted],
      entry.ip,
    );
    assert.ok(facts.lastReportedAt && facts.lastReportedAt <= NOW);
  }
});

test('other addresses have no reports, nor have those reported longer ago than asked', async () => {
  const bare = (await (await check('ipAddress=89.160.20.112')).json()) as { data: Record<string, unknown> };
  assert.deepEqual(
    ['isPublic', 'abuseConfidenceScore', 'totalReports', 'lastReportedAt'].map((name) => bare.data[name]),
    [true, 0, 0, null],
  );
  const { data } = (await (await check('ipAddress=103.75.201.4&maxAgeInDays=5')).json()) as typeof bare;
  assert.deepEqual([data.abuseConfidenceScore, data.totalReports], [0, 0]);
  const inner = (await (await check('ipAddress=10.0.0.1')).json()) as typeof bare;
  assert.equal(inner.data.isPublic, false);
});

test('a missing key is refused, and what is no address or age', async () => {
  const anonymous = await check('ipAddress=8.8.8.8', {});
  const { errors } = (await anonymous.json()) as { errors: { detail: string; status: number }[] };
  assert.deepEqual([anonymous.status, errors[0]?.status], [401, 401]);
  for (const query of ['ipAddress=example.org', '', 'ipAddress=8.8.8.8&maxAgeInDays=400']) {
    assert.equal((await check(query)).status, 422, query);
  }
});
