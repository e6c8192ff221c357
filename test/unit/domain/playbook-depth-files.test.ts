import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import punycode from 'punycode/punycode.js';
import type { Alert } from '../../../domain/alert';
import { imitated } from '../../../domain/playbooks/look-alike';
import { SITE } from './cases';
import { infected, mail } from './plain-alerts';
import { before, checkEarlierAlarm, checkSignals, tells, type Situation } from './situations';

const FILE = `sha256:${infected.file_hash ?? ''}`;

describe('own signals of malware', () => {
  const ran: Partial<Alert> = { ...infected, executed: true, outcome: 'allowed' };
  const from = (parent_process: string, change: Partial<Alert> = {}): Situation => ({
    alerts: { ...ran, parent_process, ...change },
  });
  const called = (about: { label?: string; family?: string }, source?: string): Situation => ({
    alerts: infected,
    told: [tells(FILE, about, source)],
  });
  const elsewhere = (hosts: string[], shares: string[] = [FILE], alerts: Partial<Alert> = infected): Situation => ({
    alerts,
    earlier: hosts.map((host, index) => before(shares, { id: `INC-${index}`, hosts: [host], verdict: 'unknown' })),
  });

  checkSignals('malware', [
    {
      signal: 'executed',
      points: 20,
      says: /^a\.exe ran on ws1$/,
      when: { alerts: ran },
      not: {
        'an alert that says it did not run': { alerts: { ...ran, executed: false } },
        'an alert that does not say so': { alerts: { file_hash: infected.file_hash ?? '', outcome: 'allowed' } },
      },
    },
    {
      signal: 'started_by_document',
      points: 25,
      says: /^It was started by C:\\Office\\EXCEL\.EXE, which opens documents or mails$/,
      when: from('C:\\Office\\EXCEL.EXE'),
      not: {
        'another parent': from('C:\\Windows\\explorer.exe'),
        'a parent that is only named like one': from('C:\\tmp\\notexcel.exe'),
        'a file that did not run': from('EXCEL.EXE', { executed: false }),
      },
    },
    {
      signal: 'critical_host',
      points: 15,
      says: /^DC01 is a critical host$/,
      when: { alerts: { ...ran, hostname: 'DC01' } },
      not: {
        'all of it blocked': { alerts: { ...infected, hostname: 'DC01' } },
        'a host like any other': { alerts: ran },
        'a host of the same name elsewhere': { alerts: { ...ran, hostname: 'dc01.other.example' } },
      },
    },
    {
      signal: 'malware_family',
      points: 15,
      says: /^It is named trojan\.emotet\/agentb$/,
      evidence: `1/virustotal/${FILE}`,
      when: called({ label: 'trojan.emotet/agentb', family: 'emotet' }, 'virustotal'),
      not: {
        'nobody who names it': { alerts: infected },
        'potentially unwanted software': called({ label: 'pua.installcore/bundler' }),
        'a trojan that is called unwanted too': called({ label: 'trojan.pua/opencandy' }),
        adware: called({ label: 'adware.elex' }),
        'the EICAR test file': called({ label: 'trojan.eicar/test' }),
        'a name that says nothing of what it does': called({ family: 'agentb' }),
        'a word that only holds a dangerous one': called({ label: 'grateful.wormwood' }),
        'a file that is not in the alert': {
          alerts: infected,
          told: [tells(`sha256:${'c'.repeat(64)}`, { label: 'ransomware.x' })],
        },
      },
    },
    {
      signal: 'malware_family',
      points: 15,
      says: /^It is named redlinestealer$/,
      evidence: `1/geoip/${FILE}`,
      when: called({ family: 'redlinestealer' }),
      not: {},
    },
    {
      signal: 'other_hosts',
      points: 10,
      says: /^Within a day the same file was on ws2, ws3 too$/,
      when: elsewhere(['ws2', 'ws3']),
      not: {
        'nothing before': { alerts: infected },
        'the same host': elsewhere(['ws1']),
        'the same host, as another tool spells it': elsewhere(['ws1.corp.example'], [FILE], {
          ...infected,
          hostname: 'WS1.corp.example',
        }),
        'the same host by its short name': elsewhere(['ws1.corp.example'], [FILE], { ...infected, hostname: 'WS1' }),
        'something else that is shared': elsewhere(['ws2'], ['user:bob', 'ip:185.220.101.1']),
        'an incident that names no host': { alerts: infected, earlier: [before(FILE)] },
      },
    },
    {
      signal: 'other_hosts',
      points: 20,
      says: /^Within a day the same file was on ws2, ws3, ws4 and 1 more too$/,
      when: elsewhere(['ws2', 'ws3', 'ws4', 'ws5']),
      not: {},
    },
    {
      signal: 'other_hosts',
      points: 20,
      says: /on ws2, ws3, ws4 too$/,
      when: elsewhere(['ws2', 'ws3', 'ws4']),
      not: {},
    },
  ]);
  checkEarlierAlarm('malware', 10, infected, 'host:ws1', FILE);
});

