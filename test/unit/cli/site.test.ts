import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { siteCheckCommand } from '../../../cli/commands/site';
import { EXIT, UsageError } from '../../../cli/errors';
import { runProgram } from '../../../cli/program';
import { parseCliEnv } from '../../../config/cli';
import { readSiteFile } from '../../../config/site';
import { wholeDefaultPolicy } from '../../../evaluation/policies';
import { DEFAULT_SITE } from '../../../domain/site';
import { sessionWith } from './session-double';

const folder = mkdtempSync(join(tmpdir(), 'soar-site-check-'));
after(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function check(file: string | undefined, json = false) {
  const { session, lines, data } = sessionWith('http://127.0.0.1:9', { json });
  const code = siteCheckCommand(session, file);
  return { code, text: lines.join('\n'), lines, data };
}

describe('soar site check', () => {
  test('says that a file is usable and what is in force with it, defaults included', () => {
    const file = fileOf('good.yaml', 'many_attempts: 7\npolicy: { thresholds: { malicious: 80 } }');
    const { code, lines, text } = check(file);
    assert.equal(code, EXIT.ok);
    assert.equal(lines[0], `✓ ${file} is usable. What is in force with it:`);
    assert.match(text, /^ {2}many_attempts: 7$/m);
    assert.match(text, /^ {2}young_domain_days: 30$/m);
    assert.match(text, /^ {2}policy:\n {4}thresholds:\n {6}malicious: 80$/m);
  });

  test('shows durations as the file has them, so that what it shows can be a site file again', () => {
    const sla = 'sla: { critical: { acknowledge: 7s, close: 90m }, high: { close: 48h }, low: { acknowledge: 0.5h } }';
    const { lines, text } = check(fileOf('sla.yaml', sla));
    assert.match(text, /low:\n +acknowledge: 30m\n +close: 7d\n +medium:\n +acknowledge: 4h\n +close: 3d\n/);
    assert.match(text, /high:\n +acknowledge: 1h\n +close: 2d\n +critical:\n +acknowledge: 7s\n +close: 90m\n/);
    const again = fileOf('again.yaml', lines.slice(1).join('\n'));
    assert.equal(check(again).code, EXIT.ok, check(again).text);
    assert.deepEqual(readSiteFile(again), readSiteFile(join(folder, 'sla.yaml')));
  });

  test('gives site knowledge and policy as they come to be, for machines', () => {
    const file = fileOf('good.yaml', 'many_attempts: 7\npolicy: { thresholds: { malicious: 80 } }');
    const { code, data, lines } = check(file, true);
    assert.equal(code, EXIT.ok);
    const policy = { ...wholeDefaultPolicy(), thresholds: { suspicious: 30, malicious: 80 } };
    assert.deepEqual(data, [{ file, usable: true, site: { ...DEFAULT_SITE, many_attempts: 7 }, policy }]);
    assert.deepEqual(lines, []);
  });

  test('names all that is wrong with a file, and fails', () => {
    const file = fileOf('bad.yaml', 'many_attempts: -1\nown_ranges: [10.0.0.0/99]');
    const { code, lines } = check(file);
    assert.equal(code, EXIT.failure);
    assert.equal(lines[0], `The site file ${file} is not usable:`);
    assert.deepEqual(
      lines
        .slice(1)
        .map((line) => line.split(':')[0])
        .sort(),
      ['  many_attempts', '  own_ranges.0'],
    );
  });

  test('names what is wrong for machines, and fails', () => {
    const file = fileOf('bad.yaml', 'policy: { caps: { benign: 900 }, nonsense: 1 }');
    const { code, data } = check(file, true);
    assert.equal(code, EXIT.failure);
    const problems = ['policy.nonsense: is no part of the policy', 'policy.caps.benign: is from 0 to 100'];
    assert.deepEqual(data, [{ file, usable: false, problems }]);
  });

  test('fails on a file that is not there, and on one that is no YAML', () => {
    const missing = check(join(folder, 'missing.yaml'));
    assert.equal(missing.code, EXIT.failure);
    assert.match(missing.text, /missing\.yaml is not usable:\n {2}ENOENT/);
    assert.equal(check(fileOf('broken.yaml', 'sla: [')).code, EXIT.failure);
  });

  test('wants to know which file, where none is set', () => {
    assert.throws(() => check(undefined), UsageError);
  });

  test('checks the file that is set, or the one that is named', async () => {
    const [set, named] = [fileOf('set.yaml', 'many_attempts: 3'), fileOf('named.yaml', 'many_attempts: 4')];
    const { session, data } = sessionWith('http://127.0.0.1:9', { json: true });
    const env = parseCliEnv({ SOAR_SITE_FILE: set });
    for (const args of [[], [named]]) {
      assert.equal(await runProgram(['site', 'check', ...args, '--json'], () => ({ ...session, env })), EXIT.ok);
    }
    assert.deepEqual(
      data.map((told) => (told as { file: string }).file),
      [set, named],
    );
    await assert.rejects(
      runProgram(['site', 'check'], () => session),
      UsageError,
    );
  });

  test("checks the sources' numbers too", () => {
    const { code, text } = check(fileOf('sources.yaml', 'policy: { sources: { rumours: { x: 1 } } }'));
    assert.equal(code, EXIT.failure);
    assert.match(text, /policy\.sources\.rumours: is no part of the policy/);
    const file = fileOf(
      'bands.yaml',
      'policy: { sources: { virustotal: { file: [{ from: 5, points: 9 }, { from: 2, points: 3 }] } } }',
    );
    assert.match(check(file).text, /virustotal\.file: must go from the least/);
  });

  test('shows what a file says without what a terminal would obey', () => {
    const { text } = check(fileOf('escape.yaml', 'known_scanners: [{ range: 10.0.0.1, name: "a\\e[2Jb" }]'));
    assert.ok(!text.includes('\u001B'), 'no escape reaches the terminal');
  });
});
