import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hostFlags, isPublicDomain, isWithin, normaliseHostname, registeredDomain } from '../../../domain/hostnames';
import { inRanges, ipFlags, isPublicIp, normaliseCidr, normaliseIp } from '../../../domain/network';
import { accountName, normaliseEmail, normaliseLink, normaliseValue } from '../../../domain/normalise';
import { SITE } from './cases';

function table(name: string, convert: (text: string) => unknown, cases: [string, unknown][]): void {
  describe(name, () => {
    for (const [text, expected] of cases)
      test(`${text} → ${String(expected)}`, () => assert.deepEqual(convert(text), expected));
  });
}

table('normaliseIp', normaliseIp, [
  ['185.220.101.1', '185.220.101.1'],
  [' 8.8.8.8 ', '8.8.8.8'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::FFFF:0102:0304', '1.2.3.4'],
  ['2001:0DB8::0001', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['010.0.0.1', undefined],
  ['1.2.3', undefined],
  ['256.1.1.1', undefined],
  ['1.2.3.4:80', undefined],
  ['3232235777', undefined],
  ['0x7f.1.1.1', undefined],
  ['12:34:56', undefined],
  ['x'.repeat(10_000), undefined],
  ['', undefined],
]);

table('normaliseCidr', normaliseCidr, [
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['1.2.3.4/32', '1.2.3.4'],
  ['2001:db8::1/32', '2001:db8::/32'],
  ['1.2.3.4/0', undefined],
  ['1.2.3.4/33', undefined],
  ['1.2.3.4', undefined],
  ['/8', undefined],
]);

table('ipFlags', (ip) => ipFlags(ip, SITE).join(' '), [
  ['185.220.101.1', ''],
  ['192.168.0.1', 'private'],
  ['100.66.1.2', 'private'],
  ['169.254.169.254', 'private'],
  ['fd00::1', 'private'],
  ['fe80::1', 'private'],
  ['127.0.0.53', 'reserved'],
  ['203.0.113.9', 'reserved'],
  ['198.51.100.7', 'reserved'],
  ['255.255.255.255', 'reserved'],
  ['2001:db8::1', 'reserved'],
  ['3::', 'reserved'],
  ['64:ff9b::c0a8:1', 'private'],
  ['64:ff9b::b9dc:6501', ''],
  ['2002:0a00:0001::', 'private own'],
  ['10.1.1.1', 'private own'],
  ['64:ff9b::5db8:d822', 'own'],
  ['2002:5db8:d822::1', 'own'],
  ['93.184.216.34', 'own'],
  ['172.32.0.1', ''],
  ['198.17.0.1', ''],
]);

test('ranges hold their addresses and nothing else; broken ones hold nothing', () => {
  assert.ok(inRanges('10.200.1.1', ['10.0.0.0/8']));
  assert.ok(inRanges('2001:db8::5', ['nonsense', '2001:db8::/32']));
  assert.ok(inRanges('1.2.3.4', ['1.2.3.4']));
  assert.ok(!inRanges('1.2.3.5', ['1.2.3.4', '1.2.3.4/33', '0.0.0.0/0/0', '::/0', '']));
  assert.ok(isPublicIp('8.8.8.8') && !isPublicIp('10.0.0.1') && !isPublicIp('x'));
});

table('normaliseHostname', normaliseHostname, [
  ['WIN-ABC.corp.example.com.', 'win-abc.corp.example.com'],
  ['faß.de', 'xn--fa-hia.de'],
  ['evil。com', 'evil.com'],
  ['пример.рф', 'xn--e1afmkfd.xn--p1ai'],
  ['_dmarc.example.com', '_dmarc.example.com'],
  ['DC01', 'dc01'],
  ['1.2.3.4', undefined],
  ['a b.com', undefined],
  ['evil.com/path', undefined],
  ['user@evil.com', undefined],
  ['-evil.com', undefined],
  ['a..b', undefined],
  ['', undefined],
]);

test('domains are public, own or internal', () => {
  assert.ok(isPublicDomain('evil.co.uk') && !isPublicDomain('co.uk') && !isPublicDomain('dc01.corp.local'));
  assert.equal(registeredDomain('a.b.evil.co.uk'), 'evil.co.uk');
  assert.ok(isWithin('a.corp.example', ['CORP.example']) && !isWithin('notcorp.example', ['corp.example']));
  assert.deepEqual(hostFlags('www.our-shop.com', SITE), ['own']);
  assert.deepEqual(hostFlags('dc01.corp.example', SITE), ['own', 'internal_name']);
  assert.deepEqual(hostFlags('printer.lan', SITE), ['internal_name']);
  assert.deepEqual(hostFlags('evil.com', SITE), []);
});

table('normaliseLink', (text) => normaliseLink(text)?.url, [
  ['HTTP://Evil.COM:80/A?b=C#frag', 'http://evil.com/A?b=C'],
  ['hxxps[:]//evil[.]com/x', 'https://evil.com/x'],
  ['http://google.com:pw@evil.com/', 'http://evil.com/'],
  ['http://[::ffff:1.2.3.4]:8080/', 'http://1.2.3.4:8080/'],
  ['http://3232235777/', 'http://192.168.1.1/'],
  ['evil.com/x', 'http://evil.com/x'],
  ['https://evil.com:99999/', undefined],
  ['javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['http://localhost/', undefined],
  ['not a link', undefined],
]);

table('normaliseEmail', normaliseEmail, [
  ['"ceo@corp.example" <X@Evil.example>', 'x@evil.example'],
  ['SMTP:a@b.example', 'a@b.example'],
  ['bob(at)example.com', 'bob@example.com'],
  ['john.smith(comment)@example.com', 'john.smith@example.com'],
  ['nobody', undefined],
  ['@b.example', undefined],
  ['a@b', undefined],
]);

test('values have one spelling per type', () => {
  assert.equal(normaliseValue('ip', '1.2.3.9/24'), '1.2.3.0/24');
  assert.equal(normaliseValue('ip', '1[.]2[.]3[.]4'), '1.2.3.4');
  assert.equal(normaliseValue('domain', 'Evil[.]COM'), 'evil.com');
  assert.equal(normaliseValue('domain', 'localhost'), undefined);
  assert.equal(normaliseValue('md5', 'D41D8CD98F00B204E9800998ECF8427E'), 'd41d8cd98f00b204e9800998ecf8427e');
  assert.equal(normaliseValue('sha1', 'd41d8cd98f00b204e9800998ecf8427e'), undefined);
  assert.equal(normaliseValue('md5', '0'.repeat(32)), undefined);
  assert.equal(normaliseValue('user', ' CORP\\Admin '), 'corp\\admin');
  assert.deepEqual(['CORP\\Admin', 'admin@CORP.LOCAL', 'Admin'].map(accountName), ['admin', 'admin', 'admin']);
});
