import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Observable } from '../../../domain/observable';
import {
  expiryProblem,
  isActive,
  patternObservable,
  patternText,
  suppressedKey,
  suppressionOf,
  type Suppression,
} from '../../../domain/suppression';

const NOW = '2026-11-23T12:00:00.000000Z';
const LATER = '2026-11-24T12:00:00.000000Z';

function known(id: string, pattern: Partial<Suppression>): Suppression {
  return {
    id,
    ...{ alert_type: null, observable: null, rule: null, source: null },
    ...{ created_at: NOW, expires_at: LATER, removed_at: null },
    ...pattern,
  };
}

const ALERT = { source: 'Wazuh', alert_type: 'brute_force', rule_id: '5710', rule_name: 'sshd: wrong user' } as const;
const SEEN: Observable[] = [
  { type: 'ip', value: '192.0.2.10', roles: ['source'], flags: [] },
  { type: 'ip', value: '192.0.2.66', roles: ['mentioned'], flags: [] },
  { type: 'host', value: 'dc-01', roles: ['mentioned', 'alerted_host'], flags: [] },
];
const found = (...patterns: Partial<Suppression>[]) =>
  suppressionOf(
    ALERT,
    SEEN,
    patterns.map((pattern, index) => known(`SUP-${index}`, pattern)),
  )?.id;

describe('the suppression that an alert comes under', () => {
  test('matches by each field, whatever the case of rule and source', () => {
    const matching: Partial<Suppression>[] = [
      { alert_type: 'brute_force' },
      { observable: 'ip:192.0.2.10' },
      { observable: 'host:dc-01' },
      { rule: '5710' },
      { rule: 'SSHD: Wrong User' },
      { source: 'wazuh' },
    ];
    for (const pattern of matching) assert.equal(found(pattern), 'SUP-0', JSON.stringify(pattern));
    const others: Partial<Suppression>[] = [
      { alert_type: 'malware' },
      { observable: 'ip:192.0.2.1' },
      { observable: 'host:192.0.2.10' },
      { rule: '571' },
      { rule: 'sshd' },
      { source: 'wazuh-2' },
    ];
    for (const pattern of others) assert.equal(found(pattern), undefined, JSON.stringify(pattern));
  });

  test('by all that it names, not by one of it', () => {
    const whole = { alert_type: 'brute_force', observable: 'ip:192.0.2.10', rule: '5710', source: 'wazuh' } as const;
    assert.equal(found(whole), 'SUP-0');
    assert.equal(found({ ...whole, alert_type: 'malware' }), undefined);
    assert.equal(found({ ...whole, observable: 'ip:192.0.2.1' }), undefined);
    assert.equal(found({ ...whole, rule: '5711' }), undefined);
    assert.equal(found({ ...whole, source: 'suricata' }), undefined);
  });

  test('not by what a text only mentions, nor by a rule that the alert does not have', () => {
    assert.equal(found({ observable: 'ip:192.0.2.66' }), undefined);
    const nameless = { source: 'x', alert_type: 'unclassified' } as const;
    assert.equal(suppressionOf(nameless, [], [known('SUP-0', { rule: '5710' })]), undefined);
    assert.equal(suppressionOf(nameless, [], [known('SUP-0', { source: 'X' })])?.id, 'SUP-0');
  });

  test('is of several the oldest, in whatever order they are given', () => {
    const both = [
      known('SUP-B', { source: 'wazuh', created_at: '2026-11-22T00:00:00.000000Z' }),
      known('SUP-A', { rule: '5710' }),
      known('SUP-C', { rule: '5710', created_at: '2026-11-22T00:00:00.000000Z' }),
    ];
    assert.equal(suppressionOf(ALERT, SEEN, both)?.id, 'SUP-B');
    assert.equal(suppressionOf(ALERT, SEEN, [...both].reverse())?.id, 'SUP-B');
  });

  test('holds until the moment that it ends or is removed', () => {
    const one = known('SUP-0', {});
    assert.equal(isActive(one, '2026-11-24T11:59:59.999Z'), true);
    assert.equal(isActive(one, LATER), false);
    assert.equal(isActive({ ...one, removed_at: NOW }, NOW), false);
  });
});

describe('a suppression', () => {
  test('ends in the future, within 366 days', () => {
    assert.equal(expiryProblem(LATER, NOW), undefined);
    assert.equal(expiryProblem('2027-11-24T12:00:00.000000Z', NOW), undefined);
    assert.equal(expiryProblem(NOW, NOW), 'Must be in the future');
    assert.equal(expiryProblem('2027-11-24T12:00:00.001000Z', NOW), 'Must be at most 366 days ahead');
  });

  test('names an observable in the one spelling that alerts have it in', () => {
    for (const [text, name] of [
      ['IP: 192.0.2[.]10', 'ip:192.0.2.10'],
      ['ip:2001:DB8:0::1', 'ip:2001:db8::1'],
      ['domain:Evil[.]Example.', 'domain:evil.example'],
      ['host:DC-01.', 'host:dc-01'],
      ['user:CORP\\Admin', 'user:corp\\admin'],
      ['url:hxxp://a.example/x', 'url:http://a.example/x'],
      ['ip:192.0.2.0/24', undefined],
      ['192.0.2.10', undefined],
      ['port:22', undefined],
      ['md5:abc', undefined],
    ]) {
      assert.equal(patternObservable(text!), name, text);
    }
  });

  test('makes its alerts a story of their own', () => {
    const correlation = { key: 'brute_force src_ip=192.0.2.1', fields: { src_ip: '192.0.2.1' }, window_seconds: 60 };
    assert.deepEqual(suppressedKey(correlation, 'SUP-1'), {
      key: 'brute_force src_ip=192.0.2.1 suppression=SUP-1',
      fields: { src_ip: '192.0.2.1', suppression: 'SUP-1' },
      window_seconds: 60,
    });
    assert.equal(suppressedKey(null, 'SUP-1'), null);
  });

  test('says in words what it matches', () => {
    assert.equal(patternText(known('SUP-1', { rule: '5710', source: 'wazuh' })), 'rule 5710, source wazuh');
  });
});
