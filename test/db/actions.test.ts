import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ClaimLostError } from '../../db/errors';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { atOnce, NOW, step, submission } from './fixtures';

describe('actions', () => {
  let database: TestDatabase;
  let incidentId: string;

  before(async () => {
    database = await createTestDatabase();
    ({ incidentId } = await database.store.alerts.accept(submission('steps')));
  });
  after(() => database.drop());

  it('numbers the rows of a chain without gaps under concurrent writers', async () => {
    await atOnce(40, (index) => database.store.actions.finish(step(incidentId, `1/parallel-${index}`)));
    const rows = await database.knex('action_log').where({ chain: incidentId }).orderBy('seq');
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      Array.from({ length: 41 }, (_, index) => index + 1),
    );
    assert.deepEqual((await database.store.audit.verify(incidentId)).problems, []);
  });

  it('finishes an action once, whoever comes at once', async () => {
    let applied = 0;
    const rows = await atOnce(20, (index) =>
      database.store.actions.finish(
        step(incidentId, '1/once', {
          body: { summary: 'Answered', detail: { result: index } },
          apply: () => {
            applied += 1;
            return Promise.resolve();
          },
        }),
      ),
    );
    assert.equal(new Set(rows.map(({ seq }) => seq)).size, 1);
    assert.equal(new Set(rows.map(({ detail }) => JSON.stringify(detail))).size, 1);
    assert.equal(applied, 1);
    const found = await database.store.actions.find(incidentId, '1/once');
    assert.deepEqual(found?.detail, rows[0]?.detail);
    assert.equal(found?.at, NOW);
  });

  it('writes neither row nor raw document when its changes fail', async () => {
    const failing = step(incidentId, '1/failing', {
      raw: { body: Buffer.from('never kept'), mediaType: 'text/plain' },
      apply: () => Promise.reject(new Error('no')),
    });
    await assert.rejects(database.store.actions.finish(failing), /no/);
    assert.equal(await database.store.actions.find(incidentId, '1/failing'), undefined);
    const documents = await database.knex('raw_documents').where({ media_type: 'text/plain' });
    assert.deepEqual(documents, []);
  });

  it('keeps raw documents byte for byte and shows each as what it is', async () => {
    const bodies = {
      json: Buffer.from('{"b":1, "a":2}'),
      text: Buffer.from('<html>502 Bad Gateway</html>'),
      base64: Buffer.from([0xff, 0xfe, 0x00, 0x80]),
    };
    for (const [name, body] of Object.entries(bodies)) {
      const raw = { body, mediaType: `example/${name}` };
      await database.store.actions.finish(step(incidentId, `1/raw-${name}`, { raw }));
      const [stored] = await database.knex('raw_documents').where({ media_type: raw.mediaType });
      assert.ok(body.equals(stored.body));
    }
    const view = await database.store.incidents.view(incidentId, { includeRaw: true });
    const shown = view?.audit.filter(({ action_key }) => action_key.startsWith('1/raw-')).map(({ raw }) => raw);
    assert.deepEqual(shown, [
      { media_type: 'example/json', json: { a: 2, b: 1 } },
      { media_type: 'example/text', text: '<html>502 Bad Gateway</html>' },
      { media_type: 'example/base64', base64: bodies.base64.toString('base64') },
    ]);
    const without = await database.store.incidents.view(incidentId);
    assert.ok(without?.audit.every((row) => !('raw' in row)));
  });

  it('refuses a run that has lost its claim', async () => {
    const first = await database.store.incidents.claim(incidentId, 'run-a', NOW);
    assert.equal(first?.run_no, 1);
    assert.equal(first?.status, 'investigating');
    assert.equal((await database.store.incidents.claim(incidentId, 'run-a', NOW))?.run_no, 1);
    const claims = await atOnce(5, () => database.store.incidents.claim(incidentId, 'run-b', NOW));
    assert.deepEqual(new Set(claims.map((claim) => claim?.run_no)), new Set([2]));
    const late = step(incidentId, '1/late', { runNo: 1 });
    await assert.rejects(database.store.actions.finish(late), ClaimLostError);
    await database.store.actions.finish(step(incidentId, '1/in-time', { runNo: 2 }));
    const view = await database.store.incidents.view(incidentId);
    const keys = view?.audit.map(({ action_key }) => action_key) ?? [];
    assert.deepEqual(
      keys.filter((key) => key.startsWith('claim/')),
      ['claim/1', 'claim/2'],
    );
    assert.ok(!keys.includes('1/late'));
  });

  it('has no claim to give on an incident that is not there', async () => {
    assert.equal(await database.store.incidents.claim('INC-0000000000', 'run-a', NOW), undefined);
  });

  it('moves the state of a wait while its row stays', async () => {
    const wait = (until: string) =>
      step(incidentId, '1/virustotal/ip:1.1.1.1/waiting', {
        status: 'waiting',
        applyAgain: true,
        apply: (trx) =>
          database.store.enrichments.upsert(trx, incidentId, {
            source: 'virustotal',
            observable: 'ip:1.1.1.1',
            actionKey: '1/virustotal/ip:1.1.1.1',
            state: 'waiting',
            until,
            summary: 'No quota left',
            facts: null,
            at: NOW,
          }),
      });
    const first = await database.store.actions.finish(wait('2026-11-23T13:00:00.000000Z'));
    const second = await database.store.actions.finish(wait('2026-11-23T14:00:00.000000Z'));
    assert.equal(second.seq, first.seq);
    const [finding] = await database.store.enrichments.of(incidentId);
    assert.equal(finding?.until, '2026-11-23T14:00:00.000000Z');
  });

  it('never replaces an answer by a worse state', async () => {
    const put = (state: 'ok' | 'failed' | 'waiting', facts: unknown) =>
      database.knex.transaction((trx) =>
        database.store.enrichments.upsert(trx, incidentId, {
          source: 'geoip',
          observable: 'ip:1.1.1.1',
          actionKey: '1/geoip/ip:1.1.1.1',
          state,
          until: null,
          summary: state,
          facts,
          at: NOW,
        }),
      );
    for (const state of ['failed', 'ok', 'failed', 'waiting'] as const) await put(state, { state });
    const [finding] = await database.store.enrichments.of(incidentId);
    assert.equal(finding?.state, 'ok');
    assert.deepEqual(finding?.facts, { state: 'ok' });
  });

  it('takes keys as long as the longest URL that a source is asked about', async () => {
    const observable = `url:https://example.com/${'a'.repeat(2000)}`;
    const key = `1/virustotal/${observable}`;
    const row = await database.store.actions.finish(step(incidentId, key, { observable }));
    assert.equal((await database.store.actions.find(incidentId, key))?.seq, row.seq);
  });

  it('starts a chain of its own for what concerns no incident', async () => {
    const act = (index: number) =>
      database.store.actions.finish(step('system', `settings/${index}`, { incidentId: null }));
    const rows = await atOnce(8, act);
    assert.equal(new Set(rows.map(({ seq }) => seq)).size, 8);
    assert.deepEqual((await database.store.audit.verify('system')).problems, []);
  });
});
