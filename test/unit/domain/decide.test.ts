import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ALERT_TYPES, type Alert, type AlertType } from '../../../domain/alert';
import { decide } from '../../../domain/decide';
import type { Decision } from '../../../domain/incident';
import { observableId } from '../../../domain/observable';
import { playbookFor } from '../../../domain/playbooks';
import { accuse, answer, caseOf, judge, noIocs, type Answered } from './cases';
import { admin, brute, inbound, infected, mail, moved, outbound, sent } from './plain-alerts';

type Alerts = Partial<Alert> | Partial<Alert>[];

/** How bad sources say the main observable is. */
const GRADES = { benign: 0, suspicious: 45, malicious: 90 };
type Grade = keyof typeof GRADES | 'unknown';

function decision(type: AlertType, alerts: Alerts, grade: Grade): Decision {
  const facts = caseOf(alerts);
  const [main] = playbookFor(type).observables(facts);
  const id = main ? observableId(main) : 'ip:185.220.101.1';
  const said: Record<Grade, Answered> = {
    unknown: answer('virustotal', id, { state: 'not_known', signals: [] }),
    benign: answer('virustotal', id, { signals: [], clean: '0 of 90 engines object' }),
    suspicious: accuse('virustotal', id, GRADES.suspicious),
    malicious: accuse('virustotal', id, GRADES.malicious),
  };
  const assessment = judge(type, facts, [...noIocs(type, facts), said[grade]]);
  return decide(playbookFor(type), facts, assessment);
}

type Row = [what: string, alerts: Alerts, grade: Grade, outcome: Decision['outcome']];

function rules(type: AlertType, rows: Row[]): void {
  for (const [what, alerts, grade, outcome] of rows) {
    test(`${type}: ${what} → ${outcome}`, () => {
      const { outcome: got, reason, recommendations } = decision(type, alerts, grade);
      assert.equal(got, outcome, reason);
      assert.ok(recommendations.length > 0);
    });
  }
}

rules('brute_force', [
  ['benign, no success', brute, 'benign', 'close'],
  ['unknown', brute, 'unknown', 'open'],
  ['suspicious', brute, 'suspicious', 'open'],
  ['malicious', brute, 'malicious', 'escalate'],
  ['suspicious with a privileged account', { ...brute, username: 'CORP\\Administrator' }, 'suspicious', 'escalate'],
  ['success after failures, source unknown', { ...brute, outcome: 'success' }, 'unknown', 'escalate'],
  ['success in a later alert', [brute, { ...brute, failed_attempts: 0, outcome: 'success' }], 'benign', 'escalate'],
  [
    'a success without failures stays for a person',
    { ...brute, failed_attempts: 0, outcome: 'success' },
    'benign',
    'open',
  ],
]);

rules('malware', [
  ['blocked and benign', infected, 'benign', 'close'],
  ['blocked and unknown', infected, 'unknown', 'open'],
  ['benign but not blocked', { ...infected, outcome: 'allowed' }, 'benign', 'open'],
  ['malicious though blocked', infected, 'malicious', 'escalate'],
  ['executed and unknown', { ...infected, executed: true, outcome: 'allowed' }, 'unknown', 'escalate'],
  ['executed and benign', { ...infected, executed: true, outcome: 'allowed' }, 'benign', 'open'],
]);

rules('phishing', [
  ['benign and not clicked', mail, 'benign', 'close'],
  ['benign but clicked', { ...mail, clicked: true }, 'benign', 'open'],
  ['suspicious', mail, 'suspicious', 'open'],
  ['suspicious and clicked', { ...mail, clicked: true }, 'suspicious', 'escalate'],
  ['malicious', mail, 'malicious', 'escalate'],
]);

rules('suspicious_ip', [
  ['benign', inbound, 'benign', 'close'],
  ['suspicious from outside', inbound, 'suspicious', 'open'],
  ['suspicious and outbound', outbound, 'suspicious', 'escalate'],
  ['malicious', inbound, 'malicious', 'escalate'],
  [
    'a known scanner, whatever engines make of its scans',
    { ...inbound, src_ip: '162.142.125.9' },
    'malicious',
    'close',
  ],
  ['nothing known', inbound, 'unknown', 'open'],
]);

rules('lateral_movement', [
  ['benign with an allow-listed pair, for all its tools', admin, 'unknown', 'close'],
  ['a pair nobody allowed', moved, 'unknown', 'open'],
  ['psexec by an administrator', { ...moved, username: 'administrator', process: 'psexec.exe' }, 'unknown', 'escalate'],
  ['one alert of two allowed', [admin, { ...moved, process: 'psexec.exe', username: 'root' }], 'unknown', 'escalate'],
  ['a forged host name on a foreign address', { ...admin, src_ip: '185.220.101.1' }, 'unknown', 'escalate'],
]);

rules('data_exfil', [
  ['benign, small, known destination', { ...sent, domain: 'eu.partner-files.com' }, 'benign', 'close'],
  ['benign, small, known range', { dest_ip: '91.198.174.7', bytes_out: 1_000_000 }, 'unknown', 'close'],
  ['benign, small, unknown destination', sent, 'benign', 'open'],
  [
    'benign, large, known destination',
    { ...sent, domain: 'partner-files.com', bytes_out: 900_000_000 },
    'benign',
    'open',
  ],
  ['large to an unknown destination', { ...sent, bytes_out: 900_000_000 }, 'benign', 'escalate'],
  ['malicious', sent, 'malicious', 'escalate'],
  [
    'to an inside address',
    { ...sent, domain: 'files.corp.example', dest_ip: '10.0.0.9', bytes_out: 900_000_000 },
    'unknown',
    'open',
  ],
]);

describe('recommendations', () => {
  const named: Record<AlertType, [Alerts, string[]]> = {
    brute_force: [{ ...brute, outcome: 'success' }, ['185.220.101.1', 'bob', 'web03']],
    malware: [{ ...infected, executed: true, outcome: 'allowed' }, ['ws1', 'a.exe', `${'a'.repeat(63)}b`]],
    phishing: [{ ...mail, clicked: true }, ['a@sender.com', 'https://lure.com/x', 'me@corp.example']],
    suspicious_ip: [{ ...outbound, hostname: 'ws1' }, ['185.220.101.1', 'ws1']],
    lateral_movement: [moved, ['ws1', 'app1', 'bob']],
    data_exfil: [{ ...sent, bytes_out: 900_000_000 }, ['somewhere.com', 'ws1', 'bob']],
  };
  for (const type of ALERT_TYPES) {
    test(`of ${type} name who and what`, () => {
      const [alerts, names] = named[type];
      const text = decision(type, alerts, 'malicious').recommendations.join('\n');
      for (const name of names) assert.ok(text.includes(name), `${name} in:\n${text}`);
    });
  }
});
