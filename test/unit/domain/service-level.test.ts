import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_SITE } from '../../../domain/site';
import { clocksAfter, clocksBy, milestonesDue, nextClock, standingOf, told } from '../../../domain/service-level';
import type { Clocked } from '../../../domain/service-level';

const nextAt = (one: Clocked): string | null => nextClock(one)?.at ?? null;

const T0 = '2026-11-23T12:00:00.000Z';
const at = (minutes: number): string => new Date(Date.parse(T0) + minutes * 60_000).toISOString();

/** High: to be acknowledged within an hour and closed within a day; reminders after 48 minutes and 19.2 hours. */
const FRESH: Clocked = {
  ...{ status: 'new', resolution: null, severity: 'high', created_at: T0, hold: null, sla: null },
  ...{ acknowledged_at: null, closed_at: null, paused_at: null, paused_ms: 0, ack_due: null, close_due: null },
};
const after = (before: Clocked, changes: Partial<Clocked>, minutes: number): Clocked => ({
  ...before,
  ...changes,
  ...clocksAfter(before, changes, at(minutes)),
});
const OPEN = after(FRESH, { status: 'open', sla: clocksBy(DEFAULT_SITE, null) }, 1);
const held = (before: Clocked, minutes: number): Clocked =>
  after(before, { status: 'on_hold', hold: { reason: 'r', until: at(10_000), by: 'ann', at: at(minutes) } }, minutes);

describe('the clocks of an incident', () => {
  it('begin with the first judgement, from the moment it came in', () => {
    assert.equal(nextAt(FRESH), null);
    assert.deepEqual([OPEN.ack_due, OPEN.close_due], [at(60), at(24 * 60)]);
    assert.equal(nextAt(OPEN), at(48));
  });

  it('remind once, then run out once, each clock by itself', () => {
    assert.deepEqual(milestonesDue(OPEN, at(47)), []);
    const [reminder] = milestonesDue(OPEN, at(48));
    assert.deepEqual(reminder, { clock: 'acknowledge', kind: 'reminder', at: at(48), due: at(60) });
    const reminded = { ...OPEN, sla: told(OPEN.sla!, reminder, at(48)) };
    assert.equal(nextAt(reminded), at(60));
    const [breach] = milestonesDue(reminded, at(60));
    assert.deepEqual(breach, { clock: 'acknowledge', kind: 'breach', at: at(60), due: at(60) });
    const late = { ...reminded, sla: told(reminded.sla, breach, at(60)) };
    assert.equal(nextAt(late), at(24 * 60 * 0.8));
    assert.deepEqual([standingOf(late).breached, standingOf(late).escalated_to], [true, 'tier 2']);
  });

  it('remind nobody of what has run out', () => {
    assert.deepEqual(
      milestonesDue(OPEN, at(24 * 60)).map(({ clock, kind }) => [clock, kind]),
      [
        ['acknowledge', 'breach'],
        ['close', 'breach'],
      ],
    );
  });

  it('escalate to the next level with each breach, and to the last one at most', () => {
    const one = {
      ...OPEN,
      sla: { ...OPEN.sla!, levels: ['tier 2'], breached: { acknowledge: at(60), close: at(1440) } },
    };
    assert.equal(standingOf(one).escalated_to, 'tier 2');
    const nobody = { ...one, sla: { ...one.sla, levels: [] } };
    assert.equal(standingOf(nobody).escalated_to, null);
  });

  it('stop when somebody has taken it up, and when it is closed', () => {
    const acknowledged = after(OPEN, { status: 'acknowledged' }, 10);
    assert.equal(acknowledged.acknowledged_at, at(10));
    assert.deepEqual(milestonesDue(acknowledged, at(600)), []);
    const closed = after(acknowledged, { status: 'closed', resolution: 'true_positive' }, 20);
    assert.deepEqual([closed.closed_at, nextAt(closed)], [at(20), null]);
    assert.deepEqual(milestonesDue(closed, at(100_000)), []);
    assert.equal(after(OPEN, { status: 'closed', resolution: 'false_positive' }, 5).acknowledged_at, at(5));
    assert.equal(after(OPEN, { status: 'closed', resolution: 'auto_benign' }, 5).acknowledged_at, null);
  });

  it('stand while it is on hold, which ends by itself, and go on where they stood', () => {
    const on = held(OPEN, 30);
    assert.deepEqual([nextAt(on), standingOf(on).paused], [at(10_000), true]);
    assert.deepEqual(milestonesDue(on, at(5_000)), []);
    const resumed = after(on, { status: 'acknowledged', hold: null }, 130);
    assert.deepEqual([resumed.close_due, resumed.hold, resumed.paused_ms], [at(24 * 60 + 100), null, 100 * 60_000]);
    const again = after(held(resumed, 200), { status: 'acknowledged', hold: null }, 250);
    assert.equal(again.close_due, at(24 * 60 + 150));
  });

  it('leave alone by when it was to be taken up, once somebody has', () => {
    const acknowledged = after(OPEN, { status: 'acknowledged' }, 10);
    const resumed = after(held(acknowledged, 20), { status: 'acknowledged', hold: null }, 120);
    assert.deepEqual([resumed.ack_due, resumed.close_due], [at(60), at(24 * 60 + 100)]);
  });

  it('are set for what closes itself too, which is due to nobody until it is opened', () => {
    const closed = after(OPEN, { status: 'closed', resolution: 'auto_benign' }, 10);
    assert.deepEqual([closed.ack_due, closed.close_due, closed.sla !== null], [null, null, true]);
  });

  it('go on where they stood when it is reopened', () => {
    const closed = after(OPEN, { status: 'closed', resolution: 'auto_benign' }, 10);
    const reopened = after(closed, { status: 'open', resolution: null }, 70);
    assert.deepEqual([reopened.closed_at, reopened.ack_due], [null, at(120)]);
  });

  it('follow the severity, and remind again of what has moved away', () => {
    const [reminder] = milestonesDue(OPEN, at(48));
    const reminded = { ...OPEN, sla: told(OPEN.sla!, reminder!, at(48)) };
    const milder = after(reminded, { severity: 'medium' }, 50);
    assert.deepEqual([milder.ack_due, nextAt(milder)], [at(240), at(192)]);
    const worse = after(milder, { severity: 'critical' }, 60);
    assert.deepEqual(
      milestonesDue(worse, at(60)).map(({ kind }) => kind),
      ['breach'],
    );
  });

  it('keep what they have told when the site changes its levels', () => {
    const [breach] = milestonesDue(OPEN, at(60));
    const sla = told(OPEN.sla!, breach!, at(60));
    const site = { ...DEFAULT_SITE, sla: { ...DEFAULT_SITE.sla, high: { acknowledge: 600, close: 6000 } } };
    const now = after({ ...OPEN, sla }, { sla: clocksBy(site, sla) }, 61);
    assert.deepEqual([now.ack_due, now.sla?.breached], [at(600), { acknowledge: at(60) }]);
  });
});
