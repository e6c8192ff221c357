import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Alert } from '../../../domain/alert';
import { observableId } from '../../../domain/observable';
import { extractObservables } from '../../../domain/observables';
import { observablesInText } from '../../../domain/text-observables';
import { SITE } from './cases';

function extract(alert: Partial<Alert>): Record<string, string> {
  const found = extractObservables({ source: 'test', ...alert }, SITE);
  return Object.fromEntries(found.map((one) => [observableId(one), [...one.roles, ...one.flags].join(' ')]));
}

function inText(text: string): string[] {
  return [...new Set(observablesInText(text).map(observableId))];
}

describe('fields', () => {
  test('give roles, merged over fields, and flags', () => {
    assert.deepEqual(
      extract({
        src_ip: '185.220.101.1',
        dest_ip: '10.0.0.1',
        host_ip: '10.0.0.1',
        hostname: 'DC01',
        username: 'CORP\\Admin',
        dest_username: 'root',
        raw_log: 'from 185.220.101.1 to 10.0.0.1',
      }),
      {
        'ip:185.220.101.1': 'source',
        'ip:10.0.0.1': 'destination alerted_host private own',
        'host:dc01': 'alerted_host internal_name',
        'user:corp\\admin': 'user',
        'user:root': 'target_user',
      },
    );
  });

  test('a link gives its host too, without user, password and fragment', () => {
    assert.deepEqual(extract({ url: 'hxxp://google.com:secret@185.220.101.1:8080/a#me@victim' }), {
      'url:http://185.220.101.1:8080/a': 'link',
      'ip:185.220.101.1': 'link',
    });
    assert.deepEqual(extract({ urls: ['https://evil.com/a', 'https://intra.corp.example/'] }), {
      'url:https://evil.com/a': 'link',
      'domain:evil.com': 'link',
      'url:https://intra.corp.example/': 'link own internal_name',
      'domain:intra.corp.example': 'link own internal_name',
    });
  });

  test('a link too long to be looked up still gives its host', () => {
    assert.deepEqual(extract({ url: `http://evil.com/${'a'.repeat(9000)}` }), { 'domain:evil.com': 'link' });
  });

  test('mail addresses give the domain of who wrote, not of whom they wrote to', () => {
    assert.deepEqual(
      extract({
        email_from: '"CEO <ceo@corp.example>" <x@evil.com>',
        email_to: ['a@gmail.com'],
        reply_to: 'y@bad.net',
      }),
      {
        'email:x@evil.com': 'sender',
        'domain:evil.com': 'sender',
        'email:y@bad.net': 'reply_to',
        'domain:bad.net': 'reply_to',
        'email:a@gmail.com': 'recipient',
      },
    );
  });

  test('hashes are told apart by length; the empty file is marked, placeholders are dropped', () => {
    const sha256 = 'a'.repeat(63) + 'b';
    assert.deepEqual(
      extract({ file_hash: sha256.toUpperCase(), file_hashes: ['d41d8cd98f00b204e9800998ecf8427e', '0'.repeat(64)] }),
      { [`sha256:${sha256}`]: 'file', 'md5:d41d8cd98f00b204e9800998ecf8427e': 'file empty_file' },
    );
  });

  test('host names with a public suffix are looked up as domains, the alerted host and own ones are not', () => {
    assert.deepEqual(
      extract({ hostname: 'ws1.ourcloud.com', dest_hostname: 'C2.evil.com.', src_hostname: 'www.our-shop.com' }),
      {
        'host:ws1.ourcloud.com': 'alerted_host',
        'host:www.our-shop.com': 'source own',
        'host:c2.evil.com': 'destination',
        'domain:c2.evil.com': 'destination',
      },
    );
  });

  test('a domain field may hold an address or a link', () => {
    assert.deepEqual(extract({ domain: '185.220.101.1' }), { 'ip:185.220.101.1': 'destination' });
    assert.deepEqual(extract({ domain: 'evil.com/templates' }), {
      'url:http://evil.com/templates': 'destination',
      'domain:evil.com': 'destination',
    });
  });

  test('a port that is glued to an address or a name is none of it', () => {
    const address = { 'ip:185.220.101.1': 'source' };
    for (const src_ip of [
      '185.220.101.1:443',
      '185.220.101.1#53',
      '[::ffff:185.220.101.1]:443',
      '185[.]220[.]101[.]1',
    ]) {
      assert.deepEqual(extract({ src_ip }), address, src_ip);
    }
    assert.deepEqual(extract({ dest_ip: '[2606:4700::1111]:853' }), { 'ip:2606:4700::1111': 'destination' });
    assert.deepEqual(extract({ src_ip: 'fe80::5%12' }), { 'ip:fe80::5': 'source private' });
    assert.deepEqual(extract({ domain: 'evil[.]com:8080' }), { 'domain:evil.com': 'destination' });
    assert.deepEqual(extract({ dest_hostname: 'c2.evil.com:8443' }), {
      'host:c2.evil.com': 'destination',
      'domain:c2.evil.com': 'destination',
    });
    assert.deepEqual(extract({ hostname: '10.0.0.9:445' }), { 'ip:10.0.0.9': 'alerted_host private own' });
  });

  test('a range is no address and no link, unless it holds one address only', () => {
    for (const range of ['203.0.113.0/24', '10.0.0.0/8', '2001:db8::/32']) {
      assert.deepEqual(extract({ src_ip: range, domain: range, url: range, urls: [range] }), {}, range);
    }
    assert.deepEqual(extract({ domain: '185.220.101.1/32' }), { 'ip:185.220.101.1': 'destination' });
    assert.deepEqual(extract({ url: '185.220.101.1/32' }), { 'ip:185.220.101.1': 'link' });
  });

  test('the files of an alert about a mail are attachments too', () => {
    const file_hash = `${'c'.repeat(31)}d`;
    const id = `md5:${file_hash}`;
    assert.equal(extract({ file_hash, email_subject: 'Invoice' })[id], 'file attachment');
    assert.equal(extract({ file_hashes: [file_hash], email_from: 'x@evil.com' })[id], 'file attachment');
    assert.equal(extract({ file_hash, hostname: 'ws1' })[id], 'file');
    assert.equal(extract({ raw_log: file_hash, email_from: 'x@evil.com' })[id], 'mentioned');
  });

  test('several addresses in one field of a mail are told apart', () => {
    assert.deepEqual(extract({ email_to: ['"Doe; Jane" <jane@corp.example>; Bob <bob@corp.example>, c@gmail.com'] }), {
      'email:jane@corp.example': 'recipient own internal_name',
      'email:bob@corp.example': 'recipient own internal_name',
      'email:c@gmail.com': 'recipient',
    });
  });
});

