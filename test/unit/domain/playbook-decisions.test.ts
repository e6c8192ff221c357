import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ALERT_TYPES, type Alert, type AlertType } from '../../../domain/alert';
import { decide } from '../../../domain/decide';
import type { Decision } from '../../../domain/incident';
import { playbookFor, PLAYBOOKS } from '../../../domain/playbooks';
import { dueBy } from '../../../domain/service-level';
import { SEVERITIES } from '../../../domain/severity';
import { DEFAULT_SITE } from '../../../domain/site';
import { techniqueName, techniquesOf } from '../../../domain/techniques';
import type { Assessment } from '../../../domain/verdict';
import { accuse, answer, CLEAN, judge, noIocs } from './cases';
import { admin, brute, inbound, infected, mail, moved, outbound, sent } from './plain-alerts';
import { before, factsOf, tells, type Situation } from './situations';

/** As the sources that are required see it: VirusTotal shows clean what it may be asked about; our own database is silent. */
function decided(type: AlertType, situation: Situation): Decision & Pick<Assessment, 'verdict'> {
  const facts = factsOf(situation);
  const said = playbookFor(type)
    .observables(facts)
    .filter(({ type: of, flags }) => !['host', 'user', 'email'].includes(of) && flags.length === 0)
    .map((one) => answer('virustotal', `${one.type}:${one.value}`, CLEAN));
  const assessment = judge(type, facts, [...noIocs(type, facts), ...said]);
  return { verdict: assessment.verdict, ...decide(playbookFor(type), facts, assessment) };
}

describe('a scanner that the site allows', () => {
  const site = {
    known_scanners: [
      { range: '62.113.203.0/24', name: 'our tester' },
      { range: '10.0.9.0/24', name: 'scans' },
    ],
  };
  const scan: Partial<Alert> = { ...inbound, src_ip: '62.113.203.9' };
  const guessing: Partial<Alert> = { ...brute, src_ip: '10.0.9.7', failed_attempts: 19 };
  const rows: [what: string, type: AlertType, alerts: Situation['alerts'], outcome: Decision['outcome']][] = [
    ['a scan closes', 'suspicious_ip', scan, 'close'],
    ['a scan that was let in closes too: it is to look', 'suspicious_ip', { ...scan, outcome: 'allowed' }, 'close'],
    ['a scan from inside closes', 'suspicious_ip', { ...scan, src_ip: '10.0.9.7' }, 'close'],
    ['guessing without a success closes', 'brute_force', guessing, 'close'],
    ['guessing at many closes', 'brute_force', { ...guessing, failed_attempts: 199 }, 'close'],
    ['guessing at a privileged account closes', 'brute_force', { ...guessing, username: 'root' }, 'close'],
    ['guessing with a success does not', 'brute_force', { ...guessing, outcome: 'success' }, 'escalate'],
    ['one success alone does not', 'brute_force', { ...guessing, failed_attempts: 0, outcome: 'success' }, 'open'],
    ['beside another source does not', 'brute_force', [guessing, { ...guessing, src_ip: '10.0.8.7' }], 'open'],
    ['by its name alone does not', 'brute_force', { ...guessing, src_ip: '10.0.8.7', src_hostname: 'scans' }, 'open'],
    ['as a destination does not', 'suspicious_ip', { ...outbound, dest_ip: '10.0.9.7', src_ip: '10.0.8.7' }, 'open'],
  ];
  for (const [what, type, alerts, outcome] of rows) {
    test(`${type}: ${what}`, () => assert.equal(decided(type, { alerts, site }).outcome, outcome));
  }

  test('caps nothing where it is the destination', () => {
    const facts = factsOf({ alerts: { ...outbound, dest_ip: '62.113.203.9' }, site });
    assert.deepEqual(
      judge('suspicious_ip', facts, [], { hits: [] }).guards.map(({ list }) => list),
      ['internal'],
    );
  });

  test('is no scanner without the site saying so', () => {
    assert.equal(decided('brute_force', { alerts: guessing }).outcome, 'open');
  });

  test('caps what is said of it, and the reason names it with the version of the site knowledge', () => {
    const facts = factsOf({ alerts: scan, site });
    const readings = [...noIocs('suspicious_ip', facts), accuse('virustotal', 'ip:62.113.203.9', 65)];
    const { guards, score } = judge('suspicious_ip', facts, readings, { hits: [], siteId: 'abcdef0123456789' });
    const guard = guards.find(({ observable }) => observable === 'ip:62.113.203.9');
    assert.deepEqual([guard?.list, guard?.version, guard?.kind], ['known_scanners', 'abcdef012345', 'benign']);
    assert.equal(guard?.reason, '62.113.203.9 is a scanner that this site allows (our tester)');
    assert.equal(score, guard?.cap);
  });
});

