import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { hashRow } from '../../db/audit-chain';
import type { Transaction } from '../../db/connect';
import type { AuditProblem } from '../../db/repositories/audit';
import type { ActionRow } from '../../db/rows';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { atOnce, incidentWithSteps, NOW, reportOf, step } from './fixtures';

describe('audit.verify', () => {
  let database: TestDatabase;
  let chain: string;
  let made = 0;
  let reports = 0;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  beforeEach(async () => {
    made += 1;
    chain = (await incidentWithSteps(database.store, `audited-${made}`, 5)).incidentId;
  });

  const rows = () => database.knex('action_log').where({ chain });
  const problems = async (name: string | undefined = chain) => (await database.store.audit.verify(name)).problems;

  /** Finds the tampering in this chain alone, and in a run over all. */
  async function found(seq: number | null): Promise<void> {
    for (const name of [chain, undefined]) {
      const own = (await problems(name)).filter((problem) => problem.chain === chain);
      assert.ok(own.length > 0, 'nothing was found');
      if (seq !== null)
        assert.ok(
          own.some((problem) => problem.seq === seq),
          JSON.stringify(own),
        );
    }
  }

  /** As somebody with the rights of an administrator can. */
  async function withoutForeignKeys(work: (trx: Transaction) => Promise<unknown>): Promise<void> {
    await database.knex.transaction(async (trx) => {
      await trx.raw('SET FOREIGN_KEY_CHECKS = 0');
      await work(trx);
      await trx.raw('SET FOREIGN_KEY_CHECKS = 1');
    });
  }

  async function reported(headSeq: number): Promise<void> {
    const head: ActionRow = await rows().where({ seq: headSeq }).first();
    reports += 1;
    await database.knex.transaction((trx) =>
      database.store.reports.store(trx, reportOf(chain, reports, { headSeq, headHash: head.hash.toString('hex') })),
    );
  }

  /** Recomputes all hashes and the head, as somebody would who knows how the chain is made. */
  async function rehash(): Promise<void> {
    let prev_hash: Buffer = Buffer.alloc(32);
    let seq = 0;
    for (const row of (await rows().orderBy('seq')) as ActionRow[]) {
      const hash = hashRow({ ...row, prev_hash });
      await rows().where({ seq: row.seq }).update({ prev_hash, hash });
      prev_hash = hash;
      seq = row.seq;
    }
    await database.knex('audit_chains').where({ name: chain }).update({ seq, hash: prev_hash });
  }

  it('finds nothing where nothing was done', async () => {
    await reported(4);
    const { chains, rows: read, problems: none } = await database.store.audit.verify(chain);
    assert.deepEqual({ chains, read, none }, { chains: 1, read: 6, none: [] });
  });

  it('finds a change of any column', async () => {
    const changes: Record<string, unknown> = {
      action_key: 'other',
      at: '2020-01-01 00:00:00.000001',
      action: 'other',
      status: 'failed',
      actor: 'somebody',
      provider: 'virustotal',
      observable: 'ip:1.1.1.1',
      failures: 7,
      duration_ms: 13,
      summary: 'Other',
      detail: '{"result": 1}',
      raw_sha256: null,
      workflow_run_id: 'other',
      incident_id: null,
      prev_hash: Buffer.alloc(32, 1),
      hash: Buffer.alloc(32, 1),
    };
    const before = await rows().where({ seq: 2 }).first();
    const { at: _time, ...same } = before;
    for (const [column, value] of Object.entries(changes)) {
      await rows()
        .where({ seq: 2 })
        .update({ [column]: value });
      assert.ok((await problems()).length > 0, `a change of ${column} was not found`);
      await rows()
        .where({ seq: 2 })
        .update({ ...same, at: before.at.replace('T', ' ').replace('Z', '') });
      assert.deepEqual(await problems(), []);
    }
  });

  it('finds a row that was taken out of the middle', async () => {
    await rows().where({ seq: 3 }).delete();
    await found(4);
  });

  it('finds a first row that was taken away', async () => {
    await rows().where({ seq: 1 }).delete();
    await found(2);
  });

  it('finds a row that was added behind the head', async () => {
    const last: ActionRow = await rows().where({ seq: 6 }).first();
    const row = { ...last, seq: 7, action_key: 'forged', prev_hash: last.hash };
    const hash = hashRow(row);
    await database.knex('action_log').insert({ ...row, hash, at: NOW.replace('T', ' ').replace('Z', '') });
    await found(7);
  });

  it('finds a cut tail', async () => {
    await rows().where('seq', '>', 4).delete();
    await found(null);
  });

  it('finds an edited head', async () => {
    await database
      .knex('audit_chains')
      .where({ name: chain })
      .update({ hash: Buffer.alloc(32, 2) });
    await found(null);
  });

  it('finds, by a report, a tail that was cut with its head', async () => {
    await reported(6);
    await rows().where('seq', '>', 4).delete();
    await rehash();
    await found(6);
  });

  it('finds, by a report, a chain that was made anew', async () => {
    await reported(5);
    await rows().where({ seq: 3 }).update({ summary: 'Never happened' });
    await rehash();
    await found(5);
  });

  it('finds it by either of two reports that state the same row', async () => {
    await reported(5);
    await database
      .knex('reports')
      .where({ incident_id: chain })
      .update({ head_hash: Buffer.alloc(32, 3) });
    await reported(5);
    await found(5);
  });

  it('finds a changed and a missing raw document', async () => {
    const { raw_sha256: sha256 } = await rows().whereNotNull('raw_sha256').where('seq', '>', 1).first();
    const document = () => database.knex('raw_documents').where({ sha256 });
    await document().update({ body: Buffer.from('{"answer":"forged"}') });
    await found(2);
    await withoutForeignKeys((trx) => document().transacting(trx).delete());
    await found(2);
  });

  it('finds a chain whose head was taken away', async () => {
    await withoutForeignKeys((trx) => trx('audit_chains').where({ name: chain }).delete());
    await found(null);
  });

  it('finds it for the chain of the system too', async () => {
    await database.store.apiKeys.create('probe', 'admin', 'test');
    assert.deepEqual(await problems('system'), []);
    const [head] = await database.knex('audit_chains').where({ name: 'system' });
    await withoutForeignKeys((trx) => trx('audit_chains').where({ name: 'system' }).delete());
    assert.ok((await problems('system')).length > 0);
    assert.ok((await database.store.audit.verify()).problems.some((problem) => problem.chain === 'system'));
    await database.knex('audit_chains').insert(head);
  });

  it('raises no alarm over rows that are written while it reads', async () => {
    const other = await createTestDatabase();
    let writing = true;
    try {
      const { incidentId } = await incidentWithSteps(other.store, 'busy', 1);
      const writers = atOnce(4, async (writer) => {
        for (let index = 0; writing; index += 1) {
          await other.store.actions.finish(step(incidentId, `1/${writer}-${index}`));
        }
      });
      const alarms: AuditProblem[] = [];
      for (let round = 0; round < 30; round += 1) {
        alarms.push(...(await other.store.audit.verify(round % 2 ? incidentId : undefined)).problems);
      }
      writing = false;
      await writers;
      assert.deepEqual(alarms, []);
    } finally {
      await other.drop();
    }
  });
});
