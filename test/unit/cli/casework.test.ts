import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { caseworkOf, notesOf } from '../../../cli/casework-view';
import type { Incident } from '../../../cli/client';
import type { Output } from '../../../cli/output';
import { incident } from './incident-fixture';
import { sessionWith } from './session-double';

const NOW = Date.parse('2026-11-21T06:00:00Z');
const { out: plain } = sessionWith('http://soar.test').session;
const painted: Output = {
  ...plain,
  colours: { ...plain.colours, red: (text) => `<red>${text}</red>`, yellow: (text) => `<yellow>${text}</yellow>` },
};

const DUE = { ack_due: '2026-11-21T03:00:00.000000Z', close_due: '2026-11-21T08:30:00.000000Z' };
const TAKEN = '2026-11-21T02:50:00.000000Z';
const HOLD = { reason: 'waits\u001b[2J', until: '2026-11-24T06:00:00.000000Z', by: 'kim', at: TAKEN };

function casework(changes: Omit<Partial<Incident>, 'sla'> & { sla?: Partial<Incident['sla']> }): string[] {
  const { sla, ...rest } = changes;
  const plainOne = incident();
  return caseworkOf(painted, { ...plainOne, ...rest, sla: { ...plainOne.sla, ...sla } }, NOW);
}

describe('who has it in hand, and by when it is due', () => {
  test('nothing is said of one that is due to nobody', () => {
    assert.deepEqual(casework({}), []);
    assert.deepEqual(casework({ status: 'closed', resolution: 'auto_benign', sla: DUE }), []);
  });

  test('a clock that goes: by when, and in how long', () => {
    assert.deepEqual(casework({ sla: { ...DUE, ack_due: '2026-11-21T06:12:00.000000Z' } }), [
      '  acknowledge  by 2026-11-21 06:12:00 UTC (in 12m)',
      '  close        by 2026-11-21 08:30:00 UTC (in 2h)',
    ]);
  });

  test('one that ran out is red, and so is to whom that went', () => {
    const breaches = { acknowledge: DUE.ack_due };
    assert.deepEqual(casework({ sla: { ...DUE, breaches, breached: true, escalated_to: 'tier 2' } }), [
      '  acknowledge  <red>by 2026-11-21 03:00:00 UTC (3h ago); breached</red>',
      '  close        by 2026-11-21 08:30:00 UTC (in 2h)',
      '  escalated    <red>to tier 2</red>',
    ]);
  });

  test('what is done is said to be done, by whom too', () => {
    const closed = {
      status: 'closed',
      resolution: 'false_positive',
      closed_at: '2026-11-21T05:59:00.000000Z',
    } as const;
    assert.deepEqual(casework({ ...closed, status_by: 'kim', sla: { ...DUE, acknowledged_at: TAKEN } }), [
      '  in hand      closed as false_positive, by kim',
      '  acknowledge  by 2026-11-21 03:00:00 UTC; done 2026-11-21 02:50:00 UTC (3h ago)',
      '  close        by 2026-11-21 08:30:00 UTC; done 2026-11-21 05:59:00 UTC (1m ago)',
    ]);
  });

  test('on hold: why, until when, by whom; and the clock stands', () => {
    const sla = { ...DUE, acknowledged_at: TAKEN, paused: true };
    assert.deepEqual(casework({ status: 'on_hold', status_by: 'kim', hold: HOLD, sla }), [
      '  in hand      on_hold, by kim',
      '  on hold      <yellow>until 2026-11-24 06:00:00 UTC (in 3d), by kim: waits·[2J</yellow>',
      '  acknowledge  by 2026-11-21 03:00:00 UTC; done 2026-11-21 02:50:00 UTC (3h ago)',
      '  close        <yellow>by 2026-11-21 08:30:00 UTC or later: the clock stands</yellow>',
    ]);
  });

  test('one that is on hold although it is late is late', () => {
    const sla = { ...DUE, acknowledged_at: TAKEN, paused: true, breaches: { close: DUE.close_due } };
    const last = casework({ status: 'on_hold', sla: { ...sla, close_due: '2026-11-21T05:00:00.000000Z' } }).at(-1);
    assert.equal(last, '  close        <red>by 2026-11-21 05:00:00 UTC (1h ago); breached</red>');
  });

  test('by which suppression it was closed as it came', () => {
    const closed = { status: 'closed', resolution: 'benign_true_positive', suppressed_by: 'SUP-1' } as const;
    assert.deepEqual(casework(closed), ['  suppressed   closed as it came, by SUP-1']);
  });
});

describe('the notes', () => {
  const history = [
    { at: TAKEN, by: 'kim', text: 'seen' },
    { at: '2026-11-21T05:00:00.000000Z', by: 'lee', text: '' },
    { at: '2026-11-21T05:30:00.000000Z', by: 'lee', text: 'seen\nblocked' },
  ];
  const noted = incident({ analyst_notes: 'seen\nblocked', notes_history: history });

  test('are shown as they are, with who was the last', () => {
    assert.deepEqual(notesOf(plain, noted, { all: false }), [
      '  seen',
      '  blocked',
      '  3 changes, the last by lee, 2026-11-21 05:30:00 UTC; all with --notes',
    ]);
  });

  test('are shown with every text that they have had', () => {
    assert.deepEqual(notesOf(plain, noted, { all: true }), [
      '  2026-11-21 02:50:00 UTC, kim:',
      '  seen',
      '  2026-11-21 05:00:00 UTC, lee:',
      '  (none)',
      '  2026-11-21 05:30:00 UTC, lee:',
      '  seen',
      '  blocked',
    ]);
  });

  test('are not shown where there have never been any', () => {
    assert.deepEqual([...notesOf(plain, incident(), { all: false }), ...notesOf(plain, incident(), { all: true })], []);
  });
});
