import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ALERT_TYPES, type Alert, type AlertType } from '../../../domain/alert';
import type { EarlierIncident } from '../../../domain/earlier';
import { observableId } from '../../../domain/observable';
import { playbookFor, PLAYBOOKS } from '../../../domain/playbooks';
import { imitated } from '../../../domain/playbooks/look-alike';
import { caseOf, NOW, SITE } from './cases';
import { admin, brute, infected, moved, outbound, sent } from './plain-alerts';

type Alerts = Partial<Alert> | Partial<Alert>[];

function looksAt(type: AlertType, alerts: Alerts): string[] {
  return playbookFor(type).observables(caseOf(alerts)).map(observableId);
}

function signalsOf(type: AlertType, alerts: Alerts): string[] {
  return playbookFor(type)
    .signals(caseOf(alerts))
    .map(({ name, points }) => `${name} ${points}`);
}

describe('what playbooks look at', () => {
  const hash = `sha256:${'a'.repeat(63)}b`;
  const everything: Partial<Alert> = {
    ...infected,
    src_ip: '185.220.101.1',
    dest_ip: '45.155.205.233',
    domain: 'evil.com',
    url: 'https://lure.com/x',
    email_from: 'a@sender.com',
    username: 'bob',
    file_hashes: ['d41d8cd98f00b204e9800998ecf8427e'],
  };
  const files = [hash, 'md5:d41d8cd98f00b204e9800998ecf8427e'];
  const expected: Partial<Record<AlertType, string[]>> = {
    brute_force: ['ip:185.220.101.1'],
    malware: [
      hash,
      'md5:d41d8cd98f00b204e9800998ecf8427e',
      'url:https://lure.com/x',
      'domain:lure.com',
      'domain:evil.com',
      'ip:45.155.205.233',
    ],
    phishing: [
      'url:https://lure.com/x',
      hash,
      'md5:d41d8cd98f00b204e9800998ecf8427e',
      'domain:sender.com',
      'email:a@sender.com',
      'domain:lure.com',
      'domain:evil.com',
      'ip:185.220.101.1',
    ],
    suspicious_ip: [
      'ip:185.220.101.1',
      'ip:45.155.205.233',
      'domain:lure.com',
      'domain:evil.com',
      'url:https://lure.com/x',
      ...files,
    ],
    lateral_movement: ['ip:185.220.101.1', 'ip:45.155.205.233', 'host:ws1', 'user:bob', ...files],
    data_exfil: ['ip:45.155.205.233', 'domain:lure.com', 'domain:evil.com', 'url:https://lure.com/x', ...files],
  };
  for (const [type, ids] of Object.entries(expected) as [AlertType, string[]][]) {
    test(type, () => assert.deepEqual(looksAt(type, everything).sort(), ids.slice().sort()));
    test(`${type} has its main observable first`, () => assert.equal(looksAt(type, everything)[0], ids[0]));
  }

  test('for what leaves, the peer outside is the main one', () => {
    assert.deepEqual(looksAt('suspicious_ip', outbound), ['ip:185.220.101.1', 'ip:10.0.0.5']);
  });

  test('when no field says anything, what the text mentions outside', () => {
    assert.deepEqual(looksAt('brute_force', { raw_log: 'from 185.220.101.1 to 10.0.0.1' }), ['ip:185.220.101.1']);
    assert.deepEqual(looksAt('data_exfil', {}), []);
  });

  test('all of it, however much', () => {
    const urls = Array.from({ length: 60 }, (_, index) => `https://lure${index}.com/`);
    assert.equal(looksAt('phishing', { urls }).length, 120);
  });
});

