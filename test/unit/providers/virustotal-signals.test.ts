import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VirusTotalFacts } from '../../../activities/providers/virustotal/schema';
import { VIRUSTOTAL_POLICY } from '../../../activities/providers/virustotal/policy';
import { readVirusTotal, summaryOf } from '../../../activities/providers/virustotal/signals';
import type { ObservableId } from '../../../domain/observable';
import { DEFAULT_POLICY } from '../../../domain/policy';
import type { Reading } from '../../../domain/enrichment';

const NOW = '2026-11-23T12:00:00.000Z';
const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.parse(NOW) - days * DAY_MS).toISOString();

function facts(given: Partial<VirusTotalFacts>): VirusTotalFacts {
  return {
    malicious: 0,
    suspicious: 0,
    answered: 91,
    total: 91,
    reputation: 0,
    analysedAt: daysAgo(1),
    modifiedAt: daysAgo(1),
    asn: null,
    asOwner: null,
    country: null,
    names: [],
    family: null,
    threatLabel: null,
    createdAt: null,
    tags: [],
    simulated: false,
    ...given,
  };
}

const read = (given: Partial<VirusTotalFacts>, observable: ObservableId = 'ip:185.220.101.1') =>
  readVirusTotal(facts(given), {
    observable,
    evidence: '1/virustotal',
    policy: DEFAULT_POLICY,
    own: VIRUSTOTAL_POLICY,
    now: NOW,
  });

/** Without what the observable is. */
function opinionOf({ about: _about, ...opinion }: Reading): Reading {
  return opinion;
}

test('the bands of addresses, domains and URLs, at each boundary', () => {
  for (const [malicious, suspicious, points] of [
    [0, 1, 10],
    [1, 0, 10],
    [2, 1, 10],
    [3, 0, 25],
    [2, 2, 25],
    [4, 1, 25],
    [5, 0, 45],
    [9, 1, 45],
    [10, 0, 65],
    [9, 2, 65],
    [91, 0, 65],
  ] as const) {
    for (const id of ['ip:192.0.2.1', 'domain:example.com', 'url:https://example.com/'] as const) {
      assert.equal(read({ malicious, suspicious }, id).signals[0]?.points, points, `${malicious}+${suspicious} ${id}`);
    }
  }
});

test('the bands of files, at each boundary', () => {
  for (const [malicious, suspicious, points] of [
    [0, 1, 5],
    [1, 1, 5],
    [2, 0, 15],
    [4, 1, 15],
    [5, 0, 35],
    [9, 1, 35],
    [10, 0, 60],
    [19, 1, 60],
    [20, 0, 75],
    [58, 0, 75],
  ] as const) {
    for (const id of [`sha256:${'0'.repeat(64)}`, `md5:${'0'.repeat(32)}`, `sha1:${'0'.repeat(40)}`] as const) {
      assert.equal(read({ malicious, suspicious }, id).signals[0]?.points, points, `${malicious}+${suspicious} ${id}`);
    }
  }
});

test('the sentence names count, answered engines, and what makes the level', () => {
  const signal = read({ malicious: 12, total: 95 }).signals[0];
  assert.deepEqual(signal, {
    source: 'virustotal',
    name: 'engines_malicious',
    level: 'high',
    points: 65,
    reliability: 'A',
    evidence: '1/virustotal',
    observable: 'ip:185.220.101.1',
    numbers: { malicious: 12, suspicious: 0, answered: 91, band_from: 10 },
    sentence: '12 of 91 engines call it malicious; 10 make it high',
  });
  assert.equal(
    read({ malicious: 9, suspicious: 2, answered: 94 }).signals[0]?.sentence,
    '9 of 94 engines call it malicious, 2 suspicious; 10 make it high',
  );
  assert.equal(read({ malicious: 1 }).signals[0]?.sentence, '1 of 91 engines call it malicious; 1 makes it low');
});

test('a stale analysis counts half, and says so; on the day itself it is not stale', () => {
  assert.equal(read({ malicious: 12, analysedAt: daysAgo(90) }).signals[0]?.points, 65);
  const stale = read({ malicious: 12, analysedAt: daysAgo(91) }).signals[0];
  assert.deepEqual([stale?.points, stale?.level], [32.5, 'medium']);
  assert.match(stale?.sentence ?? '', /10 make it high; the analysis is 91 days old/);
});

test('an undated analysis is as old as the last change at least', () => {
  assert.equal(read({ malicious: 12, analysedAt: null, modifiedAt: daysAgo(400) }).signals[0]?.points, 32.5);
  assert.equal(read({ malicious: 12, analysedAt: null, modifiedAt: null }).signals[0]?.points, 65);
});

test('clean needs engines that answered of late and none that objects', () => {
  assert.equal(read({}).clean, '0 of 91 engines object');
  assert.deepEqual(read({}).signals, []);
  assert.equal(read({ answered: 1 }).clean, '0 of 1 engines object');
  assert.equal(read({ analysedAt: daysAgo(90) }).clean, '0 of 91 engines object');
  for (const given of [
    { answered: 0, total: 0 },
    { answered: 0, total: 73 },
    { analysedAt: daysAgo(91) },
    { analysedAt: null, modifiedAt: null },
    { suspicious: 1 },
    { malicious: 1 },
  ]) {
    assert.equal(read(given).clean, undefined, JSON.stringify(given));
  }
});

test('no analysis is no signal either', () => {
  assert.deepEqual(opinionOf(read({ answered: 0, total: 0, reputation: -80 })), { signals: [] });
  assert.equal(summaryOf(facts({ answered: 0, total: 0 })), 'known, but without an analysis');
});

test('what a simulator said is marked in every sentence', () => {
  assert.match(read({ malicious: 3, simulated: true }).signals[0]?.sentence ?? '', / \(simulated\)$/);
  assert.match(read({ simulated: true }).clean ?? '', / \(simulated\)$/);
  assert.match(summaryOf(facts({ simulated: true })), / \(simulated\)$/);
});

test('facts that went through JSON read the same', () => {
  const before = facts({ malicious: 7, analysedAt: daysAgo(100) });
  const context = {
    observable: 'ip:192.0.2.1',
    evidence: 'x',
    policy: DEFAULT_POLICY,
    own: VIRUSTOTAL_POLICY,
    now: NOW,
  } as const;
  assert.deepEqual(
    readVirusTotal(JSON.parse(JSON.stringify(before)) as VirusTotalFacts, context),
    readVirusTotal(before, context),
  );
});
