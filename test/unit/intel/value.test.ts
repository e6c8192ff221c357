import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IOC_TYPES, type IocType } from '../../../domain/intel/indicator';
import { typedParts, typeNamed } from '../../../domain/intel/type-names';
import { readValue } from '../../../domain/intel/value';
import { normaliseValue } from '../../../domain/normalise';
import { MD5, SHA1, SHA256 } from './reading';

type Given = string | readonly [IocType, string];

const read = (given: Given) => (typeof given === 'string' ? readValue(undefined, given) : readValue(...given));

/** `type value` and flags, or the reason against it. */
function told(given: Given): string {
  const result = read(given);
  if (!result.ok) return `${result.kind}: ${result.reason}`;
  return [result.type, result.value, ...result.flags].join(' ');
}

function check(cases: readonly (readonly [Given, string])[]): void {
  for (const [given, wanted] of cases) assert.equal(told(given), wanted, JSON.stringify(given));
}

describe('the type of a value', () => {
  it('is told by the value itself', () => {
    check([
      ['198.18.0.1', 'ip 198.18.0.1 reserved'],
      ['185.220.101.1', 'ip 185.220.101.1'],
      ['185.220.101.1:9001', 'ip 185.220.101.1'],
      ['185.220.101.77/24', 'ip 185.220.101.0/24'],
      ['185.220.101.1/32', 'ip 185.220.101.1'],
      ['[2A0B:F4C2::1]:443', 'ip 2a0b:f4c2::1'],
      ['Evil-Shop.com', 'domain evil-shop.com'],
      ['evil-shop.com:8080', 'domain evil-shop.com'],
      ['*.evil-shop.com', 'domain evil-shop.com'],
      ['.evil-shop.com.', 'domain evil-shop.com'],
      ['bücher-evil.de', 'domain xn--bcher-evil-9db.de'],
      ['evil-shop.com/kit', 'url http://evil-shop.com/kit'],
      ['185.220.101.1/24/kit', 'url http://185.220.101.1/24/kit'],
      ['https://EVIL-shop.com', 'url https://evil-shop.com/'],
      ['Mallory@Evil-shop.com', 'email mallory@evil-shop.com'],
      ['"Bank" <mallory@evil-shop.com>', 'email mallory@evil-shop.com'],
      [MD5.toUpperCase(), `md5 ${MD5}`],
      [SHA1, `sha1 ${SHA1}`],
      [`SHA256: ${SHA256}`, `sha256 ${SHA256}`],
    ]);
  });

  it('is also told of what somebody defanged', () => {
    check([
      ['hxxps[:]//evil-shop[.]com/a', 'url https://evil-shop.com/a'],
      ['hxxps[://]evil-shop[.]com/a ', 'url https://evil-shop.com/a'],
      ['185[.]220.101[.]1', 'ip 185.220.101.1'],
      ['mallory[@]evil-shop[dot]com', 'email mallory@evil-shop.com'],
      ['evil-shop(.)com', 'domain evil-shop.com'],
    ]);
  });

  it('is that which is announced, or the reason says what it is instead', () => {
    check([
      [['sha256', MD5], 'refused: Is an MD5, not a SHA-256'],
      [['md5', SHA256], 'refused: Is a SHA-256, not an MD5'],
      [['sha256', `${SHA256}aa`], 'refused: Is not a SHA-256: has 66 hexadecimal digits instead of 64'],
      [['ip', 'evil-shop.com'], 'refused: Is a domain, not an address'],
      [['domain', '185.220.101.1'], 'refused: Is an address, not a domain'],
      [['domain', 'https://evil-shop.com/'], 'refused: Is a link, not a domain'],
      [['url', 'evil-shop.com'], 'refused: Is a domain, not a link'],
      [['email', 'evil-shop.com'], 'refused: Is a domain, not a mail address'],
      [['ip', 'CVE-2026-1234'], 'refused: Is a vulnerability, not an address'],
      [['ip', 'C:\\a.exe'], 'refused: Is a path, not an address'],
    ]);
  });

  it('is a link where a domain is announced and a path is given', () => {
    check([
      [['domain', 'evil-shop.com/kit'], 'url http://evil-shop.com/kit'],
      [['domain', 'evil-shop.com/'], 'domain evil-shop.com'],
    ]);
  });
});

