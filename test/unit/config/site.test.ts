import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createSiteSources, InvalidSiteFileError } from '../../../config/site';
import { DEFAULT_POLICY } from '../../../domain/policy';
import { DEFAULT_SITE } from '../../../domain/site';

const folder = mkdtempSync(join(tmpdir(), 'soar-site-'));
after(() => rmSync(folder, { recursive: true }));

let clock = 1_700_000_000;
function siteFile(text: string): string {
  const file = join(folder, 'site.yaml');
  writeFileSync(file, text);
  // a new second, so that the change is seen however fast the test is
  utimesSync(file, ++clock, clock);
  return file;
}

const siteSource = (file: string | undefined, onProblem?: (problem: unknown) => void) =>
  createSiteSources(file, { base: DEFAULT_POLICY, ...(onProblem ? { onProblem } : {}) }).site;

test('without a file the defaults are in force', () => {
  assert.deepEqual(siteSource(undefined).current(), DEFAULT_SITE);
});

test('own domains are kept as observables have them', () => {
  const { own_domains } = siteSource(siteFile('own_domains: [Bücher.example, "*.CORP.example"]')).current();
  assert.deepEqual(own_domains, ['xn--bcher-kva.example', 'corp.example']);
});

test('every unusable key is named at once', () => {
  const file = siteFile('own_ranges: [10.0.0.0/99]\nmany_attempts: -1\nownranges: []');
  assert.throws(
    () => siteSource(file),
    (error: unknown) => {
      assert.ok(error instanceof InvalidSiteFileError);
      for (const part of ['own_ranges.0', 'many_attempts', 'ownranges']) assert.match(error.message, new RegExp(part));
      return true;
    },
  );
});

test('a change is taken up while running; an unusable one keeps the last good version and is reported', () => {
  const problems: unknown[] = [];
  const source = siteSource(siteFile('many_attempts: 7'), (problem) => problems.push(problem));
  assert.equal(source.current().many_attempts, 7);
  siteFile('many_attempts: 9');
  assert.equal(source.current().many_attempts, 9);
  siteFile('many_attempts: often');
  assert.equal(source.current().many_attempts, 9);
  assert.equal(problems.length, 1);
});
