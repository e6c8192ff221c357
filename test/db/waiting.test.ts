import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { QuotaLimit } from '../../domain/quota';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { until } from '../support/until';
import { atOnce, MINUTE_MS } from './fixtures';
import { createQuotaBench, FOUR_A_MINUTE, withQuotaBench } from './quota-bench';
import type { QuotaBench } from './quota-bench';

const ANSWER = { state: 'ok' as const, facts: { hits: 3 }, summary: '3 of 90 engines', freshForMs: 10 * MINUTE_MS };

describe('who goes first', () => {
  let bench: QuotaBench;

  withQuotaBench(async (given) => {
    ({ bench } = given);
    await bench.register();
  });

  it('a free slot goes to the best of those that wait, by severity, then age; a newcomer cannot take it', async () => {
    const limits: QuotaLimit[] = [{ name: 'minute', requests: 1, ms: MINUTE_MS }];
    await bench.register({ limits });
    await bench.settle(await bench.ask('ip:192.0.2.1', { limits }), { answer: ANSWER });
    const low = await bench.wait('low', 'ip:192.0.2.2');
    bench.pass(10);
    const critical = await bench.wait('critical', 'ip:192.0.2.3');
    bench.pass(10);
    const younger = await bench.wait('critical', 'ip:192.0.2.4');
    bench.pass(MINUTE_MS);
    const newcomer = await bench.incident('high');
    const refused = await bench.admit('ip:192.0.2.5', { limits, incidentId: newcomer });
    assert.ok(refused.kind === 'wait');
    assert.match(refused.reason, /more urgent/);
    // third in line: after two more slots of a minute each
    assert.equal(refused.until, bench.at(2 * MINUTE_MS));
    for (const later of [low, younger]) {
      assert.equal((await bench.admit(later.observable, { limits, ...later })).kind, 'wait');
    }
    assert.equal((await bench.admit(critical.observable, { limits, ...critical })).kind, 'go');
  });

  it('a newcomer that is more severe goes before those that wait', async () => {
    await bench.wait('high', 'ip:192.0.2.2');
    const limits = [{ ...FOUR_A_MINUTE, requests: 1 }];
    await bench.register({ limits });
    const incidentId = await bench.incident('critical');
    assert.equal((await bench.admit('ip:192.0.2.5', { limits, incidentId })).kind, 'go');
  });

  it('one that is retried keeps the place it had when it first asked', async () => {
    const limits = [{ ...FOUR_A_MINUTE, requests: 1 }];
    await bench.register({ limits });
    const incidentId = await bench.incident('high');
    const since = bench.at(0);
    bench.pass(1000);
    await bench.wait('high', 'ip:192.0.2.2');
    bench.pass(1000);
    assert.equal((await bench.admit('ip:192.0.2.3', { limits, incidentId })).kind, 'wait');
    assert.equal((await bench.admit('ip:192.0.2.3', { limits, incidentId, since })).kind, 'go');
  });

  it('those that wait for one observable count once, and those whose answer is under way or there not at all', async () => {
    const limits = [{ ...FOUR_A_MINUTE, requests: 3 }];
    await bench.register({ limits });
    for (let index = 0; index < 5; index += 1) await bench.wait('critical', 'ip:192.0.2.2');
    const asked = await bench.wait('critical', 'ip:192.0.2.3');
    const newcomer = { limits, incidentId: await bench.incident('low') };
    const ticket = await bench.ask(asked.observable, { ...asked, limits });
    // two slots are left, and one observable is waiting
    const first = await bench.ask('ip:192.0.2.6', newcomer);
    assert.equal((await bench.admit('ip:192.0.2.7', newcomer)).kind, 'wait');
    await bench.settle(ticket, { answer: ANSWER }, limits);
    await bench.settle(first, { answer: ANSWER }, limits);
    bench.pass(MINUTE_MS + 1);
    await bench.ask('ip:192.0.2.7', newcomer);
    await bench.ask('ip:192.0.2.8', newcomer);
    assert.equal((await bench.admit('ip:192.0.2.9', newcomer)).kind, 'wait');
  });

  it('one that asks for what a better-placed one waits for is not behind it: the answer is for both', async () => {
    const limits = [{ ...FOUR_A_MINUTE, requests: 1 }];
    await bench.register({ limits });
    await bench.wait('critical', 'ip:192.0.2.2');
    const incidentId = await bench.incident('low');
    assert.equal((await bench.admit('ip:192.0.2.3', { limits, incidentId })).kind, 'wait');
    assert.equal((await bench.admit('ip:192.0.2.2', { limits, incidentId })).kind, 'go');
  });

  it('one that was told to ask and has not for 30 s holds up nobody', async () => {
    const limits = [{ ...FOUR_A_MINUTE, requests: 1 }];
    await bench.register({ limits });
    await bench.wait('critical', 'ip:192.0.2.2');
    assert.equal((await bench.nudge()).length, 1);
    const newcomer = { limits, incidentId: await bench.incident('low') };
    bench.pass(29_999);
    assert.equal((await bench.admit('ip:192.0.2.7', newcomer)).kind, 'wait');
    bench.pass(1);
    assert.equal((await bench.admit('ip:192.0.2.7', newcomer)).kind, 'go');
  });
});

