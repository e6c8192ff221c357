import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { guardsListCommand, guardsUpdateCommand, type GuardsUpdateOptions } from '../../../cli/commands/guards';
import { CliError } from '../../../cli/errors';
import { mergeLists } from '../../../cli/guards-merge';
import { createOutput } from '../../../cli/output';
import type { Session } from '../../../cli/session';
import { parseCliEnv } from '../../../config/cli';
import { readGuardFolder, VENDORED_GUARDS } from '../../../config/guards';
import { PROJECT_ROOT } from '../../../config/home';
import { serve } from './api-double';

interface Told {
  folder: string;
  written: boolean;
  problems: number;
  lists: { name: string; outcome: string; note: string | null; before: unknown; after: unknown }[];
}

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'soar-guards-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function documentOf(change: object = {}): string {
  const list = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'];
  return JSON.stringify({
    name: 'Test',
    version: 20990101,
    type: 'cidr',
    matching_attributes: ['ip-dst'],
    list,
    ...change,
  });
}

const PLACE = 'pymispwarninglists/data/misp-warninglists/lists';
function wheelOf(lists: Record<string, string>, more: Record<string, string> = {}, level: 0 | 6 = 6): Buffer {
  const files = Object.entries(lists).map(([name, text]) => [`${PLACE}/${name}/list.json`, strToU8(text)] as const);
  const others = Object.entries({ 'pymispwarninglists-9.9.9.dist-info/METADATA': 'x', ...more });
  return Buffer.from(
    zipSync(Object.fromEntries([...files, ...others.map(([name, text]) => [name, strToU8(text)] as const)]), { level }),
  );
}

/** As a complete package: every list we hold is there, and one is newer. */
function wholeWheel(change: Record<string, string | undefined> = {}): Buffer {
  const { lists } = readGuardFolder(VENDORED_GUARDS);
  const all = lists.map(({ name, version, title, match, attributes, entries }) => [
    name,
    JSON.stringify({
      name: title,
      version: Number(version),
      type: match,
      matching_attributes: attributes,
      list: entries,
    }),
  ]);
  const merged = { ...(Object.fromEntries(all) as Record<string, string>), ...change };
  const kept = Object.entries(merged).flatMap(([name, text]) => (text ? [[name, text]] : []));
  return wheelOf(Object.fromEntries(kept) as Record<string, string>, {}, 0);
}

async function update(options: Partial<GuardsUpdateOptions>): Promise<{ code: number; told: Told }> {
  const written: string[] = [];
  const session = sessionWith(written, '/nowhere');
  const code = await guardsUpdateCommand(session, { indexUrl: 'http://127.0.0.1:9', ...options });
  return { code, told: JSON.parse(written.join('')) as Told };
}

