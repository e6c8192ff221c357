import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestDatabase } from '../support/database';
import { MINUTE_MS } from './fixtures';
import { withQuotaBench } from './quota-bench';
import type { QuotaBench } from './quota-bench';

const ANSWER = { state: 'ok' as const, facts: { hits: 3 }, summary: '3 of 90 engines', freshForMs: 10 * MINUTE_MS };

describe('how it stands with a provider', () => {
  let database: TestDatabase;
  let bench: QuotaBench;

  withQuotaBench(async (given) => {
    ({ database, bench } = given);
    await bench.register();
  });

  it('shows an untouched one', async () => {
    assert.deepEqual(await bench.status(), {
      ...{ name: bench.provider(), title: 'Oracle', looks_up: ['ip'], configured: true, setting: 'ORACLE_KEY' },
      windows: [{ name: 'minute', limit: 4, used: 0, left: 4, resets_at: null }],
      ...{ told: null, in_flight: 0, silent: null, one_at_a_time: false, blocked: null, error_rate: null, requests: 0 },
      ...{ last_error: null, last_answer_at: null, next_slot_at: null },
      waiting: { count: 0, incidents: 0, items: [] },
      updated_at: bench.at(0),
    });
  });

  it('shows what is used, what failed, what waits and when its turn will be', async () => {
    await bench.settle(await bench.ask('ip:192.0.2.1'), {
      answer: ANSWER,
      told: { left: 40, until: new Date(bench.at(50_000)) },
    });
    await bench.settle(await bench.ask('ip:192.0.2.2'), {
      error: { kind: 'unavailable', message: 'HTTP 503', httpStatus: 503 },
    });
    await bench.ask('ip:192.0.2.3');
    const now = bench.at(0);
    await bench.ask('ip:192.0.2.4');
    const low = await bench.wait('low', 'ip:192.0.2.8');
    const high = await bench.wait('high', 'ip:192.0.2.9');
    const second = await bench.wait('low', 'ip:192.0.2.9');
    const status = await bench.status();
    const reason = 'its quota of 4 a minute is spent';
    // two have been settled, a millisecond's rounding ago
    const turn = bench.at(MINUTE_MS + 1);
    assert.deepEqual(status.windows, [{ name: 'minute', limit: 4, used: 4, left: 0, resets_at: turn }]);
    assert.equal(status.in_flight, 2);
    assert.deepEqual(status.told, { left: 40, until: bench.at(50_000) });
    assert.deepEqual([status.error_rate, status.requests], [0.5, 2]);
    assert.deepEqual(status.last_error, { at: now, kind: 'unavailable', message: 'HTTP 503', http_status: 503 });
    assert.equal(status.last_answer_at, now);
    assert.equal(status.next_slot_at, turn);
    const item = (severity: string, { observable, incidentId }: { observable: string; incidentId: string }) => ({
      ...{ incident_id: incidentId, observable, severity, since: now, until: turn, reason },
    });
    assert.deepEqual([status.waiting.count, status.waiting.incidents], [3, 3]);
    assert.deepEqual(status.waiting.items[0], item('high', high));
    assert.deepEqual(new Set(status.waiting.items.slice(1)), new Set([item('low', low), item('low', second)]));
  });

  it('shows silence, a refused key, and the last hundred requests', async () => {
    await bench.settle(await bench.ask('ip:192.0.2.1'), { refused: { until: null } });
    const { silent, next_slot_at, error_rate, requests } = await bench.status();
    assert.deepEqual(silent, { until: bench.at(MINUTE_MS), reason: 'it refused (429) and did not say until when' });
    assert.equal(next_slot_at, bench.at(MINUTE_MS));
    assert.deepEqual([error_rate, requests], [0, 1]);
    bench.pass(MINUTE_MS);
    const calmer = await bench.status();
    assert.deepEqual([calmer.silent, calmer.one_at_a_time], [null, true]);
    await bench.settle(await bench.ask('ip:192.0.2.1'), {
      error: { kind: 'unauthorized', message: 'no', httpStatus: 401 },
    });
    assert.deepEqual((await bench.status()).blocked, {
      ...{ since: bench.at(0), message: 'no', probe_at: bench.at(15 * MINUTE_MS) },
    });
    await database
      .knex('quotas')
      .where({ provider: bench.provider() })
      .update({ outcomes: '.'.repeat(100) });
    await bench.register({ credential: 'new' });
    await bench.settle(await bench.ask('ip:192.0.2.5', { credential: 'new' }), {
      error: { kind: 'timeout', message: 'slow', httpStatus: null },
    });
    const full = await bench.status();
    assert.deepEqual([full.error_rate, full.requests], [0.01, 100]);
  });
});
