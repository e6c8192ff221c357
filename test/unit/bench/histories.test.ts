import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countEvents, differencesOf, typicalCounts } from '../../../bench/histories';
import { scriptOf } from '../../../bench/floor/script';
import { recordedHistories } from '../../replay/histories';

describe('bench histories', () => {
  it('finds fair what has equally many events, and a workflow task less for each answer', () => {
    const suite = { ACTIVITY_TASK_SCHEDULED: 2, MARKER_RECORDED: 7, WORKFLOW_TASK_STARTED: 3.9 };
    assert.deepEqual(differencesOf(suite, { ...suite, WORKFLOW_TASK_STARTED: 2 }), []);
    assert.deepEqual(differencesOf(suite, { ...suite, WORKFLOW_TASK_STARTED: 4.8 }), []);
    assert.deepEqual(differencesOf(suite, { ...suite, WORKFLOW_TASK_STARTED: 5 }), [
      'WORKFLOW_TASK_STARTED: 3.9 in the suite, 5 in the floor',
    ]);
    assert.equal(differencesOf(suite, { ...suite, WORKFLOW_TASK_STARTED: 1.8 }).length, 1);
  });

  it('names what the floor has more or less of', () => {
    assert.deepEqual(
      differencesOf({ MARKER_RECORDED: 7, TIMER_STARTED: 1 }, { MARKER_RECORDED: 6, WORKFLOW_TASK_STARTED: 2 }),
      [
        'MARKER_RECORDED: 7 in the suite, 6 in the floor',
        'TIMER_STARTED: 1 in the suite, 0 in the floor',
        'WORKFLOW_TASK_STARTED: 0 in the suite, 2 in the floor',
      ],
    );
  });

  it('takes as typical what most runs have, and of workflow tasks the mean', () => {
    const run = { MARKER_RECORDED: 7, WORKFLOW_TASK_STARTED: 2 };
    const unlike = { MARKER_RECORDED: 12, TIMER_FIRED: 1, WORKFLOW_TASK_STARTED: 5 };
    assert.deepEqual(typicalCounts([run, unlike, run]), { MARKER_RECORDED: 7, WORKFLOW_TASK_STARTED: 3 });
  });

  it('reads from the history of a plain run which steps it took', () => {
    const recorded = recordedHistories().filter(({ name }) => /-(?:closed|escalated)$/.test(name));
    assert.ok(recorded.length > 0);
    for (const { name, events } of recorded) {
      const counts = countEvents(events);
      const { before, lookups, after, upserts, closes } = scriptOf(events, (queue) => `bench-${queue}`);
      const steps = [...before, ...lookups, ...after];
      const regular = steps.filter(({ queue }) => queue !== null);
      assert.equal(steps.length - regular.length, counts.MARKER_RECORDED ?? 0, name);
      assert.equal(regular.length, counts.ACTIVITY_TASK_SCHEDULED ?? 0, name);
      assert.ok(regular.every(({ queue }) => queue?.startsWith('bench-')));
      assert.equal(upserts, counts.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES ?? 0, name);
      assert.equal(closes, counts.WORKFLOW_EXECUTION_COMPLETED === 1, name);
    }
  });

  it('keeps the steps in their order, with their summaries', () => {
    const closed = recordedHistories().find(({ name }) => name === 'bruteForcePlaybook-closed');
    const { before, lookups, after } = scriptOf(closed?.events ?? [], (queue) => queue);
    assert.equal(before[1]?.summary, 'Round 1: what to look up');
    assert.ok(lookups.length > 0 && lookups.every(({ summary }) => summary.startsWith('ip:')));
    assert.deepEqual(
      after.slice(0, 3).map(({ summary }) => summary),
      ['Weigh the evidence', 'Apply the playbook’s rules', 'Write the report'],
    );
  });
});