function sessionWith(written: string[], home: string): Session {
  const stdout = { write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  return {
    out: createOutput({ stdout, stderr: stdout }, { json: true }),
    env: parseCliEnv({ SOAR_HOME: home }),
    client: () => Promise.reject(new Error('no API is needed')),
    readStdin: () => Promise.reject(new Error('no input is needed')),
    stdin: () => {
      throw new Error('no input is needed');
    },
  };
}

/** A package index of our own. */
async function pypi(
  context: TestContext,
  wheel: Buffer,
  change: { sha256?: string; send?: Buffer; url?: string } = {},
) {
  const sha256 = change.sha256 ?? createHash('sha256').update(wheel).digest('hex');
  const { url, seen } = await serve(context, (request, response) => {
    if (request.url === '/simple.whl') return void response.end(change.send ?? wheel);
    if (request.url !== '/pypi/pymispwarninglists/json') return void response.writeHead(404).end();
    const file = { url: change.url ?? `http://${request.headers.host}/simple.whl`, digests: { sha256 } };
    const urls = [
      { ...file, packagetype: 'sdist', yanked: false },
      { ...file, packagetype: 'bdist_wheel', yanked: false },
    ];
    response.end(JSON.stringify({ info: { version: '9.9.9' }, urls }));
  });
  return { url, seen };
}

function outcomes({ lists }: Told): Record<string, string> {
  return Object.fromEntries(
    lists.filter(({ outcome }) => outcome !== 'unchanged').map((each) => [each.name, each.outcome]),
  );
}

describe('soar guards update', () => {
  test('takes the newest package of the index, checks its digest, and writes what is newer', async (context) => {
    const to = join(folderOf(context), 'state', 'guards');
    const { url, seen } = await pypi(
      context,
      wholeWheel({ cloudflare: documentOf({ list: Array.from({ length: 20 }, (_, at) => `10.0.${at}.0/24`) }) }),
    );
    const { code, told } = await update({ to, indexUrl: `${url}/` });
    assert.equal(code, 0);
    assert.deepEqual(outcomes(told), { cloudflare: 'updated' });
    assert.deepEqual(told.lists.find(({ name }) => name === 'cloudflare')?.after, { version: '20990101', entries: 20 });
    const { manifest, lists } = readGuardFolder(to);
    assert.deepEqual(manifest.source, { name: 'pymispwarninglists', version: '9.9.9' });
    assert.equal(lists.length, readGuardFolder(VENDORED_GUARDS).lists.length);
    assert.equal(seen.length, 2);
    assert.deepEqual(readdirSync(join(to, '..')), ['guards'], 'nothing is left beside it');
    const again = await update({ to, indexUrl: url });
    assert.deepEqual([again.code, again.told.written, outcomes(again.told)], [0, false, {}]);
  });

  test('keeps what the source lost, halved or spoiled, and exits with 1', async (context) => {
    const to = join(folderOf(context), 'guards');
    const file = join(folderOf(context), 'lists.whl');
    const spoiled = {
      cloudflare: documentOf({ list: ['192.0.2.0/24'] }),
      fastly: undefined,
      akamai: '{"name": "cut off',
      'url-shortener': documentOf({ type: 'regex' }),
      stackpath: documentOf({ list: [] }),
      'amazon-aws': documentOf({ list: Array.from({ length: 5000 }, () => 7) }),
      sinkholes: documentOf({ version: 1 }),
      googlebot: documentOf({ list: Array.from({ length: 70 }, (_, at) => `10.0.${at}.0/24`) }),
    };
    writeFileSync(file, wholeWheel(spoiled));
    const { code, told } = await update({ to, from: file });
    const kept = ['akamai', 'amazon-aws', 'cloudflare', 'fastly', 'sinkholes', 'stackpath', 'url-shortener'];
    assert.deepEqual(outcomes(told), {
      ...Object.fromEntries(kept.map((name) => [name, 'kept'])),
      googlebot: 'updated',
    });
    assert.equal(code, 1);
    const before = new Map(readGuardFolder(VENDORED_GUARDS).lists.map((list) => [list.name, list]));
    for (const list of readGuardFolder(to).lists) {
      if (list.name !== 'googlebot') assert.deepEqual(list, before.get(list.name));
    }
    const accepted = await update({ to, from: file, accept: ['cloudflare', 'fastly'] });
    assert.equal(outcomes(accepted.told)['cloudflare'], 'updated');
    assert.equal(outcomes(accepted.told)['fastly'], 'dropped');
    assert.ok(!existsSync(join(to, 'fastly.txt')));
  });

  test('an older version does not replace a newer one, and is no problem', async (context) => {
    const [to, from] = [join(folderOf(context), 'guards'), folderOf(context)];
    const list = Array.from({ length: 30 }, (_, at) => `10.0.${at}.0/24`);
    writeFileSync(join(from, 'cloudflare.json'), documentOf({ version: 20100101, list }));
    const { code, told } = await update({ to, from });
    const cloudflare = told.lists.find(({ name }) => name === 'cloudflare');
    assert.deepEqual([code, told.written, cloudflare?.outcome], [0, false, 'kept']);
    assert.match(cloudflare?.note ?? '', /older version 20100101/);
  });

  test('versions by the day and by the hour are compared by the day', async (context) => {
    const [to, from] = [join(folderOf(context), 'guards'), folderOf(context)];
    const taken: (string | undefined)[] = [];
    for (const [index, version] of [99121022, 20991211, 99121010, 20991209].entries()) {
      const list = Array.from({ length: 30 }, (_, at) => `10.${index}.${at}.0/24`);
      writeFileSync(join(from, 'cloudflare.json'), documentOf({ version, list }));
      const { told } = await update({ to, from });
      taken.push(told.lists.find(({ name }) => name === 'cloudflare')?.outcome);
    }
    assert.deepEqual(taken, ['updated', 'updated', 'kept', 'kept']);
  });

  test('a folder may hold some of the lists, as a checkout or as plain files', async (context) => {
    const [to, from] = [join(folderOf(context), 'guards'), folderOf(context)];
    const list = Array.from({ length: 30 }, (_, at) => `10.0.${at}.0/24`);
    mkdirSync(join(from, 'lists', 'cloudflare'), { recursive: true });
    writeFileSync(join(from, 'lists', 'cloudflare', 'list.json'), documentOf({ list }));
    writeFileSync(join(from, 'fastly.json'), documentOf({ list }));
    writeFileSync(join(from, 'not-used.json'), documentOf());
    const { code, told } = await update({ to, from });
    assert.equal(code, 0);
    const changed = told.lists.filter(({ outcome }) => outcome === 'updated').map(({ name }) => name);
    assert.deepEqual(changed, ['cloudflare', 'fastly']);
    assert.ok(told.lists.every(({ outcome }) => ['updated', 'kept', 'unchanged'].includes(outcome)));
  });

  test('what else lies in the folder stays', async (context) => {
    const to = folderOf(context);
    writeFileSync(join(to, 'README.md'), 'read me');
    writeFileSync(join(to, 'gone.txt'), 'a list of long ago');
    const wheel = join(folderOf(context), 'lists.whl');
    writeFileSync(
      wheel,
      wholeWheel({ sinkholes: documentOf({ list: Array.from({ length: 99 }, (_, at) => `10.0.${at}.0`) }) }),
    );
    assert.equal((await update({ to, from: wheel })).code, 0);
    assert.equal(readFileSync(join(to, 'README.md'), 'utf8'), 'read me');
    assert.ok(!existsSync(join(to, 'gone.txt')));
    readGuardFolder(to);
  });

  test('a broken folder is mended', async (context) => {
    const to = folderOf(context);
    writeFileSync(join(to, 'manifest.json'), '{');
    const wheel = join(folderOf(context), 'lists.whl');
    writeFileSync(
      wheel,
      wholeWheel({ sinkholes: documentOf({ list: Array.from({ length: 99 }, (_, at) => `10.0.${at}.0`) }) }),
    );
    assert.equal((await update({ to, from: wheel })).code, 0);
    assert.ok(readGuardFolder(to).lists.length > 60);
  });
});

describe('soar guards update changes nothing when', () => {
  const good = wheelOf({ cloudflare: documentOf({ list: Array.from({ length: 30 }, (_, at) => `10.0.${at}.0/24`) }) });

  async function refused(context: TestContext, options: Partial<GuardsUpdateOptions>, why: RegExp): Promise<void> {
    const home = folderOf(context);
    const to = join(home, 'guards');
    await assert.rejects(update({ to, ...options }), (error: unknown) => {
      assert.ok(error instanceof CliError, String(error));
      assert.match(error.message, why);
      return true;
    });
    assert.deepEqual(readdirSync(home), []);
  }

  test('the digest is another', async (context) => {
    const { url } = await pypi(context, good, { sha256: '0'.repeat(64) });
    await refused(context, { indexUrl: url }, /SHA-256 is [0-9a-f]{64}, and not 0000/);
  });

  test('the download is cut off, or is not there', async (context) => {
    const cut = await pypi(context, good, { send: good.subarray(0, good.length / 2) });
    await refused(context, { indexUrl: cut.url }, /SHA-256/);
    const gone = await pypi(context, good, { url: `${cut.url}/gone.whl` });
    await refused(context, { indexUrl: gone.url }, /answers 404/);
    await refused(context, { indexUrl: 'http://127.0.0.1:9' }, /cannot be used: fetch failed/);
  });

  test('the index is none', async (context) => {
    const { url } = await serve(context, (_request, response) => void response.end('<html>502 Bad Gateway'));
    await refused(context, { indexUrl: url }, /not the JSON API/);
  });

  test('the answer is endless', async (context) => {
    const { url } = await serve(context, (_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024, 32)));
      };
      response.on('drain', more);
      more();
    });
    await refused(context, { indexUrl: url }, /more than 16777216 bytes/);
  });

  test('the answer says that it is huge', async (context) => {
    const { url } = await serve(context, (_request, response) => {
      response.writeHead(200, { 'content-length': String(2 ** 40) });
      response.write('x');
    });
    await refused(context, { from: `${url}/x.whl#sha256=${'0'.repeat(64)}` }, /1099511627776 bytes, more than/);
  });

  const wheels: [string, Buffer, RegExp][] = [
    ['a cut off wheel', good.subarray(0, good.length - 30), /invalid zip/],
    ['no wheel at all', Buffer.from('hello'), /invalid zip/],
    ['a wheel of something else', wheelOf({}, { 'x/y.py': '1' }), /no wheel of pymispwarninglists/],
    [
      'a wheel with a path out of it',
      wheelOf({ cloudflare: documentOf() }, { '../../etc/passwd': 'x' }),
      /etc\/passwd/,
    ],
    ['a wheel with an absolute path', wheelOf({ cloudflare: documentOf() }, { '/etc/passwd': 'x' }), /etc\/passwd/],
    ['a list that unpacks to more than it may', wheelOf({ cloudflare: ' '.repeat(17 * 1024 * 1024) }), /too big/],
  ];
  for (const [what, bytes, why] of wheels) {
    test(`it is given ${what}`, async (context) => {
      const file = join(folderOf(context), 'x.whl');
      writeFileSync(file, bytes);
      await refused(context, { from: file }, why);
    });
  }

  test('a list says that it is smaller than it is', async (context) => {
    const text = documentOf({ list: Array.from({ length: 3000 }, (_, at) => `10.0.${at % 256}.${at >> 8}`) });
    const wheel = wheelOf({ cloudflare: text });
    // the size as both headers have it
    const size = Buffer.alloc(4);
    size.writeUInt32LE(text.length);
    const lie = Buffer.from(wheel);
    for (let at = lie.indexOf(size); at >= 0; at = lie.indexOf(size, at + 4)) lie.writeUInt32LE(100, at);
    const file = join(folderOf(context), 'x.whl');
    writeFileSync(file, lie);
    const to = join(folderOf(context), 'guards');
    const result = await update({ from: file, to }).catch((error: unknown) => error);
    if (result instanceof Error) assert.ok(result instanceof CliError);
    else assert.equal((result as { code: number }).code, 1);
    assert.ok(!existsSync(to));
  });

  test('there is nothing at the given place', async (context) => {
    await refused(context, { from: '/nowhere/at/all' }, /cannot be read/);
    await refused(context, { from: folderOf(context) }, /none of the lists/);
    await refused(context, { from: 'http://127.0.0.1:9/x.whl' }, /needs its digest/);
    await refused(context, { from: 'https://127.0.0.1:9/x.whl#md5=1' }, /needs its digest/);
    await refused(context, { from: folderOf(context), accept: ['no-such-list'] }, /not one of the lists/);
  });
});