describe('a value', () => {
  it('inside is kept, and flagged', () => {
    check([
      ['10.1.2.3', 'ip 10.1.2.3 private'],
      ['172.16.0.0/12', 'ip 172.16.0.0/12 private'],
      ['100.64.1.1', 'ip 100.64.1.1 private'],
      ['fd00::1', 'ip fd00::1 private'],
      ['203.0.113.5', 'ip 203.0.113.5 reserved'],
      ['2001:db8::/32', 'ip 2001:db8::/32 reserved'],
      ['http://192.168.1.1/x', 'url http://192.168.1.1/x private'],
      ['printer.lan', 'domain printer.lan internal_name'],
      ['http://wiki.corp/a', 'url http://wiki.corp/a internal_name'],
      ['evil.example', 'domain evil.example internal_name'],
      ['c2.bazar', 'domain c2.bazar internal_name'],
    ]);
  });

  it('that leads nowhere is refused', () => {
    for (const text of [
      '127.0.0.1',
      '::1',
      '0.0.0.0',
      '224.0.0.1',
      'ff02::1',
      '255.255.255.255',
      '169.254.1.1',
      'fe80::1',
    ]) {
      assert.match(
        told(text),
        /^refused: Is (?:a|the) (?:loopback|unspecified|multicast|broadcast|link-local) address/,
      );
      const link = text.includes(':') ? `http://[${text}]/a` : `http://${text}/a`;
      assert.match(told(['url', link]), /^refused: Leads to what is no indicator/);
    }
    for (const text of ['localhost', 'LOCALHOST', 'a.localhost', 'http://localhost:8080/a', 'root@mail.localhost']) {
      assert.match(told(text), /^refused: .*is every machine itself/i);
    }
  });

  it('that would hold half of the Internet is refused', () => {
    check([
      ['8.0.0.0/7', 'refused: Is too broad a range: /7, where /8 is the shortest'],
      ['0.0.0.0/0', 'refused: Is too broad a range: /0, where /8 is the shortest'],
      ['8.0.0.0/8', 'ip 8.0.0.0/8'],
      ['2a00::/15', 'refused: Is too broad a range: /15, where /16 is the shortest'],
      ['2a00::/16', 'ip 2a00::/16'],
      ['::/0', 'refused: Is too broad a range: /0, where /16 is the shortest'],
      ['1.2.3.4/33', 'refused: Is a range with an impossible prefix length'],
      ['1.2.3.4-1.2.3.9', 'refused: Is a span of addresses: only CIDR is read'],
    ]);
  });

  it('that everybody shares, or nobody can register, is refused', () => {
    for (const text of ['com', 'co.uk', 'http://co.uk/', 'mallory@com.br'])
      assert.match(told(text), /^refused: .*public suffix/i);
    for (const text of ['cmd.exe', 'http://gc.key/', 'a.dll', 'readme.txt'])
      assert.match(told(text), /no public suffix/);
    assert.match(told(['domain', 'intranet']), /one label/);
    assert.match(told('http://server/a'), /one label/);
    assert.match(told('166_65.py'), /underscore/);
    assert.equal(told('_dmarc.evil-shop.com'), 'domain _dmarc.evil-shop.com');
  });

  it('below which anybody takes a name is refused as a domain, and is none of the links and names there', () => {
    for (const text of ['github.io', '*.pages.dev', 'duckdns.org', 's3.amazonaws.com']) {
      assert.equal(told(text), 'refused: Is a suffix under which anybody may register names');
    }
    check([
      ['evil.github.io', 'domain evil.github.io'],
      ['https://s3.amazonaws.com/bucket/a.exe', 'url https://s3.amazonaws.com/bucket/a.exe'],
      ['mallory@duckdns.org', 'email mallory@duckdns.org'],
    ]);
  });

  it('of an empty file, and a placeholder, is refused', () => {
    const empty = ['d41d8cd98f00b204e9800998ecf8427e', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'];
    for (const hash of [...empty, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']) {
      assert.match(told(hash), /^refused: Is the (?:MD5|SHA-1|SHA-256) of an empty file/);
    }
    for (const hash of ['0'.repeat(32), 'f'.repeat(64), 'deadbeef'.repeat(5), '0123456789abcdef'.repeat(2)]) {
      assert.match(told(hash), /placeholder/);
    }
  });

  it('that is broken is refused, not mended', () => {
    for (const text of ['http//evil-shop.com/a', 'http:/evil-shop.com', 'hxxp:evil-shop.com']) {
      assert.match(told(text), /broken link/);
    }
    for (const text of [
      'https://[sub].[apex]/a',
      'hxxps://[.]com/',
      'http:///a',
      '1.2.3',
      '276.1.2.3',
      '010.0.0.1',
      '',
      '  ',
      'two words',
    ]) {
      assert.match(told(text), /^refused: /, text);
    }
    assert.match(told(`http://evil-shop.com/${'a'.repeat(5000)}`), /too long/);
    assert.match(told('a'.repeat(20_000)), /longer than any value/);
  });

  it('of a kind that nobody looks up is no fault', () => {
    for (const text of [
      'CVE-2026-1234',
      'AS64500',
      'C:\\Users\\a.exe',
      'HKLM\\Software\\Run',
      'ab'.repeat(64),
      'tcp://185.220.101.1:4444',
    ]) {
      assert.match(told(text), /^unsupported: /, text);
    }
  });

  it('is in the spelling that all values have, and reads as itself', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
    const name = fc.tuple(word, fc.constantFrom('com', 'co.uk', 'de', 'ru', 'lan')).map((parts) => parts.join('.'));
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      name,
      fc.webUrl(),
      fc.emailAddress(),
      fc.string(),
      fc.tuple(fc.ipV4(), fc.nat(40)).map(([ip, bits]) => `${ip}/${bits}`),
      fc.stringMatching(/^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/),
    );
    fc.assert(
      fc.property(fc.option(fc.constantFrom(...IOC_TYPES), { nil: undefined }), text, (type, given) => {
        const result = readValue(type, given);
        if (!result.ok) return assert.match(result.reason, /^[A-Z].{3,200}[^.]$/);
        assert.equal(normaliseValue(result.type, result.value), result.value);
        assert.deepEqual(readValue(result.type, result.value), result);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a word for a type', () => {
  it('is known in all its spellings', () => {
    const words = {
      ip: ['ipv4-addr', 'IPv4', 'ip-dst', 'ip:port', 'ip_port', 'IP Address', 'ipaddress', 'ip-dst|port', 'CIDR'],
      domain: ['domain-name', 'hostname', 'FQDN', 'host'],
      url: ['URL', 'uri'],
      md5: ['md5_hash', 'FileHash-MD5', 'MD5'],
      sha1: ['SHA-1', 'FileHash-SHA1', 'sha1_hash'],
      sha256: ['SHA-256', 'FileHash-SHA256', 'sha256_hash', 'hash_sha256'],
      email: ['email-addr', 'email-src', 'EmailAddress', 'account'],
      unsupported: [
        'sha512',
        'imphash',
        'ja3-fingerprint-md5',
        'filename',
        'x509-fingerprint-sha1',
        'link',
        'whois-registrant-email',
      ],
    };
    for (const [type, names] of Object.entries(words)) {
      for (const name of names) assert.equal(typeNamed(name), type, name);
    }
    assert.equal(typeNamed('flux capacitor'), undefined);
  });

  it('may stand for several values', () => {
    assert.deepEqual(typedParts('domain|ip', 'evil.com|1.2.3.4'), [
      { word: 'domain', text: 'evil.com' },
      { word: 'ip', text: '1.2.3.4' },
    ]);
    assert.deepEqual(typedParts('malware-sample', `a|b.exe|${MD5}`), [
      { word: 'filename', text: 'a|b.exe' },
      { word: 'md5', text: MD5 },
    ]);
    assert.deepEqual(typedParts('url', 'http://a.com/?b|c'), [{ word: 'url', text: 'http://a.com/?b|c' }]);
  });
});
