import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findFiles, readDocuments, splitDocuments } from '../../../cli/read-alerts';

const split = (name: string, text: string) => splitDocuments(name, Buffer.from(text, 'latin1'));
const names = (name: string, text: string): string[] => split(name, text).map((document) => document.name);
const bodies = (name: string, text: string): string[] =>
  split(name, text).map((document) => document.body.toString('latin1'));

test('an object is one document, sent byte for byte', () => {
  const text = '{\n  "source": "x"\n}\n';
  assert.deepEqual(split('a.json', text), [
    { name: 'a.json', body: Buffer.from(text), contentType: 'application/json' },
  ]);
});

test('an array is one document for each item', () => {
  assert.deepEqual(names('a.json', '[{"source":"x"},{"source":"y"}]'), ['a.json[0]', 'a.json[1]']);
});

test('bytes that are no UTF-8, byte order marks and large numbers arrive as they stand in the file', () => {
  const odd = ['{"a":"\xff\xc3"}', '{"n":12345678901234567890.10}', '"],{\\"\\\\"', '[1,[2]]'];
  assert.deepEqual(bodies('a.json', odd[0]!), [odd[0]]);
  assert.deepEqual(bodies('a.json', `\xef\xbb\xbf${odd[1]}`), [`\xef\xbb\xbf${odd[1]}`]);
  assert.deepEqual(bodies('a.json', ` [ ${odd.join(' ,\r\n')}\n] `), odd);
  assert.deepEqual(bodies('a.ndjson', odd.join('\r\n\n')), odd);
  assert.deepEqual(bodies('a.log', 'caf\xe9 denied'), ['caf\xe9 denied']);
  assert.deepEqual(bodies('a.json', '[ ]'), []);
});

test('NDJSON is one document for each line that is not empty, named by its line', () => {
  assert.deepEqual(names('a.ndjson', '{"a":1}\n\n{"a":2}\r\n'), ['a.ndjson:1', 'a.ndjson:3']);
  assert.deepEqual(names('stdin', '{"a":1}\n{"a":2}\n'), ['stdin:1', 'stdin:2']);
});

test('a broken line of NDJSON is handed on, so that it is refused by name', () => {
  assert.deepEqual(bodies('a.ndjson', '{"a":1}\n{"a":\n'), ['{"a":1}', '{"a":']);
});

test('text is sent as text, a mail as a mail', () => {
  assert.equal(split('a.log', 'Nov 21 sshd: Failed password')[0]?.contentType, 'text/plain');
  assert.equal(split('a.eml', 'From: x')[0]?.contentType, 'message/rfc822');
});

test('folders are followed down, and only JSON and NDJSON is taken; what is named outright always is', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'soar-cli-'));
  context.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'inner'));
  for (const name of ['b.json', 'inner/a.ndjson', 'inner/c.jsonl', 'README.md', 'x.log', 'y.eml', 'expected.json'])
    await writeFile(join(folder, name), '{}');
  assert.deepEqual(await findFiles([folder, join(folder, 'b.json')]), [
    join(folder, 'b.json'),
    join(folder, 'inner/a.ndjson'),
    join(folder, 'inner/c.jsonl'),
  ]);
  assert.deepEqual(await findFiles([join(folder, 'x.log'), join(folder, 'y.eml')]), [
    join(folder, 'x.log'),
    join(folder, 'y.eml'),
  ]);
  assert.equal((await readDocuments(join(folder, 'b.json'))).length, 1);
  await assert.rejects(findFiles([join(folder, 'none.json')]), /There is no file or folder/);
});
