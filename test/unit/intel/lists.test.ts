import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MD5, readDocument, SHA256, valuesOf } from './reading';

const lines = (...all: string[]): string => all.join('\n');

describe('a plain list', () => {
  it('has one indicator a line, defanged or not, among remarks of all kinds', () => {
    const read = readDocument(
      lines(
        '# our list',
        '; of bad things',
        '// seen in July',
        '185.220.101.1',
        '  185[.]220.101[.]2  # seen twice',
        'hxxps://evil-shop[.]com/kit#login // a kit',
        'evil-shop.com;a remark',
        '- bad-bank.com',
        `* ${MD5}`,
        '185.220.101.3:9001',
        '185.220.102.0/24 ; a network',
        'evil [.] com',
        'mallory@evil-shop.com,',
        '"quoted-evil.com"',
      ),
    );
    assert.equal(read.format, 'list');
    assert.deepEqual(valuesOf(read), [
      'ip 185.220.101.1',
      'ip 185.220.101.2',
      'url https://evil-shop.com/kit',
      'domain evil-shop.com',
      'domain bad-bank.com',
      `md5 ${MD5}`,
      'ip 185.220.101.3',
      'ip 185.220.102.0/24',
      'domain evil.com',
      'email mallory@evil-shop.com',
      'domain quoted-evil.com',
    ]);
    assert.deepEqual(read.problems, []);
  });

  it('may have several on a line, or words behind one', () => {
    const read = readDocument(
      lines('185.220.101.1 185.220.101.2, evil-shop.com', '185.220.101.3\t17\tDE', '185.220.101.4'),
    );
    assert.deepEqual(valuesOf(read), [
      'ip 185.220.101.1',
      'ip 185.220.101.2',
      'domain evil-shop.com',
      'ip 185.220.101.3',
      'ip 185.220.101.4',
    ]);
  });

  it('refuses by line what is no indicator, and keeps the rest', () => {
    const read = readDocument(
      lines('evil-shop.com', 'com', '127.0.0.1', '8.0.0.0/4', 'no value here', 'bad-bank.com'),
      'list',
    );
    assert.deepEqual(valuesOf(read), ['domain evil-shop.com', 'domain bad-bank.com']);
    assert.deepEqual(
      read.findings.map(({ line, kind }) => [line, kind]),
      [
        [1, 'indicator'],
        [2, 'refused'],
        [3, 'refused'],
        [4, 'refused'],
        [5, 'refused'],
        [6, 'indicator'],
      ],
    );
  });

  it('may be a file of hosts', () => {
    const read = readDocument(
      lines(
        '127.0.0.1 localhost localhost.localdomain',
        '::1 localhost ip6-loopback',
        '255.255.255.255 broadcasthost',
        '0.0.0.0 0.0.0.0',
        '0.0.0.0 evil-shop.com www.evil-shop.com # a shop',
        '127.0.0.1\tbad-bank.com',
      ),
    );
    assert.equal(read.format, 'list');
    assert.deepEqual(valuesOf(read), ['domain evil-shop.com', 'domain www.evil-shop.com', 'domain bad-bank.com']);
    assert.deepEqual(read.problems, []);
  });

  it('may be rules of filters and name servers', () => {
    const read = readDocument(
      lines(
        '[Adblock Plus 2.0]',
        '! Title: bad things',
        '||evil-shop.com^',
        '||ads.bad-bank.com^$third-party',
        '||kit-evil.com/login',
        '@@||good-evil.com^',
        'address=/dns-evil.com/0.0.0.0',
        'local-zone: "zone-evil.com" refuse',
        'rpz-evil.com CNAME .',
        '*.wild-evil.com CNAME .',
        'deny 185.220.101.1;',
        'add blocked 185.220.102.0/24',
      ),
    );
    assert.equal(read.format, 'list');
    assert.deepEqual(valuesOf(read), [
      'domain evil-shop.com',
      'domain ads.bad-bank.com',
      'url http://kit-evil.com/login',
      'domain dns-evil.com',
      'domain zone-evil.com',
      'domain rpz-evil.com',
      'domain wild-evil.com',
      'ip 185.220.101.1',
      'ip 185.220.102.0/24',
    ]);
    assert.match(read.problems.join(), /^unsupported @@\|\|good-evil.com\^: /);
  });
});

