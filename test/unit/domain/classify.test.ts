import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Alert } from '../../../domain/alert';
import { classify } from '../../../domain/classify';
import { titleOf } from '../../../domain/title';

describe('classification', () => {
  const cases: [string, Partial<Alert>, string][] = [
    ['by technique', { mitre: ['T1110.003'] }, 'brute_force'],
    ['by rule name', { rule_name: 'sshd: brute force trying to get access to the system' }, 'brute_force'],
    ['by counted failures', { failed_attempts: 40 }, 'brute_force'],
    ['by title', { title: 'Ransomware detected and quarantined' }, 'malware'],
    ['by the hash of a file', { file_hash: 'd41d8cd98f00b204e9800998ecf8427e' }, 'malware'],
    ['by a mail', { email_from: 'a@b.example', file_hash: 'd41d8cd98f00b204e9800998ecf8427e' }, 'phishing'],
    ['by tag', { tags: ['phishing'] }, 'phishing'],
    ['by tool', { process: 'C:\\Windows\\PSEXESVC.exe', src_ip: '10.0.0.1' }, 'lateral_movement'],
    ['by volume', { bytes_out: 900_000_000, dest_ip: '185.220.101.1' }, 'data_exfil'],
    ['by description', { description: 'Host beacons to a command and control server' }, 'suspicious_ip'],
    ['by an accused address alone', { src_ip: '185.220.101.1', title: 'Something happened' }, 'suspicious_ip'],
    ['not at all', { src_ip: '10.0.0.1', title: 'Something happened' }, 'unclassified'],
  ];
  for (const [how, alert, expected] of cases) {
    test(`${expected} ${how}`, () => {
      const { alert_type, confidence, reasons } = classify({ source: 'x', ...alert });
      assert.equal(alert_type, expected);
      assert.ok(reasons.length > 0);
      assert.ok(confidence >= 0 && confidence < 1);
    });
  }

  test("the source's own word is certain, and an unclassified alert is not guessed at", () => {
    const own = classify({ source: 'siem', alert_type: 'phishing', mitre: ['T1110'] });
    assert.deepEqual(own, { alert_type: 'phishing', confidence: 1, reasons: ['siem says so'] });
    const none = classify({ source: 'x', alert_type: 'unclassified', mitre: ['T1110'], src_ip: '185.220.101.1' });
    assert.equal(none.alert_type, 'unclassified');
    assert.equal(none.confidence, 0);
  });

  test('evidence adds up, and its reasons are told', () => {
    const { confidence, reasons } = classify({
      source: 'x',
      mitre: ['T1110'],
      rule_name: 'Password spray',
      failed_attempts: 9,
    });
    assert.equal(confidence, 0.95);
    assert.deepEqual(reasons, [
      'its MITRE technique says: T1110',
      'its rule name says: Password spray',
      'it counts failed attempts',
    ]);
  });
});

describe('titles', () => {
  test('are the own one on one line, or made up of who did what to whom', () => {
    assert.equal(titleOf({ source: 'x', title: ' Own\r\nX-Injected: 1 ' }, 'malware'), 'Own X-Injected: 1');
    assert.equal(
      titleOf({ source: 'x', username: 'root', src_ip: '185.220.101.1', hostname: 'web03' }, 'brute_force'),
      'Brute force on root from 185.220.101.1 at web03',
    );
    assert.equal(titleOf({ source: 'siem' }, 'unclassified'), 'Unclassified alert from siem');
    assert.equal(titleOf({ source: 'x', file_name: 'a.exe', hostname: 'ws1' }, 'malware'), 'Malware in a.exe on ws1');
    assert.equal(titleOf({ source: 'x' }, 'data_exfil'), 'Data exfiltration');
  });

  test('fit their column', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (title) => {
        const result = titleOf({ source: 'x', title }, 'phishing');
        assert.ok(result.length > 0 && result.length <= 255 && !/[\r\n]/.test(result));
      }),
    );
    assert.doesNotThrow(() => encodeURIComponent(titleOf({ source: 'x', title: '😀'.repeat(300) }, 'phishing')));
  });
});
