import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { saysAll } from '../../../domain/json-fidelity';

const says = (text: string): boolean => saysAll(text, JSON.parse(text));

describe('parsed JSON beside its text', () => {
  it('says all of it, however it was written', () => {
    const plain = ['{"a": [1.50, -0, 1e3, null], "b\\u00e9": "x:y\\"1234567890123456789"}', '[]', '7', '"a"'];
    for (const text of [...plain, '9007199254740992', '1.2345678901234567', '0.000000000000000000001']) {
      assert.ok(says(text), text);
    }
  });

  it('has lost something: a name that stands twice, digits, a number beyond a double', () => {
    for (const text of [
      '{"a":1,"a":2}',
      '[{"b":{"a":1,"a":1}}]',
      '123456789012345678901234567890',
      '{"id":9007199254740993}',
      '[0.12345678901234567890123]',
      '-1e400',
    ]) {
      assert.ok(!says(text), text);
    }
  });

  it('is taken as faithful for whatever JavaScript writes, with `__proto__` and strings of any kind', () => {
    assert.ok(says('{"__proto__":{"a":1},"constructor":2}'));
    fc.assert(
      fc.property(fc.json(), (text) => says(text)),
      { numRuns: 50 },
    );
  });
});
