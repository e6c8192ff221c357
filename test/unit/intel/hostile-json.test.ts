import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TLP_LABELS } from '../../../domain/alert';
import { IOC_TYPES, type Finding } from '../../../domain/intel/indicator';
import { INTEL_FORMATS } from '../../../domain/intel/read-intel';
import { MD5, readDocument, SHA1, SHA256 } from './reading';

/** One document of each format, with every field that is read. */
const DOCUMENTS: Readonly<Record<string, unknown>> = {
  stix: {
    type: 'bundle',
    id: 'bundle--1',
    objects: [
      {
        type: 'marking-definition',
        id: 'marking-definition--1',
        definition: { tlp: 'red' },
        extensions: { 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d': { tlp_2_0: 'red' } },
      },
      {
        type: 'indicator',
        id: 'indicator--1',
        pattern: "[ipv4-addr:value = '198.51.100.4']",
        pattern_type: 'stix',
        created: '2026-10-01T00:00:00.000Z',
        modified: '2026-10-01T00:00:00.000Z',
        valid_from: '2026-10-01T00:00:00.000Z',
        valid_until: '2027-10-01T00:00:00.000Z',
        confidence: 50,
        labels: ['x'],
        indicator_types: ['y'],
        object_marking_refs: ['marking-definition--1'],
        granular_markings: [{ marking_ref: 'marking-definition--1' }],
        external_references: [{ source_name: 'reference', url: 'https://x.example.org/', description: 'd' }],
        revoked: false,
      },
    ],
  },
  misp: {
    Event: {
      uuid: 'u',
      info: 'i',
      Tag: [{ name: 'tlp:red' }],
      Attribute: [
        {
          type: 'domain|ip',
          category: 'c',
          value: 'a.example.net|198.51.100.4',
          to_ids: true,
          deleted: false,
          timestamp: '1790000000',
          first_seen: null,
          last_seen: '2026-01-01',
          Tag: [{ name: 't' }],
        },
      ],
      Object: [{ deleted: 0, Attribute: [{ type: 'md5', category: 'c', value: MD5, to_ids: 1 }] }],
    },
  },
  otx: {
    results: [
      {
        id: 'i',
        TLP: 'red',
        created: '2026-09-01',
        tags: ['t'],
        references: ['https://x.example.org/'],
        indicators: [
          { indicator: '198.51.100.4', type: 'IPv4', created: '2026-09-01T00:00:00', expiration: '', is_active: 1 },
        ],
      },
    ],
  },
  'recorded-future': {
    data: {
      results: [
        {
          entity: { name: '198.51.100.4', type: 'IpAddress' },
          intelCard: 'https://x.example.org/',
          risk: { score: 90, criticality: 4, criticalityLabel: 'x', evidenceDetails: [{ rule: 'r' }] },
          timestamps: { firstSeen: '2026-01-01T00:00:00Z', lastSeen: '2026-01-01T00:00:00Z' },
        },
      ],
    },
  },
  'urlhaus-json': {
    urls: [
      {
        url: 'http://198.51.100.4/x',
        urlhaus_reference: 'https://x.example.org/',
        date_added: '2026-01-01 00:00:00 UTC',
        threat: 't',
        tags: ['x'],
      },
    ],
  },
  'threatfox-json': {
    data: [
      {
        id: '1',
        ioc: '198.51.100.4:1',
        ioc_type: 'ip:port',
        confidence_level: 100,
        first_seen: '2026-01-01 00:00:00 UTC',
        tags: ['x'],
        reference: null,
      },
    ],
  },
  'malwarebazaar-json': {
    data: [
      {
        sha256_hash: SHA256,
        sha1_hash: SHA1,
        md5_hash: MD5,
        file_type: 'exe',
        first_seen: '2026-01-01 00:00:00',
        tags: null,
        signature: 's',
      },
    ],
  },
  'feodo-json': [
    { ip_address: '198.51.100.4', malware: 'm', last_online: '2026-01-01', first_seen: '2026-01-01 00:00:00' },
  ],
};

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

function checkFinding(finding: Finding): void {
  assert.ok(Number.isInteger(finding.line) && finding.line > 0);
  if (finding.kind !== 'indicator') {
    assert.ok(finding.text.length <= 300 && finding.reason !== '');
    return;
  }
  const { type, value, confidence, tlp, tags = [], reference = '', ...rest } = finding.indicator;
  assert.ok(IOC_TYPES.includes(type) && typeof value === 'string' && value !== '');
  assert.ok(confidence === undefined || (Number.isInteger(confidence) && confidence >= 0 && confidence <= 100));
  assert.ok(tlp === undefined || TLP_LABELS.includes(tlp));
  for (const tag of tags) assert.ok(typeof tag === 'string' && tag.length <= 190);
  assert.ok(typeof reference === 'string' && reference.length <= 1000);
  for (const time of [rest.first_seen, rest.last_seen, rest.expires_at])
    assert.ok(time === undefined || TIME.test(time));
}

/** Every place in a document, by the names that lead to it. */
function placesIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name]))];
}

