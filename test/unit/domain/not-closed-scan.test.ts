import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../../domain/alert';
import { accuse } from './cases';
import { judgedBySilence, outcomeOf, TRUSTING } from './trusting';

/** Scans, guesses and knocks that look harmless, and are more. */

const TYPES = ['brute_force', 'suspicious_ip'] as const;
const INSIDE: Partial<Alert> = { src_ip: '10.0.9.7', dest_ip: '10.0.0.10' };
const OUTSIDE: Partial<Alert> = { src_ip: '93.158.2.1', dest_ip: '10.0.0.10', direction: 'inbound' };
/** What everybody reports, of just that scanner. */
const REPORTED = accuse('virustotal', 'ip:93.158.2.1', 65);
const HASH = '0a'.repeat(32);
const DROPPER = 'http://unknown-dropper.top/x.ps1';
const UNKNOWN = [DROPPER, 'unknown-dropper.top', HASH];

test('a scanner of ours that did more than knock is not closed, by its own list either', () => {
  for (const type of TYPES) {
    assert.equal(outcomeOf(type, INSIDE), 'close', type);
    assert.equal(outcomeOf(type, OUTSIDE, { said: [REPORTED] }), 'close', type);
    for (const more of [
      { process: 'cmd.exe' },
      { command_line: 'whoami' },
      { file_name: 'x.aspx' },
      { file_hash: HASH },
      { url: DROPPER },
      { bytes_out: 5_000_000_000 },
      { description: `fetched ${DROPPER}` },
    ] satisfies Partial<Alert>[]) {
      const what = `${type} ${JSON.stringify(more)}`;
      const inside = judgedBySilence(type, { ...INSIDE, ...more }, { unknown: UNKNOWN });
      assert.deepEqual([inside.assessment.verdict, inside.decision.outcome], ['unknown', 'open'], what);
      assert.match(inside.decision.reason, /scanner that this site allows \(scanner\), but/, what);
      const said = { unknown: UNKNOWN, said: [REPORTED] };
      assert.equal(outcomeOf(type, { ...OUTSIDE, ...more }, said), 'open', what);
      // nor where sources think well of its address
      const { decision } = judgedBySilence(type, { ...OUTSIDE, ...more });
      assert.equal(decision.outcome, 'open', what);
      assert.match(decision.reason, /scanner that this site allows \(testers\), but|a file/, what);
    }
  }
});

test('a scanner keeps its leave with what every scan has: a few bytes, and a link that explains the rule', () => {
  const guessing = { failed_attempts: 400, username: 'administrator', outcome: 'failure' } as const;
  for (const more of [
    { bytes_out: 0 },
    { bytes_out: 48_000 },
    {
      description: 'See https://attack.mitre.org/techniques/T1110 and https://nvd.nist.gov/vuln/detail/CVE-2021-44228',
    },
    { raw_log: '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">' },
  ] satisfies Partial<Alert>[]) {
    assert.equal(outcomeOf('brute_force', { ...INSIDE, ...guessing, ...more }), 'close', JSON.stringify(more));
    assert.equal(outcomeOf('suspicious_ip', { ...INSIDE, ...more }), 'close', JSON.stringify(more));
  }
  // a name that only ends like one explains nothing
  const lure = { description: 'See https://attack.mitre.org.evil.top/x' };
  assert.equal(outcomeOf('brute_force', { ...INSIDE, ...guessing, ...lure }), 'open');
});

test('what our own database accuses is not clean because the site knows it', () => {
  const sent = { hostname: 'ws1', domain: 'contoso-partner.com', bytes_out: 5_000_000 };
  assert.equal(outcomeOf('data_exfil', sent), 'close');
  // a list of names caps what is said, or it would be malicious
  const site = { ...TRUSTING, known_destinations: ['wikipedia.org'] };
  const known = { ...sent, domain: 'wikipedia.org' };
  assert.equal(outcomeOf('data_exfil', known, { site }), 'close');
  const said = [accuse('iocs', 'domain:wikipedia.org', 90)];
  const { assessment, decision } = judgedBySilence('data_exfil', known, { site, said });
  assert.deepEqual([assessment.verdict, decision.outcome], ['unknown', 'open']);
  assert.deepEqual(assessment.clean, []);
});

test('a file of which nobody knows what it holds stays open, whoever brought it', () => {
  const knock: Partial<Alert> = { src_ip: '94.100.1.1', dest_ip: '10.0.0.4', direction: 'inbound' };
  for (const type of TYPES) {
    assert.equal(outcomeOf(type, knock), 'close', type);
    const { decision } = judgedBySilence(type, { ...knock, file_name: 'shell.aspx' });
    assert.equal(decision.outcome, 'open', type);
    assert.match(decision.reason, /file/, type);
    assert.match(decision.recommendations.join(' '), /shell\.aspx/, type);
  }
  const known = { ...knock, file_name: 'a.txt', file_hash: HASH };
  assert.equal(outcomeOf('suspicious_ip', known), 'close');
  // a guess brings no file, and nobody looks it up
  assert.equal(outcomeOf('brute_force', known), 'open');
});

test('an attempt from outside that succeeded is not closed by a harmless address; a port that is open is', () => {
  const knock: Partial<Alert> = { src_ip: '94.100.1.1', dest_ip: '10.0.0.4', direction: 'inbound' };
  assert.equal(outcomeOf('suspicious_ip', { ...knock, outcome: 'success' }), 'open');
  assert.equal(outcomeOf('suspicious_ip', { ...knock, outcome: 'allowed' }), 'close');
  const web: Partial<Alert> = { src_ip: '10.0.0.4', dest_ip: '94.100.1.1', direction: 'outbound' };
  assert.equal(outcomeOf('suspicious_ip', { ...web, outcome: 'success' }), 'close');
});

test('a login that was allowed is one that succeeded, where the alert is about the login and not about packets', () => {
  const guessed: Partial<Alert> = { src_ip: '94.100.1.1', username: 'bob', failed_attempts: 10, outcome: 'allowed' };
  assert.equal(outcomeOf('brute_force', { ...guessed, title: 'VPN login allowed' }), 'escalate');
  assert.equal(outcomeOf('brute_force', { ...guessed, title: 'SSH brute force login attempt' }), 'close');
  assert.equal(outcomeOf('brute_force', guessed), 'close');
});

test('a privileged account is escalated for a source that is accused, not for what the text names beside it', () => {
  const guessing = { src_ip: '94.100.1.1', failed_attempts: 300, username: 'administrator' };
  const accused = (address: string) => ({ said: [accuse('iocs', `ip:${address}`, 25)] });
  const told = [{ source: 'virustotal', observable: 'ip:94.100.1.1' as const, evidence: 'e', kinds: ['tor' as const] }];
  const beside = { ...guessing, description: 'seen with 45.155.205.233' };
  assert.equal(outcomeOf('brute_force', guessing, { ...accused('94.100.1.1'), told }), 'escalate');
  assert.equal(outcomeOf('brute_force', beside, { ...accused('45.155.205.233'), told }), 'open');
});
