import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Alert } from '../../../domain/alert';
import { decide } from '../../../domain/decide';
import { playbookFor } from '../../../domain/playbooks';
import { accuse, answer, caseOf, CLEAN, judge, noIocs } from './cases';

/** What a list calls harmless, and somebody accuses: the list caps the score, but closes nothing any more. */
describe('a list that calls harmless what is gravely accused', () => {
  const outbound: Partial<Alert> = { alert_type: 'suspicious_ip', src_ip: '10.0.0.5', direction: 'outbound' };
  const resolver = { ...outbound, dest_ip: '8.8.8.8', dest_port: 53 };

  function outcome(alert: Partial<Alert>, readings: Parameters<typeof judge>[2]) {
    const facts = caseOf(alert);
    const assessment = judge('suspicious_ip', facts, readings);
    return { assessment, decision: decide(playbookFor('suspicious_ip'), facts, assessment) };
  }

  test('by our own database: unknown and open', () => {
    const { assessment, decision } = outcome(resolver, [
      accuse('iocs', 'ip:8.8.8.8', 50, { reliability: 'B', name: 'ioc_match' }),
      answer('virustotal', 'ip:8.8.8.8', CLEAN),
    ]);
    assert.equal(assessment.verdict, 'unknown');
    assert.deepEqual(assessment.clean, []);
    assert.equal(decision.outcome, 'open');
  });

  test('by a tenth of all engines: unknown and open', () => {
    const { assessment, decision } = outcome(resolver, [
      ...noIocs('suspicious_ip', caseOf(resolver)),
      accuse('virustotal', 'ip:8.8.8.8', 65),
    ]);
    assert.equal(assessment.verdict, 'unknown');
    assert.ok(assessment.score < 30, 'the cap stays');
    assert.equal(decision.outcome, 'open');
  });

  test('by one engine or two it is still harmless', () => {
    const { assessment, decision } = outcome(resolver, [
      ...noIocs('suspicious_ip', caseOf(resolver)),
      accuse('virustotal', 'ip:8.8.8.8', 25),
    ]);
    assert.equal(assessment.verdict, 'benign');
    assert.equal(decision.outcome, 'close');
  });

  test('a resolver that is asked for a name which the alert mentions stays open', () => {
    const tunnelled = { ...resolver, title: 'DNS tunnelling to evil-c2-host.com' };
    const { assessment, decision } = outcome(tunnelled, [
      ...noIocs('suspicious_ip', caseOf(tunnelled)),
      answer('virustotal', 'ip:8.8.8.8', CLEAN),
    ]);
    assert.equal(assessment.verdict, 'benign');
    assert.equal(decision.outcome, 'open');
    assert.match(decision.reason, /evil-c2-host\.com/);
  });
});