describe('free text', () => {
  const cases: [string, string[]][] = [
    [
      'hxxps[:]//a[.]com/7e06 hxxps://b[.]com/3dc4',
      ['url:https://a.com/7e06', 'domain:a.com', 'url:https://b.com/3dc4', 'domain:b.com'],
    ],
    ['peer 185.220.101.1:443 and [2606:4700::1111]:53', ['ip:185.220.101.1', 'ip:2606:4700::1111']],
    ['awsnetstat[.]com/45.227.255[.]75 (C2)', ['domain:awsnetstat.com', 'ip:45.227.255.75']],
    ['src=1.2.3.4;dst=::ffff:5.6.7.8,x', ['ip:1.2.3.4', 'ip:5.6.7.8']],
    ['mail to Bob(at)Example.com.', ['email:bob@example.com']],
    ['at 12:34:56 on 00:11:22:33:44:55 via std::dec face::add', []],
    ['C:\\Windows\\Microsoft.NET\\a.zip cmd.exe report.pdf payload.sh 1.2.3', []],
    ['imphash: 18ddf28a71089acdbab5038f58044c0a', []],
    [
      'SHA256=9103E15DD07751A41D7DDC7D3B2EF7612EFEAABA104DA87EF1FDFCCF9DC7D243',
      ['sha256:9103e15dd07751a41d7ddc7d3b2ef7612efeaaba104da87ef1fdfccf9dc7d243'],
    ],
    [
      'https://evil.com/10e099145e3c91cd94ccb9bdc50d0495/',
      ['url:https://evil.com/10e099145e3c91cd94ccb9bdc50d0495/', 'domain:evil.com'],
    ],
    ['javascript:alert(1) data:text/html,x', []],
    ['1.1.1.1/0 evil.com/test/bingo.php', ['url:http://evil.com/test/bingo.php', 'domain:evil.com']],
  ];
  for (const [text, expected] of cases) test(text, () => assert.deepEqual(inText(text), expected));
});

