import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { csvExport } from '../../../domain/intel/exports/csv';
import type { ExportedIoc } from '../../../domain/intel/exports/export';
import { plainExport } from '../../../domain/intel/exports/plain';
import type { Indicator } from '../../../domain/intel/indicator';
import { readPattern } from '../../../domain/intel/stix-pattern';
import { documentOf, exported, iocs, stixFormat } from './exported';
import { readDocument, SHA256 } from './reading';

/** What an export and an import of it agree on. */
function essence(ioc: ExportedIoc): Indicator {
  const { type, value, base_confidence, first_seen, last_seen, expires_at, tlp, tags, reference } = ioc;
  return {
    type,
    value,
    confidence: base_confidence,
    first_seen,
    last_seen,
    ...(expires_at === null ? {} : { expires_at }),
    ...(tlp === null ? {} : { tlp }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(reference === null ? {} : { reference }),
  };
}

/** To the millisecond, and never before it was first seen: as far as STIX holds it. */
function asStixHolds(indicator: Indicator): Indicator {
  const { first_seen = '', last_seen = '' } = indicator;
  const seen = `${last_seen.slice(0, 23)}000Z`;
  const modified = seen > first_seen ? seen : first_seen;
  return { ...indicator, last_seen: modified, said_at: seen };
}

interface StixObject {
  type: string;
  id: string;
  created: string;
  modified?: string;
  valid_from?: string;
  valid_until?: string;
  pattern?: string;
  created_by_ref?: string;
  object_marking_refs?: string[];
  [name: string]: unknown;
}

function stixObjects(entries: readonly ExportedIoc[]): StixObject[] {
  const bundle = JSON.parse(documentOf(stixFormat(), entries)) as StixObject & { objects: StixObject[] };
  assert.equal(bundle.type, 'bundle');
  assert.match(bundle.id, /^bundle--[\da-f-]{36}$/);
  return bundle.objects;
}

const ID = /^[a-z-]+--[\da-f]{8}-[\da-f]{4}-[45][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const VERSION = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const COMMON = ['type', 'spec_version', 'id', 'created'];
const PROPERTIES: Readonly<Record<string, { required: string[]; optional: string[] }>> = {
  identity: { required: [...COMMON, 'modified', 'name', 'identity_class'], optional: [] },
  'marking-definition': { required: [...COMMON, 'name', 'extensions'], optional: [] },
  indicator: {
    required: [...COMMON, 'modified', 'created_by_ref', 'pattern', 'pattern_type', 'valid_from'],
    optional: [
      ...['name', 'description', 'indicator_types', 'pattern_version', 'valid_until', 'confidence', 'labels'],
      ...['external_references', 'object_marking_refs'],
    ],
  },
};

/** The rules of STIX 2.1 that an object of ours could break. */
function checkObject(object: StixObject, ids: ReadonlySet<string>): void {
  const known = PROPERTIES[object.type];
  assert.ok(known, object.type);
  const names = Object.keys(object);
  for (const name of known.required) assert.ok(names.includes(name), `${object.type} without ${name}`);
  for (const name of names) assert.ok([...known.required, ...known.optional].includes(name), name);
  assert.match(object.id, ID);
  assert.ok(object.id.startsWith(`${object.type}--`));
  assert.equal(object['spec_version'], '2.1');
  assert.match(object.created, VERSION);
  for (const value of Object.values(object)) {
    assert.ok(value !== null && value !== '' && !(Array.isArray(value) && value.length === 0));
  }
  if (object.modified !== undefined) {
    assert.match(object.modified, VERSION);
    assert.ok(object.modified >= object.created);
  }
  const refs = [object.created_by_ref ?? [], object.object_marking_refs ?? []].flat();
  for (const ref of refs) assert.ok(ids.has(ref), `nothing is ${ref}`);
  if (object.type === 'indicator') checkIndicator(object);
}

function checkIndicator(indicator: StixObject): void {
  const { pattern = '', pattern_type, valid_from = '', valid_until, confidence, external_references = [] } = indicator;
  assert.equal(pattern_type, 'stix');
  const reading = readPattern(pattern);
  assert.ok(reading.ok && reading.values.length === 1 && reading.unread.length === 0, pattern);
  assert.match(valid_from, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
  if (valid_until !== undefined) assert.ok(Date.parse(valid_until) > Date.parse(valid_from));
  assert.ok(Number.isInteger(confidence) && Number(confidence) >= 0 && Number(confidence) <= 100);
  for (const reference of external_references as StixObject[]) {
    assert.ok(reference['source_name'] !== undefined && (reference['url'] ?? reference['description']) !== undefined);
  }
}

describe('an export of STIX 2.1', () => {
  test('keeps the rules of the standard', () => {
    fc.assert(
      fc.property(iocs, (entries) => {
        const objects = stixObjects(entries);
        const ids = new Set(objects.map(({ id }) => id));
        assert.equal(ids.size, objects.length);
        for (const object of objects) checkObject(object, ids);
      }),
    );
  });

  test('is the same set when it is imported', () => {
    fc.assert(
      fc.property(iocs, (entries) => {
        const read = readDocument(documentOf(stixFormat(), entries));
        assert.equal(read.format, 'stix');
        assert.deepEqual(
          read.indicators,
          entries.map((entry) => asStixHolds(essence(entry))),
        );
        assert.equal(read.problems.length, entries.length === 0 ? 1 : 0);
      }),
    );
  });

  test('gives a value the same id each time, and a team its own', () => {
    const [, one] = stixObjects([exported()]);
    const [, other] = stixObjects([exported({ last_seen: '2026-11-01T00:00:00.000000Z', tags: ['x'] })]);
    assert.equal(one?.id, other?.id);
    assert.equal(one?.id, 'indicator--82a4941f-5d53-52e1-ad58-f52456f5546e');
    assert.notEqual(one.id, stixObjects([exported({ type: 'sha256', value: SHA256 })])[1]?.id);
  });

  test('holds a marking once, before what it marks, and no other', () => {
    const objects = stixObjects([exported({ tlp: 'red' }), exported({ type: 'sha256', value: SHA256, tlp: 'red' })]);
    assert.deepEqual(
      objects.map(({ type, name }) => (type === 'marking-definition' ? name : type)),
      ['identity', 'TLP:RED', 'indicator', 'indicator'],
    );
  });

  test('calls nothing malicious that an analyst has dismissed', () => {
    assert.equal(stixObjects([exported({ standing: { confidence: 0, state: 'dismissed' } })]).length, 1);
  });

  test('is valid too where an entry had ended before it was seen', () => {
    const expires_at = '2026-09-01T00:00:00.000000Z';
    const [identity, indicator] = stixObjects([exported({ expires_at })]);
    assert.ok(identity && indicator);
    checkObject(indicator, new Set([identity.id]));
    assert.equal(indicator.valid_until, expires_at);
  });
});

describe('an export of CSV', () => {
  test('is the same set when it is imported', () => {
    fc.assert(
      fc.property(iocs, (entries) => {
        const read = readDocument(documentOf(csvExport(), entries), 'csv');
        assert.deepEqual(read.problems, []);
        assert.deepEqual(read.indicators, entries.map(essence));
      }),
    );
  });

  test('is recognised as what it is', () => {
    assert.equal(readDocument(documentOf(csvExport(), [exported()])).format, 'csv');
  });

  test('has no cell that a spreadsheet runs', () => {
    const signs = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '\uff1d1', "'=1"];
    for (const sign of signs) {
      const ioc = exported({
        type: 'email',
        value: sign,
        sources: [sign],
        tags: [sign],
        reference: sign,
        flags: [sign],
      });
      const row = csvExport().entry(ioc).slice(0, -2);
      const cells = row.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((cell) => cell.replace(/^"|"$/g, ''));
      assert.equal(cells.length, 13);
      for (const cell of cells) assert.ok(!/^[=+\-@\t\r\n\uff1d]/.test(cell), JSON.stringify(cell));
    }
  });

  test('is what RFC 4180 asks for', () => {
    const text = documentOf(csvExport(), [
      exported({ tlp: 'amber', tags: ['a', 'b;c'], reference: 'say "so"', flags: ['private'], sources: ['x', 'y'] }),
    ]);
    assert.equal(
      text,
      'type,value,confidence,confidence_today,state,first_seen,last_seen,expires_at,sources,tlp,tags,reference,flags\r\n' +
        `md5,${exported().value},80,74,active,2026-10-01T00:00:00.123456Z,2026-10-05T00:00:00.654321Z,,` +
        '"x,y",amber,"a,b c","say ""so""",private\r\n',
    );
  });
});

describe('a plain list for firewalls', () => {
  const entries = [
    exported(),
    exported({ type: 'ip', value: '198.51.100.4' }),
    exported({ type: 'ip', value: '198.51.0.0/16' }),
    exported({ type: 'ip', value: '2001:db8::/32', standing: { confidence: 0, state: 'dismissed' } }),
    exported({ type: 'url', value: 'https://a.example.net:8443/x?y=http://z' }),
    exported({ type: 'url', value: 'http://b.example.net/*' }),
    exported({ type: 'url', value: 'http://b.example.net/^x' }),
  ];

  test('is of one type, a value a line', () => {
    assert.equal(documentOf(plainExport('ip'), entries), '198.51.100.4\n198.51.0.0/16\n');
    assert.equal(documentOf(plainExport('md5'), entries), `${exported().value}\n`);
    assert.equal(documentOf(plainExport('domain'), entries), '');
  });

  test('has no link to the whole of a host that a list names, though to its pages, and to hosts that none names', () => {
    const url = (value: string, listed: boolean) => exported({ type: 'url', value, listed });
    const links = [
      url('https://bit.ly/', true),
      url('http://bit.ly', true),
      url('https://bit.ly:8443/', true),
      url('https://bit.ly/?a', true),
      url('https://bit.ly/a', true),
      url('https://evil.example.net/', false),
    ];
    assert.equal(documentOf(plainExport('url'), links), 'bit.ly/?a\nbit.ly/a\nevil.example.net/\n');
  });

  test('has links without a scheme, and none that would be a wildcard', () => {
    assert.equal(documentOf(plainExport('url'), entries), 'a.example.net:8443/x?y=http://z\n');
  });
});
