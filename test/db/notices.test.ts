import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { noticeOf } from '../../domain/notice';
import type { Notice } from '../../domain/notice';
import type { IncidentRow, Transaction } from '../../db/store';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { MINUTE_MS, NOW, step, submission } from './fixtures';
import { shift } from '../../db/time';

describe('what another tool is to be told', () => {
  let database: TestDatabase;
  let incident: IncidentRow;

  before(async () => {
    database = await createTestDatabase();
    const { incidentId } = await database.store.alerts.accept(submission('notices'));
    incident = await database.store.incidents.require(incidentId);
  });
  beforeEach(() => database.knex('notices').delete());
  after(() => database.drop());

  const eventOf = (key: string, reason = 'It is malicious.'): Notice =>
    noticeOf(incident, { event: 'escalated', key, reason }, { at: NOW, publicUrl: 'http://127.0.0.1:8080' });

  const note = (trx: Transaction, key: string, changes: { reason?: string; at?: string } = {}): Promise<void> => {
    const { reason, at = NOW } = changes;
    return database.store.notices.note(trx, { incidentId: incident.id, key, event: eventOf(key, reason), at });
  };

  const noted = (...keys: string[]): Promise<void> =>
    database.knex.transaction(async (trx) => {
      for (const key of keys) await note(trx, key);
    });

  const pending = (limit = 100) => database.store.notices.pending(limit);

  it('stands there as it was noted, in the order in which it was', async () => {
    assert.equal(await database.store.notices.anyPending(), false);
    await noted('escalated/1', 'breach/close');
    assert.equal(await database.store.notices.anyPending(), true);
    const rows = await database.store.notices.stillPending(await pending());
    assert.deepEqual(
      rows.map(({ event }) => event),
      [eventOf('escalated/1'), eventOf('breach/close')],
    );
    assert.deepEqual(
      [rows[0]?.incident_id, rows[0]?.event_key, rows[0]?.created_at, rows[0]?.delivered_at],
      [incident.id, 'escalated/1', NOW, null],
    );
    assert.equal((await pending(1)).length, 1);
  });

  it('is noted once, as it was first', async () => {
    await noted('escalated/1');
    const ids = await pending();
    await database.knex.transaction((trx) => note(trx, 'escalated/1', { reason: 'Again.' }));
    assert.deepEqual(await pending(), ids);
    const [row] = await database.store.notices.stillPending(ids);
    assert.equal(row?.event.reason, 'It is malicious.');
  });

  it('stays told when it is noted again', async () => {
    await noted('escalated/1');
    await database.knex.transaction(async (trx) => {
      await database.store.notices.markDelivered(trx, await pending(), NOW);
    });
    await noted('escalated/1');
    assert.deepEqual(await pending(), []);
  });

  it('is not there when what it tells of did not come about', async () => {
    const failing = step(incident.id, '1/decide', {
      apply: async (trx) => {
        await note(trx, 'escalated/1');
        throw new Error('no');
      },
    });
    await assert.rejects(database.store.actions.finish(failing), /no/);
    assert.equal(await database.store.notices.anyPending(), false);
    assert.equal(await database.store.actions.find(incident.id, '1/decide'), undefined);
  });

  it('is still to be told but for what was told', async () => {
    await noted('a', 'b', 'c');
    const ids = await pending();
    await database.knex.transaction((trx) => database.store.notices.markDelivered(trx, ids.slice(0, 2), NOW));
    assert.deepEqual(await pending(), ids.slice(2));
    const left = await database.store.notices.stillPending(ids);
    assert.deepEqual(
      left.map(({ event_key }) => event_key),
      ['c'],
    );
    const later = shift(NOW, MINUTE_MS);
    await database.knex.transaction((trx) => database.store.notices.markDelivered(trx, ids, later));
    const times = await database.knex('notices').orderBy('id').pluck('delivered_at');
    assert.deepEqual(times, [NOW, NOW, later], 'when it was first told');
  });

  it('says how much waits, and since when', async () => {
    assert.deepEqual(await database.store.notices.backlog(), { count: 0, since: null });
    const later = shift(NOW, MINUTE_MS);
    await database.knex.transaction(async (trx) => {
      await note(trx, 'a', { at: later });
      await note(trx, 'b');
    });
    assert.deepEqual(await database.store.notices.backlog(), { count: 2, since: NOW });
  });
});