const MD5 = '9e107d9d372bb6826bd81d3542a419d6';
const SHA1 = '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12';
const SHA256 = 'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592';

function table(name: string, rows: [string, string[]][]): void {
  describe(name, () => {
    for (const [text, expected] of rows) test(text.slice(0, 120), () => assert.deepEqual(inText(text), expected));
  });
}

table('defanged and broken forms', [
  ['call bob AT evil DOT com', ['email:bob@evil.com', 'domain:evil.com']],
  ['login failed AT evil.com', ['email:failed@evil.com', 'domain:evil.com']],
  ['LOGIN FAILED at evil.com', ['domain:evil.com']],
  ['c2 is badhostDOTcom', ['domain:badhost.com']],
  ['http//evil.com/a and https:/evil.com/b', ['url:http://evil.com/a', 'domain:evil.com', 'url:https://evil.com/b']],
  ['https:// evil.com/a', ['url:https://evil.com/a', 'domain:evil.com']],
  ['drops from invoice[.]zip, and opens invoice.zip', ['domain:invoice.zip']],
  ['https://evil.com/fooDOTcom', ['url:https://evil.com/fooDOTcom', 'domain:evil.com']],
  ['get \u201chttps://evil.com/a\u201d now\u2026', ['url:https://evil.com/a', 'domain:evil.com']],
  ['see https://evil.com/a_(b)).', ['url:https://evil.com/a_(b)', 'domain:evil.com']],
  [
    'https://eur.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.com%2Fx&data=1',
    [
      'url:https://eur.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.com%2Fx&data=1',
      'domain:eur.safelinks.protection.outlook.com',
      'url:https://evil.com/x',
      'domain:evil.com',
    ],
  ],
  ['evil.com/a?b=c&d=e, then', ['url:http://evil.com/a?b=c&d=e', 'domain:evil.com']],
  ['攻击源\uff1a185.220.101.1\uff0c目标\uff1aevil.com。', ['ip:185.220.101.1', 'domain:evil.com']],
]);

table('addresses', [
  ['src:185.220.101.1:51234 dst:2606:4700::1111', ['ip:185.220.101.1', 'ip:2606:4700::1111']],
  ['query from client 185.220.101.1#53', ['ip:185.220.101.1']],
  ['for outside:185.220.101.1/22 to inside:10.0.0.1/51234', ['ip:185.220.101.1', 'ip:10.0.0.1']],
  ['185.220.101.1/51234 185.220.101.2/a4', ['ip:185.220.101.1', 'url:http://185.220.101.2/a4', 'ip:185.220.101.2']],
  ['185.220.101.1:443/tcp', ['ip:185.220.101.1']],
  ['accepted /185.220.101.1:51234, dc01/10.0.0.9:445', ['ip:185.220.101.1', 'ip:10.0.0.9']],
  ['ssh root@185.220.101.1 and git@evil.com:a/b', ['ip:185.220.101.1', 'domain:evil.com']],
  ['[ipv4:185.220.101.1:62419] [fe80::5%eth0]:53', ['ip:185.220.101.1', 'ip:fe80::5']],
  ['2001:db8::1, 64:ff9b::b9dc:6501 and 2a00::', ['ip:2001:db8::1', 'ip:64:ff9b::b9dc:6501', 'ip:2a00::']],
  ['blocked 10.0.0.0/8, 203.0.113.0/24, 2001:db8::/32 and 0.0.0.0/0', []],
  ['v=spf1 ip4:203.0.113.0/24', []],
  ['allow 185.220.101.1/32 and 2606:4700::1111/128', ['ip:185.220.101.1', 'ip:2606:4700::1111']],
  ['Chrome/120.0.0.0 Firefox 1.2.3.4 agent version: 10.1.2.3, FileVersion=1.2.3.4 version:1.2.3.4', []],
  ['at 00:11:22:33:44:55 feed::add fade::bad a::b', []],
  ['"a\\n185.220.101.1\\r\\nb"', ['ip:185.220.101.1']],
  ['http://185.220.101.1:99999/ 256.1.1.1 010.0.0.1', []],
]);