describe('own signals', () => {
  test('brute_force', () => {
    assert.deepEqual(signalsOf('brute_force', { ...brute, failed_attempts: 3 }), []);
    assert.deepEqual(
      signalsOf('brute_force', { ...brute, username: 'root', failed_attempts: 200, outcome: 'success' }),
      ['many_attempts 25', 'privileged_account 15', 'success_after_failures 55'],
    );
    assert.deepEqual(signalsOf('brute_force', { ...brute, failed_attempts: 4, outcome: 'success' }), [
      'success_after_failures 10',
    ]);
    assert.deepEqual(signalsOf('brute_force', { outcome: 'success', rule_name: 'Multiple failed logins' }), [
      'success_after_failures 35',
    ]);
    assert.deepEqual(
      signalsOf(
        'brute_force',
        Array.from({ length: 25 }, () => ({ outcome: 'failure' as const })),
      ),
      ['many_attempts 15'],
    );
  });

  test('malware', () => {
    const alert: Partial<Alert> = {
      ...infected,
      hostname: 'DC01',
      executed: true,
      outcome: 'allowed',
      parent_process: 'C:\\Office\\WINWORD.EXE',
    };
    assert.deepEqual(signalsOf('malware', alert), ['executed 20', 'started_by_document 25', 'critical_host 15']);
    assert.deepEqual(signalsOf('malware', { ...infected, hostname: 'DC01' }), []);
  });

  test('malware: the same host in another spelling is no other host', () => {
    const before: EarlierIncident = {
      id: 'INC-0000000001',
      alert_type: 'malware',
      verdict: 'unknown',
      resolution: null,
      at: NOW,
      shares: [`sha256:${infected.file_hash ?? ''}`],
      hosts: ['ws1.corp.example'],
    };
    const after = (hosts: string[]) => {
      const facts = { ...caseOf({ ...infected, hostname: 'WS1' }), earlier: [{ ...before, hosts }] };
      return PLAYBOOKS.malware.signals(facts).map(({ name, points }) => `${name} ${points}`);
    };
    assert.deepEqual(after(['ws1.corp.example']), []);
    assert.deepEqual(after(['ws1.corp.example', 'ws2']), ['other_hosts 10']);
    assert.deepEqual(after(['ws2', 'ws3', 'ws4']), ['other_hosts 20']);
  });

  test('phishing', () => {
    const alert: Partial<Alert> = { email_from: 'x@secure-paypa1-login.com', reply_to: 'y@other.net', clicked: true };
    assert.deepEqual(signalsOf('phishing', alert), ['look_alike_domain 30', 'reply_to_mismatch 20', 'clicked 10']);
    assert.deepEqual(signalsOf('phishing', { email_from: 'a@mail.sender.com', reply_to: 'b@sender.com' }), []);
  });

  test('suspicious_ip', () => {
    assert.deepEqual(signalsOf('suspicious_ip', { ...outbound, dest_port: 4444, hostname: 'dc01' }), [
      'outbound_connection 15',
      'odd_port 15',
      'critical_host 10',
    ]);
    assert.deepEqual(signalsOf('suspicious_ip', { ...outbound, outcome: 'blocked' }), []);
  });

  test('lateral_movement: what an allowed pair does is told, and counts little', () => {
    assert.deepEqual(signalsOf('lateral_movement', { ...moved, username: 'root', command_line: 'wmic /node:x' }), [
      'remote_exec_tool 30',
      'admin_account 20',
      'new_pair 10',
    ]);
    assert.deepEqual(signalsOf('lateral_movement', { ...admin, dest_hostname: 'dc01' }), [
      'remote_exec_tool 2',
      'critical_host 2',
    ]);
  });

  test('data_exfil', () => {
    const alert: Partial<Alert> = {
      ...sent,
      domain: 'www.dropbox.com',
      bytes_out: 4_200_000_000,
      process: 'rclone.exe',
    };
    assert.deepEqual(signalsOf('data_exfil', alert), ['large_transfer 45', 'drop_site 15', 'copy_tool 20']);
    assert.deepEqual(signalsOf('data_exfil', { ...sent, domain: 'partner-files.com', bytes_out: 4_200_000_000 }), [
      'large_transfer 10',
    ]);
  });
});

describe('imitated domains', () => {
  const cases: [string, string | undefined][] = [
    ['micros0ft.com', 'microsoft.com'],
    ['rnicrosoft.com', 'microsoft.com'],
    ['mircosoft.com', 'microsoft.com'],
    ['secure-paypal-login.com', 'paypal.com'],
    ['our-sh0p.com', 'our-shop.com'],
    ['login.microsoft.com', undefined],
    ['microsoft.com', undefined],
    ['micro.com', undefined],
    ['sender.com', undefined],
  ];
  for (const [domain, real] of cases) {
    test(`${domain} → ${real ?? 'none'}`, () => assert.equal(imitated(domain, SITE.own_domains)?.real, real));
  }
});

test('every type has its playbook, and unclassified has none', () => {
  for (const type of ALERT_TYPES) {
    assert.equal(PLAYBOOKS[type].type, type);
    for (const { id } of PLAYBOOKS[type].techniques) assert.match(id, /^T\d{4}(\.\d{3})?$/);
  }
  assert.throws(() => playbookFor('unclassified'));
});
