import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { actorOf, readActMessage, readChangeMessage } from '../../../domain/act-messages';
import { carryOut, foreseenRefusal, MOVES, RUN_ACTS } from '../../../domain/acts';
import type { Act, ActedOn, Carried, RunAct } from '../../../domain/acts';
import { STATUSES } from '../../../domain/incident';
import type { Status } from '../../../domain/incident';

const AT = '2026-11-23T12:00:00.000Z';
const BY = { actor: 'ann', at: AT };
const LATER = '2026-11-24T12:00:00.000000Z';

const INCIDENT: ActedOn = {
  ...{ status: 'open', resolution: null, status_by: null, hold: null, suppressed_by: null, flagged: null },
  alert_type: 'brute_force',
  classification: { alert_type: 'brute_force', confidence: 0.9, reasons: ['it looks so'] },
  ...{ severity: 'high', severity_by: null, score: 41 },
  ...{ verdict: 'suspicious', verdict_state: 'final', verdict_override: null },
  ...{ assignee: null, analyst_notes: '', related: null, next_check_at: null, round: 1, settled_round: 1 },
};
const EXAMPLES: Record<RunAct, Act> = {
  acknowledge: { act: 'acknowledge' },
  hold: { act: 'hold', until: LATER },
  resume: { act: 'resume' },
  close: { act: 'close', resolution: 'false_positive' },
  reopen: { act: 'reopen' },
  overrideVerdict: { act: 'overrideVerdict', verdict: 'malicious' },
  setSeverity: { act: 'setSeverity', severity: 'low' },
  reclassify: { act: 'reclassify', alert_type: 'malware' },
};

/** As it stands in a status; an analyst has it in hand where only an analyst can have brought it there. */
function standing(status: Status): ActedOn {
  const hold = { reason: 'r', until: '2026-12-01T00:00:00.000000Z', by: 'ben', at: AT };
  return {
    ...INCIDENT,
    status,
    ...(status === 'closed' ? { resolution: 'true_positive' as const } : {}),
    ...(status === 'on_hold' ? { hold } : {}),
  };
}

function done(incident: ActedOn, acts: Act[], reason = 'because'): Carried {
  const carried = carryOut(incident, { acts, reason }, BY);
  assert.ok(!('refused' in carried), JSON.stringify(carried));
  return carried;
}

function refusal(incident: ActedOn, acts: Act[], reason?: string): string | undefined {
  const carried = carryOut(incident, reason === undefined ? { acts } : { acts, reason }, BY);
  return 'refused' in carried ? carried.refused.type : undefined;
}

describe('the table of moves', () => {
  for (const act of RUN_ACTS) {
    for (const status of STATUSES) {
      const allowed = MOVES[act].from.includes(status);
      it(`${act} on ${status}: ${allowed ? (MOVES[act].to ?? 'stays') : 'refused'}`, () => {
        const incident = standing(status);
        const isSoAlready = MOVES[act].to === status && !allowed && act !== 'close';
        if (isSoAlready) return assert.deepEqual(done(incident, [EXAMPLES[act]]).changes, {});
        if (!allowed) return assert.equal(refusal(incident, [EXAMPLES[act]], 'r'), 'NotAllowed');
        const { changes } = done(incident, [EXAMPLES[act]]);
        const to =
          act === 'reclassify'
            ? incident.status === 'acknowledged' || incident.status === 'on_hold'
              ? status
              : 'investigating'
            : (MOVES[act].to ?? status);
        assert.equal(changes.status ?? status, to);
      });
    }
  }
});

