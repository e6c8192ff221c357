import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { observableHash } from '../../db/hashes';
import { connect, ensureDatabase, ping } from '../../db/connect';
import { migrate, pendingMigrations } from '../../db/migrate';
import { MIGRATIONS } from '../../db/migrations';
import { seed } from '../../db/seed';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { atOnce, NOW, submission } from './fixtures';

describe('schema', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  it('is migrated twice without harm', async () => {
    assert.deepEqual(await migrate(database.knex), { applied: [] });
    assert.deepEqual(await pendingMigrations(database.knex), []);
  });

  it('is migrated by one of several processes at once; the others wait', async () => {
    const url = new URL(database.url);
    url.pathname += '_shared';
    await ensureDatabase(url.toString());
    await ensureDatabase(url.toString());
    const processes = Array.from({ length: 4 }, () => connect(url.toString(), { poolSize: 2 }));
    try {
      const results = await Promise.all(processes.map((knex) => migrate(knex)));
      const applied = results.map((result) => result.applied.length).sort();
      assert.deepEqual(applied, [0, 0, 0, MIGRATIONS.length]);
    } finally {
      await processes[0]?.raw('DROP DATABASE ??', [url.pathname.slice(1)]);
      await Promise.all(processes.map((knex) => knex.destroy()));
    }
  });

  it('is migrated again after a migration that was killed half-way', async () => {
    await database.knex('schema_migrations').delete();
    assert.equal((await pendingMigrations(database.knex)).length, MIGRATIONS.length);
    assert.equal((await migrate(database.knex)).applied.length, MIGRATIONS.length);
  });

  it('knows since when those wait that waited before it did', async () => {
    const { incidentId } = await database.store.alerts.accept(submission('waiting'));
    await database.knex.transaction((trx) =>
      database.store.enrichments.upsert(trx, incidentId, {
        ...{ source: 'virustotal', observable: 'ip:185.220.101.1', actionKey: '1/x', state: 'waiting', until: NOW },
        ...{ summary: 'quota', facts: null, at: NOW },
      }),
    );
    await database.knex('enrichments').update({ since: null });
    await database.knex('schema_migrations').where('name', '20261124A-provider-quotas').delete();
    await migrate(database.knex);
    assert.equal((await database.knex('enrichments').first('since')).since, NOW);
  });

  it('knows ranges by their length, and entries by their tags, that were there before it did', async () => {
    const { knex } = database;
    const entries = [
      ['ip', '192.0.2.0/24'],
      ['ip', '2001:db8::/48'],
      ['ip', '192.0.2.1'],
      ['url', 'http://a.example/24'],
    ];
    for (const [index, [type = '', value = '']] of entries.entries()) {
      const created_at = '2026-01-01 00:00:00';
      await knex('iocs').insert({ type, value, ioc_hash: observableHash({ type, value }), created_at });
      const { id }: { id: number } = await knex('iocs').where({ value }).first('id');
      const tags = JSON.stringify(index === 0 ? ['C2', 'c2', ' tor '] : []);
      const seen = { first_seen: created_at, last_seen: created_at };
      await knex('ioc_sightings').insert({ ioc_id: id, source: 'before', confidence: 50, tags, ...seen });
    }
    await knex('schema_migrations').where('name', '20261130B-iocs').delete();
    await migrate(knex);
    const prefixes = await knex('iocs').whereNotNull('prefix').orderBy('prefix').select('value', 'prefix');
    assert.deepEqual(prefixes, [
      { value: '192.0.2.0/24', prefix: 24 },
      { value: '2001:db8::/48', prefix: 176 },
    ]);
    const found = await database.store.iocs.walk({ tag: 'TOR', limit: 10 });
    assert.deepEqual(
      found.map(({ value }) => value),
      ['192.0.2.0/24'],
    );
    assert.equal((await database.store.iocs.walk({ tag: 'c2', limit: 10 })).length, 1);
    assert.equal(found[0]?.created_by, 'system');
    assert.equal((await database.store.iocs.lookup({ type: 'ip', value: '2001:db8::1' }))[0]?.match, 'cidr');
    await knex('iocs').delete();
  });

  it('is migrated by a process whose predecessor died holding the lock', async () => {
    await database.knex('schema_migrations_lock').update({ is_locked: 1 });
    assert.deepEqual(await migrate(database.knex), { applied: [] });
  });

  it('has every time in microseconds and every table in InnoDB and utf8mb4', async () => {
    const name = new URL(database.url).pathname.slice(1);
    const [tables] = await database.knex.raw(
      `SELECT TABLE_NAME AS name, ENGINE AS engine, TABLE_COLLATION AS collation FROM information_schema.TABLES
       WHERE TABLE_SCHEMA = ? AND TABLE_NAME NOT LIKE 'schema_migrations%'`,
      [name],
    );
    for (const table of tables) {
      assert.deepEqual({ ...table, name: '' }, { name: '', engine: 'InnoDB', collation: 'utf8mb4_unicode_ci' });
    }
    const [coarse] = await database.knex.raw(
      `SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS
       WHERE TABLE_SCHEMA = ? AND DATA_TYPE = 'datetime' AND DATETIME_PRECISION <> 6`,
      [name],
    );
    assert.deepEqual(coarse, []);
  });

  it('gives every session UTC and READ COMMITTED', async () => {
    await ping(database.knex);
    const sessions = await atOnce(5, () => database.knex.raw("SHOW VARIABLES WHERE Variable_name IN ('time_zone')"));
    for (const [rows] of sessions) assert.equal(rows[0].Value, '+00:00');
    const [isolation] = await database.knex.raw("SHOW VARIABLES LIKE '%_isolation'");
    for (const { Value } of isolation) if (/-/.test(Value)) assert.equal(Value, 'READ-COMMITTED');
  });

  it('is seeded twice without harm', async () => {
    const entries = await seed(database.knex, NOW);
    assert.ok(entries >= 30);
    const count = async () => [
      await database.knex('iocs').count({ rows: '*' }),
      await database.knex('ioc_sightings').count({ rows: '*' }),
    ];
    const once = await count();
    assert.deepEqual(once, [[{ rows: entries }], [{ rows: entries }]]);
    await seed(database.knex, '2026-12-01T00:00:00.000000Z');
    assert.deepEqual(await count(), once);
    const [tor] = await database.store.iocs.lookup({ type: 'ip', value: '185.220.101.1' });
    assert.equal(tor?.confidence, 90);
    assert.equal(tor?.lastSeen, '2026-12-01T00:00:00.000000Z');
  });

  it('is seeded by several processes at once', async () => {
    await atOnce(4, () => seed(database.knex, NOW));
    const [{ rows } = { rows: 0 }] = await database.knex('ioc_sightings').count({ rows: '*' });
    assert.ok(Number(rows) >= 30);
  });
});
