import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Observable } from '../../domain/observable';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { atOnce, NOW, step, submission } from './fixtures';

const LONE = '\ud83e';
const NASTY = `\u{1f98a} Überfall "quoted" 'single' \\ back\\' -- ; DROP TABLE incidents; %_ \u0000 \u202e <b>${'é'.repeat(3)}`;

describe('odd and hostile content', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  const accept = (name: string, changes: Parameters<typeof submission>[1] = {}) =>
    database.store.alerts.accept(submission(name, changes));
  const verified = async (chain: string) => assert.deepEqual((await database.store.audit.verify(chain)).problems, []);

  it('keeps ids apart that differ in case, in spaces at the end or in the form of an accent', async () => {
    const ids = [
      'id',
      'ID',
      'id ',
      'id  ',
      ' id',
      'id\u0000',
      'caf\u00e9',
      'cafe\u0301',
      "id' OR '1'='1",
      'id\\',
      'id%',
    ];
    const opened = new Set<string>();
    for (const id of ids) {
      const answer = await accept(id);
      assert.equal(answer.duplicate, false, JSON.stringify(id));
      assert.equal((await accept(id)).sourceAlertId, id);
      opened.add(answer.incidentId);
    }
    assert.equal(opened.size, ids.length);
  });

  it('does not take a source and an id for another source and another id', async () => {
    const { alert } = submission('b","c');
    const first = await accept('b","c', { alert: { ...alert, source: 'a' } });
    const second = await accept('c', { alert: { ...alert, source: 'a","b', alert_id: 'c' } });
    assert.notEqual(first.incidentId, second.incidentId);
  });

  it('gives every text back as it came', async () => {
    const { alert } = submission('nasty');
    const observables: Observable[] = [{ type: 'user', value: NASTY, roles: ['user'], flags: [] }];
    const extra = { [NASTY]: [NASTY, { deep: LONE }], __proto__x: 1 };
    const { incidentId } = await accept('nasty', {
      alert: { ...alert, username: NASTY, description: LONE },
      title: NASTY,
      observables,
      extra,
    });
    const view = await database.store.incidents.view(incidentId);
    assert.equal(view?.title, NASTY);
    assert.equal(view?.alerts[0]?.username, NASTY);
    assert.equal(view?.alerts[0]?.description, LONE);
    assert.deepEqual(view?.alerts[0]?.extra, extra);
    assert.deepEqual(view?.observables, observables);
    assert.deepEqual(
      (await database.store.incidents.list({ limit: 5, q: NASTY })).items.map(({ id }) => id),
      [incidentId],
    );
    await database.store.acts.perform({
      ...{ incidentId, requestId: 'nasty', actor: 'o"brien', at: new Date().toISOString() },
      request: {
        acts: [
          { act: 'note', text: NASTY },
          { act: 'assign', assignee: NASTY },
        ],
      },
    });
    assert.equal((await database.store.incidents.get(incidentId))?.analyst_notes, NASTY);
    await verified(incidentId);
  });

  it('keeps the bytes that were submitted, whatever they are', async () => {
    const bodies = {
      bytes: randomBytes(1024 * 1024),
      every: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      empty: Buffer.alloc(0),
      largest: Buffer.alloc(5 * 1024 * 1024, 'é"\\\'\u0000'),
    };
    for (const [name, original] of Object.entries(bodies)) {
      const { incidentId } = await accept(`bytes-${name}`, { original, mediaType: 'application/octet-stream' });
      const kept = await database
        .knex('alerts')
        .where({ incident_id: incidentId })
        .join('raw_documents', 'raw_documents.sha256', 'alerts.raw_sha256')
        .first('body');
      assert.ok(original.equals(kept.body), name);
      await verified(incidentId);
    }
  });

  it('cuts a title that is too long between characters', async () => {
    const { incidentId } = await accept('long title', { title: `${'x'.repeat(499)}${'\u{1f98a}'.repeat(20)}` });
    assert.equal((await database.store.incidents.get(incidentId))?.title, `${'x'.repeat(499)}\u{1f98a}`);
  });

  it('accepts observables that are named twice, or differ only in what has no UTF-8', async () => {
    const user = (value: string): Observable => ({ type: 'user', value, roles: ['user'], flags: [] });
    const observables = [user('eve'), user('\ud800'), user('\ud801'), user('eve'), user('adam')];
    const { incidentId } = await accept('twice', { observables });
    const kept = (await database.store.incidents.view(incidentId))?.observables.map(({ value }) => value);
    assert.deepEqual(kept, ['eve', '\ufffd', 'adam']);
  });

  it('hashes texts as the database gives them back', async () => {
    const { incidentId } = await accept('surrogates', { actor: `key ${LONE}` });
    const finish = (index: number) =>
      database.store.actions.finish(
        step(incidentId, `1/lookup/user:${LONE}`, {
          action: 'lookup',
          actor: `somebody ${LONE}`,
          provider: 'virustotal',
          observable: `user:${LONE}`,
          body: { summary: `${NASTY} ${LONE} ${index}`, detail: { [LONE]: LONE, result: [LONE, 1e21, -0, 0.1] } },
        }),
      );
    const rows = await atOnce(5, finish);
    assert.equal(new Set(rows.map(({ summary }) => summary)).size, 1);
    assert.deepEqual(await database.store.actions.find(incidentId, `1/lookup/user:${LONE}`), rows[0]);
    await verified(incidentId);
  });

  it('returns to the writer of a row what it returns to all who find it', async () => {
    const { incidentId } = await accept('same answer');
    const detail = { result: { z: 1, a: undefined, when: new Date(NOW), list: [undefined] } };
    const finish = () =>
      database.store.actions.finish(step(incidentId, '1/step', { body: { summary: 'Answered', detail } }));
    const written = await finish();
    assert.deepEqual(written.detail, { result: { z: 1, when: '2026-11-23T12:00:00.123Z', list: [null] } });
    assert.deepEqual(await finish(), written);
  });

  it('works out what a row says once, and under the lock', async () => {
    const { incidentId } = await accept('worked out');
    let workedOut = 0;
    const rows = await atOnce(10, () =>
      database.store.actions.finish(
        step(incidentId, '1/found', {
          body: async (_incident, trx) => {
            workedOut += 1;
            const found = await trx('action_log').where({ chain: incidentId });
            return { summary: 'Counted', detail: { result: found.length } };
          },
          raw: { body: Buffer.from('one document'), mediaType: 'text/plain' },
        }),
      ),
    );
    assert.equal(workedOut, 1);
    assert.deepEqual(new Set(rows.map(({ detail }) => JSON.stringify(detail))), new Set(['{"result":1}']));
    assert.equal((await database.knex('raw_documents').where({ body: Buffer.from('one document') })).length, 1);
  });

  it('searches for a text that is all wildcards, or nothing, without finding everything by it', async () => {
    const { incidentId } = await accept('wild', { title: '100% _done_ \\o/' });
    const found = async (q: string) =>
      (await database.store.incidents.list({ limit: 200, q })).items.map(({ id }) => id);
    for (const q of ['100% _', '100% _done_ \\', '100% _done_ \\o/']) assert.deepEqual(await found(q), [incidentId]);
    for (const q of ['100%%', '1__%', '%', '\\', "'"]) assert.deepEqual(await found(q), [], q);
    const all = (await database.store.incidents.list({ limit: 200 })).items.length;
    assert.equal((await found('  ')).length, all);
  });

  it('finds a chain that was emptied', async () => {
    const { incidentId: name } = await accept('emptied');
    await database.knex('action_log').where({ chain: name }).delete();
    await database
      .knex('audit_chains')
      .where({ name })
      .update({ seq: 0, hash: Buffer.alloc(32) });
    const { problems } = await database.store.audit.verify(name);
    assert.deepEqual(
      problems.map(({ chain }) => chain),
      [name],
    );
  });
});
