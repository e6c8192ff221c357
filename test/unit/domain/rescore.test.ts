import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decision, Resolution, Status } from '../../../domain/incident';
import { standingRescored } from '../../../domain/rescore';
import type { Verdict, VerdictState } from '../../../domain/verdict';

const ESCALATE: Decision = {
  outcome: 'escalate',
  status: 'escalated',
  resolution: null,
  reason: 'The source is malicious.',
  recommendations: [],
};
const OPEN: Decision = { ...ESCALATE, outcome: 'open', status: 'open', reason: 'Nobody knows.' };
const CLOSE: Decision = {
  ...ESCALATE,
  outcome: 'close',
  status: 'closed',
  resolution: 'auto_benign',
  reason: 'Clean.',
};

interface Before {
  status: Status;
  resolution?: Resolution | null;
  verdict?: Verdict;
  assignee?: string;
  verdict_state?: VerdictState;
  flagged?: string | null;
}

function rescored(before: Before, decision: Decision, options: { mayClose?: boolean; reopen?: boolean } = {}) {
  const machines = {
    resolution: null,
    verdict: 'malicious',
    verdict_state: 'final',
    status_by: null,
    assignee: null,
    flagged: null,
  } as const;
  const incident = { ...machines, ...before };
  const assessment = { verdict: 'malicious', score: 82 } as const;
  return standingRescored(incident, assessment, decision, { mayClose: true, reopen: false, ...options });
}

describe('a re-scored incident', () => {
  const cases: [string, Before, Decision, { mayClose?: boolean; reopen?: boolean }, string, string, string | null][] = [
    ['is escalated', { status: 'open' }, ESCALATE, {}, 'escalate', 'escalated', null],
    ['is open again', { status: 'escalated' }, OPEN, {}, 'open', 'open', null],
    ['stays escalated', { status: 'escalated' }, ESCALATE, {}, 'verdict', 'escalated', null],
    ['closes', { status: 'escalated' }, CLOSE, {}, 'close', 'closed', 'auto_benign'],
    ['does not close while something waits', { status: 'open' }, CLOSE, { mayClose: false }, 'verdict', 'open', null],
    ['keeps what an analyst has acknowledged', { status: 'acknowledged' }, CLOSE, {}, 'verdict', 'acknowledged', null],
    ['keeps what is on hold', { status: 'on_hold' }, ESCALATE, {}, 'verdict', 'on_hold', null],
    ['keeps what somebody is assigned to', { status: 'open', assignee: 'kim' }, ESCALATE, {}, 'verdict', 'open', null],
    [
      'does not close on its assignee',
      { status: 'escalated', assignee: 'kim' },
      CLOSE,
      {},
      'verdict',
      'escalated',
      null,
    ],
    [
      'keeps what an analyst has closed as what it was',
      { status: 'closed', resolution: 'true_positive', verdict: 'benign' },
      ESCALATE,
      {},
      'verdict',
      'closed',
      'true_positive',
    ],
    [
      'keeps what an analyst has closed, also when asked to reopen',
      { status: 'closed', resolution: 'false_positive' },
      ESCALATE,
      { reopen: true },
      'verdict',
      'closed',
      'false_positive',
    ],
    [
      'keeps all of one whose verdict an analyst has set',
      { status: 'closed', resolution: 'auto_benign', verdict_state: 'overridden' },
      ESCALATE,
      { reopen: true },
      'machine_verdict',
      'closed',
      'auto_benign',
    ],
    [
      'is opened again when that was asked for',
      { status: 'closed', resolution: 'auto_benign' },
      ESCALATE,
      { reopen: true },
      'reopen',
      'escalated',
      null,
    ],
  ];
  for (const [what, before, decision, options, effect, status, resolution] of cases) {
    test(what, () => {
      const now = rescored(before, decision, options);
      assert.deepEqual([now.effect, now.status, now.resolution, now.flagged], [effect, status, resolution, null]);
    });
  }

  const closed = { status: 'closed', resolution: 'auto_benign' } as const;

  test('that closed itself stays closed and is flagged, with what it would be', () => {
    const now = rescored(closed, ESCALATE);
    assert.deepEqual([now.effect, now.status, now.resolution], ['flag', 'closed', 'auto_benign']);
    const text = 'Re-scored as malicious, 82 of 100, it would be escalated: The source is malicious.';
    assert.equal(now.flagged, text);
    assert.ok((rescored(closed, { ...OPEN, reason: 'x'.repeat(2000) }).flagged ?? '').length <= 500);
  });

  test('that closed itself is not opened on its assignee, but flagged', () => {
    const now = rescored({ ...closed, assignee: 'kim' }, ESCALATE, { reopen: true });
    assert.deepEqual([now.effect, now.status, now.resolution], ['flag', 'closed', 'auto_benign']);
  });

  test('that an analyst has closed is flagged when its verdict is worse, and never opened again', () => {
    for (const resolution of ['false_positive', 'benign_true_positive', 'duplicate'] as const) {
      for (const verdict of ['benign', 'unknown', 'suspicious'] as const) {
        for (const reopen of [true, false]) {
          const now = rescored({ status: 'closed', resolution, verdict }, ESCALATE, { reopen });
          assert.deepEqual([now.effect, now.status, now.resolution], ['flag', 'closed', resolution]);
          assert.match(now.flagged ?? '', /^Re-scored as malicious, 82 of 100, /);
        }
      }
    }
  });

  test('loses its flag when it would close after all', () => {
    const now = rescored({ ...closed, flagged: 'before' }, CLOSE);
    assert.deepEqual([now.effect, now.status, now.flagged], ['verdict', 'closed', null]);
  });
});
