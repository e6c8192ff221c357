import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../../config/home';

/**
 * A playbook is added by what docs/playbooks.md says, and by nothing else: its commands are run and its lines are put in,
 * in a copy of the project.
 */

const run = promisify(execFile);
const FIXTURE = join(PROJECT_ROOT, 'test', 'fixtures', 'playbook');
const [, HOW = ''] = readFileSync(join(PROJECT_ROOT, 'docs', 'playbooks.md'), 'utf8').split('\n## How one is added\n');

/** Not copied: what is only read there, or not needed. */
const SHARED = ['node_modules', 'guards'];
const LEFT_OUT = [...SHARED, 'docs'];

interface Block {
  language: string;
  /** The file that a `diff` is of. */
  file: string;
  text: string;
}

function blocks(): Block[] {
  const fenced = HOW.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms);
  return [...fenced].map(([, language = '', file = '', text = '']) => ({ language, file, text }));
}

function of(language: string): Block[] {
  return blocks().filter((block) => block.language === language);
}

/** Puts the lines with a plus into the file, at the one place where the others stand. */
function patch(file: string, diff: string): void {
  const lines = diff.trimEnd().split('\n');
  assert.ok(lines.every((line) => /^[ +]/.test(line)));
  const before = lines.filter((line) => line.startsWith(' ')).map((line) => line.slice(1));
  const parts = readFileSync(file, 'utf8').split(`${before.join('\n')}\n`);
  assert.equal(parts.length, 2, `${file} has these lines once:\n${before.join('\n')}`);
  writeFileSync(file, parts.join(`${lines.map((line) => line.slice(1)).join('\n')}\n`));
}

function copyProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'soar-newcomer-'));
  for (const { name } of readdirSync(PROJECT_ROOT, { withFileTypes: true })) {
    if (name.startsWith('.') || LEFT_OUT.includes(name)) continue;
    cpSync(join(PROJECT_ROOT, name), join(copy, name), { recursive: true });
  }
  for (const name of SHARED) symlinkSync(join(PROJECT_ROOT, name), join(copy, name));
  return copy;
}

function expectVerdicts(copy: string): void {
  const file = join(copy, 'samples', 'alerts', 'expected.json');
  const [all, own] = [file, join(FIXTURE, 'expected.json')].map(
    (path) => JSON.parse(readFileSync(path, 'utf8')) as object,
  );
  writeFileSync(file, JSON.stringify({ ...all, ...own }));
}

describe('a new playbook', { timeout: 300_000, concurrency: 2 }, () => {
  let copy = '';
  // a runner of tests within a test would take itself for part of it
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const node = async (...args: string[]): Promise<string> => {
    try {
      return (await run(process.execPath, args, { cwd: copy, env })).stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      assert.fail(`${args.join(' ')}\n${stdout}${stderr}`);
    }
  };

  before(async () => {
    copy = copyProject();
    for (const { text } of of('sh')) await run('sh', ['-ec', text], { cwd: copy });
    for (const { file, text } of of('diff')) patch(join(copy, file), text);
    expectVerdicts(copy);
  });

  after(() => rmSync(copy, { recursive: true, force: true }));

  it('is shown as it stands in the example', () => {
    const source = readFileSync(join(FIXTURE, 'cloud-account.ts'), 'utf8');
    assert.equal(of('ts').length, 1);
    for (const { text } of of('ts')) assert.ok(source.includes(text), text);
    assert.deepEqual(
      of('diff').map(({ file }) => file),
      ['domain/alert.ts', 'domain/playbooks/index.ts', 'domain/playbooks/index.ts', 'workflows/index.ts'],
    );
  });

  it('passes the type checker, and no other place asks for it', async () => {
    await node('node_modules/typescript/bin/tsc', '-p', '.');
  });

  it('has its alerts classified, judged and decided, and its workflow type exported', async () => {
    const tests = ['cloud-account', 'samples', 'registry', 'classify'];
    const files = [...tests.map((name) => `test/unit/domain/${name}.test.ts`), 'test/unit/cli/samples.test.ts'];
    const output = await node('--import', 'tsx', '--test', '--test-concurrency=1', '--test-reporter=tap', ...files);
    for (const name of readdirSync(join(FIXTURE, 'samples'))) {
      assert.match(output, new RegExp(`^ok \\d+ - sample cloud_account/${name} gets its expected verdict$`, 'm'));
    }
    assert.match(output, /ok \d+ - every playbook has its workflow type/);
  });
});
