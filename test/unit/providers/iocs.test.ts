import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProviders, providerSettings } from '../../../activities/providers';
import { createIocs } from '../../../activities/providers/iocs';
import { IOCS_POLICY } from '../../../activities/providers/iocs/signals';
import type { IocMatch } from '../../../db/repositories/iocs';
import type { ObservableId } from '../../../domain/observable';
import { DEFAULT_POLICY } from '../../../domain/policy';
import { context } from './serve';

const NOW = '2026-11-23T12:00:00.000Z';
const daysAgo = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString();

function match(given: Partial<IocMatch> & { sources?: string[] } = {}): IocMatch {
  const { sources = ['Example feed'], ...rest } = given;
  const lastSeen = given.lastSeen ?? daysAgo(0);
  const sightings = sources.map((source) => ({
    source,
    confidence: 90,
    first_seen: lastSeen,
    last_seen: lastSeen,
    expires_at: null,
    tlp: null,
    tags: [],
    reference: null,
  }));
  return {
    type: 'ip',
    value: '185.220.101.1',
    match: 'exact',
    confidence: 90,
    lastSeen,
    expiresAt: null,
    sightings,
    ...rest,
  };
}

const provider = (matches: IocMatch[]) => createIocs({ lookup: () => Promise.resolve(matches) });
const read = (matches: IocMatch[], observable: ObservableId = 'ip:185.220.101.1') =>
  provider([]).read(
    { matches },
    { observable, evidence: '1/iocs', policy: DEFAULT_POLICY, own: IOCS_POLICY, now: NOW },
  );

test('nothing found is not known', async () => {
  const answer = await provider([]).lookup({ type: 'ip', value: '192.0.2.1' }, context(NOW));
  assert.deepEqual(answer, { state: 'not_known', summary: 'not listed' });
});

test('it is asked about the observable itself; what age makes of the answer is left to the reading', async () => {
  const asked: unknown[] = [];
  const iocs = createIocs({ lookup: (ref) => Promise.resolve((asked.push(ref), [])) });
  await iocs.lookup({ type: 'domain', value: 'example.com' }, context(NOW));
  assert.deepEqual(asked, [{ type: 'domain', value: 'example.com' }]);
});

test('facts hold all that decay is computed from, and survive JSON', async () => {
  const found = match({ sources: ['Feed A', 'Feed B'] });
  const answer = await provider([found]).lookup({ type: 'ip', value: found.value }, context(NOW));
  assert.ok(answer.state === 'ok');
  assert.deepEqual(JSON.parse(JSON.stringify(answer.facts)), { matches: [found] });
  assert.equal(answer.summary, 'listed by Feed A, Feed B');
});

test('fresh entries count with their confidence, older ones decay', () => {
  const fresh = read([match()]).signals[0];
  assert.deepEqual(
    [fresh?.source, fresh?.name, fresh?.points, fresh?.reliability, fresh?.level],
    ['iocs', 'ioc_match', 90, 'B', 'critical'],
  );
  assert.equal(fresh?.sentence, 'Listed by Example feed, last seen today; confidence 90 of once 90');
  // 90 · (1 − (30/120)^(1/2)) = 45
  const older = read([match({ lastSeen: daysAgo(30) })]).signals[0];
  assert.equal(older?.points, 45);
  assert.equal(older?.sentence, 'Listed by Example feed, last seen 30 days ago; confidence 45 of once 90');
});

test('file hashes do not decay', () => {
  const value = 'a'.repeat(64);
  const old = match({ type: 'sha256', value, lastSeen: daysAgo(700) });
  assert.equal(read([old], `sha256:${value}`).signals[0]?.points, 90);
});

test('an expired entry gives no points, but is told', () => {
  for (const expired of [match({ lastSeen: daysAgo(100) }), match({ expiresAt: daysAgo(1) })]) {
    const signal = read([expired]).signals[0];
    assert.deepEqual([signal?.name, signal?.points, signal?.level], ['ioc_expired', 0, 'low']);
    assert.match(signal?.sentence ?? '', /^Listed by Example feed, .*expired/);
  }
});

test('the best of several matches counts, named by how it matched', () => {
  const range = match({ type: 'ip', value: '185.220.101.0/24', match: 'cidr', confidence: 70, sources: ['Ranges'] });
  const stale = match({ lastSeen: daysAgo(100), sources: ['Old list'] });
  const { signals } = read([stale, range]);
  assert.equal(signals.length, 1);
  assert.equal(
    signals[0]?.sentence,
    'Listed by Ranges with its range 185.220.101.0/24, last seen today; confidence 70 of once 70',
  );
  const parent = match({ type: 'domain', value: 'example.com', match: 'parent_domain' });
  assert.match(read([parent], 'domain:a.example.com').signals[0]?.sentence ?? '', /its parent domain example\.com/);
});

test('all providers, by name, place and observables', () => {
  const providers = createProviders(providerSettings({}), {
    store: { iocs: { lookup: () => Promise.resolve([]) } },
    simulated: false,
  });
  assert.deepEqual(
    providers.map(({ name, where }) => [name, where]),
    [
      ['iocs', 'inside'],
      ['virustotal', 'outside'],
      ['abuseipdb', 'outside'],
      ['geoip', 'outside'],
    ],
  );
});
