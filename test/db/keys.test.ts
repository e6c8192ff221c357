import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { ensureFirstKey } from '../../api/first-key';
import { keysAddCommand, keysListCommand, keysRevokeCommand } from '../../cli/commands/keys';
import { parseCliEnv } from '../../config/cli';
import { PROJECT_ROOT, statePaths } from '../../config/home';
import type { ApiKeyRepository, KeyView } from '../../db/repositories/api-keys';
import { KeyNameTakenError } from '../../db/errors';
import { prepareSchema } from '../../stack/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { sessionWith } from '../unit/cli/session-double';
import { atOnce } from './fixtures';

describe('keys', () => {
  let database: TestDatabase;
  let keys: ApiKeyRepository;

  before(async () => {
    database = await createTestDatabase();
    keys = database.store.apiKeys;
  });
  after(() => database.drop());
  beforeEach(() => database.knex('api_keys').whereNull('revoked_at').update({ revoked_at: '2026-11-23 12:00:00' }));

  const taken = (error: unknown) => error instanceof KeyNameTakenError;
  const chain = () =>
    database.knex('action_log').where({ chain: 'system' }).orderBy('seq').select('action', 'actor', 'detail');

  it('stand in the database as hashes: the text of a key is nowhere', async () => {
    const { id, key } = await keys.create('ann', 'analyst', 'cli:root');
    await keys.verify(key);
    const { key_hash } = await database.knex('api_keys').where({ id }).first();
    assert.ok(key_hash.equals(createHash('sha256').update(key).digest()));
    const [tables] = await database.knex.raw('SHOW TABLES');
    assert.ok(tables.length > 15);
    for (const table of tables.flatMap(Object.values)) {
      const rows = await database.knex(table);
      const text = JSON.stringify(rows, (_, value) =>
        value?.type === 'Buffer' ? Buffer.from(value).toString() : value,
      );
      assert.ok(!text.includes(key) && !text.includes(key.slice(5)), table);
    }
  });

  it('are refused once they are revoked, and both is on record with who', async () => {
    await keys.create('boss', 'admin', 'cli:root');
    const { id, key } = await keys.create('bob', 'analyst', 'cli:root');
    assert.deepEqual(await keys.verify(key), { id, name: 'bob', role: 'analyst' });
    const answer = await keys.revoke('bob', 'cli:carla');
    assert.equal(answer.outcome, 'revoked');
    assert.equal(await keys.verify(key), undefined);
    assert.deepEqual((await chain()).slice(-2), [
      { action: 'create_api_key', actor: 'cli:root', detail: '{"name":"bob","role":"analyst"}' },
      { action: 'revoke_api_key', actor: 'cli:carla', detail: '{"name":"bob","role":"analyst"}' },
    ]);
    assert.deepEqual((await database.store.audit.verify('system')).problems, []);
  });

  it('are told apart by name as long as they are not revoked, in whatever case', async () => {
    await keys.create('boss', 'admin', 'test');
    await keys.create('dora', 'analyst', 'test');
    await assert.rejects(keys.create('Dora', 'admin', 'test'), taken);
    await keys.revoke('dora', 'test');
    const again = await keys.create('dora', 'analyst', 'test');
    const named = (await keys.list()).filter(({ name }) => name === 'dora');
    assert.deepEqual(
      named.map(({ id, revoked_at }) => [id === again.id, revoked_at === null]),
      [
        [false, false],
        [true, true],
      ],
    );
    assert.ok(named.every((key) => !('key_hash' in key)));
  });

  it('of one name that are made at once, one is made', async () => {
    const made = await atOnce(6, () => keys.create('racer', 'analyst', 'test').catch((error: unknown) => error));
    assert.equal(made.filter(taken).length, 5);
    assert.equal(made.filter((one) => typeof (one as { key?: string }).key === 'string').length, 1);
    assert.deepEqual((await database.store.audit.verify('system')).problems, []);
  });

  it('are revoked by id too, once', async () => {
    await keys.create('boss', 'admin', 'test');
    const { id } = await keys.create('eve', 'analyst', 'test');
    const rows = (await chain()).length;
    const [first, ...later] = [await keys.revoke(`${id}`, 'test'), await keys.revoke(`${id}`, 'test')];
    assert.equal(first.outcome, 'revoked');
    assert.deepEqual(later, [{ ...first, outcome: 'already' }]);
    assert.equal((await keys.revoke('eve', 'test')).outcome, 'already');
    assert.equal((await chain()).length, rows + 1);
    for (const unknown of ['nobody', '99999', '99999999999']) {
      assert.deepEqual(await keys.revoke(unknown, 'test'), { outcome: 'unknown' });
    }
  });

  it('of one name from before are revoked by id only', async () => {
    await keys.create('twin', 'admin', 'test');
    const { id } = await keys.create('other', 'admin', 'test');
    await database.knex('api_keys').where({ id }).update({ name: 'twin' });
    assert.deepEqual(await keys.revoke('twin', 'test'), { outcome: 'ambiguous' });
    assert.equal((await keys.revoke(`${id}`, 'test')).outcome, 'revoked');
  });

  it('keep one of them, also when the last two are revoked at once, unless that is forced', async () => {
    await keys.create('one', 'admin', 'test');
    await keys.create('two', 'admin', 'test');
    const answers = await Promise.all([keys.revoke('one', 'test'), keys.revoke('two', 'test')]);
    assert.deepEqual(answers.map(({ outcome }) => outcome).sort(), ['last', 'revoked']);
    const left = (await keys.list()).find(({ revoked_at }) => revoked_at === null);
    assert.equal((await keys.revoke(left?.name ?? '', 'test', { force: true })).outcome, 'revoked');
    assert.equal(await keys.count(), 0);
  });

  describe('the first one', () => {
    let home: string;
    beforeEach(async () => {
      home = await mkdtemp(join(tmpdir(), 'soar-keys-'));
    });
    afterEach(() => rm(home, { recursive: true }));

    const inForce = async () => (await keys.list()).filter(({ revoked_at }) => revoked_at === null);
    const ownerOf = async (file: string) => (await keys.verify((await readFile(file, 'utf8')).trim()))?.name;

    it('is made by one of two processes that find none', async () => {
      const bothFindNone = {
        count: () => Promise.resolve(0),
        create: (...of: Parameters<typeof keys.create>) => keys.create(...of),
      };
      const silent = pino({ level: 'silent' });
      await atOnce(2, (index) => ensureFirstKey(bothFindNone, join(home, `key-${index}`), silent));
      const files = await readdir(home);
      assert.deepEqual([files.length, await ownerOf(join(home, files[0] ?? ''))], [1, 'admin']);
      assert.equal((await inForce()).length, 1);
    });

    it('that the bring-up has lost is followed by another one, and stays in force', async () => {
      const paths = statePaths(home);
      const bringUp = () => prepareSchema({ paths }, database.url, 'test', () => {});
      const owners: (string | undefined)[] = [];
      for (const isLost of [true, false, true]) {
        if (isLost) await rm(paths.apiKey, { force: true });
        await bringUp();
        owners.push(await ownerOf(paths.apiKey));
      }
      await keys.revoke('admin-2', 'test');
      await keys.revoke('admin', 'test', { force: true });
      await bringUp();
      assert.deepEqual([...owners, await ownerOf(paths.apiKey)], ['admin', 'admin', 'admin-2', 'admin']);
    });
  });

  describe('soar keys', () => {
    const open = (json = false) => {
      const double = sessionWith('http://127.0.0.1:9', { json });
      return { ...double, session: { ...double.session, env: parseCliEnv({ DATABASE_URL: database.url }) } };
    };

    it('add prints the key alone, this once', async () => {
      const { session, lines, notes } = open();
      assert.equal(await keysAddCommand(session, 'fay', { role: 'analyst' }), 0);
      assert.equal(lines.length, 1);
      assert.match(notes.join(), /fay \(analyst, id \d+\) is shown this once/);
      assert.equal((await keys.verify(lines[0] ?? ''))?.name, 'fay');
      assert.equal((await chain()).at(-1).actor, `cli:${userInfo().username}`);

      const machine = open(true);
      await keysAddCommand(machine.session, 'gus', { role: 'admin' });
      const [{ id, key, ...rest }] = machine.data as [{ id: number; key: string }];
      assert.deepEqual(rest, { name: 'gus', role: 'admin' });
      assert.equal((await keys.verify(key))?.id, id);
      assert.deepEqual(machine.lines, []);
    });

    it('add refuses a name that is taken, reserved, or could be taken for something else', async () => {
      const { session } = open();
      const add = (name: string) => keysAddCommand(session, name, { role: 'analyst' });
      await add('hal');
      await assert.rejects(add('HAL'), { name: 'CliError', exitCode: 1, hint: /revoke/ });
      const names = ['system', 'Playbook', 'operator', 'machine', 'anonymous', 'Temporal UI', 'temporal ui', '', '12'];
      for (const name of [...names, 'a b', 'x'.repeat(65), 'ann\n', 'cli:root', 'ä', '\u202eann']) {
        await assert.rejects(add(name), { name: 'UsageError', exitCode: 2 }, name);
      }
      for (const name of ['x'.repeat(64), 'jo.doe-2_x@soc.example']) assert.equal(await add(name), 0, name);
    });

    it('list shows whose keys there are, when they were used and revoked, and never a key', async () => {
      const { key } = await keys.create('ivy', 'analyst', 'test');
      await keys.create('jim', 'admin', 'test');
      await keys.verify(key);
      await keys.revoke('ivy', 'test');
      const { session, lines } = open();
      assert.equal(await keysListCommand(session), 0);
      const shown = (name: string) => lines.find((line) => new RegExp(` ${name} `).test(line)) ?? '';
      const minute = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d';
      assert.match(lines[0] ?? '', /^ *id +name +role +created \(UTC\) +last used +revoked$/);
      assert.match(shown('ivy'), new RegExp(`ivy +analyst +${minute} +${minute} +${minute}$`));
      assert.match(shown('jim'), new RegExp(`jim +admin +${minute} +– +–$`));
      assert.ok(lines.every((line) => [...line].length <= 100 && !line.includes(key.slice(0, 10))));

      const machine = open(true);
      await keysListCommand(machine.session);
      const [{ items }] = machine.data as [{ items: KeyView[] }];
      const ivy = items.find(({ name }) => name === 'ivy');
      assert.deepEqual(Object.keys(ivy ?? {}).sort(), [
        ...['created_at', 'id', 'last_used_at', 'name', 'revoked_at', 'role'],
      ]);
    });

    it('revoke says what became of it', async () => {
      await keys.create('kim', 'analyst', 'test');
      const { session, lines } = open();
      const revoke = (name: string, force?: boolean) => keysRevokeCommand(session, name, force ? { force } : {});
      await assert.rejects(revoke('kim'), { name: 'CliError', exitCode: 1, hint: /--force/ });
      await assert.rejects(revoke('nobody'), { name: 'CliError', exitCode: 1, message: /no key nobody/ });
      await keys.create('lou', 'analyst', 'test');
      assert.equal(await revoke('kim'), 0);
      assert.equal(await revoke('kim'), 0);
      assert.equal(await revoke('lou', true), 0);
      assert.match(lines.join('\n'), /kim \(id \d+\) is revoked.*\n.*kim .* was revoked before.*\n.*lou .* is revoked/);
    });

    it('is one line of JSON on standard error when the database is away', async () => {
      const env = { ...process.env, DATABASE_URL: 'mysql://soar:x@127.0.0.1:9/soar' };
      const args = [join(PROJECT_ROOT, 'bin', 'soar.mjs'), 'keys', 'list', '--json'];
      const failed = promisify(execFile)(process.execPath, args, { env });
      await assert.rejects(failed, ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => {
        const { error } = JSON.parse(stderr) as { error: { message: string; hint: string } };
        assert.match(error.message, /^The keys cannot be read \(.*ECONNREFUSED/);
        assert.match(error.hint, /soar doctor/);
        assert.deepEqual([code, stdout, stderr.split('\n').length], [1, '', 2]);
        return true;
      });
    });
  });
});
