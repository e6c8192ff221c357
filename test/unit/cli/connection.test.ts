import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connectApi, findDatabaseUrl, findHome } from '../../../cli/connection';
import { parseCliEnv } from '../../../config/cli';
import { json, serve } from './api-double';

const NOBODY = 'http://127.0.0.1:9';

async function home(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'soar-home-'));
  context.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'demo'));
  return folder;
}

test('of npm start and the demo the one that is up is taken, with its key', async (context) => {
  const folder = await home(context);
  const { url, seen } = await serve(context, (_request, response) =>
    json(response, 200, { items: [], next_cursor: null }),
  );
  await writeFile(join(folder, 'url'), NOBODY);
  await writeFile(join(folder, 'api-key'), 'soar_start\n');
  await writeFile(join(folder, 'demo', 'url'), `${url}\n`);
  await writeFile(join(folder, 'demo', 'api-key'), 'soar_demo\n');
  await writeFile(join(folder, 'demo', 'database-url'), 'mysql://demo\n');
  const env = parseCliEnv({ SOAR_HOME: folder });
  const client = await connectApi(env);
  await client.incidents({});
  assert.equal(client.url, url);
  assert.equal(seen.at(-1)?.headers.authorization, 'Bearer soar_demo');
  assert.equal(await findHome(env), join(folder, 'demo'));
  assert.equal(await findDatabaseUrl(env), 'mysql://demo');
});

test('the environment overrides what runs here', async (context) => {
  const folder = await home(context);
  const env = parseCliEnv({
    SOAR_HOME: folder,
    SOAR_URL: `${NOBODY}/`,
    SOAR_API_KEY: 'k',
    DATABASE_URL: 'mysql://given',
  });
  assert.equal((await connectApi(env)).url, NOBODY);
  assert.equal(await findDatabaseUrl(env), 'mysql://given');
});

test('when nothing is up, what to start is said', async (context) => {
  const folder = await home(context);
  const env = parseCliEnv({ SOAR_HOME: folder, SOAR_URL: '' });
  await assert.rejects(connectApi(env), { name: 'CliError', exitCode: 1, hint: /npm start/ });
  await writeFile(join(folder, 'url'), NOBODY);
  await assert.rejects(connectApi(env), /tried http:\/\/127\.0\.0\.1:9/);
  await assert.rejects(findDatabaseUrl(env), { name: 'CliError', hint: /DATABASE_URL/ });
});
