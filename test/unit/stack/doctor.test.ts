import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { diagnose, type Check } from '../../../stack/doctor';
import { json, serve } from '../cli/api-double';

/** An API that knows one key. */
function api(context: TestContext): Promise<{ url: string }> {
  return serve(context, ({ url, headers }, response) => {
    const known = url === '/readyz' || headers.authorization === 'Bearer soar_good';
    json(response, known ? 200 : 401, {});
  });
}

async function homeWith(context: TestContext, files: Record<string, string>): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'soar-doctor-'));
  context.after(() => rm(home, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text, { mode: 0o600 });
  return home;
}

async function keyCheck(home: string, variables: Record<string, string> = {}): Promise<Check | undefined> {
  return (await diagnose({ home, variables })).find(({ name }) => name === 'API key');
}

test('the key of the state folder is tried on the API', async (context) => {
  const { url } = await api(context);
  assert.equal((await keyCheck(await homeWith(context, { url, 'api-key': 'soar_good\n' })))?.ok, true);
  const refused = await keyCheck(await homeWith(context, { url, 'api-key': 'soar_old\n' }));
  assert.equal(refused?.ok, false);
  assert.match(refused?.detail ?? '', /refused by the API \(401\)/);
  assert.match(refused?.fix ?? '', /makes a new one/);
});

test('SOAR_API_KEY wins over the file, and is the only key for SOAR_URL', async (context) => {
  const { url } = await api(context);
  const home = await homeWith(context, { url, 'api-key': 'soar_good\n' });
  const refused = await keyCheck(home, { SOAR_API_KEY: 'soar_wrong' });
  assert.match(refused?.fix ?? '', /^set SOAR_API_KEY/);
  assert.match((await keyCheck(home, { SOAR_URL: url }))?.fix ?? '', /^set SOAR_API_KEY/);
  assert.equal((await keyCheck(home, { SOAR_URL: url, SOAR_API_KEY: 'soar_good' }))?.ok, true);
});

test('a key that cannot be tried is not called good', async (context) => {
  const found = await keyCheck(await homeWith(context, { 'api-key': 'soar_good\n' }));
  assert.deepEqual([found?.ok, found?.fix], [false, 'mend the API first']);
});
