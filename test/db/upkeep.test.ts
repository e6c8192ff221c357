import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect, ensureDatabase } from '../../db/connect';
import type { Knex } from '../../db/connect';
import { migrate, pendingMigrations } from '../../db/migrate';
import { MIGRATIONS } from '../../db/migrations';
import type { NewIoc } from '../support/iocs';
import { shift } from '../../db/time';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { tellIocs } from '../support/iocs';
import { atOnce, NOW, step, submission } from './fixtures';

const NAMES = MIGRATIONS.map(({ name }) => name);

async function tablesOf(knex: Knex): Promise<string[]> {
  const [rows] = await knex.raw('SHOW TABLES');
  return rows.map((row: Record<string, string>) => Object.values(row)[0]).sort();
}

describe('migrations', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  it('are all pending in an empty database, and asking changes nothing', async () => {
    const url = new URL(database.url);
    // as long a name as there may be
    url.pathname = url.pathname.padEnd(65, 'x');
    const name = url.pathname.slice(1);
    await ensureDatabase(url.toString());
    const knex = connect(url.toString());
    try {
      assert.deepEqual(await pendingMigrations(knex), NAMES);
      assert.deepEqual(await tablesOf(knex), []);
      assert.deepEqual(await migrate(knex), { applied: NAMES });
      assert.deepEqual(await tablesOf(knex), await tablesOf(database.knex));
    } finally {
      await knex.raw('DROP DATABASE ??', [name]);
      await knex.destroy();
    }
  });

  it('complete a schema of which the last tables are missing', async () => {
    const before = await tablesOf(database.knex);
    await database.store.alerts.accept(submission('kept'));
    await database.knex.raw('DROP TABLE ioc_tags, ioc_sightings, iocs, api_keys');
    await database.knex('schema_migrations').delete();
    assert.deepEqual(await migrate(database.knex), { applied: NAMES });
    assert.deepEqual(await tablesOf(database.knex), before);
    assert.equal((await database.store.alerts.accept(submission('kept'))).duplicate, true);
  });

  it('of a later version are no error to this one', async () => {
    await database.knex('schema_migrations').insert({ name: '20991231A-from-the-future', batch: 2 });
    assert.deepEqual(await pendingMigrations(database.knex), []);
    assert.deepEqual(await migrate(database.knex), { applied: [] });
  });
});

describe('sessions', () => {
  it('refuse what does not fit and escape with backslashes, whatever the server is set to', async () => {
    const database = await createTestDatabase();
    try {
      const [[{ mode }]] = await database.knex.raw('SELECT @@SESSION.sql_mode AS mode');
      assert.match(mode, /STRICT_TRANS_TABLES/);
      assert.doesNotMatch(mode, /NO_BACKSLASH_ESCAPES|ANSI_QUOTES|PAD_CHAR_TO_FULL_LENGTH/);
    } finally {
      await database.drop();
    }
  });
});

describe('the reconciler beside running playbooks', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  it('takes and notes while runs write, and no write is lost', async () => {
    const { alerts, actions, enrichments, incidents, reconcile } = database.store;
    const { incidentId } = await alerts.accept(submission('busy'));
    const write = (index: number) =>
      actions.finish(
        step(incidentId, `1/step-${index}`, {
          body: { summary: 'Answered', detail: { result: index }, changes: { round: index } },
          apply: (trx) =>
            enrichments.upsert(trx, incidentId, {
              source: `source-${index}`,
              observable: 'ip:1.1.1.1',
              actionKey: `1/step-${index}`,
              state: 'ok',
              until: null,
              summary: 'Answered',
              facts: {},
              at: NOW,
            }),
        }),
      );
    const take = async (index: number) => {
      const seen = (await incidents.get(incidentId))?.next_check_at ?? null;
      await reconcile.take(incidentId, seen, shift(NOW, 60_000 + index));
    };
    const note = (index: number) => reconcile.noteRestart(incidentId, shift(NOW, index));
    await Promise.all([atOnce(20, write), atOnce(20, take), atOnce(10, note)]);
    const incident = await incidents.get(incidentId);
    assert.equal(incident?.version, 21);
    assert.equal(incident?.restarts.length, 10);
    assert.equal((await enrichments.of(incidentId)).length, 20);
    assert.deepEqual((await database.store.audit.verify(incidentId)).problems, []);
  });

  it('forgets restarts that are older than an hour', async () => {
    const { alerts, incidents, reconcile } = database.store;
    const { incidentId } = await alerts.accept(submission('restarted'));
    for (const minutes of [0, 30, 61, 100]) await reconcile.noteRestart(incidentId, shift(NOW, minutes * 60_000));
    const kept = (await incidents.get(incidentId))?.restarts;
    assert.deepEqual(kept, [shift(NOW, 61 * 60_000), shift(NOW, 100 * 60_000)]);
  });

  it('notes nothing of an incident that is not there', async () => {
    await database.store.reconcile.noteRestart('INC-0000000000', NOW);
    assert.equal(await database.store.reconcile.take('INC-0000000000', NOW, NOW), false);
    assert.equal(await database.store.reconcile.take('INC-0000000000', null, NOW), false);
  });
});

describe('ioc imports', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  const feed = (source: string, from: number, to: number): NewIoc[] =>
    Array.from({ length: to - from }, (_, index) => ({
      type: 'domain',
      value: `host-${from + index}.example`,
      sighting: {
        source,
        confidence: 60,
        first_seen: NOW,
        last_seen: NOW,
        expires_at: null,
        tlp: null,
        tags: [`"${source}"`],
        reference: null,
      },
    }));
  const count = async (table: string) => Number((await database.knex(table).count({ rows: '*' }))[0]?.rows);

  it('of overlapping feeds at once end with one entry per value and one sighting per source', async () => {
    const feeds = [feed('a', 0, 700), feed('b', 300, 1000).reverse(), feed('c', 100, 800), feed('a', 0, 700)];
    await atOnce(feeds.length, (index) => tellIocs(database.knex, feeds[index]!));
    assert.equal(await count('iocs'), 1000);
    assert.equal(await count('ioc_sightings'), 2100);
    const [match] = await database.store.iocs.lookup({ type: 'domain', value: 'host-500.example' });
    assert.deepEqual(match?.sightings.map(({ source, tags }) => [source, tags]).sort(), [
      ['a', ['"a"']],
      ['b', ['"b"']],
      ['c', ['"c"']],
    ]);
  });

  it('take the last of what one feed says twice, and nothing at all', async () => {
    const [once] = feed('twice', 2000, 2001);
    const again = { ...once!, sighting: { ...once!.sighting, confidence: 90 } };
    await tellIocs(database.knex, [once!, again]);
    const [match] = await database.store.iocs.lookup({ type: 'email', value: 'a@x.host-2000.example' });
    assert.equal(match?.match, 'parent_domain');
    assert.equal(match?.confidence, 90);
    await tellIocs(database.knex, []);
  });
});
