import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkSite } from '../../../stack/doctor-site';

const folder = mkdtempSync(join(tmpdir(), 'soar-doctor-'));
after(() => rmSync(folder, { recursive: true }));

function siteFile(text: string): string {
  const file = join(folder, 'site.yaml');
  writeFileSync(file, text);
  return file;
}

test('without a site file the doctor says that the defaults are in force', () => {
  const { ok, detail } = checkSite(undefined);
  assert.equal(ok, true);
  assert.match(detail, /defaults/);
});

test('the doctor names what makes a site file unusable, also in its policy, and how to mend it', () => {
  assert.equal(checkSite(siteFile('many_attempts: 7')).ok, true);
  const broken = checkSite(siteFile('many_attempts: often'));
  assert.equal(broken.ok, false);
  assert.match(broken.detail, /many_attempts/);
  assert.match(broken.fix ?? '', /soar site check/);
  assert.match(checkSite(siteFile('policy: { thresholds: { malicious: 10 } }')).detail, /policy\.thresholds/);
  assert.equal(checkSite(join(folder, 'none.yaml')).ok, false);
});