describe('who is told to ask', () => {
  let database: TestDatabase;
  let bench: QuotaBench;

  withQuotaBench(async (given) => {
    ({ database, bench } = given);
    await bench.register();
  });

  it('the best of those that wait, as many as there are slots, once', async () => {
    for (const severity of ['low', 'critical', 'medium', 'high', 'low', 'critical'] as const) {
      await bench.wait(severity);
      bench.pass(1);
    }
    const called = await bench.nudge();
    assert.deepEqual(called, ['critical', 'critical', 'high', 'medium']);
    assert.deepEqual(await bench.nudge(), []);
    const [row] = await database.knex('enrichments').where({ source: bench.provider() }).whereNotNull('nudged_at');
    assert.equal(row.until, bench.at(0));
    assert.equal(row.nudged_at, bench.at(0));
  });

  it('by several processes at once, each once', async () => {
    for (let index = 0; index < 6; index += 1) await bench.wait('high');
    const called = (await atOnce(6, () => bench.nudge())).flat();
    assert.equal(called.length, 4);
  });

  it('nobody while no slot is free, and all there are slots for when a limit is raised', async () => {
    for (let index = 0; index < 4; index += 1) await bench.ask(`ip:192.0.2.${index}`);
    for (let index = 0; index < 3; index += 1) await bench.wait('high');
    assert.deepEqual(await bench.nudge(), []);
    await bench.register({ limits: [{ ...FOUR_A_MINUTE, requests: 6 }] });
    assert.equal((await bench.nudge()).length, 2);
  });

  it('of several that wait for one observable the best; the others when the answer is there, without a slot', async () => {
    const limits = [{ ...FOUR_A_MINUTE, requests: 1 }];
    await bench.register({ limits });
    await bench.wait('low', 'ip:192.0.2.1');
    const best = await bench.wait('critical', 'ip:192.0.2.1');
    await bench.wait('high', 'ip:192.0.2.1');
    assert.deepEqual(await bench.nudge(), ['critical']);
    const ticket = await bench.ask(best.observable, { ...best, limits });
    assert.deepEqual(await bench.nudge(), []);
    await bench.settle(ticket, { answer: ANSWER }, limits);
    await bench.answered(best);
    assert.deepEqual(await bench.nudge(), ['high', 'low']);
  });

  it('those that do not answer are called again after a minute, behind all others', async () => {
    const limits = [{ ...FOUR_A_MINUTE, requests: 1 }];
    await bench.register({ limits });
    await bench.wait('critical');
    assert.deepEqual(await bench.nudge(), ['critical']);
    await bench.wait('low');
    bench.pass(30_000);
    assert.deepEqual(await bench.nudge(), ['low']);
    bench.pass(30_000);
    // the other has not answered either
    assert.deepEqual(await bench.nudge(), ['critical']);
    assert.deepEqual(await bench.nudge(), []);
    bench.pass(30_000);
    assert.deepEqual(await bench.nudge(), ['low']);
    // called again, it still holds up nobody
    await bench.ask('ip:192.0.2.1', { limits, incidentId: await bench.incident('low') });
  });

  it('one that asks and is refused again keeps its place in the line', async () => {
    const waiter = await bench.wait('high');
    const { since } = await bench.enrichment(waiter);
    bench.pass(MINUTE_MS);
    assert.deepEqual(await bench.nudge(), ['high']);
    await bench.refuse(waiter);
    const again = await bench.enrichment(waiter);
    assert.equal(again.since, since);
    assert.equal(again.nudged_at, null);
    assert.deepEqual(await bench.nudge(), ['high']);
    await bench.answered(waiter);
    const done = await bench.enrichment(waiter);
    assert.deepEqual([done.since, done.nudged_at, done.until], [null, null, null]);
  });

  it('nobody while the key is refused or gone, and one by one when it is another', async () => {
    await bench.register();
    await bench.settle(await bench.ask('ip:192.0.2.1'), {
      error: { kind: 'unauthorized', message: 'no', httpStatus: 401 },
    });
    for (let index = 0; index < 9; index += 1) await bench.wait('high');
    bench.pass(MINUTE_MS);
    assert.deepEqual(await bench.nudge(), []);
    await bench.register({ credential: 'new key' });
    assert.equal((await bench.nudge()).length, 1);
    bench.pass(2 * MINUTE_MS);
    await bench.register({ configured: false });
    assert.deepEqual(await bench.nudge(), []);
    const { items } = (await bench.status()).waiting;
    assert.deepEqual([items.length, items[0]?.until, items[0]?.reason], [9, null, 'it is not set up any more']);
  });

  it('one, to find out whether a refused key is good again', async () => {
    for (let index = 0; index < 3; index += 1) await bench.wait('high', `ip:192.0.2.1${index}`);
    const error = { kind: 'unauthorized', message: 'no', httpStatus: 401 };
    await bench.settle(await bench.ask('ip:192.0.2.1', { incidentId: await bench.incident('critical') }), { error });
    assert.deepEqual(await bench.nudge(), []);
    bench.pass(15 * MINUTE_MS);
    const probing = async (): Promise<string> => {
      const [told, ...others] = (await bench.quotas.nudge()).filter(({ source }) => source === bench.provider());
      assert.deepEqual([others, await bench.nudge()], [[], []]);
      const { incidentId, observable } = told!;
      await bench.settle(await bench.ask(observable, { incidentId }), { error });
      await bench.refuse({ incidentId, observable });
      bench.pass(8 * 60 * MINUTE_MS);
      return observable;
    };
    // each in turn: none of their histories grows alone
    assert.equal(new Set([await probing(), await probing(), await probing()]).size, 3);
  });

  it('who could not be told keeps its place', async () => {
    await bench.register();
    const waiter = await bench.wait('high');
    const nudged = await bench.quotas.nudge();
    await bench.quotas.recall(nudged);
    assert.equal((await bench.enrichment(waiter)).nudged_at, null);
    assert.deepEqual(await bench.nudge(), ['high']);
  });

  it('nobody of a source that is not asked outside any more', async () => {
    await bench.register();
    await bench.wait('high');
    await bench.quotas.retire([bench.provider()]);
    assert.deepEqual(await bench.nudge(), []);
    assert.ok(!(await bench.quotas.status()).some(({ name }) => name === bench.provider()));
  });

  it('after a silence one by one, as each has answered', async () => {
    await bench.settle(await bench.ask('ip:192.0.2.1'), { refused: { until: null } });
    for (let index = 0; index < 3; index += 1) await bench.wait('high', `ip:192.0.2.1${index}`);
    assert.deepEqual(await bench.nudge(), []);
    bench.pass(MINUTE_MS);
    assert.equal((await bench.nudge()).length, 1);
    const [row] = await database.knex('enrichments').where({ source: bench.provider() }).whereNotNull('nudged_at');
    const asking = { observable: row.observable, incidentId: row.incident_id };
    await bench.settle(await bench.ask(asking.observable, asking), { answer: ANSWER });
    await bench.answered(asking);
    assert.equal((await bench.nudge()).length, 1);
  });
});

