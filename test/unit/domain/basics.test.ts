import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../../../domain/canonical-json';
import { newAlertId, newIncidentId } from '../../../domain/ids';
import { levelOf } from '../../../domain/levels';
import { normaliseTimestamp } from '../../../domain/time';

describe('ids', () => {
  test('are ten Crockford characters behind their prefix, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), (bytes) => {
        assert.match(
          newIncidentId(() => bytes),
          /^INC-[0-9A-HJKMNP-TV-Z]{10}$/,
        );
        assert.match(
          newAlertId(() => bytes),
          /^ALT-[0-9A-HJKMNP-TV-Z]{10}$/,
        );
      }),
    );
  });

  test('differ when the bytes differ in their low five bits', () => {
    const letters = Array.from({ length: 32 }, (_, byte) => newAlertId(() => new Uint8Array(10).fill(byte)));
    assert.equal(new Set(letters).size, 32);
  });
});

describe('canonicalJson', () => {
  test('does not depend on the order of keys', () => {
    assert.equal(canonicalJson({ b: 1, a: [{ d: null, c: 'ä' }] }), '{"a":[{"c":"ä","d":null}],"b":1}');
    assert.equal(canonicalJson({ a: [{ c: 'ä', d: null }], b: 1 }), canonicalJson({ b: 1, a: [{ d: null, c: 'ä' }] }));
  });

  test('reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('leaves undefined properties out and refuses what JSON cannot hold', () => {
    assert.equal(canonicalJson({ a: undefined, b: 1 }), '{"b":1}');
    for (const bad of [undefined, NaN, Infinity, 1n, () => 1, { a: NaN }]) {
      assert.throws(() => canonicalJson(bad), TypeError);
    }
  });

  test('treats __proto__ as a key like any other', () => {
    assert.equal(canonicalJson(JSON.parse('{"__proto__":{"a":1}}')), '{"__proto__":{"a":1}}');
  });
});

describe('normaliseTimestamp', () => {
  const cases: [string, string | undefined][] = [
    ['2026-11-23T12:00:00Z', '2026-11-23T12:00:00.000000Z'],
    ['2026-11-23T12:00:00.5+02:00', '2026-11-23T10:00:00.500000Z'],
    ['2026-11-23T00:30:00.123456789-01:30', '2026-11-23T02:00:00.123456Z'],
    ['2026-11-23 12:00:00', '2026-11-23T12:00:00.000000Z'],
    ['2026-11-23T12:00:00+0000', '2026-11-23T12:00:00.000000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000000Z'],
    ['2026-02-29T12:00:00Z', undefined],
    ['2026-11-23', undefined],
    ['2026-11-23T24:00:00Z', undefined],
    ['2026-11-23T12:60:00Z', undefined],
    ['1721217600', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of cases) {
    test(`${text || 'the empty string'} → ${expected ?? 'refused'}`, () =>
      assert.equal(normaliseTimestamp(text), expected));
  }
});

test('levels change at 15, 40 and 70 weighted points', () => {
  assert.deepEqual([14.9, 15, 39.9, 40, 69.9, 70].map(levelOf), [
    'low',
    'medium',
    'medium',
    'high',
    'high',
    'critical',
  ]);
});
