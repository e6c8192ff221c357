import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readPattern } from '../../../domain/intel/stix-pattern';

const MD5 = '0123456789abcdef0123456789abcdef';
const SHA256 = `${MD5}${MD5}`;

function valuesOf(pattern: string): string[] {
  const reading = readPattern(pattern);
  assert.ok(reading.ok, reading.ok ? '' : reading.reason);
  return reading.values.map(({ type, text }) => `${type ?? '?'} ${text}`);
}

function unreadOf(pattern: string): string[] {
  const reading = readPattern(pattern);
  assert.ok(reading.ok, reading.ok ? '' : reading.reason);
  assert.deepEqual(reading.values, []);
  return reading.unread;
}

describe('the values of a STIX pattern that are indicators on their own', () => {
  const exact: [string, string[]][] = [
    ["[ipv4-addr:value='198.51.100.4']", ['ip 198.51.100.4']],
    ["[ ipv6-addr:value = '2001:db8::1' ]", ['ip 2001:db8::1']],
    ["[ipv4-addr:value = '198.51.0.0/16']", ['ip 198.51.0.0/16']],
    ["[ipv4-addr:value ISSUBSET '198.51.0.0/16']", ['ip 198.51.0.0/16']],
    ["[domain-name:value IN ('a.example.net', 'b.example.net')]", ['domain a.example.net', 'domain b.example.net']],
    ["[url:value = 'http://a.example.net/?x=\\'1\\'\\\\']", ["url http://a.example.net/?x='1'\\"]],
    ["[email-addr:value = 'x@example.net']", ['email x@example.net']],
    ["[email-message:from_ref.value = 'x@example.net']", ['email x@example.net']],
    [`[file:hashes.md5 = '${MD5}']`, [`md5 ${MD5}`]],
    [`[file:hashes."MD5" = '${MD5}']`, [`md5 ${MD5}`]],
    [`[file:hashes.'SHA-256' = '${SHA256}']`, [`sha256 ${SHA256}`]],
    [`[file:hashes.SHA-256 = '${SHA256}']`, [`sha256 ${SHA256}`]],
    [`[file:hashes.SHA256 = '${SHA256}']`, [`sha256 ${SHA256}`]],
    [`[process:image_ref.hashes.MD5 = '${MD5}']`, [`md5 ${MD5}`]],
    // OR, in one observation and between them
    [
      "[ipv4-addr:value = '198.51.100.4' OR domain-name:value = 'a.example.net']",
      ['ip 198.51.100.4', 'domain a.example.net'],
    ],
    [
      "[url:value = 'http://a.example.net/'] or [ipv4-addr:value = '198.51.100.4']",
      ['url http://a.example.net/', 'ip 198.51.100.4'],
    ],
    [
      "([ipv4-addr:value = '198.51.100.4'] OR ([ipv4-addr:value = '198.51.100.5']))",
      ['ip 198.51.100.4', 'ip 198.51.100.5'],
    ],
    // hashes of one file are each the file
    [`[file:hashes.MD5 = '${MD5}' AND file:hashes.'SHA-256' = '${SHA256}']`, [`md5 ${MD5}`, `sha256 ${SHA256}`]],
    // what only tells more of the same thing
    [`[file:hashes.MD5 = '${MD5}' AND file:name = 'a.exe' AND (file:size > 100 OR file:size < 3)]`, [`md5 ${MD5}`]],
    [`[file:hashes.MD5 = '${MD5}' AND file:hashes.'SHA-512' = 'ab' AND NOT file:name MATCHES 'x']`, [`md5 ${MD5}`]],
    [
      "[domain-name:value = 'a.example.net' AND domain-name:resolves_to_refs[*].value = '198.51.100.4']",
      ['domain a.example.net'],
    ],
    [
      "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '198.51.100.4' AND network-traffic:dst_port = 443 AND network-traffic:protocols[0] = 'tcp']",
      ['? 198.51.100.4'],
    ],
    ["[ipv4-addr:value = '198.51.100.4'] WITHIN 5 SECONDS", ['ip 198.51.100.4']],
    ["[ipv4-addr:value = '198.51.100.4'] REPEATS 1 TIMES", ['ip 198.51.100.4']],
    // AND binds more tightly than OR
    [
      "[domain-name:value = 'a.example.net' OR url:value = 'http://b.example.net/' AND file:name = 'x']",
      ['domain a.example.net'],
    ],
  ];
  for (const [pattern, values] of exact) {
    test(pattern, () => assert.deepEqual(valuesOf(pattern), values));
  }

  const inexact: [string, RegExp][] = [
    ["[ipv4-addr:value != '198.51.100.4']", /!= of ipv4-addr:value names no exact value/],
    ["[ipv4-addr:value NOT = '198.51.100.4']", /NOT = of ipv4-addr:value/],
    ["[NOT ipv4-addr:value = '198.51.100.4']", /NOT =/],
    ["[domain-name:value LIKE '%.example.net']", /LIKE of domain-name:value/],
    ["[url:value MATCHES '^http://a']", /MATCHES/],
    ["[ipv4-addr:value ISSUPERSET '198.51.100.0/24']", /ISSUPERSET/],
    ['[EXISTS domain-name:value]', /EXISTS/],
    ["[file:name = 'a.exe']", /file:name is nothing that can be looked up/],
    ["[x509-certificate:hashes.'SHA-1' = 'ab']", /nothing that can be looked up/],
    ["[file:hashes.SSDEEP = '3:a:b']", /nothing that can be looked up/],
    // one alone is none
    ["[ipv4-addr:value = '198.51.100.4' AND domain-name:value = 'a.example.net']", /count only together/],
    ["[url:value = 'http://a.example.net/' AND file:name = 'a.exe']", /count only together/],
    ["[domain-name:value = 'a.example.net' AND domain-name:value = 'b.example.net']", /count only together/],
    ["[email-message:from_ref.value = 'x@example.net' AND email-message:subject = 'Invoice']", /count only together/],
    [`[process:image_ref.hashes.MD5 = '${MD5}' AND process:command_line = 'x']`, /count only together/],
    [
      "[network-traffic:src_ref.value = '198.51.100.4' AND network-traffic:dst_ref.value = '198.51.100.5']",
      /count only together/,
    ],
    [
      "[ipv4-addr:value = '198.51.100.4'] AND [ipv4-addr:value = '198.51.100.5']",
      /several observations count only together/,
    ],
    ["[ipv4-addr:value = '198.51.100.4'] FOLLOWEDBY [url:value = 'http://a.example.net/']", /one after the other/],
    ["[ipv4-addr:value = '198.51.100.4'] REPEATS 5 TIMES WITHIN 60 SECONDS", /seen 5 times/],
  ];
  for (const [pattern, reason] of inexact) {
    test(`none: ${pattern}`, () => assert.match(unreadOf(pattern).join('; '), reason));
  }

  test('what is beside them is told', () => {
    const reading = readPattern("[file:name = 'a.exe' OR ipv4-addr:value = '198.51.100.4']");
    assert.ok(reading.ok);
    assert.equal(reading.values.length, 1);
    assert.deepEqual(reading.unread, ['file:name is nothing that can be looked up']);
  });

  test('START and STOP bound their time', () => {
    const reading = readPattern(
      "[ipv4-addr:value = '198.51.100.4'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'",
    );
    assert.deepEqual(reading.ok && reading.values, [
      { type: 'ip', text: '198.51.100.4', from: '2026-01-01T00:00:00Z', until: '2026-02-01T00:00:00Z' },
    ]);
  });

  test('a name of every object is no type of ours', () => {
    assert.match(unreadOf("[constructor:value = 'x']").join(), /nothing that can be looked up/);
    assert.match(unreadOf("[file:hashes.constructor = 'x']").join(), /nothing that can be looked up/);
  });
});

