import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../../config/home';
import { FORMATS } from '../../../domain/formats';

test('docs/formats.md lists every format, and no other', () => {
  const doc = readFileSync(join(PROJECT_ROOT, 'docs', 'formats.md'), 'utf8');
  const table = doc.slice(doc.indexOf('<!-- formats -->'), doc.indexOf('<!-- /formats -->'));
  const rows = [...table.matchAll(/^\| `([a-z0-9_]+)` *\| (.+?) *\|$/gm)].map(([, name, title]) => [name, title]);
  assert.deepEqual(
    rows,
    FORMATS.map(({ name, title, reference }) => [name, reference ? `[${title}](${reference})` : title]),
  );
});

test('formats have names of their own', () => {
  const names = FORMATS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});
