import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { recentRestarts, reconcile, RESTART_LIMIT } from '../../domain/reconcile';
import type { RunState } from '../../domain/reconcile';

const NOW = '2026-11-23T12:00:00.000Z';
const ago = (seconds: number): string => new Date(Date.parse(NOW) - seconds * 1000).toISOString();
const secondsUntil = (instant: string): number => (Date.parse(instant) - Date.parse(NOW)) / 1000;

describe('reconcile', () => {
  it('leaves a running incident alone and looks again in a minute', () => {
    for (const runNo of [0, 1, 7]) {
      const ruling = reconcile({ runNo, restarts: [], updatedAt: NOW, unprocessed: 0 }, 'running', NOW);
      assert.deepEqual(ruling, { remedy: 'none', checkAt: '2026-11-23T12:01:00.000Z' });
    }
  });

  it('looks less often at what has long been at rest, but at least every half hour', () => {
    for (const [rest, seconds] of [
      [60, 60],
      [3600, 360],
      [86_400, 1800],
    ] as const) {
      const { checkAt } = reconcile({ runNo: 1, restarts: [], updatedAt: ago(rest), unprocessed: 0 }, 'running', NOW);
      assert.equal(secondsUntil(checkAt), seconds);
    }
  });

  it('leaves a running incident alone even after many restarts', () => {
    const restarts = Array.from({ length: 9 }, () => ago(10));
    assert.equal(reconcile({ runNo: 9, restarts, updatedAt: NOW, unprocessed: 0 }, 'running', NOW).remedy, 'none');
    assert.equal(reconcile({ runNo: 9, restarts, updatedAt: NOW, unprocessed: 3 }, 'running', NOW).remedy, 'tell');
  });

  it('starts what no run has ever taken and the engine does not know', () => {
    const ruling = reconcile({ runNo: 0, restarts: [], updatedAt: NOW, unprocessed: 0 }, 'unknown', NOW);
    assert.equal(ruling.remedy, 'start');
    assert.equal(secondsUntil(ruling.checkAt), 5);
  });

  it('restarts what ended before a run had taken it', () => {
    assert.equal(reconcile({ runNo: 0, restarts: [], updatedAt: NOW, unprocessed: 0 }, 'ended', NOW).remedy, 'restart');
  });

  for (const run of ['ended', 'unknown'] as const) {
    it(`restarts an open incident whose run is ${run}, with a back-off that doubles`, () => {
      for (let before = 0; before < RESTART_LIMIT; before += 1) {
        const restarts = Array.from({ length: before }, (_, index) => ago(600 - index));
        const ruling = reconcile({ runNo: 1, restarts, updatedAt: NOW, unprocessed: 0 }, run, NOW);
        assert.equal(ruling.remedy, 'restart');
        assert.equal(secondsUntil(ruling.checkAt), 5 * 2 ** before);
      }
    });
  }

  it('gives up at the limit, until the oldest restart is an hour old', () => {
    const restarts = [3500, 3000, 2000, 1000, 10].map(ago);
    const ruling = reconcile({ runNo: 6, restarts, updatedAt: NOW, unprocessed: 0 }, 'ended', NOW);
    assert.equal(ruling.remedy, 'give_up');
    assert.equal(secondsUntil(ruling.checkAt), 100);
  });

  it('forgets restarts that are an hour old', () => {
    const restarts = [3600, 3000, 2000, 1000, 10].map(ago);
    assert.equal(reconcile({ runNo: 6, restarts, updatedAt: NOW, unprocessed: 0 }, 'ended', NOW).remedy, 'restart');
    assert.deepEqual(recentRestarts(restarts, NOW), restarts.slice(1));
  });

  it('never restarts beside an open run, never exceeds the limit, and always looks again', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<RunState>('running', 'ended', 'unknown'),
        fc.nat(20),
        fc.array(fc.integer({ min: 0, max: 7200 }), { maxLength: 10 }),
        (run, runNo, ages) => {
          const restarts = ages.sort((a, b) => b - a).map(ago);
          const { remedy, checkAt } = reconcile({ runNo, restarts, updatedAt: NOW, unprocessed: 0 }, run, NOW);
          assert.equal(remedy === 'none', run === 'running');
          if (remedy === 'restart') assert.ok(recentRestarts(restarts, NOW).length < RESTART_LIMIT);
          assert.ok(secondsUntil(checkAt) > 0 && secondsUntil(checkAt) <= 3600);
        },
      ),
    );
  });
});
