import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folded, noticeOf } from '../../../domain/notice';
import type { Notice } from '../../../domain/notice';

const AT = '2026-11-23T12:00:00.000Z';

const SUBJECT = {
  id: 'INC-7Q2M4X9K0T',
  title: 'Failed logins of root',
  alert_type: 'brute_force',
  severity: 'high',
  verdict: 'malicious',
  score: 91,
  status: 'escalated',
  assignee: null,
} as const;

function notice(changes: Partial<Notice> = {}): Notice {
  const plain = noticeOf(SUBJECT, { event: 'escalated', key: 'escalated/1', reason: 'It is malicious.' }, place);
  return { ...plain, ...changes };
}

const place = { at: AT, publicUrl: 'https://soar.corp.example' };

const idsOf = (notices: readonly Notice[]): string[] => notices.map(({ id }) => id);

test('an event names itself and tells of the incident what its front page does, and where to find it', () => {
  const evidence = { analyst_notes: 'secret', outcomes: ['success'], correlation: { key: '185.220.101.1' } };
  const occasion = {
    event: 'sla_breached',
    key: 'breach/close',
    reason: 'Not closed in time',
    clock: 'close',
  } as const;
  const told = noticeOf({ ...SUBJECT, ...evidence }, { ...occasion, due: AT, escalated_to: 'shift lead' }, place);
  assert.deepEqual(told, {
    id: 'INC-7Q2M4X9K0T/breach/close',
    incident_id: 'INC-7Q2M4X9K0T',
    at: AT,
    title: 'Failed logins of root',
    alert_type: 'brute_force',
    severity: 'high',
    verdict: 'malicious',
    score: 91,
    status: 'escalated',
    assignee: null,
    event: 'sla_breached',
    reason: 'Not closed in time',
    clock: 'close',
    due: AT,
    escalated_to: 'shift lead',
    url: 'https://soar.corp.example/api/v1/incidents/INC-7Q2M4X9K0T',
  });
});

test('the gravest comes first, then the oldest, whatever precision its time has', () => {
  const given = [
    notice({ id: 'a', severity: 'low', at: '2026-11-23T11:00:00Z' }),
    notice({ id: 'b', severity: 'high', at: '2026-11-23T12:00:00.200Z' }),
    notice({ id: 'c', severity: 'critical', at: '2026-11-23T13:00:00Z' }),
    notice({ id: 'd', severity: 'high', at: '2026-11-23T12:00:00Z' }),
    notice({ id: 'e', severity: 'medium' }),
  ];
  const { events, more } = folded(given);
  assert.deepEqual(idsOf(events), ['c', 'd', 'b', 'e', 'a']);
  assert.deepEqual(more, { count: 0, by_event: {} });
  assert.deepEqual(idsOf(given), ['a', 'b', 'c', 'd', 'e'], 'what was given stays as it was');
});

test('of a storm a hundred are told, and the mildest and newest only counted', () => {
  const storm = Array.from({ length: 230 }, (_, index) =>
    notice({
      id: `n${index}`,
      severity: index % 2 === 0 ? 'critical' : 'low',
      event: index % 2 === 0 ? 'escalated' : 'sla_reminder',
      at: new Date(Date.parse(AT) + index * 1000).toISOString(),
    }),
  );
  const { events, more } = folded(storm);
  assert.equal(events.length, 100);
  assert.ok(events.every(({ severity }) => severity === 'critical'));
  assert.equal(events.at(-1)?.id, 'n198');
  assert.deepEqual(more, { count: 130, by_event: { escalated: 15, sla_reminder: 115 } });
});