describe('own signals of phishing', () => {
  const DAY_MS = 86_400_000;
  const NOW_MS = Date.parse('2026-11-23T12:00:00Z');
  const young = (ageMs: number, change: Situation = { alerts: mail }, domain = 'lure.com'): Situation => ({
    ...change,
    told: [tells(`domain:${domain}`, { registered: new Date(NOW_MS - ageMs).toISOString() }, 'virustotal')],
  });
  const reply = (email_from: string, reply_to: string): Situation => ({ alerts: { ...mail, email_from, reply_to } });

  checkSignals('phishing', [
    {
      signal: 'look_alike_domain',
      points: 30,
      says: /^paypa1\.com imitates paypal\.com: letters that look alike$/,
      when: { alerts: { ...mail, email_from: 'service@paypa1.com' } },
      not: {
        'the domain itself': { alerts: { ...mail, email_from: 'service@paypal.com' } },
        'one that is only mentioned': { alerts: { ...mail, raw_log: 'see paypa1.com' } },
        'one of the recipient': { alerts: { ...mail, email_to: ['a@paypa1.com'] } },
      },
    },
    {
      signal: 'look_alike_domain',
      points: 30,
      says: /^partner-fi1es\.com imitates partner-files\.com/,
      when: { alerts: { ...mail, url: 'https://partner-fi1es.com/login' } },
      not: {},
    },
    {
      signal: 'young_domain',
      points: 20,
      says: /^lure\.com was registered 29 days before; 30 days are young here$/,
      evidence: '1/virustotal/domain:lure.com',
      when: young(30 * DAY_MS - 1),
      not: {
        'one registered exactly 30 days ago': young(30 * DAY_MS),
        'one registered in the future': young(-1),
        'nobody who says when': { alerts: mail },
        'one that is older than what is young here': young(7 * DAY_MS, {
          alerts: mail,
          site: { young_domain_days: 7 },
        }),
        'one that is only mentioned': young(DAY_MS, { alerts: { ...mail, raw_log: 'see other.com' } }, 'other.com'),
      },
    },
    {
      signal: 'young_domain',
      points: 20,
      says: /^sender\.com was registered on the same day;/,
      evidence: '1/virustotal/domain:sender.com',
      when: young(0, { alerts: mail }, 'sender.com'),
      not: {},
    },
    {
      signal: 'young_domain',
      points: 20,
      says: /^lure\.com was registered the day before; 90 days/,
      evidence: '1/virustotal/domain:lure.com',
      when: young(DAY_MS, { alerts: mail, site: { young_domain_days: 90 } }),
      not: {},
    },
    {
      signal: 'reply_to_mismatch',
      points: 20,
      says: /^The mail is from sender\.com, but replies go to other\.net$/,
      when: reply('a@sender.com', 'b@other.net'),
      not: {
        'another name below the same domain': reply('a@mail.sender.com', 'b@sender.com'),
        'no address for replies': { alerts: mail },
        'what is no address': reply('a@sender.com', 'nobody'),
      },
    },
    {
      signal: 'clicked',
      points: 10,
      says: /^bob opened the link or the attachment$/,
      when: { alerts: { ...mail, username: 'bob', clicked: true } },
      not: { 'a mail that nobody opened': { alerts: { ...mail, username: 'bob' } } },
    },
    {
      signal: 'clicked',
      points: 10,
      says: /^me@corp\.example opened/,
      when: { alerts: { ...mail, executed: true } },
      not: {},
    },
  ]);
  checkEarlierAlarm('phishing', 15, mail, 'email:a@sender.com', 'user:bob');
});

