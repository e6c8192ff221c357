import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { shift } from '../../db/time';
import { RESTART_LIMIT } from '../../domain/reconcile';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { atOnce, NOW, reportOf, submission } from './fixtures';

describe('keys', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  it('are kept as SHA-256 only, known again, and refused when revoked', async () => {
    const { apiKeys } = database.store;
    const before = await apiKeys.count();
    const { id, key } = await apiKeys.create('sensor', 'admin', 'test');
    assert.match(key, /^soar_[0-9A-Za-z]{40}$/);
    const [row] = await database.knex('api_keys').where({ id });
    assert.ok(!JSON.stringify(row).includes(key));
    assert.ok(row.key_hash.equals(createHash('sha256').update(key).digest()));
    assert.deepEqual(await apiKeys.verify(key), { id, name: 'sensor', role: 'admin' });
    assert.equal(await apiKeys.verify(key.toLowerCase()), undefined);
    assert.equal(await apiKeys.count(), before + 1);
    await database.knex('api_keys').where({ id }).update({ revoked_at: '2026-11-23 12:00:00' });
    assert.equal(await apiKeys.verify(key), undefined);
    assert.equal(await apiKeys.count(), before);
  });

  it('note their use at most once a minute', async () => {
    const { id, key } = await database.store.apiKeys.create('noted', 'admin', 'test');
    await database.store.apiKeys.verify(key);
    const used = async () => (await database.knex('api_keys').where({ id }).first('last_used_at')).last_used_at;
    const first = await used();
    assert.notEqual(first, null);
    await database.store.apiKeys.verify(key);
    assert.equal(await used(), first);
    await database.knex('api_keys').where({ id }).update({ last_used_at: '2020-01-01 00:00:00' });
    await database.store.apiKeys.verify(key);
    assert.ok((await used()) >= first);
  });

  it('are on record in the chain of the system', async () => {
    await atOnce(5, (index) => database.store.apiKeys.create(`recorded ${index}`, 'admin', 'test'));
    assert.deepEqual((await database.store.audit.verify('system')).problems, []);
  });
});

describe('versions of policy and site', () => {
  it('are kept once, by content, whatever the order of keys', async () => {
    const database = await createTestDatabase();
    try {
      const { policies } = database.store;
      const ids = await atOnce(10, (index) => policies.pin('policy', index % 2 ? { a: 1, b: [2] } : { b: [2], a: 1 }));
      assert.equal(new Set(ids).size, 1);
      assert.deepEqual(await policies.get(ids[0] ?? ''), { a: 1, b: [2] });
      assert.notEqual(await policies.pin('policy', { a: 2 }), ids[0]);
      assert.equal(await policies.get('0'.repeat(64)), undefined);
    } finally {
      await database.drop();
    }
  });
});

describe('reconcile', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  it('gives a due incident to one of several processes', async () => {
    const { reconcile, alerts } = database.store;
    const { incidentId } = await alerts.accept(submission('due'));
    const { alert } = submission('no playbook');
    await alerts.accept(submission('no playbook', { alert: { ...alert, alert_type: 'unclassified' } }));
    assert.deepEqual(await reconcile.due(NOW, 10), []);
    const later = shift(NOW, 60_000);
    const due = await reconcile.due(later, 10);
    assert.deepEqual(
      due.map(({ id }) => id),
      [incidentId],
    );
    const seen = due[0]?.next_check_at ?? null;
    const taken = await atOnce(10, () => reconcile.take(incidentId, seen, shift(later, 60_000)));
    assert.equal(taken.filter(Boolean).length, 1);
    assert.deepEqual(await reconcile.due(later, 10), []);
  });

  it('counts the restarts of the last hour and names what is stuck', async () => {
    const { reconcile, alerts, incidents, stats } = database.store;
    const { incidentId } = await alerts.accept(submission('stuck'));
    await reconcile.noteRestart(incidentId, shift(NOW, -2 * 3_600_000));
    for (let restart = 0; restart < RESTART_LIMIT; restart += 1) {
      assert.deepEqual((await stats.openCounts(NOW)).stuck, []);
      await reconcile.noteRestart(incidentId, shift(NOW, restart));
    }
    assert.equal((await incidents.get(incidentId))?.restarts.length, RESTART_LIMIT);
    const counts = await stats.openCounts(shift(NOW, 1000));
    assert.deepEqual(counts.stuck, [incidentId]);
    assert.equal(counts.pending, 2);
  });
});

describe('reports', () => {
  it('are kept in versions; the latest is served', async () => {
    const database = await createTestDatabase();
    try {
      const { store, knex } = database;
      const { incidentId } = await store.alerts.accept(submission('reported'));
      assert.equal(await store.reports.latest(incidentId), undefined);
      assert.deepEqual(await store.reports.versions(incidentId), []);
      for (const version of [1, 2]) {
        const report = reportOf(incidentId, version, { html: `<p>${version} 🦊</p>` });
        await knex.transaction((trx) => store.reports.store(trx, report));
      }
      const second = { version: 2, html: '<p>2 🦊</p>', json: '{}', markdown: '#', createdAt: NOW };
      assert.deepEqual(await store.reports.latest(incidentId), second);
      assert.deepEqual(await store.reports.find(incidentId, 2), second);
      assert.equal((await store.reports.find(incidentId, 1))?.html, '<p>1 🦊</p>');
      assert.equal(await store.reports.find(incidentId, 3), undefined);
    } finally {
      await database.drop();
    }
  });

  it('are listed, the newest first, without what they say; one of before tells less', async () => {
    const database = await createTestDatabase();
    try {
      const { store, knex } = database;
      const { incidentId } = await store.alerts.accept(submission('listed'));
      const closed = { author: 'ana', reason: 'ana closed it', verdict: 'benign', status: 'closed' } as const;
      const head = { headSeq: 9, headHash: 'ab'.repeat(32) };
      await knex.transaction(async (trx) => {
        await store.reports.store(trx, reportOf(incidentId, 1));
        await store.reports.store(trx, reportOf(incidentId, 2, { ...closed, ...head, policyVersion: null }));
      });
      const unknown = { author: null, reason: null, verdict: null, status: null, policy: null, policy_version: null };
      await knex('reports')
        .where({ version: 1 })
        .update({ ...unknown, markdown: null });
      assert.deepEqual(await store.reports.versions(incidentId), [
        {
          ...{ version: 2, created_at: NOW, ...closed, policy: 'a'.repeat(64), policy_version: null },
          audit_head: { seq: 9, hash: 'ab'.repeat(32) },
        },
        { version: 1, created_at: NOW, ...unknown, audit_head: { seq: 1, hash: '00'.repeat(32) } },
      ]);
      assert.equal((await store.reports.find(incidentId, 1))?.markdown, null);
    } finally {
      await database.drop();
    }
  });
});
