import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert, AlertType } from '../../../domain/alert';
import { decide } from '../../../domain/decide';
import { observableId } from '../../../domain/observable';
import { outsideBudget } from '../../../domain/budget';
import { playbookFor } from '../../../domain/playbooks';
import type { Decision } from '../../../domain/incident';
import type { Assessment } from '../../../domain/verdict';
import { answer, caseOf, CLEAN, judge, noIocs, SITE } from './cases';

/** What one who knows the rules would try: harm that looks as if the site had allowed it. */

const TRUSTING = {
  ...SITE,
  own_domains: ['corp.example'],
  known_destinations: ['contoso-partner.com'],
  known_scanners: [{ range: '10.0.9.0/24', name: 'scanner' }],
};

/** As far as sources know, all of it is clean. */
function judged(
  type: AlertType,
  alert: Partial<Alert>,
  unknown: string[] = [],
): { assessment: Assessment; decision: Decision } {
  const facts = caseOf(alert, TRUSTING);
  const playbook = playbookFor(type);
  const said = outsideBudget(playbook.observables(facts))
    .asked.filter((one) => !['host', 'user', 'email'].includes(one.type) && one.flags.length === 0)
    .map((one) => {
      const known = !unknown.includes(one.value);
      return answer('virustotal', observableId(one), known ? CLEAN : { state: 'not_known', signals: [] });
    });
  const assessment = judge(type, facts, [...noIocs(type, facts), ...said]);
  return { assessment, decision: decide(playbook, facts, assessment) };
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
