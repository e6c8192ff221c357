import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decayedConfidence, iocStanding } from '../../../domain/ioc-decay';
import { DEFAULT_POLICY } from '../../../domain/policy';
import { NOW } from './cases';

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

  test('a sighting that has expired is not prolonged by another one', () => {
    const told = (confidence: number, expires_at: string | null) => ({ confidence, expires_at });
    const standing = (...sightings: ReturnType<typeof told>[]) => {
      const expiresAt = sightings.some(({ expires_at }) => expires_at === null) ? null : daysAgo(1);
      return iocStanding({ type: 'sha256', confidence: 90, lastSeen: NOW, expiresAt, sightings }, DEFAULT_POLICY, NOW);
    };
    assert.deepEqual(standing(told(90, daysAgo(1)), told(40, null)), { confidence: 40, state: 'active' });
    assert.deepEqual(standing(told(40, daysAgo(1)), told(90, null)), { confidence: 90, state: 'active' });
    assert.deepEqual(standing(told(90, daysAgo(1))), { confidence: 0, state: 'expired' });
    // facts that hold only some of the sightings
    assert.deepEqual(standing(told(40, daysAgo(1)), told(30, null)), { confidence: 90, state: 'active' });
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