test('an admin pair at night is routine, and the same at night without a pair is looked at', () => {
  const site = {
    working_hours: { timezone: 'Europe/Berlin', days: ['mon' as const], from: '07:00', to: '19:00' },
  };
  const at = (alert: Partial<Alert>): Situation => ({ alerts: { ...alert, timestamp: '2026-11-24T02:00:00Z' }, site });
  assert.deepEqual(
    [decided('lateral_movement', at(admin)).outcome, decided('lateral_movement', at(admin)).verdict],
    ['close', 'benign'],
  );
  const night = decided('lateral_movement', at({ ...moved, username: 'root' }));
  assert.deepEqual([night.outcome, night.verdict], ['escalate', 'suspicious']);
  assert.equal(decided('lateral_movement', { ...at({ ...moved, username: 'root' }), site: {} }).verdict, 'unknown');
});

describe('techniques', () => {
  const rows: [what: string, type: AlertType, situation: Situation, techniques: string[]][] = [
    ['guessing', 'brute_force', { alerts: brute }, ['T1110']],
    [
      'a guess that was right, from a Tor exit, at many accounts',
      'brute_force',
      {
        alerts: ['a', 'b', 'c', 'd', 'e'].map((username) => ({ ...brute, username, outcome: 'success' as const })),
        told: [tells('ip:185.220.101.1', { kinds: ['tor'] })],
      },
      ['T1110', 'T1110.003', 'T1078', 'T1090'],
    ],
    ['a blocked file', 'malware', { alerts: infected }, ['T1204.002']],
    [
      'a file that a document started, and that is elsewhere too',
      'malware',
      {
        alerts: { ...infected, executed: true, parent_process: 'winword.exe' },
        earlier: [before(`sha256:${infected.file_hash ?? ''}`, { hosts: ['ws9'] })],
      },
      ['T1204.002', 'T1566.001', 'T1570'],
    ],
    ['a mail', 'phishing', { alerts: mail }, ['T1566']],
    [
      'a mail in the name of another, opened',
      'phishing',
      { alerts: { ...mail, email_from: 'a@paypa1.com', clicked: true } },
      ['T1566', 'T1656', 'T1583.001', 'T1204'],
    ],
    ['a mail with replies elsewhere', 'phishing', { alerts: { ...mail, reply_to: 'a@b.net' } }, ['T1566', 'T1656']],
    ['what leaves', 'suspicious_ip', { alerts: { ...outbound, dest_port: 4444 } }, ['T1071', 'T1571']],
    ['what only knocks', 'suspicious_ip', { alerts: inbound }, []],
    [
      'what knocks at a critical host and gets in',
      'suspicious_ip',
      { alerts: { ...inbound, hostname: 'dc01', outcome: 'allowed' } },
      [],
    ],
    ['movement', 'lateral_movement', { alerts: moved }, ['T1021']],
    [
      'movement of an administrator with tools',
      'lateral_movement',
      { alerts: { ...moved, username: 'root', command_line: 'psexec.exe \\\\x mimikatz' } },
      ['T1021', 'T1569.002', 'T1078', 'T1550', 'T1003'],
    ],
    ['a transfer', 'data_exfil', { alerts: sent }, ['T1048']],
    [
      'a transfer to a drop site by a tool',
      'data_exfil',
      { alerts: { ...sent, domain: 'mega.nz', process: 'rclone' } },
      ['T1048', 'T1567.002', 'T1020'],
    ],
  ];
  for (const [what, type, situation, techniques] of rows) {
    test(`of ${type}: ${what}`, () => assert.deepEqual(decided(type, situation).techniques, techniques));
  }

  test('those that the alerts name come first, each once', () => {
    const alerts = [
      { ...brute, mitre: ['T1110.001', 'T1110'] },
      { ...brute, mitre: ['T1110.001'] },
    ];
    assert.deepEqual(decided('brute_force', { alerts }).techniques, ['T1110.001', 'T1110']);
  });

  test('what a source calls like an own signal chooses none', () => {
    const facts = factsOf({ alerts: brute });
    const readings = [accuse('abuseipdb', 'ip:185.220.101.1', 20, { name: 'tor_exit' })];
    const assessment = judge('brute_force', facts, readings);
    assert.deepEqual(decide(PLAYBOOKS.brute_force, facts, assessment).techniques, ['T1110']);
  });

  test('have a name, and one that is not known stays as it is', () => {
    for (const type of ALERT_TYPES) {
      for (const { id } of PLAYBOOKS[type].techniques) assert.match(techniqueName(id), /^T[\d.]+ [A-Z]/);
    }
    assert.equal(techniqueName('T9999'), 'T9999');
    assert.deepEqual(techniquesOf([], [], []), []);
  });

  test('signals that choose one are signals that the playbook has', () => {
    const told = new Set(
      [
        'password_spray success_after_failures tor_exit started_by_document other_hosts look_alike_domain',
        'reply_to_mismatch young_domain clicked outbound_connection odd_port critical_host watched_country',
        'remote_exec_tool admin_account credential_theft drop_site copy_tool',
      ].flatMap((names) => names.split(' ')),
    );
    for (const type of ALERT_TYPES) {
      for (const name of PLAYBOOKS[type].techniques.flatMap(({ when = [] }) => when)) {
        assert.ok(told.has(name), `${type}: ${name}`);
      }
    }
  });
});

