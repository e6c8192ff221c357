import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Alert } from '../../../domain/alert';
import { observableId } from '../../../domain/observable';
import { extractObservables, MOST_OBSERVABLES } from '../../../domain/observables';
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

describe('hostile input', () => {
  test('extraction never throws, is bounded and has each observable once', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.webUrl(),
      fc.ipV6(),
      fc.domain(),
      fc.emailAddress(),
    );
    const alert = fc.record(
      {
        src_ip: text,
        hostname: text,
        username: text,
        domain: text,
        url: text,
        email_from: text,
        file_hash: text,
        raw_log: text,
        urls: fc.array(text),
        email_to: fc.array(text),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(alert, (fields) => {
        const found = extractObservables({ source: 'x', ...fields }, SITE);
        assert.ok(found.length <= MOST_OBSERVABLES);
        assert.equal(new Set(found.map(observableId)).size, found.length);
        for (const one of found) assert.ok(one.value !== '' && one.roles.length > 0);
      }),
      { numRuns: 500 },
    );
  });

  for (const piece of [
    '[.',
    'a.',
    'http:',
    '<@',
    '((((',
    '1.1.1.1:',
    '::',
    ' [dot] ',
    'http://',
    '\\.',
    '-.',
    'a@',
    '%00',
    '.:',
    `a:${'.'.repeat(1500)} `,
    '(@',
    'xn--',
  ]) {
    test(`a line of a megabyte of ${JSON.stringify(piece)} is read to its end`, () => {
      const line = `${piece.repeat(Math.ceil(1_000_000 / piece.length))} 185.220.101.1`;
      assert.ok(inText(line).includes('ip:185.220.101.1'));
    });
  }
});

const tricky = path.join(
  process.env.SOAR_SHARED_DATA ?? path.join(__dirname, '../../../../shared/data'),
  'tricky.jsonl',
);

interface Tricky {
  category: string;
  input: string;
  expect: Record<string, unknown> | null;
}

/** Whether free-text extraction gives what is expected; undefined for forms that it is not about. */
function judged({ category, input, expect }: Tricky): boolean | undefined {
  if (/^(?:reserved|robustness|time|identity)/.test(category)) return undefined;
  const found = observablesInText(input);
  const values = found.map(({ value }) => value);
  if (expect === null) return found.length === 0;
  return Object.entries(expect).every(([key, wanted]) => {
    if (['port', 'verdict', 'domain-verdict', 'cidr'].includes(key) || key.endsWith('?')) return true;
    const wantedValues = [wanted].flat().map(String);
    return wantedValues.every((one) => values.includes(one) || (one === '…' && values.length > 0));
  });
}

test('tricky forms', { skip: existsSync(tricky) ? false : `${tricky} is not here` }, (context) => {
  const lines = readFileSync(tricky, 'utf8').trim().split('\n');
  const results = lines.map((line) => JSON.parse(line) as Tricky).map((one) => ({ one, ok: judged(one) }));
  const counted = results.filter(({ ok }) => ok !== undefined);
  const right = counted.filter(({ ok }) => ok);
  for (const { one, ok } of results) if (ok === false) context.diagnostic(`missed: ${one.category}: ${one.input}`);
  context.diagnostic(`${right.length} of ${counted.length} forms right`);
  assert.ok(right.length / counted.length >= 0.75);
});
