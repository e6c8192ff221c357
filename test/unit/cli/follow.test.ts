import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident } from '../../../cli/client';
import { followToVerdict, FollowTimeoutError, isSettled } from '../../../cli/follow';
import { ApiUnreachableError } from '../../../cli/http';
import { auditRow, incident } from './incident-fixture';

/** Answers the given states one after the other, the last one for ever. */
function clientOf(...states: (Incident | Error)[]) {
  let next = 0;
  return {
    incident: () => {
      const state = states[Math.min(next++, states.length - 1)];
      if (state instanceof Error) return Promise.reject(state);
      assert.ok(state);
      return Promise.resolve(state);
    },
  };
}

test('each audit row is told once, in order, and the settled incident is returned', async () => {
  const running = { status: 'investigating', verdict_state: 'pending', verdict: 'unknown' } as const;
  const told: number[] = [];
  const result = await followToVerdict({
    client: clientOf(
      incident({ ...running, audit: [auditRow(1)] }),
      incident({ ...running, verdict_state: 'final', audit: [auditRow(1), auditRow(2)] }),
      incident({ audit: [auditRow(1), auditRow(2), auditRow(3)] }),
    ),
    incidentId: 'INC-0123456789',
    timeoutMs: 60_000,
    onStep: (row) => told.push(row.seq),
  });
  assert.deepEqual(told, [1, 2, 3]);
  assert.equal(result.status, 'escalated');
});

test('an incident without a playbook is not waited for', () => {
  assert.ok(
    isSettled(incident({ alert_type: 'unclassified', verdict: 'unknown', verdict_state: 'pending', status: 'open' })),
  );
  assert.ok(!isSettled(incident({ verdict_state: 'provisional', status: 'open' })));
  assert.ok(!isSettled(incident({ status: 'investigating' })));
});

test('a short absence of the API is sat out', async () => {
  const away = new ApiUnreachableError('http://127.0.0.1:1');
  const result = await followToVerdict({
    client: clientOf(away, incident()),
    incidentId: 'INC-0123456789',
    timeoutMs: 60_000,
  });
  assert.equal(result.verdict, 'malicious');
});

test('when time is up, what is missing is named', async () => {
  const missing = [
    {
      source: 'virustotal',
      observable: 'ip:192.0.2.1' as const,
      state: 'waiting' as const,
      reason: 'quota',
      until: null,
    },
  ];
  await assert.rejects(
    followToVerdict({
      client: clientOf(incident({ verdict_state: 'provisional', missing })),
      incidentId: 'INC-0123456789',
      timeoutMs: 1,
    }),
    (error: unknown) => error instanceof FollowTimeoutError && /virustotal for ip:192\.0\.2\.1/.test(error.message),
  );
});

test('a report that an act has renewed, or a round that was overtaken, is no round under way', () => {
  const concluded = auditRow(1, { action: 'conclude', action_key: '1/conclude' });
  const renewed = auditRow(2, { action: 'report', action_key: 'act/7/report' });
  const overtaken = auditRow(2, { action: 'score', action_key: '2/score', detail: { overtaken: true } });
  assert.ok(isSettled(incident({ audit: [concluded, renewed] })));
  assert.ok(isSettled(incident({ audit: [concluded, overtaken] })));
  assert.ok(!isSettled(incident({ audit: [concluded, auditRow(2, { action: 'report', action_key: '2/report' })] })));
});
