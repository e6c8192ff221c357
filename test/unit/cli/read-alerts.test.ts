import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findFiles, readDocuments, splitDocuments } from '../../../cli/read-alerts';

const names = (name: string, text: string): string[] => splitDocuments(name, text).map((document) => document.name);

test('an object is one document, sent byte for byte', () => {
  const text = '{\n  "source": "x"\n}\n';
  assert.deepEqual(splitDocuments('a.json', text), [{ name: 'a.json', body: text, contentType: 'application/json' }]);
});

test('an array is one document for each item', () => {
  assert.deepEqual(names('a.json', '[{"source":"x"},{"source":"y"}]'), ['a.json[0]', 'a.json[1]']);
});

test('NDJSON is one document for each line that is not empty, named by its line', () => {
  assert.deepEqual(names('a.ndjson', '{"a":1}\n\n{"a":2}\r\n'), ['a.ndjson:1', 'a.ndjson:3']);
  assert.deepEqual(names('stdin', '{"a":1}\n{"a":2}\n'), ['stdin:1', 'stdin:2']);
});

test('a broken line of NDJSON is handed on, so that it is refused by name', () => {
  const documents = splitDocuments('a.ndjson', '{"a":1}\n{"a":\n');
  assert.deepEqual(
    documents.map((document) => document.body),
    ['{"a":1}', '{"a":'],
  );
});

test('text is sent as text, a mail as a mail', () => {
  assert.equal(splitDocuments('a.log', 'Nov 21 sshd: Failed password')[0]?.contentType, 'text/plain');
  assert.equal(splitDocuments('a.eml', 'From: x')[0]?.contentType, 'message/rfc822');
});

test('folders are followed down, and only what looks like an alert is taken', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'soar-cli-'));
  context.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'inner'));
  for (const name of ['b.json', 'inner/a.ndjson', 'README.md', 'expected.json'])
    await writeFile(join(folder, name), '{}');
  assert.deepEqual(await findFiles([folder, join(folder, 'b.json')]), [
    join(folder, 'b.json'),
    join(folder, 'inner/a.ndjson'),
  ]);
  assert.equal((await readDocuments(join(folder, 'b.json'))).length, 1);
  await assert.rejects(findFiles([join(folder, 'none.json')]), /There is no file or folder/);
});
