import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Alert } from '../../../domain/alert';
import { choose, hasDoubled, isJoinable, mergeObservables, type Candidate } from '../../../domain/joining';
import type { Observable } from '../../../domain/observable';
import { MOST_OBSERVABLES } from '../../../domain/observables';
import { saying } from '../../../domain/sameness';

const HOUR_MS = 3_600_000;
const at = (time: string): string => `2026-11-23T${time}:00.000000Z`;

function candidate(id: string, from: string, to: string, change: Partial<Candidate> = {}): Candidate {
  const standing = { status: 'open', resolution: null, suppressed_by: null } as const;
  return { id, ...standing, first_seen: at(from), last_seen: at(to), ...change };
}

const ip = (value: string, ...roles: Observable['roles']): Observable => ({ type: 'ip', value, roles, flags: [] });

describe('which incident an alert joins', () => {
  const window = 2 * HOUR_MS;
  const chosen = (candidates: Candidate[], time: string, suppressedBy: string | null = null) => {
    const { joins, follows } = choose(candidates, { at: at(time), windowMs: window, suppressedBy });
    return [joins?.id, follows?.id];
  };

  test('one whose time, widened by the window on both sides, holds the event', () => {
    const one = [candidate('A', '10:00', '12:00')];
    assert.deepEqual(chosen(one, '11:00'), ['A', undefined]);
    assert.deepEqual(chosen(one, '14:00'), ['A', undefined]);
    assert.deepEqual(chosen(one, '08:00'), ['A', undefined], 'a late event');
    assert.deepEqual(chosen(one, '14:01'), [undefined, undefined]);
    assert.deepEqual(chosen(one, '07:59'), [undefined, undefined]);
  });

  test('the nearest of several, an open one before one that closed itself', () => {
    const closed = { status: 'closed', resolution: 'auto_benign' } as const;
    const two = [candidate('B', '12:00', '12:00'), candidate('A', '10:00', '10:00')];
    assert.deepEqual(chosen(two, '10:30'), ['A', undefined]);
    assert.deepEqual(chosen(two, '11:45'), ['B', undefined]);
    assert.deepEqual(chosen([candidate('C', '10:30', '10:30', closed), ...two], '10:30'), ['A', undefined]);
    assert.deepEqual(chosen([candidate('C', '10:30', '10:30', closed)], '10:30'), ['C', undefined]);
  });

  test('none that an analyst has closed: the new one follows it', () => {
    for (const resolution of ['true_positive', 'benign_true_positive', 'false_positive', 'duplicate'] as const) {
      const closed = { status: 'closed', resolution } as const;
      assert.equal(isJoinable(closed), false);
      assert.deepEqual(chosen([candidate('A', '10:00', '10:00', closed)], '10:30'), [undefined, 'A']);
      assert.deepEqual(chosen([candidate('A', '10:30', '10:30', closed), candidate('B', '09:00', '09:00')], '10:30'), [
        'B',
        undefined,
      ]);
    }
    for (const status of ['acknowledged', 'on_hold', 'escalated', 'new'] as const) {
      assert.ok(isJoinable({ status, resolution: null }));
    }
  });

  test('under a suppression only one that the same has closed; else none that any has', () => {
    const closed = { status: 'closed', resolution: 'benign_true_positive' } as const;
    const known = candidate('A', '10:00', '10:00', { ...closed, suppressed_by: 'SUP-1' });
    const others = [
      candidate('B', '10:30', '10:30'),
      candidate('C', '10:30', '10:30', closed),
      candidate('D', '10:30', '10:30', { ...closed, suppressed_by: 'SUP-2' }),
    ];
    assert.deepEqual(chosen([...others, known], '10:30', 'SUP-1'), ['A', undefined]);
    assert.deepEqual(chosen(others, '10:30', 'SUP-1'), [undefined, undefined]);
    assert.deepEqual(chosen([known], '10:30'), [undefined, undefined]);
    assert.equal(isJoinable(known), false, 'it is not merged into');
  });
});

describe('what joining makes of the observables', () => {
  test('new ones are added, known ones get the roles that they lack', () => {
    const known = [ip('1.1.1.1', 'source'), ip('2.2.2.2', 'mentioned')];
    const incoming = [
      ip('1.1.1.1', 'destination'),
      ip('2.2.2.2', 'source'),
      ip('3.3.3.3', 'mentioned'),
      ip('3.3.3.3', 'source'),
    ];
    assert.deepEqual(mergeObservables(known, 2, incoming), {
      added: [ip('3.3.3.3', 'source')],
      widened: [ip('1.1.1.1', 'source', 'destination'), ip('2.2.2.2', 'source')],
      leftOut: 0,
      givesWay: 0,
    });
    assert.deepEqual(mergeObservables(known, 2, [ip('1.1.1.1', 'source'), ip('2.2.2.2', 'mentioned')]), {
      added: [],
      widened: [],
      leftOut: 0,
      givesWay: 0,
    });
  });

  test('no more than one incident may have', () => {
    const incoming = Array.from({ length: 5 }, (_, index) => ip(`9.9.9.${index}`, 'source'));
    const merged = mergeObservables([], MOST_OBSERVABLES - 2, incoming);
    assert.deepEqual([merged.added.length, merged.leftOut], [2, 3]);
    const some = mergeObservables([], MOST_OBSERVABLES, [ip('8.8.8.8', 'mentioned'), ...incoming], 3);
    assert.deepEqual([some.added, some.givesWay, some.leftOut], [incoming.slice(0, 3), 3, 6]);
  });
});

test('one that closed itself is looked at again when 16, 32, 64 … are passed', () => {
  const passed = Array.from({ length: 200 }, (_, index) => index + 1).filter((after) => hasDoubled(after - 1, after));
  assert.deepEqual(passed, [16, 32, 64, 128]);
  assert.ok(hasDoubled(20, 40));
  assert.ok(!hasDoubled(33, 63));
});

describe('alerts that say the same', () => {
  const alert: Alert = {
    source: 'sshd',
    timestamp: '2026-11-23T12:01:00.000000Z',
    src_ip: '1.2.3.4',
    src_port: 4711,
    username: 'root',
    raw_log: '2026-11-23T12:01:00.123Z host sshd[812]: Failed password for root from 1.2.3.4 port 4711 ssh2',
  };
  const named = [ip('1.2.3.4', 'source')];
  const same = (change: Partial<Alert>, observables = named) =>
    saying({ ...alert, ...change }, observables) === saying(alert, named);

  test('but for id, port, moment, and the numbers in their texts', () => {
    assert.ok(same({ alert_id: 'x', src_port: 1, timestamp: '2026-11-23T12:14:59.000000Z' }));
    assert.ok(
      same({ raw_log: '2026-11-23T12:02:33Z host sshd[99]: Failed password for root from 1.2.3.4 port 5 ssh2' }),
    );
  });

  test('not where a rule may tell them apart', () => {
    for (const change of [
      { username: 'admin' },
      { failed_attempts: 3 },
      { outcome: 'success' },
      { timestamp: '2026-11-23T12:15:00.000000Z' },
      { raw_log: 'sshd: Accepted password' },
      { command_line: 'x 1' },
    ] satisfies Partial<Alert>[]) {
      assert.ok(!same(change), JSON.stringify(change));
    }
    assert.ok(!same({}, [ip('1.2.3.4', 'destination')]));
    assert.notEqual(saying({ ...alert, raw_log: '0xc000006a' }, []), saying({ ...alert, raw_log: '0xc0000064' }, []));
  });
});