describe('what is no pattern', () => {
  const wrong: [string, RegExp][] = [
    ['', /position 1$/],
    ['ipv4-addr', /"\[" expected, not ipv4-addr, at position 1$/],
    ["[ipv4-addr:value = '198.51.100.4'", /"\]" expected, not the end, at position 34$/],
    ["[ipv4-addr:value '198.51.100.4']", /a comparison such as = expected.* position 18$/],
    ['[ipv4-addr:value = 198.51.100.4]', /expected, .* position/],
    ["[ipv4-addr:value = 'never closed]", /never closed at position 20$/],
    ['[ipv4-addr:value = ‘198.51.100.4’]', /means nothing at position 20$/],
    ["[ipv4-addr:value = 'a'] trailing", /position 25$/],
    ["[ipv4-addr:value IN 'a']", /"\(" expected/],
    ["[ipv4-addr:value constructor 'a']", /a comparison such as =/],
    ["[file:hashes[x].MD5 = 'a']", /an index expected/],
  ];
  for (const [pattern, reason] of wrong) {
    test(JSON.stringify(pattern), () => {
      const reading = readPattern(pattern);
      assert.ok(!reading.ok);
      assert.match(reading.reason, reason);
    });
  }

  test('is refused when it is made to exhaust a stack, a memory or a clock', () => {
    const many = 200_000;
    const hostile = [
      '['.repeat(many),
      '('.repeat(many),
      `[${'('.repeat(many)}`,
      `[a:b = '${'\\'.repeat(many)}`,
      `[a:b = 1]${' START 1 STOP 2'.repeat(20_000)}`,
      `[a${'-'.repeat(many)}:b = 1`,
      `[a:b${"['".repeat(many)}`,
      "'".repeat(many + 1),
      'x'.repeat(2_000_000),
    ];
    for (const pattern of hostile) assert.ok(!readPattern(pattern).ok, pattern.slice(0, 20));
  });

  test('but a long list is read', () => {
    const list = Array.from({ length: 20_000 }, (_, index) => `'198.51.${index >> 8}.${index & 255}'`);
    assert.equal(valuesOf(`[ipv4-addr:value IN (${list.join(',')})]`).length, 20_000);
    const either = list.map((text) => `[ipv4-addr:value = ${text}]`).join(' OR ');
    assert.equal(valuesOf(either).length, 20_000);
    const both = list.map((text) => `file:name = ${text}`).join(' AND ');
    assert.equal(unreadOf(`[${both}]`).length, 1);
  });

  test('never throws', () => {
    const sign = fc.constantFrom(
      ...[
        '[',
        ']',
        '(',
        ')',
        ' AND ',
        ' OR ',
        ' NOT ',
        '=',
        ' IN ',
        "'x'",
        'ipv4-addr:value',
        '.',
        ':',
        '*',
        '1',
        ' START ',
        ' STOP ',
        '\\',
        '"',
        ' FOLLOWEDBY ',
      ],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(sign, { maxLength: 30 }).map((signs) => signs.join('')),
        ),
        (text) => {
          readPattern(text);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
