import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readDocument, valuesOf } from './reading';

let count = 0;

function object(type: string, rest: object = {}): object {
  count += 1;
  return {
    type,
    spec_version: '2.1',
    id: `${type}--00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
    ...rest,
  };
}

function indicator(rest: object = {}): object {
  return object('indicator', {
    created: '2026-10-01T00:00:00.000Z',
    modified: '2026-10-05T00:00:00.000Z',
    pattern: "[domain-name:value = 'a.example.net']",
    pattern_type: 'stix',
    valid_from: '2026-10-02T00:00:00Z',
    ...rest,
  });
}

function bundle(...objects: object[]): object {
  return { type: 'bundle', id: 'bundle--00000000-0000-4000-8000-000000000000', objects };
}

describe('STIX', () => {
  test('2.1: all that an indicator says', () => {
    const read = readDocument(
      bundle(
        object('identity', { name: 'somebody' }),
        indicator({
          valid_until: '2027-01-01T00:00:00Z',
          confidence: 70,
          indicator_types: ['malicious-activity', 'attribution'],
          labels: ['emotet'],
          object_marking_refs: ['marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003'],
          external_references: [
            { source_name: 'capec', external_id: 'CAPEC-1' },
            { source_name: 'blog', url: 'https://blog.example.org/emotet' },
          ],
        }),
      ),
    );
    assert.equal(read.format, 'stix');
    assert.deepEqual(read.problems, []);
    assert.deepEqual(read.indicators, [
      {
        type: 'domain',
        value: 'a.example.net',
        confidence: 70,
        first_seen: '2026-10-02T00:00:00.000000Z',
        last_seen: '2026-10-05T00:00:00.000000Z',
        said_at: '2026-10-05T00:00:00.000000Z',
        expires_at: '2027-01-01T00:00:00.000000Z',
        tlp: 'amber+strict',
        tags: ['emotet', 'attribution'],
        reference: 'https://blog.example.org/emotet',
      },
    ]);
  });

  test('of two versions of one object, the one that is older than its revocation says nothing', () => {
    const first = indicator();
    const gone = { ...first, modified: '2026-10-06T00:00:00.000Z', revoked: true };
    const back = { ...first, modified: '2026-10-07T00:00:00.000Z' };
    const saying = (...objects: object[]) =>
      readDocument(bundle(...objects)).indicators.map(({ revoked = false, said_at }) => [
        revoked,
        said_at?.slice(0, 10),
      ]);
    assert.deepEqual(saying(gone, first), [[true, '2026-10-06']]);
    assert.deepEqual(saying(gone, back, first), [
      [true, '2026-10-06'],
      [false, '2026-10-07'],
    ]);
    assert.deepEqual(saying(gone, indicator()).at(-1), [false, '2026-10-05']);
  });

  test('2.0, and objects one after the other', () => {
    const { spec_version, pattern_type, ...old } = indicator({
      labels: ['malicious-activity', 'threatstream-confidence-76'],
    }) as Record<string, unknown>;
    assert.ok(spec_version !== pattern_type);
    const read = readDocument(
      [old, { ...old, pattern: "[ipv4-addr:value='198.51.100.4']" }].map((each) => JSON.stringify(each)).join('\n'),
    );
    assert.deepEqual(valuesOf(read), ['domain a.example.net', 'ip 198.51.100.4']);
    assert.equal(read.indicators[0]?.confidence, 76);
    const in20 = {
      type: 'bundle',
      id: 'bundle--00000000-0000-4000-8000-000000000000',
      spec_version: '2.0',
      objects: [old],
    };
    assert.deepEqual(valuesOf(readDocument(in20)), ['domain a.example.net']);
  });

  test('an answer of TAXII', () => {
    assert.deepEqual(valuesOf(readDocument({ more: false, objects: [indicator()] })), ['domain a.example.net']);
  });

  test('revoked is told as such', () => {
    assert.equal(readDocument(bundle(indicator({ revoked: true }))).indicators[0]?.revoked, true);
    assert.equal(readDocument(bundle(indicator({ revoked: 'true' }))).indicators[0]?.revoked, undefined);
  });

  const markings: [string, string][] = [
    ['613f2e26-407d-48c7-9eca-b8e91df99dc9', 'clear'],
    ['34098fce-860f-48ae-8e50-ebd3cc5e41da', 'green'],
    ['f88d31f6-486f-44da-b317-01333bde0b82', 'amber'],
    ['5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'red'],
    ['94868c89-83c2-464b-929b-a1a8aa3c8487', 'clear'],
    ['bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'green'],
    ['55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'amber'],
    ['e828b379-4e03-4974-9ac4-e53a884c97c1', 'red'],
  ];
  for (const [id, label] of markings) {
    test(`marking ${id} is TLP:${label}`, () => {
      const marked = indicator({ object_marking_refs: ['marking-definition--x', `marking-definition--${id}`] });
      assert.equal(readDocument(bundle(marked)).indicators[0]?.tlp, label);
    });
  }

  test('a marking that the bundle defines is known; the strictest holds; one for a part counts for all', () => {
    const own = {
      type: 'marking-definition',
      id: 'marking-definition--own',
      definition_type: 'tlp',
      definition: { tlp: 'amber' },
    };
    const read = readDocument(
      bundle(
        own,
        indicator({ object_marking_refs: ['marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487', own.id] }),
        indicator({ granular_markings: [{ marking_ref: own.id, selectors: ['name'] }] }),
      ),
    );
    assert.deepEqual(
      read.indicators.map(({ tlp }) => tlp),
      ['amber', 'amber'],
    );
  });

  test('what is observed beside indicators is not read twice; by itself, it is told and nothing is imported', () => {
    const seen = object('ipv4-addr', { value: '198.51.100.4' });
    assert.deepEqual(valuesOf(readDocument(bundle(seen, indicator()))), ['domain a.example.net']);
    const alone = readDocument(bundle(seen, object('domain-name', { value: 'b.example.net' })));
    assert.deepEqual(alone.indicators, []);
    assert.deepEqual(alone.problems, [
      'unsupported 2 objects: Holds only what was observed, which nobody calls malicious: nothing to import',
    ]);
    assert.match(readDocument(bundle(object('identity'))).problems.join(), /Holds no indicators/);
  });

  test('other languages, what is benign, and broken patterns are told, and the rest is read', () => {
    const read = readDocument(
      bundle(
        indicator({ pattern: 'rule a {}', pattern_type: 'yara' }),
        indicator({ indicator_types: ['benign'] }),
        indicator({ pattern: '[nonsense' }),
        indicator({ pattern: 4 }),
        indicator({ pattern: "[file:name = 'x' OR ipv4-addr:value = '198.51.100.4']" }),
        indicator({ pattern: "[ipv4-addr:value = 'a.example.net']" }),
      ),
    );
    assert.deepEqual(valuesOf(read), ['ip 198.51.100.4']);
    assert.deepEqual(
      read.findings.flatMap((finding) => (finding.kind === 'indicator' ? [] : [`${finding.kind}: ${finding.reason}`])),
      [
        'unsupported: Is a pattern of yara, not of STIX',
        'unsupported: Is an indicator of what is benign',
        'refused: Is no STIX pattern: ":" expected, not the end, at position 10',
        'refused: Has no pattern',
        'unsupported: file:name is nothing that can be looked up',
        'refused: Is a domain, not an address',
      ],
    );
  });

  test('nothing was seen in the future', () => {
    const [read] = readDocument(
      bundle(indicator({ valid_from: '2099-01-01T00:00:00Z', modified: '2098-01-01T00:00:00Z' })),
    ).indicators;
    assert.equal(read?.last_seen, '2026-11-30T12:00:00.000000Z');
    assert.equal(read.first_seen, '2026-11-30T12:00:00.000000Z');
  });

  test('the same value twice in a pattern is one', () => {
    const pattern = "[ipv4-addr:value = '198.51.100.4'] OR [ipv4-addr:value = '198.51.100.4']";
    assert.deepEqual(valuesOf(readDocument(bundle(indicator({ pattern })))), ['ip 198.51.100.4']);
  });
});
