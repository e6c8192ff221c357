import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProviders, providerSettings } from '../../../activities/providers';
import { createIocs } from '../../../activities/providers/iocs';
import { IOCS_POLICY } from '../../../activities/providers/iocs/signals';
import { iocMatch } from '../../../db/ioc-match';
import type { IocVerdict } from '../../../db/ioc-views';
import type { IocMatch } from '../../../db/repositories/iocs';
import { toInstant } from '../../../db/time';
import type { ObservableId } from '../../../domain/observable';
import { DEFAULT_POLICY } from '../../../domain/policy';
import type { Reliability, Signal } from '../../../domain/signal';
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

/** A match as sources of several reliabilities tell it. */
function rated(...said: { confidence: number; reliability?: Reliability; expires_at?: string }[]): IocMatch {
  const sightings = said.map(({ expires_at, ...one }, index) => ({
    ...match({ sources: [`Feed ${index + 1}`] }).sightings[0]!,
    ...one,
    expires_at: expires_at ? toInstant(expires_at) : null,
  }));
  return iocMatch({ type: 'ip', value: '185.220.101.1', match: 'exact' }, sightings);
}

const worth = (signal: Signal | undefined) => signal && [signal.name, signal.points, signal.reliability];

test('a source that has a reliability of its own is believed by that, the others by the policy', () => {
  const cases: [Parameters<typeof rated>, unknown[]][] = [
    [[{ confidence: 90, reliability: 'A' }], ['ioc_match', 90, 'A']],
    [[{ confidence: 90, reliability: 'F' }], ['ioc_match', 90, 'F']],
    [
      [
        { confidence: 90, reliability: 'D' },
        { confidence: 90, reliability: 'A' },
      ],
      ['ioc_match', 90, 'A'],
    ],
    [
      [{ confidence: 90 }, { confidence: 60, reliability: 'D' }],
      ['ioc_match', 90, 'B'],
    ],
  ];
  for (const [said, expected] of cases) assert.deepEqual(worth(read([rated(...said)]).signals[0]), expected);
});

test('a reliable source lends its name to nothing that only an unreliable one is sure of', () => {
  const both = rated({ confidence: 100, reliability: 'F' }, { confidence: 40, reliability: 'A' });
  assert.deepEqual(worth(read([both]).signals[0]), ['ioc_match', 40, 'A']);
});

test('what a source no longer says does not count, whatever its reliability', () => {
  const over = rated(
    { confidence: 90, reliability: 'A', expires_at: daysAgo(1) },
    { confidence: 70, reliability: 'C' },
  );
  assert.deepEqual(worth(read([over]).signals[0]), ['ioc_match', 70, 'C']);
  const all = rated({ confidence: 90, reliability: 'A', expires_at: daysAgo(1) });
  assert.deepEqual(worth(read([all]).signals[0]), ['ioc_expired', 0, 'B']);
});

test('facts of before, without reliabilities and overrides, are read as they were', () => {
  const { override: _none, ...before } = rated({ confidence: 90, expires_at: daysAgo(1) }, { confidence: 50 });
  assert.deepEqual(worth(read([before]).signals[0]), ['ioc_match', 90, 'B']);
});

const by = (verdict: IocVerdict, change: Parameters<typeof match>[0] = {}): IocMatch =>
  match({ ...change, override: { verdict, reason: 'seen in INC-7', by: 'ann', at: toInstant(daysAgo(3)) } });

test('an analyst who confirms it is believed like nobody else, whatever age and sources say', () => {
  const signal = read([by('malicious', { lastSeen: toInstant(daysAgo(400)) })]).signals[0];
  assert.deepEqual(worth(signal), ['ioc_confirmed', 100, 'A']);
  assert.equal(signal?.level, 'critical');
  assert.equal(signal?.sentence, 'Confirmed malicious by ann 3 days ago (“seen in INC-7”); listed by Example feed');
  const alone = read([by('malicious', { sources: [] })]).signals[0];
  assert.equal(alone?.sentence, 'Confirmed malicious by ann 3 days ago (“seen in INC-7”)');
});

test('what an analyst has dismissed gives no points, but is told', () => {
  const signal = read([by('benign')]).signals[0];
  assert.deepEqual([...worth(signal)!, signal?.level], ['ioc_dismissed', 0, 'B', 'low']);
  assert.equal(
    signal?.sentence,
    'Dismissed as benign by ann 3 days ago (“seen in INC-7”), so it counts for nothing; listed by Example feed',
  );
});

test('what an analyst says of a value holds before what is said of its range, and not the other way round', () => {
  const range = { value: '185.220.101.0/24', match: 'cidr' } as const;
  const listedRange = match({ ...range, sources: ['Ranges'] });
  assert.deepEqual(worth(read([by('benign'), listedRange]).signals[0]), ['ioc_dismissed', 0, 'B']);
  assert.deepEqual(worth(read([by('benign'), by('malicious', range)]).signals[0]), ['ioc_dismissed', 0, 'B']);
  assert.deepEqual(worth(read([match(), by('benign', range)]).signals[0]), ['ioc_match', 90, 'B']);
  assert.deepEqual(worth(read([match(), by('malicious', range)]).signals[0]), ['ioc_confirmed', 100, 'A']);
});

test('the audit names the analyst and keeps all that was said', async () => {
  const found = by('malicious');
  const answer = await provider([found]).lookup({ type: 'ip', value: found.value }, context(NOW));
  assert.ok(answer.state === 'ok');
  assert.equal(answer.summary, 'listed by Example feed; confirmed malicious by ann');
  assert.deepEqual(JSON.parse(JSON.stringify(answer.facts)), { matches: [found] });
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
