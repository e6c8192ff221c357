import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../../config/home';
import { COLUMNS } from '../../../domain/intel/format';
import { INTEL_FORMATS } from '../../../domain/intel/formats';

const doc = readFileSync(join(PROJECT_ROOT, 'docs', 'iocs.md'), 'utf8');

test('docs/iocs.md lists every format of files of indicators, and no other', () => {
  const table = doc.slice(doc.indexOf('<!-- intel-formats -->'), doc.indexOf('<!-- /intel-formats -->'));
  const rows = [...table.matchAll(/^\| `([a-z0-9-]+)` *\| (.+?) *\|$/gm)].map(([, name, title]) => [name, title]);
  assert.deepEqual(
    rows,
    INTEL_FORMATS.map(({ name, title }) => [name, title]),
  );
  assert.equal(new Set(INTEL_FORMATS.map(({ name }) => name)).size, INTEL_FORMATS.length);
});

test('docs/iocs.md names every part that a column can have', () => {
  for (const column of COLUMNS) assert.ok(doc.includes(`\`${column}\``), column);
});