describe('when an incident is due', () => {
  const created_at = '2026-11-23T12:00:00.000Z';
  const expected = {
    critical: { acknowledge: '2026-11-23T12:15:00.000Z', close: '2026-11-23T20:00:00.000Z' },
    high: { acknowledge: '2026-11-23T13:00:00.000Z', close: '2026-11-24T12:00:00.000Z' },
    medium: { acknowledge: '2026-11-23T16:00:00.000Z', close: '2026-11-26T12:00:00.000Z' },
    low: { acknowledge: '2026-11-24T12:00:00.000Z', close: '2026-11-30T12:00:00.000Z' },
  };
  for (const severity of SEVERITIES) {
    test(`goes by its severity: ${severity}`, () => {
      for (const outcome of ['open', 'escalate'] as const) {
        assert.deepEqual(dueBy(DEFAULT_SITE, { severity, created_at, paused_ms: 0 }, { outcome }), {
          due: expected[severity],
        });
      }
    });
    test(`and it is due to nobody when it closes itself: ${severity}`, () => {
      assert.deepEqual(dueBy(DEFAULT_SITE, { severity, created_at, paused_ms: 0 }, { outcome: 'close' }), {});
    });
  }

  test("goes by the site's own service levels", () => {
    const sla = { ...DEFAULT_SITE.sla, high: { acknowledge: 5, close: 90 } };
    assert.deepEqual(dueBy({ sla }, { severity: 'high', created_at, paused_ms: 0 }, { outcome: 'open' }), {
      due: { acknowledge: '2026-11-23T12:05:00.000Z', close: '2026-11-23T13:30:00.000Z' },
    });
  });
});

test('what was judged before is named among what to do, when it is still held to be harm', () => {
  const ties: [AlertType, Situation['alerts'], string][] = [
    ['brute_force', brute, 'user:bob'],
    ['malware', infected, 'host:ws1'],
    ['phishing', mail, 'email:a@sender.com'],
    ['suspicious_ip', inbound, 'ip:185.220.101.1'],
    ['lateral_movement', moved, 'host:ws1'],
    ['data_exfil', sent, 'host:ws1'],
  ];
  for (const [type, alerts, tie] of ties) {
    const advice = (earlier: Situation['earlier'] = []) => decided(type, { alerts, earlier }).recommendations.at(-1);
    assert.match(advice([before(tie)]) ?? '', /^Look at it together with INC-1/, type);
    assert.doesNotMatch(advice([before(tie, { resolution: 'false_positive' })]) ?? '', /INC-1/, type);
  }
});
