import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import ts from 'typescript';
import type { Alert } from '../../../domain/alert';
import { parseSubmission } from '../../../domain/formats';
import { normaliseEmail, normaliseLink, normaliseValue, splitAddresses } from '../../../domain/normalise';
import { OBSERVABLE_FLAGS, OBSERVABLE_ROLES, OBSERVABLE_TYPES, observableId } from '../../../domain/observable';
import { extractObservables, MOST_OBSERVABLES } from '../../../domain/observables';
import { observablesInText } from '../../../domain/text-observables';
import { wordsOf } from '../../../domain/text-words';
import { SITE } from './cases';

/** The same cases on every machine. */
const RUNS = { seed: 20261123, numRuns: 400 };
const HANG = { timeout: 20_000 };

/** What an observable is made of, in any order: what a reader is misled by is mostly a fragment of what it looks for. */
const fragment = fc.constantFrom(
  ...[
    '.',
    ':',
    '::',
    '/',
    '//',
    '://',
    '\\',
    '\\\\',
    '@',
    '[',
    ']',
    '[.]',
    '(dot)',
    '[at]',
    ' AT ',
    ' DOT ',
    'DOT',
    '%',
    '%3A%2F%2F',
    '#',
    '?',
  ],
  ...[
    '=',
    '&',
    '"',
    "'",
    '<',
    '>',
    ' ',
    '\n',
    '\\r\\n',
    '\u2026',
    '\u3002',
    '\0',
    '\ud800',
    '-',
    '_',
    '~/',
    '../',
    'C:\\',
    '\\\\?\\',
  ],
  ...[
    'http',
    'hxxps',
    'https',
    'ftp',
    'mailto:',
    'sha256:',
    'imphash',
    'version',
    'ipv6:',
    'xn--',
    'www',
    'evil',
    'com',
    'zip',
    'id',
  ],
  ...[
    '1',
    '255',
    '256',
    '0',
    '010',
    '1.2.3.4',
    'fe80',
    '2001:db8',
    'ffff',
    '/24',
    ':443',
    '99999',
    'a'.repeat(64),
    '9e107d9d372bb6826bd81d3542a419d6',
  ],
);
const anyText = fc.oneof(
  { arbitrary: fc.array(fragment, { maxLength: 24 }).map((parts) => parts.join('')), weight: 4 },
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.ipV4(),
  fc.ipV6(),
  fc.domain(),
  fc.emailAddress(),
);
const anyAlert = fc.record(
  {
    src_ip: anyText,
    dest_ip: anyText,
    hostname: anyText,
    dest_hostname: anyText,
    username: anyText,
    domain: anyText,
    url: anyText,
    email_from: anyText,
    reply_to: anyText,
    email_subject: anyText,
    file_hash: anyText,
    raw_log: anyText,
    command_line: anyText,
    urls: fc.array(anyText, { maxLength: 5 }),
    email_to: fc.array(anyText, { maxLength: 5 }),
    file_hashes: fc.array(anyText, { maxLength: 5 }),
  },
  { requiredKeys: [] },
);

describe('extraction from whatever comes', HANG, () => {
  test('never throws, is bounded, has each observable once, and in its one spelling', () => {
    fc.assert(
      fc.property(anyAlert, (fields) => {
        const found = extractObservables({ source: 'x', ...fields }, SITE);
        assert.ok(found.length <= MOST_OBSERVABLES);
        assert.equal(new Set(found.map(observableId)).size, found.length);
        for (const { type, value, roles, flags } of found) {
          assert.ok(OBSERVABLE_TYPES.includes(type) && value !== '' && roles.length > 0);
          assert.deepEqual(
            roles,
            OBSERVABLE_ROLES.filter((role) => roles.includes(role)),
          );
          assert.deepEqual(
            flags,
            OBSERVABLE_FLAGS.filter((flag) => flags.includes(flag)),
          );
          if (type !== 'host' && type !== 'user') assert.equal(normaliseValue(type, value), value);
        }
      }),
      RUNS,
    );
  });

  test('gives the same of the same', () => {
    fc.assert(
      fc.property(anyText, (text) => assert.deepEqual(observablesInText(text), observablesInText(text))),
      RUNS,
    );
  });

  test('finds what stands between any other words', () => {
    const planted = fc.constantFrom(
      ['185.220.101.1', 'ip:185.220.101.1'],
      ['185.220.101.1:443', 'ip:185.220.101.1'],
      ['[2606:4700::1111]:53', 'ip:2606:4700::1111'],
      ['hxxps://evil[.]com/a', 'url:https://evil.com/a'],
      ['c2.evil[.]com', 'domain:c2.evil.com'],
      ['bob[at]evil.com', 'email:bob@evil.com'],
    );
    const word = fc.stringMatching(/^[b-z]{1,9}$/);
    const words = fc.array(word, { maxLength: 20 });
    fc.assert(
      fc.property(words, planted, words, (before, [text, id], after) => {
        const line = [...before, 'saw', text, ...after].join(' ');
        assert.ok(
          observablesInText(line)
            .map(observableId)
            .some((one) => one === id),
          line,
        );
      }),
      RUNS,
    );
  });

  test('leaves prototypes alone, also by names that mean one', () => {
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];
    const before = names.map((name) => Object.getOwnPropertyDescriptor(Object.prototype, name)?.value as unknown);
    const value = fc.oneof(anyText, fc.constantFrom(...names), fc.constant({ src_ip: '1.2.3.4', polluted: true }));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names, 'url', 'raw_log', 'extra'), value), (fields) => {
        // as it comes over the wire: there __proto__ is a name like others
        const text = JSON.stringify({ source: 'x', username: 'constructor', hostname: '__proto__' });
        const sent = `${text.slice(0, -1)},"__proto__":{"polluted":true},${JSON.stringify(fields).slice(1)}`.replace(
          /,\}$/,
          '}',
        );
        const document: unknown = JSON.parse(sent);
        for (const { alert } of mapped(document)) {
          assert.deepEqual(
            extractObservables(alert, SITE)
              .filter(({ type }) => type === 'user')
              .map(({ value }) => value),
            ['constructor'],
          );
        }
      }),
      { ...RUNS, numRuns: 150 },
    );
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    const after = names.map((name) => Object.getOwnPropertyDescriptor(Object.prototype, name)?.value as unknown);
    assert.deepEqual(after, before);
  });
});