table('names', [
  ['{"event.id": "4", "host.name":"ws1", "rule.author" : []}', []],
  ['event.id=4 {"evil.com": 3}', ['domain:evil.com']],
  ['domain:evil.com url:evil.com/a', ['domain:evil.com', 'url:http://evil.com/a']],
  ['remote_location.city _dmarc.evil.com', ['domain:_dmarc.evil.com']],
  ['www.evil.cc evil.com.py setup.py id_rsa.pub', ['domain:www.evil.cc', 'domain:evil.com.py']],
  ['//evil.com/x', ['url:http://evil.com/x', 'domain:evil.com']],
  ['mailto:bob@evil.com?subject=Hi', ['email:bob@evil.com']],
  ['Message-ID: <1234.abc@mail.evil.com> abuse-mailbox: noc@evil.com', []],
  ['https://attack.mitre.org/techniques/T1110 https://acme.console.aws.amazon.com/x', []],
  [
    'https://attack.mitre.org.evil.com/',
    ['url:https://attack.mitre.org.evil.com/', 'domain:attack.mitre.org.evil.com'],
  ],
]);

table('paths', [
  ['C:\\Users\\x\\evil.com\\a.exe', []],
  ['C:\\\\Users\\\\evil.com\\\\a.exe D:\\\\evil.com\\\\a C:/Users/evil.com/a.exe', []],
  ['/var/www/evil.com/x.php ./evil.com/a.sh ~/evil.com ../evil.com (/evil.com/x)', []],
  ['file:///srv/evil.com/a file:/srv/evil.com HKLM\\Software\\evil.com', []],
  ['\\\\evil.com\\share\\a.dll', ['domain:evil.com']],
  ['\\\\evil.com@SSL@8443\\DavWWWRoot\\a.dll', ['domain:evil.com']],
  ['copy path:\\\\185.220.101.1\\c$ \\\\dc01\\sysvol \\\\.\\pipe\\evil.com \\\\?\\C:\\evil.com', ['ip:185.220.101.1']],
]);

table('hashes', [
  [
    `SHA1=${SHA1},MD5=${MD5},SHA256=${SHA256},IMPHASH=${MD5.replace('9', '8')}`,
    [`sha1:${SHA1}`, `md5:${MD5}`, `sha256:${SHA256}`],
  ],
  [`{"hash":{"sha256":"${SHA256}"},"file_id":"${SHA1}","pe.imphash":"${MD5}"}`, [`sha256:${SHA256}`, `sha1:${SHA1}`]],
  [`${MD5}  password.docx: ${MD5}`, [`md5:${MD5}`]],
  [`JA3: ${MD5} ja3s hash ${MD5} hassh=${MD5} jarm:${MD5}`, []],
  [`thumbprint (SHA1): ${SHA1}; certificateSha256=${SHA256} tls.server.hash.sha256:${SHA256}`, []],
  [`import hash: ${MD5}, sessionId=${MD5}, trace_id ${MD5}, "container.id": "${SHA256}", commit ${SHA1}`, []],
  [`NTLM hash: ${MD5} password=${MD5} apiKey: ${SHA256}`, []],
  [`nginx@sha256:${SHA256} image digest sha256:${SHA256}`, []],
  [`${MD5}\u2026 ${SHA1}... ${SHA256}${MD5} ${'0'.repeat(40)} 0x${SHA1}`, []],
  [`${MD5}\\nnext`, [`md5:${MD5}`]],
]);
