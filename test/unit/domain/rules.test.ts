import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Alert, AlertType } from '../../../domain/alert';
import { decide } from '../../../domain/decide';
import { observableId } from '../../../domain/observable';
import { playbookFor } from '../../../domain/playbooks';
import { accuse, answer, caseOf, CLEAN, judge, judged, noIocs, type Answered } from './cases';
import { admin, brute, infected, mail, moved, sent } from './plain-alerts';

type Alerts = Partial<Alert> | Partial<Alert>[];

const HASH = infected.file_hash ?? '';

describe('rules that close', () => {
  const outcome = (type: AlertType, alerts: Alerts) => {
    const facts = caseOf(alerts);
    const assessment = judged(type, alerts);
    return { verdict: assessment.verdict, ...decide(playbookFor(type), facts, assessment) };
  };
  const stays: [string, AlertType, Alerts, RegExp][] = [
    ['many attempts', 'brute_force', { ...brute, failed_attempts: 20 }, /20 failed attempts/],
    ['a privileged account', 'brute_force', { ...brute, username: 'root' }, /privileged account root/],
    [
      'a login after few failures',
      'brute_force',
      { ...brute, failed_attempts: 2, outcome: 'success' },
      /login succeeded/,
    ],
    ['an unknown volume', 'data_exfil', { domain: 'partner-files.com', hostname: 'ws1' }, /./],
    [
      'an unknown address beside a known name',
      'data_exfil',
      { ...sent, domain: 'partner-files.com', dest_ip: '45.155.205.233' },
      /./,
    ],
    [
      'a scanner that was let in',
      'suspicious_ip',
      { src_ip: '162.142.125.9', dest_ip: '10.0.0.5', direction: 'inbound', outcome: 'allowed' },
      /scanner/,
    ],
    [
      'a scanner that is called',
      'suspicious_ip',
      { src_ip: '10.0.0.5', dest_ip: '162.142.125.9', outcome: 'blocked' },
      /scanner/,
    ],
  ];
  for (const [what, type, alerts, reason] of stays) {
    test(`${type}: not over ${what}`, () => {
      const decision = outcome(type, alerts);
      assert.equal(decision.outcome, 'open');
      assert.match(decision.reason, reason);
    });
  }

  test('an allow-listed pair that steals credentials is no routine', () => {
    assert.equal(outcome('lateral_movement', admin).outcome, 'close');
    const said = { ...admin, process: 'svchost.exe', description: 'possible pass-the-hash' };
    assert.equal(outcome('lateral_movement', said).outcome, 'open');
    assert.equal(outcome('lateral_movement', { ...admin, command_line: 'mimikatz' }).outcome, 'escalate');
  });

  test('one that is escalated by five failures and a success is not by four', () => {
    const four = outcome('brute_force', { ...brute, failed_attempts: 4, outcome: 'success' });
    assert.equal(four.outcome, 'open');
    assert.ok(!/Disable|Block/.test(four.recommendations.join()), four.recommendations.join());
    assert.equal(outcome('brute_force', { ...brute, failed_attempts: 5, outcome: 'success' }).outcome, 'escalate');
  });

  test('a success after failures that nobody counted may have been guessed too', () => {
    const alert = {
      src_ip: '185.220.101.1',
      username: 'bob',
      outcome: 'success',
      title: 'Multiple failed logins',
    } as const;
    const decision = outcome('brute_force', alert);
    assert.equal(decision.outcome, 'escalate');
    assert.match(decision.recommendations[0] ?? '', /^Disable or reset bob/);
  });
});

describe('advice', () => {
  const advice = (type: AlertType, alerts: Alerts, readings: Answered[] = []) => {
    const facts = caseOf(alerts);
    const assessment = judge(type, facts, [...noIocs(type, facts), ...readings]);
    return playbookFor(type).recommendations(facts, assessment);
  };
  const clean = (id: string) => answer('virustotal', id, CLEAN);
  const bad = (id: string) => accuse('virustotal', id, 90);

  test('begins with a look when nothing is known', () => {
    const rows: [AlertType, Alerts][] = [
      ['brute_force', brute],
      ['malware', { ...infected, outcome: 'allowed' }],
      ['phishing', mail],
      ['suspicious_ip', { src_ip: '185.220.101.1', dest_ip: '10.0.0.5', direction: 'inbound' }],
      ['lateral_movement', moved],
      ['data_exfil', sent],
    ];
    for (const [type, alerts] of rows)
      assert.doesNotMatch(advice(type, alerts)[0] ?? '', /^(Block|Isolate|Remove|Disable)/);
  });

  test('releases no file that ran, or that nobody showed clean', () => {
    const ran = advice('malware', { ...infected, executed: true, outcome: 'allowed' }, [clean(`sha256:${HASH}`)]);
    assert.doesNotMatch(ran.join(), /Release/);
    const link = { url: 'https://get.com/a', outcome: 'blocked' } as const;
    assert.doesNotMatch(advice('malware', link, [clean('url:https://get.com/a')]).join(), /Release/);
    assert.match(advice('malware', infected, [clean(`sha256:${HASH}`)]).join(), /Release a\.exe/);
  });

  test('blocks nothing of our own at the perimeter', () => {
    const inside = advice('brute_force', { ...brute, src_ip: '10.0.0.9', failed_attempts: 900, outcome: 'success' });
    assert.doesNotMatch(inside.join(), /Block 10\.0\.0\.9/);
    const peer = advice('suspicious_ip', { src_ip: '10.0.0.9', direction: 'inbound' }, [
      accuse('iocs', 'ip:10.0.0.9', 100),
    ]);
    assert.doesNotMatch(peer.join(), /Block 10\.0\.0\.9/);
  });

  test('does not look on an address for the program that talks to it', () => {
    const out = { dest_ip: '185.220.101.1', direction: 'outbound' } as const;
    assert.doesNotMatch(
      advice('suspicious_ip', out, [bad('ip:185.220.101.1')]).join(),
      /on 185\.220\.101\.1 that talks/,
    );
  });

  test('names who clicked, not all who got the mail', () => {
    const alert = { ...mail, email_to: ['a@corp.example', 'b@corp.example'], username: 'bob', clicked: true };
    const [signal] = playbookFor('phishing').signals(caseOf(alert));
    assert.equal(signal?.sentence, 'bob opened the link or the attachment');
    const reset = advice('phishing', alert, [bad('url:https://lure.com/x')]).find((line) => line.startsWith('Reset'));
    assert.match(reset ?? '', /bob/);
    assert.doesNotMatch(reset ?? '', /a@corp/);
  });

  test('names what is bad though only the text has it', () => {
    const hidden = 'http://evil.com/z';
    const lines = advice('phishing', { ...mail, raw_log: `see ${hidden}` }, [bad(`url:${hidden}`)]);
    assert.match(lines.join(), /evil\.com\/z/);
    const text = advice('brute_force', { raw_log: 'from 185.220.101.1' }, [bad('ip:185.220.101.1')]);
    assert.match(text.join(), /Block 185\.220\.101\.1/);
  });

  test('phishing asks the IOC database about the sender', () => {
    const planned = playbookFor('phishing').observables(caseOf(mail)).map(observableId);
    assert.ok(planned.includes('email:a@sender.com'));
  });
});
