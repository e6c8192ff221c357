import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { etagOf, includesVersion, versionsOf } from '../../../api/etag';
import { fieldErrors } from '../../../api/field-errors';
import { given } from '../../../domain/given';
import { Problem, problemDocument } from '../../../api/problems';
import { flag, instant, listOf, wholeNumber } from '../../../api/schemas/query';

describe('version tags', () => {
  it('reads one, several, weak, bare and any', () => {
    assert.equal(etagOf(7), '"7"');
    assert.deepEqual(versionsOf('"7"'), [7]);
    assert.deepEqual(versionsOf('W/"7" , "8",9'), [7, 8, 9]);
    assert.equal(versionsOf(' * '), 'any');
    assert.deepEqual(versionsOf('"abc", 7x, "-1", ""'), []);
  });

  it('any version holds, none does not', () => {
    assert.ok(includesVersion('any', 3));
    assert.ok(includesVersion([1, 3], 3));
    assert.ok(!includesVersion([], 3));
  });
});

describe('names of offending fields', () => {
  it('are JSON pointers in a body', () => {
    const schema = z.strictObject({ 'a/b': z.object({ '~': z.array(z.number()) }), kind: z.enum(['x', 'y']) });
    const result = schema.safeParse({ 'a/b': { '~': [1, 'two'] }, kind: 'z', more: 1, 'mo/re': 2 });
    assert.deepEqual(
      fieldErrors(result.error as z.ZodError, 'body').map(({ pointer }) => pointer),
      ['/a~1b/~0/1', '/kind', '/more', '/mo~1re'],
    );
  });

  it('are parameter names in a query', () => {
    const schema = z.strictObject({ status: listOf(['open', 'closed']) });
    const result = schema.safeParse({ status: 'open,shut', page: '2' });
    assert.deepEqual(
      fieldErrors(result.error as z.ZodError, 'query').map(({ pointer }) => pointer),
      ['?status', '?page'],
    );
  });
});

describe('query values', () => {
  const ok = (schema: z.ZodType, value: string) => schema.safeParse(value).data;

  it('times become UTC with microseconds; a plus that arrived as a space is understood', () => {
    assert.equal(ok(instant(), '2026-11-23T12:00:00Z'), '2026-11-23T12:00:00.000000Z');
    assert.equal(ok(instant(), '2026-11-23t12:00:00.123456789+02:00'), '2026-11-23T10:00:00.123456Z');
    assert.equal(ok(instant(), '2026-11-23T12:00:00 02:00'), '2026-11-23T10:00:00.000000Z');
    for (const bad of ['2026-11-23', '2026-11-23T12:00:00', '2026-02-30T00:00:00Z', 'now', '']) {
      assert.equal(instant().safeParse(bad).success, false, bad);
    }
  });

  it('numbers are whole and in range; flags are true or false', () => {
    assert.equal(ok(wholeNumber(1, 200), '200'), 200);
    for (const bad of ['0', '201', '1e2', '0x10', ' 5', '', '1.0', '-1', '99999999999']) {
      assert.equal(wholeNumber(1, 200).safeParse(bad).success, false, bad);
    }
    assert.equal(ok(flag(), 'false'), false);
    for (const bad of ['1', 'yes', 'TRUE', '']) assert.equal(flag().safeParse(bad).success, false, bad);
  });
});

describe('problem documents', () => {
  it('say what RFC 9457 asks for', () => {
    const document = problemDocument(new Problem('not-found', 'There is no incident X.'), '/x', 'r-1');
    assert.deepEqual(document, {
      type: '/docs#problem-not-found',
      title: 'Not found',
      status: 404,
      detail: 'There is no incident X.',
      instance: '/x',
      request_id: 'r-1',
    });
  });
});

describe('given', () => {
  it('leaves out what is undefined and keeps null', () => {
    assert.deepEqual(given({ a: undefined, b: null, c: 0 }), { b: null, c: 0 });
  });
});
