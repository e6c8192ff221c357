import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ABUSEIPDB_POLICY } from '../../../activities/providers/abuseipdb/policy';
import type { AbuseIpDbFacts } from '../../../activities/providers/abuseipdb/schema';
import { readAbuseIpDb, summaryOf } from '../../../activities/providers/abuseipdb/signals';
import { DEFAULT_POLICY } from '../../../domain/policy';
import type { Reading } from '../../../domain/enrichment';

const REPORTED: AbuseIpDbFacts = {
  confidence: 87,
  reports: 132,
  reporters: 41,
  lastReportedAt: '2026-11-21T07:46:20.000Z',
  whitelisted: false,
  tor: false,
  countryCode: 'RU',
  usage: null,
  isp: null,
  domain: null,
  simulated: false,
};
const context = {
  observable: 'ip:192.0.2.1',
  evidence: '1/abuseipdb',
  policy: DEFAULT_POLICY,
  own: ABUSEIPDB_POLICY,
  now: '2026-11-23T12:00:00Z',
} as const;
const read = (change: Partial<AbuseIpDbFacts>) => readAbuseIpDb({ ...REPORTED, ...change }, context);

/** Without what the observable is. */
function opinionOf({ about: _about, ...opinion }: Reading): Reading {
  return opinion;
}

test('reports are told by confidence, number, reporters and age', () => {
  assert.deepEqual(read({}).signals, [
    {
      source: 'abuseipdb',
      name: 'abuse_reports',
      level: 'medium',
      points: 40,
      reliability: 'C',
      evidence: '1/abuseipdb',
      observable: 'ip:192.0.2.1',
      numbers: { confidence: 87, reports: 132, band_from: 75 },
      sentence: 'confidence 87 of 100 from 132 reports by 41 reporters, last 2 days ago; 75 makes it medium',
    },
  ]);
  const sentence = (change: Partial<AbuseIpDbFacts>) => read(change).signals[0]?.sentence;
  assert.match(sentence({ reports: 1, reporters: 1 }) ?? '', /from 1 report by 1 reporter, last/);
  assert.match(sentence({ lastReportedAt: '2026-11-23T11:00:00.000Z' }) ?? '', /, last today;/);
  assert.match(sentence({ lastReportedAt: '2026-11-22T11:00:00.000Z' }) ?? '', /, last yesterday;/);
  assert.match(sentence({ lastReportedAt: null, reporters: null }) ?? '', /from 132 reports; 75/);
  assert.match(sentence({ simulated: true }) ?? '', /\(simulated\)$/);
});

test('the confidence picks one band', () => {
  const points = (confidence: number) => read({ confidence }).signals.map((signal) => signal.points);
  assert.deepEqual([0, 24, 25, 49, 50, 74, 75, 89, 90, 100].map(points), [
    [],
    [],
    [10],
    [10],
    [25],
    [25],
    [40],
    [40],
    [50],
    [50],
  ]);
});

test('the numbers are those of the policy that the round pins', () => {
  const own = { reliability: 'F', bands: [{ from: 10, points: 100 }], tor_points: 0 } as const;
  const { signals } = readAbuseIpDb({ ...REPORTED, confidence: 10, tor: true }, { ...context, own });
  assert.deepEqual(
    signals.map(({ points, reliability, level }) => [points, reliability, level]),
    [[100, 'F', 'medium']],
  );
});

test('a Tor exit says a little by itself', () => {
  const { signals } = read({ confidence: 0, reports: 0, tor: true });
  assert.deepEqual(
    signals.map(({ name, points, level, sentence }) => [name, points, level, sentence]),
    [['tor_exit', 10, 'low', 'The address is a Tor exit']],
  );
});

test('whom AbuseIPDB trusts gets no points, and is not clean either', () => {
  assert.deepEqual(opinionOf(read({ whitelisted: true, tor: true, confidence: 100 })), { signals: [] });
});

test('nothing reported is no signal, and never clean', () => {
  assert.deepEqual(opinionOf(read({ confidence: 0, reports: 0, reporters: 0, lastReportedAt: null })), { signals: [] });
});

test('the summary has no clock in it: it is read on other days too', () => {
  assert.equal(
    summaryOf({ ...REPORTED, whitelisted: true, tor: true }),
    'confidence 87 of 100 from 132 reports by 41 reporters, last on 2026-11-21, whitelisted, Tor exit',
  );
});