test('a wheel may be given by its URL and digest', async (context) => {
  const to = join(folderOf(context), 'guards');
  const wheel = wholeWheel({ sinkholes: documentOf({ list: Array.from({ length: 99 }, (_, at) => `10.0.${at}.0`) }) });
  const { url } = await pypi(context, wheel);
  const sha256 = createHash('sha256').update(wheel).digest('hex');
  assert.equal((await update({ to, from: `${url}/simple.whl#sha256=${sha256}` })).code, 0);
  assert.ok(readGuardFolder(to).lists.length > 60);
});

test('lists that the project has no use for are not taken', () => {
  const documents = new Map([
    ['rfc1918', strToU8(documentOf())],
    ['cloudflare', strToU8(documentOf())],
  ]);
  const { lists } = mergeLists(undefined, { name: 'x', version: '1', whole: true, documents });
  assert.deepEqual(
    lists.map(({ name }) => name),
    ['cloudflare'],
  );
});

test('soar guards list tells the lists in force, fetched ones before those of the code', async (context) => {
  const home = folderOf(context);
  const written: string[] = [];
  const session = sessionWith(written, home);
  assert.equal(await guardsListCommand(session), 0);
  const vendored = JSON.parse(written.pop() ?? '') as { folder: string; lists: { name: string; kind: string }[] };
  assert.equal(vendored.folder, VENDORED_GUARDS);
  assert.deepEqual(
    vendored.lists
      .filter(({ name }) => ['akamai', 'public-dns', 'tranco10k', 'url-shortener'].includes(name))
      .map(({ kind }) => kind),
    ['shared', 'benign', 'benign', 'lifts'],
  );
  const file = join(home, 'x.whl');
  writeFileSync(
    file,
    wholeWheel({ sinkholes: documentOf({ list: Array.from({ length: 99 }, (_, at) => `10.0.${at}.0`) }) }),
  );
  assert.equal(await guardsUpdateCommand(session, { from: file, indexUrl: '' }), 0);
  written.pop();
  await guardsListCommand(session);
  const fetched = JSON.parse(written.pop() ?? '') as { folder: string; lists: { name: string; entries: number }[] };
  assert.equal(fetched.folder, join(home, 'guards'));
  assert.equal(fetched.lists.find(({ name }) => name === 'sinkholes')?.entries, 99);
});