describe('an act', () => {
  it('names who has it in hand, and what was before', () => {
    const { changes, detail, done: words } = done(INCIDENT, [EXAMPLES.close]);
    assert.deepEqual([changes.status, changes.resolution, changes.status_by], ['closed', 'false_positive', 'ann']);
    assert.deepEqual(detail, {
      status: { from: 'open', to: 'closed' },
      resolution: { from: null, to: 'false_positive' },
    });
    assert.deepEqual(words, ['closed it as false_positive']);
  });

  it('changes nothing where it is so already, and closes nothing twice in two ways', () => {
    const closed = standing('closed');
    assert.deepEqual(done(closed, [{ act: 'close', resolution: 'true_positive' }]), {
      changes: {},
      done: [],
      detail: {},
    });
    assert.equal(refusal(closed, [{ act: 'close', resolution: 'false_positive' }]), 'NotAllowed');
    const overridden = { ...INCIDENT, verdict: 'benign', verdict_state: 'overridden' } as const;
    assert.deepEqual(done(overridden, [{ act: 'overrideVerdict', verdict: 'benign' }]).done, []);
  });

  it('needs a reason where nobody would know why later', () => {
    assert.equal(refusal(INCIDENT, [EXAMPLES.hold]), 'InvalidRequest');
    assert.equal(refusal(INCIDENT, [EXAMPLES.overrideVerdict]), 'InvalidRequest');
    assert.equal(refusal(INCIDENT, [EXAMPLES.close]), undefined);
  });

  it('holds until a time that is to come, within a year, and may change that', () => {
    for (const until of ['2026-11-23T11:59:59.000000Z', AT, '2028-01-01T00:00:00.000000Z', 'soon']) {
      assert.equal(refusal(INCIDENT, [{ act: 'hold', until }], 'r'), 'InvalidRequest', until);
    }
    const longer = done(standing('on_hold'), [{ act: 'hold', until: LATER }]);
    assert.equal(longer.changes.hold?.until, LATER);
  });

  it('goes together with others in an order that makes sense, all or nothing', () => {
    const acts = [
      EXAMPLES.close,
      EXAMPLES.setSeverity,
      { act: 'reopen' } as const,
      { act: 'note', text: 'n' } as const,
    ];
    const { changes } = done(standing('closed'), acts);
    assert.deepEqual(
      [changes.status, changes.resolution, changes.severity, changes.analyst_notes],
      ['closed', 'false_positive', 'low', 'n'],
    );
    assert.equal(refusal(standing('escalated'), acts), 'NotAllowed');
  });

  it('reclassifies into a round of its own, which what is under way does not settle', () => {
    const under = { ...INCIDENT, round: 3, settled_round: 2, status: 'investigating' } as const;
    const { changes } = done(under, [EXAMPLES.reclassify]);
    assert.deepEqual([changes.round, changes.settled_round, changes.alert_type], [4, 3, 'malware']);
    assert.deepEqual(changes.classification?.reasons, ['ann says so: because']);
    const unclassified = { ...INCIDENT, alert_type: 'unclassified', round: 0, settled_round: 0 } as const;
    assert.deepEqual(
      [done(unclassified, [EXAMPLES.reclassify]).changes.status, refusal(unclassified, [EXAMPLES.hold], 'r')],
      ['new', 'NotAllowed'],
    );
  });

  it('reopens what was never looked at with a round, and never what was merged away', () => {
    const suppressed = { ...standing('closed'), suppressed_by: 'SUP-0123456789', round: 0, settled_round: 0 };
    const { changes } = done(suppressed, [EXAMPLES.reopen]);
    assert.deepEqual([changes.round, changes.suppressed_by], [1, null]);
    const merged = { ...standing('closed'), related: [{ relation: 'merged_into', incident_id: 'INC-0000000000' }] };
    assert.equal(refusal(merged, [EXAMPLES.reopen]), 'NotAllowed');
  });

  it('is foreseen to be in vain only where it is', () => {
    const act = fc.constantFrom(...RUN_ACTS.map((name) => EXAMPLES[name]));
    fc.assert(
      fc.property(fc.constantFrom(...STATUSES), fc.array(act, { minLength: 1, maxLength: 4 }), (status, acts) => {
        if (foreseenRefusal({ acts, reason: 'r' }, status, AT)) assert.ok(refusal(standing(status), acts, 'r'));
      }),
    );
  });
});

describe('the message of an update', () => {
  it('is read to what belongs to its act, and to nothing else', () => {
    assert.deepEqual(readActMessage('acknowledge', undefined), { acts: [{ act: 'acknowledge' }] });
    assert.deepEqual(readActMessage('close', { resolution: 'duplicate', reason: ' r ' }), {
      acts: [{ act: 'close', resolution: 'duplicate' }],
      reason: 'r',
    });
    const acts = [{ act: 'assign', assignee: null }, { act: 'note', text: '' }, EXAMPLES.hold];
    assert.deepEqual(readChangeMessage({ acts, reason: '' }), { acts });
  });

  it('tells a name that the API vouches for from one that somebody has typed', () => {
    assert.equal(actorOf({ actor: 'kim', via: 'api' }), 'kim');
    assert.equal(actorOf({ actor: 'kim' }), 'kim (Temporal UI)');
    assert.equal(actorOf(undefined), 'Temporal UI');
  });

  it('of any other kind is refused with how to ask', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RUN_ACTS), fc.anything(), (name, message) => {
        const read = readActMessage(name, message);
        if (typeof read !== 'string') assert.equal(read.acts[0]?.act, name);
        readChangeMessage(message);
      }),
    );
    for (const message of [
      { resolution: 'auto_benign' },
      { resolution: 'x' },
      'close',
      { resolution: 'duplicate', actor: '' },
      { resolution: 'duplicate', ifversion: 3 },
    ]) {
      const read = readActMessage('close', message);
      assert.ok(typeof read === 'string' && read.startsWith('Give {"resolution"'));
    }
    assert.equal(typeof readChangeMessage({ acts: Array(11).fill({ act: 'resume' }) }), 'string');
  });
});
