import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Knex } from '../../db/connect';
import { migrate } from '../../db/migrate';
import { shift, toSqlTime } from '../../db/time';
import type { AlertType } from '../../domain/alert';
import { EARLIER_WITHIN_MS, type EarlierIncident } from '../../domain/earlier';
import type { Observable, ObservableRole, ObservableType } from '../../domain/observable';
import { changeIncident, createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { atOnce, MINUTE_MS, NOW, submission } from './fixtures';

const HOUR_MS = 60 * MINUTE_MS;

function seen(type: ObservableType, value: string, ...roles: ObservableRole[]): Observable {
  return { type, value, roles, flags: [] };
}

describe('incidents of before', () => {
  let database: TestDatabase;
  let count = 0;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  /** An incident whose alert was seen so long before NOW. */
  async function incident(observables: Observable[], ago = 0, alert_type: AlertType = 'malware'): Promise<string> {
    const name = `earlier-${(count += 1)}`;
    const { alert } = submission(name);
    const timestamp = shift(NOW, -ago);
    const receivedAt = ago < 0 ? timestamp : NOW;
    const input = submission(name, { alert: { ...alert, alert_type, timestamp }, observables, receivedAt });
    return (await database.store.alerts.accept(input)).incidentId;
  }

  async function earlierOf(id: string): Promise<EarlierIncident[]> {
    return database.store.incidents.earlier(await database.store.incidents.require(id));
  }

  async function idsBefore(id: string): Promise<string[]> {
    return (await earlierOf(id)).map((one) => one.id);
  }

  it('are told whole: type, verdict in force, resolution, time, what is shared, and their hosts', async () => {
    const shared = [seen('ip', '198.51.100.1', 'source'), seen('user', 'whole', 'user')];
    const hosts = [seen('host', 'ws2', 'alerted_host'), seen('host', 'ws9', 'destination')];
    const earlier = await incident([...shared, ...hosts], HOUR_MS, 'phishing');
    const decision = {
      outcome: 'escalate',
      status: 'escalated',
      resolution: null,
      reason: 'r',
      recommendations: [],
    } as const;
    await changeIncident(database.knex, earlier, {
      ...{ verdict: 'malicious', resolution: 'true_positive' },
      decision: { ...decision, recommendations: [], techniques: ['T1566'] },
    });
    const id = await incident([...shared, seen('host', 'ws1', 'alerted_host')]);
    assert.deepEqual(await earlierOf(id), [
      {
        id: earlier,
        alert_type: 'phishing',
        verdict: 'malicious',
        resolution: 'true_positive',
        at: shift(NOW, -HOUR_MS),
        shares: ['ip:198.51.100.1', 'user:whole'],
        hosts: ['ws2'],
        techniques: ['T1566'],
      },
    ]);
  });

  const TYING: [ObservableType, ObservableRole][] = [
    ['ip', 'source'],
    ['host', 'alerted_host'],
    ['host', 'destination'],
    ['ip', 'alerted_host'],
    ['user', 'user'],
    ['user', 'target_user'],
    ['sha256', 'file'],
    ['email', 'sender'],
  ];
  for (const [type, role] of TYING) {
    it(`are tied by the same ${type} as ${role}`, async () => {
      const value = `tied-by-${type}-${role}`;
      const earlier = await incident([seen(type, value, role)], HOUR_MS);
      const id = await incident([seen(type, value, role)]);
      const [found, ...others] = await earlierOf(id);
      assert.deepEqual([found?.id, found?.shares, others], [earlier, [`${type}:${value}`], []]);
    });
  }

  const LOOSE: [ObservableType, ObservableRole][] = [
    ['ip', 'destination'],
    ['domain', 'mentioned'],
    ['url', 'link'],
    ['email', 'recipient'],
    ['email', 'reply_to'],
  ];
  for (const [type, role] of LOOSE) {
    it(`are not tied by the same ${type} as ${role}, on either side`, async () => {
      const value = `loose-by-${type}-${role}`;
      const loose = await incident([seen(type, value, role)], 3 * HOUR_MS);
      const tied = await incident([seen(type, value, 'source')], 2 * HOUR_MS);
      assert.deepEqual(await idsBefore(tied), [], 'it is loose in the other one');
      assert.deepEqual(
        await idsBefore(await incident([seen(type, value, role)], HOUR_MS)),
        [],
        'it is loose in this one',
      );
      assert.deepEqual(await idsBefore(await incident([seen(type, value, 'source', role)])), [tied]);
      assert.notEqual(loose, tied);
    });
  }

  it('are not tied by the same value of another type', async () => {
    await incident([seen('user', 'same-name', 'user')], HOUR_MS);
    assert.deepEqual(await idsBefore(await incident([seen('host', 'same-name', 'alerted_host')])), []);
  });

  it('are of the 24 hours before, to the millisecond, and not of later', async () => {
    const shared = [seen('user', 'in-time', 'user')];
    const just = await incident(shared, EARLIER_WITHIN_MS);
    await incident(shared, EARLIER_WITHIN_MS + 1);
    const atOnce = await incident(shared, 0);
    await incident(shared, -1);
    const id = await incident(shared);
    assert.deepEqual(await idsBefore(id), [atOnce, just]);
  });

  it('may have come while this one went on', async () => {
    const shared = [seen('user', 'going-on', 'user')];
    const during = await incident(shared, -HOUR_MS);
    const id = await incident(shared);
    assert.deepEqual(await idsBefore(id), []);
    await changeIncident(database.knex, id, { last_seen: shift(NOW, HOUR_MS) });
    assert.deepEqual(await idsBefore(id), [during]);
  });

  it('are never the incident itself, and none where nothing ties', async () => {
    assert.deepEqual(await earlierOf(await incident([seen('user', 'alone', 'user')])), []);
    assert.deepEqual(await earlierOf(await incident([])), []);
    assert.deepEqual(await earlierOf(await incident([seen('ip', '9.9.9.9', 'destination')])), []);
  });

  it('come the latest first, whatever ties them', async () => {
    const [user, host] = [seen('user', 'in-order', 'user'), seen('host', 'in-order', 'alerted_host')];
    const first = await incident([user], 3 * HOUR_MS);
    const third = await incident([host], HOUR_MS);
    const second = await incident([user, host], 2 * HOUR_MS);
    assert.deepEqual(await idsBefore(await incident([user, host])), [third, second, first]);
  });

  it('are the 20 latest for each of what ties, so that a storm does not read all of itself', async () => {
    const [storm, rare] = [seen('ip', '198.51.100.77', 'source'), seen('user', 'rare', 'user')];
    const old = await incident([rare], 20 * HOUR_MS);
    const ids = await atOnce(105, (index) => incident([storm], HOUR_MS + index * MINUTE_MS));
    assert.deepEqual(await idsBefore(await incident([rare, storm])), [...ids.slice(0, 20), old]);
  });

  it('are found behind many that only mention what ties', async () => {
    const target = (role: ObservableRole) => [seen('ip', '198.51.100.88', role)];
    const found = await incident(target('alerted_host'), 10 * HOUR_MS);
    for (let index = 0; index < 25; index += 1) await incident(target('destination'), HOUR_MS);
    assert.deepEqual(await idsBefore(await incident(target('alerted_host'))), [found]);
  });

  it('are found behind many harmless ones, when they are held to be harm', async () => {
    const shared = [seen('host', 'buried', 'alerted_host')];
    const harm = await incident(shared, 10 * HOUR_MS);
    await changeIncident(database.knex, harm, { verdict: 'malicious' });
    for (let index = 0; index < 25; index += 1) await incident(shared, HOUR_MS + index);
    assert.ok((await idsBefore(await incident(shared))).includes(harm), 'the one that matters is read');
  });

  it('are not tied by the hash of nothing, nor by an address that every machine has', async () => {
    const shared: Observable[] = [
      { type: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e', roles: ['file'], flags: ['empty_file'] },
      { type: 'ip', value: '127.0.0.1', roles: ['source'], flags: ['reserved'] },
    ];
    await incident(shared, HOUR_MS);
    assert.deepEqual(await idsBefore(await incident(shared)), []);
  });

  it('are found by the 20 first of what ties', async () => {
    const many = Array.from({ length: 25 }, (_, index) => seen('user', `one-of-many-${index}`, 'user'));
    const [last, early] = [many.slice(-1), many.slice(0, 1)];
    await incident(last, HOUR_MS);
    const found = await incident(early, HOUR_MS);
    assert.deepEqual(await idsBefore(await incident(many)), [found]);
  });

  it('are found through the index by_seen, in a table of many', async () => {
    const { knex } = database;
    const shared = seen('user', 'indexed', 'user');
    await incident([shared], HOUR_MS);
    const id = await incident([shared]);
    await knex.raw('ANALYZE TABLE observables, incidents');
    const sent: { sql: string; bindings: readonly Knex.Value[] }[] = [];
    const note = (query: (typeof sent)[number]) => void sent.push(query);
    const own = await database.store.incidents.require(id);
    knex.on('query', note);
    assert.equal((await database.store.incidents.earlier(own)).length, 1);
    knex.removeListener('query', note);
    const union = sent.find(({ sql }) => sql.includes('seen_at') && sql.includes('join'));
    assert.ok(union, 'it asks by seen_at');
    const [plan]: { table: string; key: string | null; type: string }[][] = await knex.raw(`EXPLAIN ${union.sql}`, [
      ...union.bindings,
    ]);
    const observables = plan?.find(({ table }) => table === 'o');
    assert.deepEqual([observables?.key, observables?.type], ['by_seen', 'range'], JSON.stringify(plan));
    assert.ok(sent.length <= 3, `${sent.length} statements`);
  });

  it('of a database of before get their time from the migration, as far as anybody looks back; it can be run again', async () => {
    const { knex } = database;
    const shared = [seen('user', 'migrated', 'user')];
    const earlier = await incident(shared, HOUR_MS);
    const id = await incident(shared);
    const long = await incident(shared, HOUR_MS);
    await knex('incidents')
      .whereIn('id', [earlier, id])
      .update({ created_at: toSqlTime(new Date().toISOString()) });
    await knex.raw('ALTER TABLE observables DROP INDEX by_seen, DROP COLUMN seen_at');
    await knex('schema_migrations').where('name', '20261128A-earlier-incidents').delete();
    assert.deepEqual((await migrate(knex)).applied, ['20261128A-earlier-incidents']);
    assert.deepEqual(await knex('observables').where({ incident_id: long }).pluck('seen_at'), [null]);
    const [row] = await knex('observables').where({ incident_id: earlier }).select('seen_at');
    assert.equal(row?.seen_at, shift(NOW, -HOUR_MS));
    assert.deepEqual(await idsBefore(id), [earlier]);
    // killed between its two statements
    await knex('observables').where({ incident_id: id }).update({ seen_at: null });
    await knex('observables')
      .where({ incident_id: earlier })
      .update({ seen_at: toSqlTime(NOW) });
    await knex('schema_migrations').where('name', '20261128A-earlier-incidents').delete();
    await migrate(knex);
    const times = await knex('observables')
      .whereIn('incident_id', [earlier, id])
      .orderBy('incident_id')
      .pluck('seen_at');
    assert.deepEqual(times, [NOW, NOW], 'what has a time keeps it');
  });
});