describe('the list of', () => {
  it('Spamhaus, as text and as JSON lines', () => {
    const reference = 'https://check.spamhaus.org/sbl/query/SBL900001';
    const wanted = [
      { type: 'ip', value: '185.220.100.0/22', reference },
      { type: 'ip', value: '2a0b:f4c0::/32', reference },
    ];
    const text = lines('; Spamhaus DROP List', '185.220.100.0/22 ; SBL900001', '2a0b:f4c0::/32 ; SBL900001');
    const json = lines(
      '{"cidr":"185.220.100.0/22","sblid":"SBL900001","rir":"ripencc"}',
      '{"cidr":"2a0b:f4c0::/32","sblid":"SBL900001","rir":"ripencc"}',
      '{"asn":64500,"domain":"x"}',
      'broken',
      '{"type":"metadata","records":2}',
    );
    assert.deepEqual(readDocument(text).indicators, wanted);
    const read = readDocument(json);
    assert.equal(read.format, 'spamhaus-drop');
    assert.deepEqual(read.indicators, wanted);
    assert.deepEqual(
      read.findings.slice(2).map(({ kind, line }) => [kind, line]),
      [
        ['unsupported', 3],
        ['refused', 4],
      ],
    );
  });

  it('the Tor project: addresses, never the fingerprint of a relay', () => {
    const read = readDocument(
      lines(
        'ExitNode 9B1E6F4A02C7D853B4E9F16A7D0C25E83F94B1A6',
        'Published 2026-11-28 22:16:46',
        'LastStatus 2026-11-28 23:08:39',
        'ExitAddress 185.220.101.1 2026-11-28 23:17:58',
        'ExitAddress 185.220.101.2 2026-11-28 23:17:59',
      ),
    );
    assert.equal(read.format, 'tor-exits');
    assert.deepEqual(read.indicators, [
      { type: 'ip', value: '185.220.101.1', last_seen: '2026-11-28T23:17:58.000000Z', tags: ['tor-exit'] },
      { type: 'ip', value: '185.220.101.2', last_seen: '2026-11-28T23:17:59.000000Z', tags: ['tor-exit'] },
    ]);
    assert.deepEqual(read.problems, []);
  });

  it('DShield: ranges by their prefix, nobody to complain to', () => {
    const read = readDocument(
      lines(
        '# block list, info@evil-shop.com, http://feeds.evil-shop.com/block.txt',
        'Start\tEnd\tNetblock\tAttacks\tName\tCountry\temail',
        '185.220.101.0\t185.220.101.255\t24\t788\tSomeone\tDE\tadmin@bad-bank.com',
        '185.220.102.0\t185.220.102.255\t\t1',
      ),
    );
    assert.equal(read.format, 'dshield');
    assert.deepEqual(valuesOf(read), ['ip 185.220.101.0/24']);
    assert.equal(read.problems.length, 1);
  });
});

describe('a report in free text', () => {
  it('gives what is defanged, and no files, placeholders and references', () => {
    const read = readDocument(
      lines(
        'REFERENCE: https://blog-somebody.com/2026/report',
        'The loader setup.exe (rundll32.exe calls gc.key) asks hxxps[:]//evil-shop[.]com/kit, then 185.220.101[.]1:443.',
        'From: "BANK.COM" <mallory@evil-shop.com>',
        'The pattern is https://[sub].[apex]/[UUID], the user-agent curl/8.1.2, and 276.1.2.3 a mistake.',
        `The DLL has the hash ${SHA256}; the command asks bad-bank[.]cc twice.`,
        'It pings 127.0.0.1 first.',
      ),
    );
    assert.equal(read.format, 'text');
    assert.deepEqual(valuesOf(read), [
      'url https://evil-shop.com/kit',
      'ip 185.220.101.1',
      'email mallory@evil-shop.com',
      `sha256 ${SHA256}`,
      'domain bad-bank.cc',
    ]);
    assert.deepEqual(
      read.findings.flatMap(({ kind, line }) => (kind === 'indicator' ? [] : [`${kind} ${line}`])),
      ['unsupported 1', 'refused 6'],
    );
  });

  it('gives plain links where nothing is defanged', () => {
    const read = readDocument(
      'Please block http://evil-shop.com/kit and bad-bank.com, thank you. It is urgent (see below).',
    );
    assert.deepEqual(valuesOf(read).sort(), ['domain bad-bank.com', 'url http://evil-shop.com/kit']);
  });
});