function replaced(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined) return by;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[name] = replaced(copy[name], rest, by);
  return copy;
}

/** Stands for what is nested so deeply that nothing may walk through it. */
const BOTTOMLESS = 'bottomless';
const DEPTH = 20_000;

const WRONG = [
  BOTTOMLESS,
  null,
  true,
  0,
  -1,
  1e308,
  '',
  ' ',
  'x',
  '0',
  '\ud800',
  '\u0000',
  [],
  [[]],
  [null],
  {},
  { name: [] },
  'constructor',
  '__proto__',
  ['a', 1, null, {}],
  '9999-99-99T99:99:99Z',
  '99999999999999999999',
  `${'a'.repeat(70_000)}`,
  `${','.repeat(60_000)}x`,
];

describe('documents that mean no good', () => {
  for (const [name, document] of Object.entries(DOCUMENTS)) {
    test(`${name}: is read as it is meant`, () => {
      const read = readDocument(document);
      assert.equal(read.format, name);
      assert.ok(read.indicators.length > 0);
    });

    test(`${name}: the wrong thing in each place never throws`, () => {
      for (const place of placesIn(document)) {
        for (const wrong of WRONG) {
          const text = JSON.stringify(replaced(document, place, wrong));
          const hostile = text.replace(`"${BOTTOMLESS}"`, '['.repeat(DEPTH) + ']'.repeat(DEPTH));
          for (const finding of readDocument(hostile, name).findings) checkFinding(finding);
        }
      }
    });

    test(`${name}: numbers beyond all, and the keys of every object`, () => {
      const text = JSON.stringify(document);
      const hostile = [
        text.replaceAll(/:\d+/g, ':1e999'),
        text.replaceAll(/:(?:null|\d+|true)/g, ':{"__proto__":{"x":1},"toString":1,"constructor":null,"length":-1}'),
        text.replaceAll('"x"', '{"__proto__":null}'),
        `{"__proto__":${text},"constructor":${text}}`,
      ];
      for (const each of hostile) {
        for (const finding of readDocument(each, name).findings) checkFinding(finding);
        readDocument(each);
      }
      assert.equal(({} as Record<string, unknown>)['x'], undefined);
    });
  }

  test('any JSON, read as any format', () => {
    const names = INTEL_FORMATS.filter(({ cut }) => cut === 'json').map(({ name }) => name);
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(...names), (value, name) => {
        for (const finding of readDocument(value, name).findings) checkFinding(finding);
        readDocument(value);
      }),
      { numRuns: 500 },
    );
  });

  test('what is nested without end', () => {
    const deep = 100_000;
    for (const name of Object.keys(DOCUMENTS)) {
      for (const text of [
        '['.repeat(deep) + ']'.repeat(deep),
        '{"a":'.repeat(deep) + '1' + '}'.repeat(deep),
        '['.repeat(deep),
      ]) {
        for (const finding of readDocument(text, name).findings) checkFinding(finding);
      }
    }
  });
});
