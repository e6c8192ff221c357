import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MIGRATIONS } from '../../../db/migrations';
import { madeSchema } from '../../../stack/schema';

test('example IOCs come with the very first migration only', () => {
  const names = MIGRATIONS.map(({ name }) => name);
  assert.equal(madeSchema(names), true);
  assert.equal(madeSchema([]), false);
  assert.equal(madeSchema(['20991231A-later']), false);
});
