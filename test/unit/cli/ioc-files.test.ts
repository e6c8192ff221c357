import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { EXIT, UsageError } from '../../../cli/errors';
import { runProgram } from '../../../cli/program';
import { json, serve, type Handler } from './api-double';
import { job } from './ioc-fixture';
import { sessionWith } from './session-double';

let folder = '';
before(() => (folder = mkdtempSync(join(tmpdir(), 'soar-ioc-'))));
after(() => rmSync(folder, { recursive: true }));

async function run(t: TestContext, handle: Handler, args: string[], stdin: string[] = []) {
  const { url, seen } = await serve(t, handle);
  const input = stdin.map((text) => Buffer.from(text));
  const { session, lines, data, notes } = sessionWith(url, { json: args.includes('--json'), stdin: input });
  const code = await runProgram(['ioc', ...args], () => session);
  return { code, seen, lines, data, notes, text: lines.join('\n') };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('soar ioc import', () => {
  it('sends the file as it is, waits for its end, and tells what became of its lines', async (t) => {
    let asked = 0;
    const handle: Handler = ({ method }, response) => {
      if (method === 'POST') json(response, 202, job({ state: 'queued', note: 'The engine does not answer.' }));
      else json(response, 200, job({ state: ++asked < 2 ? 'running' : 'done' }));
    };
    const path = file('list.txt', 'a.example\nb.example\n');
    const flags = [
      '--source',
      'urlhaus',
      '--tag',
      'c2',
      'apt',
      '--confidence',
      '70',
      '--columns',
      'value:2',
      '--expires-after',
      '30',
    ];
    const { seen, lines, notes, code } = await run(t, handle, ['import', path, ...flags]);
    const [upload] = seen;
    assert.deepEqual([code, upload?.body, upload?.headers.prefer], [EXIT.ok, 'a.example\nb.example\n', 'wait=0']);
    const query = new URLSearchParams(upload?.url.split('?')[1]);
    assert.deepEqual(Object.fromEntries(query), {
      ...{ source: 'urlhaus', tags: 'c2,apt', confidence: '70', columns: 'value:2', expires_after_days: '30' },
      file_name: 'list.txt',
    });
    assert.deepEqual(notes, ['The engine does not answer.']);
    assert.deepEqual(lines, [
      `${path}  done  IMP-0123456789, urlhaus, list`,
      '  2 added, 0 updated, 1 unchanged of 4 lines',
      '  1 refused',
      '    line 3  refused  local·[2Jhost: Is a name of one label',
    ]);
  });

  it('shows the first problems, and all of them when asked', async (t) => {
    const problems = Array.from({ length: 100 }, (_, n) => ({ ...job().problems[0]!, line: n + 1 }));
    const counts = { ...job().counts, refused: 250 };
    const handle: Handler = ({ url }, response) => {
      const items = url.includes('cursor') ? problems.slice(0, 50) : [...problems, ...problems];
      if (!url.includes('/problems')) json(response, 200, job({ problems, counts }));
      else json(response, 200, { items, next_cursor: url.includes('cursor') ? null : 'c' });
    };
    const path = file('bad.txt', 'x');
    const some = await run(t, handle, ['import', path, '--source', 's']);
    assert.equal(some.lines.filter((line) => line.includes('refused  local')).length, 20);
    assert.equal(some.lines.at(-1), '    … and 230 more: soar ioc imports IMP-0123456789 --problems');
    const all = await run(t, handle, ['import', path, '--source', 's', '--problems']);
    assert.equal(all.lines.filter((line) => line.includes('refused  local')).length, 250);
  });

  it('shows what somebody may have to mend before what no file can help', async (t) => {
    const problem = (line: number, kind: 'refused' | 'flagged' | 'unsupported') => ({
      ...{ line, kind, text: 'x', reason: 'Because' },
    });
    const mixed = [problem(1, 'unsupported'), problem(2, 'flagged'), problem(3, 'refused')];
    const counts = { ...job().counts, refused: 1, flagged: 1, unsupported: 1 };
    const shown = async (problems: typeof mixed): Promise<string[]> => {
      const handle: Handler = (_request, response) => json(response, 200, job({ problems, counts }));
      const { lines } = await run(t, handle, ['import', file('mixed.txt', 'x'), '--source', 's']);
      return lines.flatMap((line) => /^ {4}line (\d)/.exec(line)?.[1] ?? []);
    };
    assert.deepEqual(await shown(mixed), ['3', '2']);
    assert.deepEqual(await shown(mixed.slice(0, 1)), ['1']);
  });

  it('reads standard input, and fails where the file as a whole does', async (t) => {
    const failed = job({ state: 'failed', error: 'Is no format that is known', problems: [] });
    const handle: Handler = (_request, response) => json(response, 200, failed);
    const { seen, code, text } = await run(t, handle, ['import', '-', '--source', 's'], ['a.', 'example']);
    assert.deepEqual([code, seen[0]?.body], [EXIT.failure, 'a.example']);
    assert.match(text, /failed.*\n {2}Is no format that is known/);
  });

  it('goes on with the others when one is refused', async (t) => {
    const handle: Handler = ({ body }, response) => {
      if (body === 'large') json(response, 413, { status: 413, detail: 'Too large' });
      else json(response, 200, job({ repeated: true }));
    };
    const paths = [file('1.txt', 'large'), file('2.txt', 'small')];
    const { code, lines, data } = await run(t, handle, ['import', ...paths, '--source', 's']);
    assert.equal(code, EXIT.failure);
    assert.match(lines[0] ?? '', /✗ .*1\.txt: 413 Too large/);
    assert.match(lines[1] ?? '', /2\.txt {2}done, sent before/);
    assert.deepEqual(data, []);
    const machine = await run(t, handle, ['import', ...paths, '--source', 's', '--json']);
    assert.deepEqual(
      machine.data.map((one) => Object.keys(one as object)[1]),
      ['error', 'id'],
    );
  });

  it('is called wrongly without a source, and with a file that is not there', async (t) => {
    const nobody: Handler = (_request, response) => json(response, 500, {});
    await assert.rejects(run(t, nobody, ['import', file('a.txt', 'x'), '--json']), UsageError);
    await assert.rejects(run(t, nobody, ['import', join(folder, 'none'), '--source', 's']), UsageError);
    await assert.rejects(run(t, nobody, ['import', folder, '--source', 's']), UsageError);
  });
});

describe('soar ioc imports', () => {
  it('lists them, and shows one', async (t) => {
    const handle: Handler = ({ url }, response) =>
      json(response, 200, url.includes('IMP-') ? job({ state: 'running' }) : { items: [job()], next_cursor: null });
    const list = await run(t, handle, ['imports', '--source', 'urlhaus']);
    assert.equal(list.seen[0]?.url, '/api/v1/iocs/imports?source=urlhaus');
    assert.match(list.lines[2] ?? '', /^IMP-0123456789 +urlhaus +done +2 +0 +1 +2026-11-23 12:00 +kim$/);
    const one = await run(t, handle, ['imports', 'imp-0123456789']);
    assert.match(one.text, /100 % read; it goes on: soar ioc imports IMP-0123456789/);
  });
});

describe('soar ioc export', () => {
  const whole: Handler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write('a.example\n');
    response.end('b.example\n');
  };

  it('writes the file, of the format that its name tells', async (t) => {
    const path = join(folder, 'block.txt');
    const { seen, notes, code } = await run(t, whole, ['export', '-o', path, '--type', 'domain', '--include-expired']);
    assert.equal(seen[0]?.url, '/api/v1/iocs/export?format=plain&type=domain&include_expired=true');
    assert.deepEqual(
      [code, readFileSync(path, 'utf8'), notes],
      [EXIT.ok, 'a.example\nb.example\n', [`${path}: 20 bytes`]],
    );
  });

  it('leaves no file, and the one of before, when it breaks off', async (t) => {
    const path = file('keep.csv', 'before');
    const torn: Handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/csv' });
      response.write('half', () => response.destroy());
    };
    await assert.rejects(run(t, torn, ['export', '-o', path]), { name: 'CliError', hint: /was not written/ });
    assert.equal(readFileSync(path, 'utf8'), 'before');
    assert.ok(!readdirSync(folder).some((name) => name.endsWith('.part')));
  });

  it('is called wrongly without a format, and for a plain list without a type', async (t) => {
    await assert.rejects(run(t, whole, ['export']), UsageError);
    await assert.rejects(run(t, whole, ['export', '--format', 'plain']), UsageError);
  });
});