describe('a name that is imitated', () => {
  const partners = [...SITE.own_domains, ...SITE.known_destinations, 'contoso.example', 'bigbank.co.uk'];
  const ascii = (name: string) => punycode.toASCII(name);
  const imitations: [string, string, RegExp][] = [
    [ascii('p\u0430ypal.com'), 'paypal.com', /^it is drawn p\u0430ypal$/],
    [ascii('m\u0456cr\u043es\u043eft.com'), 'microsoft.com', /^it is drawn/],
    [ascii('g\u00f6ogle.com'), 'google.com', /^it is drawn g\u00f6ogle$/],
    ['rnicrosoft.com', 'microsoft.com', /^letters that look alike$/],
    ['g00gle.com', 'google.com', /^letters that look alike$/],
    ['vvhatsapp.com', 'whatsapp.com', /^letters that look alike$/],
    ['arnazon.com', 'amazon.com', /^letters that look alike$/],
    ['s1ack.com', 'slack.com', /^letters that look alike$/],
    ['paypai.com', 'paypal.com', /^one letter differs$/],
    ['paypall.com', 'paypal.com', /^one letter differs$/],
    ['paypl.com', 'paypal.com', /^one letter differs$/],
    ['payapl.com', 'paypal.com', /^one letter differs$/],
    ['paypal-secure.net', 'paypal.com', /^the name stands in it as a word$/],
    ['login-micros0ft-online.com', 'microsoft.com', /^the name stands in it as a word$/],
    ['paypal.com.evil.ru', 'paypal.com', /^paypal\.com stands in front of evil\.ru$/],
    ['www.paypal.com.evil.ru', 'paypal.com', /stands in front of evil\.ru$/],
    ['google.com.au.evil.ru', 'google.com', /^google\.com stands in front of evil\.ru$/],
    ['our-shop.com.evil.ru', 'our-shop.com', /stands in front of evil\.ru$/],
    ['0ur-shop.com', 'our-shop.com', /^letters that look alike$/],
    ['bigbamk.co.uk', 'bigbank.co.uk', /^one letter differs$/],
    ['corp.example.evil.ru', 'corp.example', /stands in front of evil\.ru$/],
  ];
  for (const [domain, real, how] of imitations) {
    test(`${domain} imitates ${real}`, () => {
      const found = imitated(domain, partners);
      assert.equal(found?.real, real);
      assert.match(found?.how ?? '', how);
    });
  }

  const harmless: Record<string, string> = {
    'paypal.com': 'is the domain itself',
    'google.com.au': 'is the same name under a suffix of two parts',
    'www.amazon.com.br': 'belongs to such a one',
    'paypal.de': 'is the same name elsewhere: brands own many',
    'www.paypal.com': 'belongs to it',
    'mail.our-shop.com': "is the site's own subdomain",
    'corp.example': "is the site's own domain",
    'partner-files.com': 'is a partner',
    'upload.partner-files.com': 'belongs to a partner',
    'black.com': 'is one slip from slack.com, but so short that many are',
    'shack.com': 'is a word of its own',
    'pineapple.com': 'only holds a name',
    'paypalmer.com': 'is more than one slip away',
    'evil.com': 'is like nothing',
    'groups.com': 'only ends like a short name',
    'xn--zzzzzz-.com': 'is no punycode that can be read',
    [ascii('b\u00fccher.com')]: 'is an honest international name',
    com: 'is no domain',
  };
  for (const [domain, why] of Object.entries(harmless)) {
    test(`${domain} imitates nothing: it ${why}`, () => assert.equal(imitated(domain, partners), undefined));
  }

  test('is told as people write it, however the site file names it', () => {
    const own = ['*.contoso-partner.com', '.corp.test', '91.198.174.0/24', '2001:db8::/32', '10.0.0.1'];
    assert.deepEqual(imitated('contoso-partner.com.evil.ru', own)?.real, 'contoso-partner.com');
    assert.deepEqual(imitated('corp.test.evil.ru', own)?.real, 'corp.test');
    assert.equal(imitated('files.contoso-partner.com', own), undefined);
    assert.equal(imitated('10.0.0.1.evil.ru', own), undefined);
  });
});
