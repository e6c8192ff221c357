import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ApiProblemError } from '../../../cli/http';
import { failureData } from '../../../cli/problems';
import { PROJECT_ROOT } from '../../../config/home';

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

function soar(...args: string[]): Promise<Ran> {
  return soarWith({}, ...args);
}

function soarWith(variables: Record<string, string>, ...args: string[]): Promise<Ran> {
  const env = { ...process.env, COLUMNS: '', ...variables };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(PROJECT_ROOT, 'bin', 'soar.mjs'), ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('called without a command: usage on standard error, exit 2', async () => {
  for (const args of [[], ['ioc']]) {
    const { code, stdout, stderr } = await soar(...args);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, /^Usage: soar/);
  }
});

test('every command stands in the table of the README', async () => {
  const { stdout } = await soar('--help');
  const listed = stdout.slice(stdout.indexOf('Alerts:'), stdout.indexOf('Examples:'));
  const names = [...listed.matchAll(/^ {2}([a-z]+) /gm)].flatMap(([, name = '']) => (name === 'help' ? [] : [name]));
  assert.ok(names.length >= 25, names.join(' '));
  const rows = readFileSync(join(PROJECT_ROOT, 'README.md'), 'utf8').match(/^\| `npx soar .*$/gm) ?? [];
  for (const name of names)
    assert.ok(
      rows.some((row) => new RegExp(`npx soar ${name}\\b`).test(row)),
      name,
    );
});

test('the help fits a terminal of 80 columns, and no command stands outside of a group', async () => {
  const { stdout } = await soar('--help');
  assert.deepEqual(
    stdout.split('\n').filter((line) => line.length > 80),
    [],
  );
  assert.doesNotMatch(stdout, /^Commands:/m);
});

test('into a pipe it writes as wide as COLUMNS says, from 40 to 100', async () => {
  const widest = async (COLUMNS: string) => {
    const { stdout } = await soarWith({ COLUMNS }, 'parse', join(PROJECT_ROOT, 'samples', 'alerts'));
    const fields = stdout.split('\n').filter((line) => line.startsWith('  '));
    return Math.max(...fields.map((line) => [...line].length));
  };
  const unbounded = await widest('');
  assert.ok(unbounded > 80 && unbounded <= 100);
  assert.ok((await widest('80')) <= 80);
  assert.deepEqual([await widest('wide'), await widest('999')], [unbounded, unbounded]);
});

test('with --json every error is one JSON line on standard error', async () => {
  for (const args of [['--json'], ['ioc', '--json'], ['--json', 'shout'], ['alert', '--bogus', '--json']]) {
    const { code, stdout, stderr } = await soar(...args);
    assert.deepEqual([code, stdout, stderr.split('\n').length], [2, '', 2], args.join(' '));
    const { error } = JSON.parse(stderr) as { error: Record<string, unknown> };
    assert.deepEqual(Object.keys(error), ['message', 'hint', 'exit_code', 'problem']);
    assert.equal(error['exit_code'], 2);
  }
});

test('a refusal carries the problem document of the API', () => {
  const problem = { status: 401, title: 'no', detail: 'The API key is not known.' };
  const { error } = failureData(new ApiProblemError(401, problem));
  assert.deepEqual([error['message'], error['exit_code'], error['problem']], [problem.detail, 1, problem]);
  assert.match(String(error['hint']), /SOAR_API_KEY/);
});
