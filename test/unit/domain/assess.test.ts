import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../../domain/decide';
import { PLAYBOOKS } from '../../../domain/playbooks';
import { DEFAULT_POLICY } from '../../../domain/policy';
import type { Alert } from '../../../domain/alert';
import { accuse, answer, caseOf, judge, noIocs, SITE, type Answered } from './cases';

const ATTACKER = 'ip:185.220.101.1';
const attack: Partial<Alert> = { src_ip: '185.220.101.1', dest_ip: '10.0.0.5', failed_attempts: 5 };
const facts = caseOf(attack);
const clean = answer('virustotal', ATTACKER, { signals: [], clean: '0 of 91 engines object' });

describe('a verdict', () => {
  test('combines sources by noisy-or of weighted points, engines of one source not', () => {
    const readings = [
      accuse('a', ATTACKER, 50),
      accuse('a', ATTACKER, 40, { name: 'other' }),
      accuse('b', ATTACKER, 50, { reliability: 'D' }),
    ];
    assert.equal(judge('brute_force', facts, readings).score, 65);
  });

  test('is malicious from 70, suspicious from 30', () => {
    const at = (points: number) => judge('brute_force', facts, [accuse('a', ATTACKER, points)]).verdict;
    assert.deepEqual([29, 30, 69, 70].map(at), ['unknown', 'suspicious', 'suspicious', 'malicious']);
  });

  test('is benign when every required source answered and the main observable is shown clean', () => {
    const { verdict, complete, missing, explanation } = judge('brute_force', facts, [
      ...noIocs('brute_force', facts),
      clean,
    ]);
    assert.equal(verdict, 'benign');
    assert.ok(complete);
    assert.deepEqual(missing, []);
    assert.equal(explanation, 'Benign, 0 of 100: VirusTotal: 0 of 91 engines object; nothing speaks for harm.');
  });

  const states: [Parameters<typeof answer>[2] & object, string, boolean][] = [
    [{ state: 'not_known', signals: [] }, 'unknown', true],
    [{ state: 'not_configured', signals: [] }, 'unknown', true],
    [{ state: 'failed', signals: [] }, 'unknown', false],
    [{ state: 'waiting', until: '2026-11-24T00:00:00Z', signals: [] }, 'unknown', false],
  ];
  for (const [said, verdict, complete] of states) {
    test(`with VirusTotal ${said.state ?? ''} is ${verdict}, complete: ${complete}`, () => {
      const result = judge('brute_force', facts, [
        ...noIocs('brute_force', facts),
        answer('virustotal', ATTACKER, said),
      ]);
      assert.equal(result.verdict, verdict);
      assert.equal(result.complete, complete);
      const listed = said.state === 'not_known' ? [] : [said.state];
      assert.deepEqual(
        result.missing.map(({ state }) => state),
        listed,
      );
    });
  }

  test('is not benign without a key even when a list knows the address, unless the policy says so', () => {
    const resolver = caseOf({ src_ip: '10.0.0.5', dest_ip: '1.1.1.1', direction: 'outbound' });
    const readings = [
      ...noIocs('suspicious_ip', resolver),
      answer('virustotal', 'ip:1.1.1.1', { state: 'not_configured', signals: [] }),
    ];
    assert.equal(judge('suspicious_ip', resolver, readings).verdict, 'unknown');
    const policy = { ...DEFAULT_POLICY, required: { iocs: 'all' as const } };
    assert.equal(judge('suspicious_ip', resolver, readings, { policy }).verdict, 'benign');
  });

  test('lacks what nobody asked yet', () => {
    const { verdict, complete, missing } = judge('brute_force', facts, [clean]);
    assert.equal(verdict, 'unknown');
    assert.ok(!complete);
    assert.deepEqual(missing, [
      { source: 'iocs', observable: ATTACKER, state: 'waiting', reason: 'not asked yet', until: null },
    ]);
  });

  test('does not ask outside for an internal address, which as a destination is clean', () => {
    const inside = caseOf({ dest_ip: '10.0.0.9', bytes_out: 1000 });
    assert.equal(judge('data_exfil', inside, noIocs('data_exfil', inside)).verdict, 'benign');
    const source = caseOf({ src_ip: '10.0.0.9', failed_attempts: 3 });
    assert.equal(judge('brute_force', source, noIocs('brute_force', source)).verdict, 'unknown');
  });

  test('is never made by GeoIP alone', () => {
    const many = Array.from({ length: 9 }, (_, index) => accuse('geoip', `ip:185.220.101.${index}`, 100));
    const { score, verdict } = judge('brute_force', facts, many);
    assert.equal(score, DEFAULT_POLICY.context.cap);
    assert.equal(verdict, 'unknown');
  });

  test('is never malicious by what the playbook reads from the alerts, even with GeoIP', () => {
    const alerts: Partial<Alert> = { ...attack, username: 'root', failed_attempts: 5000, outcome: 'success' };
    const worst = caseOf(alerts);
    assert.equal(judge('brute_force', worst, []).score, 60);
    assert.equal(judge('brute_force', worst, [accuse('geoip', ATTACKER, 100)]).verdict, 'suspicious');
  });

  test('names the guard that capped it, with list and version', () => {
    const resolver = caseOf({ src_ip: '10.0.0.5', dest_ip: '1.1.1.1', direction: 'outbound' });
    const readings = [...noIocs('suspicious_ip', resolver), accuse('virustotal', 'ip:1.1.1.1', 45)];
    const { score, verdict, guards, ledger } = judge('suspicious_ip', resolver, readings);
    assert.equal(score, 15);
    assert.equal(verdict, 'benign');
    assert.ok(guards.some(({ list, version }) => list === 'public-dns' && version !== ''));
    const line = ledger.find(({ rule }) => rule === 'guard:public-dns');
    assert.match(
      line?.text ?? '',
      /1\.1\.1\.1 is a public DNS resolver \(list public-dns, version 2026-11-01\): cuts .* to 15/,
    );
  });

  test('keeps every comparison in numbers', () => {
    const { ledger, explanation } = judge('brute_force', facts, [accuse('a', ATTACKER, 80)]);
    assert.deepEqual(
      ledger.map(({ rule }) => rule),
      [
        'contribution',
        'noisy_or',
        'threshold:malicious',
        'threshold:suspicious',
        'required_sources',
        'evidence_of_clean',
      ],
    );
    assert.match(explanation, /^Malicious, 80 of 100: a on 185\.220\.101\.1: 80 points; no answer from /);
  });

  test('stands even when there is nothing to look up', () => {
    const { verdict, score } = judge('phishing', caseOf({ username: 'x' }), []);
    assert.deepEqual([verdict, score], ['unknown', 0]);
  });
});