describe('by the database’s own clock', () => {
  it('sixty that wait are told and answered in the order of their severity, never more than the limit at once', async () => {
    const database = await createTestDatabase({ poolSize: 8 });
    try {
      const limits: QuotaLimit[] = [{ name: 'window', requests: 10, ms: 200 }];
      const bench = await createQuotaBench(database, { real: true });
      await bench.register({ limits });
      const severities = ['low', 'medium', 'high', 'critical'] as const;
      // they must all be waiting before the first is told
      await bench.settle(await bench.ask('ip:192.0.2.250', { limits }), { refused: { until: null } }, limits);
      const waiters = await atOnce(60, (index) => bench.wait(severities[index % 4] ?? 'low'));
      const sent: { from: number; rank: number }[] = [];
      const rankOf = new Map(waiters.map(({ incidentId, severity }) => [incidentId, severities.indexOf(severity)]));
      await database.knex('quotas').update({ silent_until: null, strikes: 0 });
      await until('all to be answered', async () => {
        const called = await bench.quotas.nudge();
        const round = called.map(({ incidentId }) => rankOf.get(incidentId) ?? 0);
        for (const { incidentId } of called) rankOf.delete(incidentId);
        assert.ok(Math.min(...round) >= Math.max(-1, ...rankOf.values()), 'a better one was left waiting');
        await Promise.all(
          called.map(async (waiter, index) => {
            const admission = await bench.admit(waiter.observable, { limits, incidentId: waiter.incidentId });
            assert.ok(admission.kind === 'go', JSON.stringify(admission));
            sent.push({ from: Date.now(), rank: round[index] ?? 0 });
            await bench.settle(admission.ticket, { answer: ANSWER }, limits);
            await bench.answered(waiter);
          }),
        );
        return sent.length === 60 ? true : undefined;
      });
      const starts = sent.map(({ from }) => from).sort((a, b) => a - b);
      for (const [index, first] of starts.entries()) {
        const eleventh = starts[index + 10];
        // each is noted after it was allowed and before it was settled
        assert.ok(eleventh === undefined || eleventh - first >= 199, 'more than ten within 200 ms');
      }
    } finally {
      await database.drop();
    }
  });
});
