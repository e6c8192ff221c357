import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Alert, AlertClass } from '../../../domain/alert';
import { correlationOf } from '../../../domain/correlation';
import type { SiteKnowledge } from '../../../domain/site';
import { SITE } from './cases';

const HOUR_MS = 3_600_000;
const SHA256 = '372ad658'.repeat(8);
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const site: SiteKnowledge = { ...SITE, known_scanners: [{ range: '64.39.96.0/20', name: 'Qualys' }] };

function key(alert_type: AlertClass, alert: Partial<Alert>): string | undefined {
  return correlationOf({ source: 'Tool', ...alert, alert_type }, site, 2 * HOUR_MS)?.key;
}

/** Type, alert, and the key it makes without the type; undefined: none. */
const ROWS: [AlertClass, Partial<Alert>, string | undefined][] = [
  ['brute_force', { src_ip: '185.220.101.1', username: 'root', hostname: 'a' }, 'src_ip=185.220.101.1'],
  ['brute_force', { src_ip: '::FFFF:185.220.101.1' }, 'src_ip=185.220.101.1'],
  ['brute_force', { src_ip: '10.0.0.7' }, 'src_ip=10.0.0.7'],
  ['brute_force', { src_hostname: 'Scan01.Evil.example.' }, 'src_hostname=scan01.evil.example'],
  ['brute_force', { username: 'CORP\\JDoe', hostname: 'DC01' }, 'username=jdoe host=dc01'],
  ['brute_force', { src_ip: '127.0.0.1', username: 'root', host_ip: '10.0.0.9' }, 'username=root host=10.0.0.9'],
  ['brute_force', { src_ip: '0.0.0.0', username: 'root', hostname: 'localhost' }, undefined],
  ['brute_force', { username: '-', hostname: 'dc01' }, undefined],
  ['brute_force', { username: 'root' }, undefined],
  ['brute_force', { src_ip: '64.39.96.5', username: 'root', hostname: 'dc01' }, undefined],
  ['malware', { file_hash: SHA256.toUpperCase(), hostname: 'ws1' }, `file_hash=${SHA256}`],
  ['malware', { file_hash: EMPTY, hostname: 'WS1', rule_name: 'Sig  7' }, 'host=ws1 rule=sig 7'],
  ['malware', { hostname: 'ws1' }, 'host=ws1'],
  ['malware', { hostname: 'unknown' }, undefined],
  ['phishing', { email_from: '"Pay" <Billing@Evil-Pay.com>', url: 'http://x.com' }, 'email_from=billing@evil-pay.com'],
  ['phishing', { email_from: 'MAILER-DAEMON@corp.example', url: 'hxxp://evil[.]com/a' }, 'link_host=evil.com'],
  ['phishing', { urls: ['https://sites.google.com/view/x'] }, 'url=https://sites.google.com/view/x'],
  ['phishing', { domain: 'Evil.com' }, 'link_host=evil.com'],
  ['phishing', { email_subject: 'Hello' }, undefined],
  ['suspicious_ip', { src_ip: '185.220.101.1', dest_ip: '10.0.0.1' }, 'ip=185.220.101.1'],
  ['suspicious_ip', { src_ip: '10.0.0.1', dest_ip: '91.240.118.172' }, 'ip=91.240.118.172'],
  ['suspicious_ip', { src_ip: '45.1.2.3', dest_ip: '91.240.118.172', direction: 'outbound' }, 'ip=91.240.118.172'],
  ['suspicious_ip', { src_ip: '203.0.113.9', dest_ip: '93.184.216.34' }, 'ip=203.0.113.9'],
  ['suspicious_ip', { src_ip: '10.0.0.1', dest_ip: '8.8.8.8' }, undefined],
  ['suspicious_ip', { src_ip: '10.0.0.1', dest_ip: '8.8.8.8', domain: 'c2.evil.com' }, 'name=c2.evil.com'],
  ['suspicious_ip', { src_ip: '64.39.96.5', dest_ip: '93.184.216.34' }, undefined],
  ['suspicious_ip', { src_ip: '10.0.0.1', dest_ip: '10.0.0.2', domain: 'wiki.corp.example' }, undefined],
  [
    'lateral_movement',
    { src_ip: '10.20.4.17', username: 'admin', dest_ip: '10.0.0.1' },
    'source=10.20.4.17 username=admin',
  ],
  ['lateral_movement', { src_hostname: 'WS7', dest_username: 'admin@corp' }, 'source=ws7 username=admin'],
  ['lateral_movement', { src_ip: '10.20.4.17' }, 'source=10.20.4.17'],
  ['lateral_movement', { username: 'admin', dest_ip: '10.0.0.1' }, undefined],
  ['data_exfil', { hostname: 'ws1', dest_ip: '45.155.205.233' }, 'source=ws1 destination=45.155.205.233'],
  ['data_exfil', { host_ip: '10.1.1.1', url: 'https://drop.evil.com/x' }, 'source=10.1.1.1 destination=drop.evil.com'],
  ['data_exfil', { username: 'a.kowalska', domain: 'dropbox.com' }, 'source=a.kowalska destination=dropbox.com'],
  ['data_exfil', { dest_ip: '45.155.205.233' }, undefined],
  ['unclassified', { rule_id: 'R-7', hostname: 'ws1' }, 'source=tool rule=r-7 host=ws1'],
  ['unclassified', { rule_name: 'Watchdog' }, 'source=tool rule=watchdog'],
  ['unclassified', { hostname: 'ws1', title: 'something' }, undefined],
];

describe('the correlation key', () => {
  for (const [type, alert, expected] of ROWS) {
    test(`${type} ${JSON.stringify(alert).slice(0, 90)}: ${expected ?? 'none'}`, () => {
      assert.equal(key(type, alert), expected === undefined ? undefined : `${type} ${expected}`);
    });
  }

  test('names its fields and its window; there is none when it is off', () => {
    const alert: Alert & { alert_type: AlertClass } = { source: 'x', alert_type: 'brute_force', src_ip: '10.0.0.7' };
    assert.deepEqual(correlationOf(alert, site, 2 * HOUR_MS), {
      key: 'brute_force src_ip=10.0.0.7',
      fields: { src_ip: '10.0.0.7' },
      window_seconds: 7200,
    });
    assert.equal(correlationOf(alert, site, 0), null);
  });
});