describe('properties', () => {
  const observables = ['ip:185.220.101.1', 'ip:1.1.1.1', 'ip:10.0.0.5', 'domain:evil.com', 'domain:google.com'];
  const reading = fc
    .record({
      source: fc.constantFrom('virustotal', 'iocs', 'geoip', 'abuseipdb'),
      observable: fc.constantFrom(...observables),
      points: fc.integer({ min: 0, max: 100 }),
      reliability: fc.constantFrom('A' as const, 'B' as const, 'C' as const, 'F' as const),
      state: fc.constantFrom('ok' as const, 'ok' as const, 'not_known' as const, 'failed' as const, 'waiting' as const),
      clean: fc.boolean(),
    })
    // the gate keeps internal addresses from outside sources, so these say nothing of them
    .filter(({ source, observable }) => source === 'iocs' || observable !== 'ip:10.0.0.5')
    .map(({ source, observable, points, reliability, state, clean: isClean }): Answered => {
      if (state !== 'ok') return answer(source, observable, { state, signals: [] });
      if (isClean) return answer(source, observable, { signals: [], clean: 'nothing found' });
      return accuse(source, observable, points, { reliability });
    });
  const readings = fc.uniqueArray(reading, {
    maxLength: 12,
    selector: ({ finding }) => `${finding.source} ${finding.observable}`,
  });
  const types = fc.constantFrom(
    'brute_force' as const,
    'suspicious_ip' as const,
    'data_exfil' as const,
    'lateral_movement' as const,
  );
  const alerts = fc.record({
    src_ip: fc.constantFrom('185.220.101.1', '10.0.0.5'),
    dest_ip: fc.constantFrom('1.1.1.1', '185.220.101.1', '10.0.0.5'),
    domain: fc.constantFrom('evil.com', 'google.com'),
    username: fc.constantFrom('root', 'bob'),
    failed_attempts: fc.constantFrom(0, 30, 900),
    bytes_out: fc.constantFrom(10, 5_000_000_000),
    outcome: fc.constantFrom('success' as const, 'failure' as const),
  });

  test('the order of the answers does not matter', () => {
    fc.assert(
      fc.property(types, alerts, readings, fc.infiniteStream(fc.nat(1000)), (type, alert, given, keys) => {
        const order = given.map((one) => ({ one, key: keys.next().value as number }));
        const shuffled = order.sort((a, b) => a.key - b.key).map(({ one }) => one);
        assert.deepEqual(judge(type, caseOf(alert), shuffled), judge(type, caseOf(alert), given));
      }),
    );
  });

  test('more evidence of harm never lowers the score', () => {
    fc.assert(
      fc.property(types, alerts, readings, reading, (type, alert, given, more) => {
        const rest = given.filter(
          ({ finding }) => finding.source !== more.finding.source || finding.observable !== more.finding.observable,
        );
        assert.ok(judge(type, caseOf(alert), [...rest, more]).score >= judge(type, caseOf(alert), rest).score);
      }),
      { numRuns: 500 },
    );
  });

  test('an answer less never makes it benign', () => {
    fc.assert(
      fc.property(types, alerts, readings, fc.nat(11), (type, alert, given, index) => {
        const before = judge(type, caseOf(alert), given);
        const less = given.filter((_, at) => at !== index);
        // Taking away what accuses may clear; taking away what required sources say may not.
        const removed = given[index];
        if (!removed || removed.reading.signals.length > 0 || before.verdict === 'benign') return;
        assert.notEqual(judge(type, caseOf(alert), less).verdict, 'benign');
      }),
      { numRuns: 500 },
    );
  });

  test('without the required sources it is never benign', () => {
    fc.assert(
      fc.property(types, alerts, readings, (type, alert, given) => {
        const without = given.filter(({ finding }) => finding.source !== 'iocs');
        assert.notEqual(judge(type, caseOf(alert), without).verdict, 'benign');
      }),
    );
  });

  test('a guard never raises the score', () => {
    fc.assert(
      fc.property(types, alerts, readings, (type, alert, given) => {
        const free = { ...DEFAULT_POLICY, caps: { ...DEFAULT_POLICY.caps, benign: 100, shared: 100 } };
        assert.ok(judge(type, caseOf(alert), given).score <= judge(type, caseOf(alert), given, { policy: free }).score);
      }),
    );
  });

  test('an incident never closes itself while its verdict is unknown or something is waited for', () => {
    fc.assert(
      fc.property(types, alerts, readings, (type, alert, given) => {
        const assessment = judge(type, caseOf(alert), given);
        const decision = decide(PLAYBOOKS[type], caseOf(alert), assessment);
        const waits = assessment.missing.some(({ state }) => state === 'waiting');
        if (decision.outcome === 'close') assert.ok(!waits && assessment.verdict !== 'unknown', decision.reason);
        assert.equal(decision.resolution === null, decision.outcome !== 'close');
        assert.ok(decision.reason.length > 0 && decision.recommendations.length > 0);
      }),
    );
  });

  test('the site used is the one of the case', () => {
    assert.equal(judge('brute_force', caseOf(attack, SITE), []).site, 'site');
  });
});