/** The alerts of a document; none when it is refused. */
function mapped(document: unknown): { alert: Alert }[] {
  try {
    return parseSubmission({ body: document, format: 'canonical', receivedAt: '2026-11-23T12:00:00Z' });
  } catch {
    return [];
  }
}

describe('a line of a megabyte is read to its end', HANG, () => {
  const pieces = [
    ...[
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
      '(@',
      'xn--',
    ],
    ...[
      'a AT ',
      'aDOTa',
      'a:a:',
      '\\\\a',
      '\\n',
      '"',
      '"=',
      '/1',
      '../',
      'http%3a%2f%2f',
      '?a=',
      'f',
      'a_',
      '😀',
      '。',
      '…',
      'sha256:',
    ],
    `a:${'.'.repeat(1500)} `,
    `${'a'.repeat(64)} AT ${'a.'.repeat(9)} `,
    `evil.com/?${'a'.repeat(60)}=`,
  ];
  for (const piece of pieces) {
    test(JSON.stringify(piece.slice(0, 40)), () => {
      const line = `${piece.repeat(Math.ceil(1_000_000 / piece.length))} 185.220.101.1`;
      assert.ok(observablesInText(line).some(({ value }) => value === '185.220.101.1'));
    });
  }

  test('and so are fields as long as they may be', () => {
    for (const piece of ['[.', '"', '"a;', '<', '(', ':', '%', '.', '[', 'a,', '@']) {
      const text = piece.repeat(Math.ceil(65_536 / piece.length));
      const fields = { src_ip: text, domain: text, hostname: text, url: text, email_from: text, email_to: [text] };
      assert.ok(extractObservables({ source: 'x', ...fields }, SITE).length <= MOST_OBSERVABLES);
      assert.ok(splitAddresses(text).length > 0);
      assert.equal(normaliseEmail(text) ?? normaliseLink(text)?.url, undefined);
    }
  });
});

describe('the work grows with the text and no faster', () => {
  test('there are as many words as there is text for', () => {
    for (const piece of ['a ', 'a=', '"a":', 'evil.com/?a=b&', '\\n1.1.1.1']) {
      const [few, many] = [1, 4].map((times) => [...wordsOf(piece.repeat(times * 16_384))].length);
      assert.ok((many ?? 0) <= 4 * (few ?? 0) + 4, piece);
    }
  });

  const FILES = [
    ...[
      'endpoint',
      'hash-context',
      'hostnames',
      'network',
      'normalise',
      'observables',
      'refang',
      'text-hosts',
      'text-links',
    ],
    ...['text-observables', 'text-words', 'word-observables'],
  ];
  /**
   * A search begins anew at every character: a repetition without a bound inside it may read the rest of the text each time.
   * One that is all of the pattern takes what it has read; one that is anchored is tried once.
   */
  const isLinear = (pattern: string) => {
    const bare = pattern.replace(/\\./g, 'e').replace(/\[(?:[^\]])*\]/g, 'c');
    const unbounded = bare.match(/[*+]|\{\d+,\}/g) ?? [];
    return unbounded.length === 0 || (unbounded.length === 1 && (bare.startsWith('^') || /^c\+$/.test(bare)));
  };

  for (const file of FILES) {
    test(`no pattern of ${file}.ts repeats without a bound inside a search`, () => {
      const source = readFileSync(path.join(__dirname, '../../../domain', `${file}.ts`), 'utf8');
      const odd = patternsIn(ts.createSourceFile(file, source, ts.ScriptTarget.Latest)).filter(
        (pattern) => !isLinear(pattern) && !KNOWN_LINEAR.has(pattern),
      );
      assert.deepEqual(odd, []);
    });
  }
});

/** Not bounded, and linear all the same: the first match reaches to the end of the text. */
const KNOWN_LINEAR = new Set(['%.*$']);

function patternsIn(node: ts.Node): string[] {
  const own = ts.isRegularExpressionLiteral(node) ? [node.text.slice(1, node.text.lastIndexOf('/'))] : [];
  const inside: string[] = [];
  node.forEachChild((child) => void inside.push(...patternsIn(child)));
  return [...own, ...inside];
}