test('the command line knows both, for people and machines', async (context) => {
  const home = folderOf(context);
  const soar = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const env = { ...process.env, SOAR_HOME: home };
      execFile(process.execPath, [join(PROJECT_ROOT, 'bin', 'soar.mjs'), ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });
  const list = await soar('guards', 'list');
  assert.equal(list.code, 0);
  assert.match(list.stdout, /^cloudflare +\d+ +shared +\d+ /m);
  assert.match(list.stderr, /From pymispwarninglists \d/);
  const from = folderOf(context);
  writeFileSync(
    join(from, 'cloudflare.json'),
    documentOf({ list: Array.from({ length: 30 }, (_, at) => `10.0.${at}.0/24`) }),
  );
  writeFileSync(join(from, 'fastly.json'), 'not JSON');
  const updated = await soar('guards', 'update', '--from', from, '--to', join(home, 'new'));
  assert.equal(updated.code, 1);
  assert.match(updated.stdout, /^cloudflare +updated +\d+ → 20990101 +22 → 30$/m);
  assert.match(updated.stdout, /✗ fastly: the list of the source is not JSON/);
  assert.match(updated.stdout, /Written to .*new/);
  const wrong = await soar('guards', 'update', '--from', '/nowhere', '--json');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^\{"error":/);
});

const shared = join(process.env.SOAR_SHARED_DATA ?? join(__dirname, '../../../../shared/data'), 'intel/warninglists');
test('real lists of another date', { skip: existsSync(shared) ? false : `${shared} is not here` }, async (context) => {
  const to = join(folderOf(context), 'guards');
  const { code, told } = await update({ to, from: shared });
  assert.equal(code, 0, JSON.stringify(told.lists.filter(({ note }) => note !== null)));
  assert.ok(told.lists.filter(({ outcome }) => outcome === 'updated').length >= 5);
  assert.ok(readGuardFolder(to).lists.length > 60);
});
