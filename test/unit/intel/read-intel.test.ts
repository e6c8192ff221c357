import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { INTEL_FORMATS, openIntel, UnknownFormatError } from '../../../domain/intel/read-intel';
import { NOW, readBytes, readDocument, SHA256, valuesOf } from './reading';

const LINES = ['185.220.101.1', 'evil-shop.com', SHA256];
const VALUES = ['ip 185.220.101.1', 'domain evil-shop.com', `sha256 ${SHA256}`];

const indicator = (value: string): string =>
  JSON.stringify({
    type: 'indicator',
    id: 'indicator--1',
    pattern_type: 'stix',
    pattern: `[domain-name:value = '${value}']`,
  });

describe('a file of threat intelligence', () => {
  it('is read in every encoding that tools write', () => {
    const text = LINES.join('\r\n');
    const swapped = Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    const encodings = {
      'UTF-8': Buffer.from(text),
      'UTF-8 with a mark': Buffer.from(`\ufeff${text}`),
      'UTF-16 LE': Buffer.from(`\ufeff${text}`, 'utf16le'),
      'UTF-16 BE': swapped,
    };
    for (const [name, bytes] of Object.entries(encodings)) {
      for (const size of [1, 7, 10_000]) assert.deepEqual(valuesOf(readBytes(bytes, {}, size)), VALUES, name);
    }
  });

  it('that is no text is refused as a whole', () => {
    const binaries = {
      'a gzip file': gzipSync(LINES.join('\n').repeat(100)),
      'a ZIP archive': Buffer.from('PK\u0003\u0004\u0014\0\0\0evil-shop.com'),
      'a PDF document': Buffer.from('%PDF-1.7\n1 0 obj evil-shop.com'),
      'a binary file': Buffer.from(LINES.join('\n'), 'utf16le'),
      'an empty file': Buffer.from(' \r\n\n'),
    };
    for (const [name, bytes] of Object.entries(binaries)) {
      const { findings, problems } = readBytes(bytes);
      assert.equal(findings.length, 1, name);
      assert.match(problems[0] ?? '', new RegExp(`^refused .*Is ${name}`, 's'));
    }
  });

  it('gives what is good beside what is not', () => {
    const long = 'a'.repeat(70_000);
    const read = readDocument([LINES[0], long, `evil\0shop.com`, LINES[1], 'cmd.exe', LINES[2]].join('\n'), 'list');
    assert.deepEqual(valuesOf(read), VALUES);
    assert.deepEqual(
      read.findings.flatMap((each) => (each.kind === 'indicator' ? [] : [`${each.line} ${each.reason}`])),
      [
        '2 Is a line longer than 64 KiB',
        '3 Holds bytes that are no text',
        '5 Has no public suffix: is the name of a file, or of a host inside',
      ],
    );
  });

  it('of JSON lines loses only the lines that are broken', () => {
    const lines = [
      indicator('a-evil.com'),
      '{"type":"indicator","id":',
      indicator('b-evil.com'),
      'nonsense',
      indicator('c-evil.com'),
    ];
    const read = readDocument(lines.join('\n'));
    assert.deepEqual(valuesOf(read), ['domain a-evil.com', 'domain b-evil.com', 'domain c-evil.com']);
    assert.deepEqual(
      read.findings.filter(({ kind }) => kind === 'refused').map(({ line }) => line),
      [2, 4],
    );
  });

  it('that was cut off gives what there is, and says so', () => {
    const whole = `{"type":"bundle","id":"bundle--1","objects":[${indicator('a-evil.com')},${indicator('b-evil.com')}]}`;
    const read = readDocument(whole.slice(0, -30));
    assert.deepEqual(valuesOf(read), ['domain a-evil.com']);
    assert.match(read.problems.at(-1) ?? '', /ends in the midst of a value/);
  });

  it('of JSON that nobody knows, and of a name that nobody knows, is refused', () => {
    assert.deepEqual(readDocument('{"cats":["Tom"]}').problems.length, 1);
    assert.match(readDocument('{"cats":["Tom"]}').problems[0] ?? '', /no format that is known/);
    assert.throws(() => openIntel({ now: NOW, format: 'cats' }), UnknownFormatError);
    assert.throws(() => openIntel({ now: NOW, format: 'cats' }), /"cats".*stix.*list/);
  });

  it('may be named, and then is not recognised', () => {
    assert.equal(readDocument(LINES.join('\n')).format, 'list');
    const tor = readDocument('185.220.101.1\n2a0b:f4c2::1', 'tor-exits');
    assert.deepEqual(tor.indicators, [
      { type: 'ip', value: '185.220.101.1', tags: ['tor-exit'] },
      { type: 'ip', value: '2a0b:f4c2::1', tags: ['tor-exit'] },
    ]);
  });

  it('is held back only until it is recognised', () => {
    const reader = openIntel({ now: NOW });
    assert.deepEqual(reader.push(Buffer.from('185.220.101.1\n')), []);
    const early = reader.format?.name;
    assert.equal(early, undefined);
    assert.equal(reader.push(Buffer.from('185.220.101.1\n'.repeat(5000))).length, 5001);
    assert.equal(reader.format?.name, 'list');
  });

  it('gives the same findings wherever the chunks are cut', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '# note',
        ...LINES,
        '"a","b',
        'x","y"',
        'value,type',
        'evil-shop.com,domain',
        '{"a":1}',
        '[',
        '{"objects":[',
      ),
      fc.string({ unit: 'binary' }),
    );
    const format = fc.option(fc.constantFrom(...INTEL_FORMATS.map(({ name }) => name)), { nil: undefined });
    const document = fc.array(line, { maxLength: 40 }).map((lines) => Buffer.from(lines.join('\n')));
    fc.assert(
      fc.property(document, format, fc.integer({ min: 1, max: 50 }), (bytes, name, size) => {
        const options = name === undefined ? {} : { format: name };
        const whole = readBytes(bytes, options, 1_000_000);
        assert.deepEqual(readBytes(bytes, options, size), whole);
        for (const finding of whole.findings) assert.ok(finding.line >= 1);
      }),
      { numRuns: 400 },
    );
  });
});

describe('megabytes that somebody made to keep a reader busy', { timeout: 300_000 }, () => {
  const PIECES = [
    '[',
    '{',
    '"',
    ',',
    '\\',
    '(',
    '{"a":',
    '{"objects":[',
    '[.]',
    'hxxp[',
    '""',
    '::',
    '||',
    'a@',
    'a.',
    ' DOT ',
  ];
  for (const piece of PIECES) {
    it(`of ${JSON.stringify(piece)} are read in linear time`, () => {
      for (const begin of ['', 'value,type\n"']) {
        // lines as long as they may be, and one that is longer
        const line = `${piece.repeat(Math.ceil(60_000 / piece.length))}\n`;
        const bytes = Buffer.from(begin + line.repeat(4) + piece.repeat(Math.ceil(100_000 / piece.length)));
        for (const format of [undefined, 'list', 'csv', 'text']) {
          readBytes(bytes, format === undefined ? {} : { format }, 65_536);
        }
      }
    });
  }

  it('of lines with a quote each are read in linear time', () => {
    for (const format of ['csv', 'list', 'text', 'misp-csv'])
      readBytes(Buffer.from('"\n'.repeat(50_000)), { format }, 65_536);
  });
});
