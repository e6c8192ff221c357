import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ANYBODYS_DOMAINS, GUARD_LISTS } from '../../../domain/guard-lists';
import { guardsFor } from '../../../domain/guards';
import { decayedConfidence } from '../../../domain/ioc-decay';
import { normaliseCidr, normaliseIp } from '../../../domain/network';
import { normaliseValue } from '../../../domain/normalise';
import type { Observable, ObservableFlag, ObservableType } from '../../../domain/observable';
import { DEFAULT_POLICY } from '../../../domain/policy';
import { NOW } from './cases';

function listsOf(type: ObservableType, value: string, flags: ObservableFlag[] = []): string[] {
  const observable: Observable = { type, value, roles: ['source'], flags };
  return guardsFor([observable], DEFAULT_POLICY).map(({ list, kind, cap }) => `${list} ${kind} ${cap}`);
}

describe('guards', () => {
  const cases: [ObservableType, string, string[]][] = [
    ['ip', '1.1.1.1', ['public-dns benign 15']],
    ['ip', '2001:4860:4860::8888', ['public-dns benign 15']],
    ['ip', '162.142.125.9', ['known-scanners benign 15']],
    ['ip', '104.16.132.229', ['cdn-ranges shared 60']],
    ['ip', '185.220.101.1', []],
    ['domain', 'google.com', ['top-domains benign 15']],
    ['domain', 'www.google.com', ['top-domains benign 15']],
    ['domain', 'evil.google.com', []],
    ['domain', 'google.com.evil.ru', []],
    ['domain', 'mcafee.com.evil.ru', []],
    ['domain', 'bit.ly', []],
    ['domain', 'evil.duckdns.org', []],
    ['domain', 'drive.google.com', ['shared-hosts shared 60']],
    ['url', 'https://google.com/x', []],
    ['sha256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', ['empty-hashes benign 15']],
    ['md5', '68b329da9893e34099c7d8ad5cb9c940', ['common-ioc-false-positive benign 15']],
  ];
  for (const [type, value, expected] of cases) {
    test(`${type}:${value}: ${expected.join(', ') || 'none'}`, () => assert.deepEqual(listsOf(type, value), expected));
  }

  test('internal observables are capped, and no evidence of clean', () => {
    assert.deepEqual(listsOf('ip', '10.0.0.1', ['private']), ['internal shared 60']);
    assert.deepEqual(listsOf('host', 'dc01', ['internal_name']), []);
  });

  test('lists hold only normalised entries, and no top domain is anybody’s', () => {
    for (const { ranges = [], domains = [], version } of GUARD_LISTS) {
      for (const range of ranges) assert.equal(normaliseIp(range) ?? normaliseCidr(range), range);
      for (const domain of domains) {
        assert.equal(normaliseValue('domain', domain), domain);
        assert.ok(!ANYBODYS_DOMAINS.includes(domain));
      }
      assert.notEqual(version, '');
    }
  });
});

describe('decay of IOCs', () => {
  const daysAgo = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString();
  const left = (type: string, days: number, tags: string[] = []) =>
    decayedConfidence({ type, confidence: 80, lastSeen: daysAgo(days), sightings: [{ tags }] }, DEFAULT_POLICY, NOW);

  test('follows the published half-lives and expiries', () => {
    assert.equal(left('ip', 0), 80);
    assert.equal(left('ip', 30), 40);
    assert.ok(left('ip', 46) >= 30);
    assert.equal(left('ip', 48), 0);
    assert.equal(left('url', 2, ['phishing']), 0);
    assert.ok(left('url', 2) > 60);
    assert.equal(left('sha256', 3000), 80);
  });

  test('ends at the own expiry', () => {
    const ioc = { type: 'sha256', confidence: 90, lastSeen: daysAgo(1), expiresAt: daysAgo(0.5) };
    assert.equal(decayedConfidence(ioc, DEFAULT_POLICY, NOW), 0);
  });

  test('never grows with age, nor beyond what it was', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.integer({ min: 0, max: 100 }), (a, b, confidence) => {
        const at = (days: number) =>
          decayedConfidence({ type: 'domain', confidence, lastSeen: daysAgo(days) }, DEFAULT_POLICY, NOW);
        assert.ok(at(Math.max(a, b)) <= at(Math.min(a, b)) && at(0) <= confidence);
      }),
    );
  });
});
