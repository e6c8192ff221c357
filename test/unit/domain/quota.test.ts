import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { emptyQuota, etaOf, freeSlots, grant, inFlight, leftIn, settleGrant, turnOf } from '../../../domain/quota';
import type { QuotaLimit, QuotaState, Silence } from '../../../domain/quota';
import { afterAnswer, afterRefusal, restAfter } from '../../../domain/silence';

const START = Date.parse('2026-11-23T12:00:00.000Z');
const LEASE_MS = 30_000;
const at = (ms: number): string => new Date(START + ms).toISOString();
const since = (instant: string): number => Date.parse(instant) - START;

const MINUTE: QuotaLimit = { name: 'minute', requests: 4, ms: 60_000 };
const DAY: QuotaLimit = { name: 'day', requests: 500, calendar: 'day' };
const MONTH: QuotaLimit = { name: 'month', requests: 15_500, calendar: 'month' };

/** `count` requests that went at `ms` and took `tookMs`. */
function used(limits: readonly QuotaLimit[], count: number, ms = 0, tookMs = 0, before = emptyQuota()): QuotaState {
  let state = before;
  for (let index = 0; index < count; index += 1) {
    const ticket = `${ms}/${index}`;
    state = grant(state, limits, ticket, at(ms), LEASE_MS);
    state = settleGrant(state, limits, ticket, at(ms + tookMs), undefined) ?? assert.fail('not settled');
  }
  return state;
}

describe('a turn', () => {
  test('is told with what holds it back longest: for the first the minute, for those after it the day', () => {
    const limits = [MINUTE, { name: 'day', requests: 6, calendar: 'day' as const }];
    const state = used(limits, 4, 0);
    assert.equal(turnOf(1, state, limits, at(1000)).reason, 'its quota of 4 a minute is spent');
    assert.equal(turnOf(2, state, limits, at(1000)).reason, 'its quota of 6 a day is spent');
    assert.deepEqual(turnOf(0, emptyQuota(), limits, at(0)), { at: at(0), reason: null });
  });

  test('comes one after the other while one is asked at a time', () => {
    const careful = { until: null, strikes: 1 };
    const turns = [0, 1, 2].map((rank) => since(etaOf(rank, emptyQuota(), [], at(0), careful)));
    assert.deepEqual(turns, [0, 1000, 2000]);
  });
});

describe('a sliding window', () => {
  test('gives so many slots, and none more until one that was settled has left it', () => {
    const state = used([MINUTE], 4, 0, 500);
    assert.deepEqual(freeSlots(emptyQuota(), [MINUTE], at(0)), { free: 4, reason: null, nextAt: null });
    const spent = freeSlots(state, [MINUTE], at(600));
    assert.equal(spent.free, 0);
    assert.equal(spent.reason, 'its quota of 4 a minute is spent');
    // a millisecond more: times are cut to milliseconds
    assert.equal(since(spent.nextAt ?? ''), 60_501);
    assert.equal(freeSlots(state, [MINUTE], at(60_500)).free, 0);
    assert.equal(freeSlots(state, [MINUTE], at(60_501)).free, 4);
  });

  test('counts what is under way, until its lease and the window are over if nobody settles it', () => {
    const state = grant(emptyQuota(), [{ ...MINUTE, requests: 1 }], 'lost', at(0), LEASE_MS);
    const one = [{ ...MINUTE, requests: 1 }];
    assert.equal(freeSlots(state, one, at(30_000)).free, 0);
    assert.equal(freeSlots(state, one, at(89_999)).free, 0);
    assert.equal(freeSlots(state, one, at(90_000)).free, 1);
    assert.equal(inFlight(state, START + 29_999).length, 1);
    assert.equal(inFlight(state, START + 30_000).length, 0);
  });

  test('names its span in words', () => {
    const reason = (ms: number) => freeSlots(used([], 0), [{ name: 'x', requests: 1, ms }], at(0)).reason;
    assert.equal(reason(1000), null);
    const spans = [1000, 60_000, 3_600_000, 86_400_000, 2500].map((ms) => {
      const limit = { name: 'x', requests: 1, ms };
      return freeSlots(used([limit], 1), [limit], at(1)).reason;
    });
    assert.deepEqual(
      spans,
      ['a second', 'a minute', 'an hour', 'a day', 'in 2.5 s'].map((span) => `its quota of 1 ${span} is spent`),
    );
  });
});

describe('a calendar window', () => {
  test('counts grants and begins anew at midnight, and on the first of the month', () => {
    const state = used([DAY, MONTH], 500);
    const spent = freeSlots(state, [DAY, MONTH], at(1));
    assert.equal(spent.nextAt, '2026-11-24T00:00:00.000Z');
    assert.equal(spent.reason, 'its quota of 500 a day is spent');
    assert.equal(freeSlots(state, [DAY, MONTH], '2026-11-24T00:00:00.000Z').free, 500);
    const month = { ...emptyQuota(), used: { month: { since: '2026-11-01T00:00:00.000Z', count: 15_500 } } };
    assert.equal(freeSlots(month, [MONTH], at(1)).nextAt, '2026-12-01T00:00:00.000Z');
    assert.equal(leftIn(MONTH, month, '2026-12-31T23:59:59Z').resetsAt, '2027-01-01T00:00:00.000Z');
  });

  test('counts on both sides a request that crosses midnight: the service may have counted it on either', () => {
    const midnight = Date.parse('2026-11-24T00:00:00.000Z') - START;
    const two: QuotaLimit = { name: 'day', requests: 2, calendar: 'day' };
    const crossing = grant(emptyQuota(), [two], 'a', at(midnight - 1000), LEASE_MS);
    assert.equal(freeSlots(crossing, [two], at(midnight + 1)).free, 1);
    const settled = settleGrant(crossing, [two], 'a', at(midnight + 500)) ?? assert.fail();
    assert.equal(freeSlots(settled, [two], at(midnight + 600)).free, 1);
    const before = used([two], 1, midnight - 1000, 500);
    assert.equal(freeSlots(before, [two], at(midnight + 1)).free, 2);
  });

  test('does not start anew when the clock is set back', () => {
    const state = used([DAY], 500);
    assert.equal(freeSlots(state, [DAY], at(-86_400_000)).free, 0);
  });
});

describe('limits', () => {
  test('are those of the moment: raised, lowered, added, taken away', () => {
    const state = used([MINUTE], 4);
    assert.equal(freeSlots(state, [{ ...MINUTE, requests: 10 }], at(1)).free, 6);
    assert.equal(freeSlots(state, [{ ...MINUTE, requests: 2 }], at(1)).free, 0);
    assert.equal(freeSlots(state, [], at(1)).free, Infinity);
    // a calendar is counted whether there is a limit or not
    assert.equal(freeSlots(state, [DAY], at(1)).free, 496);
    assert.deepEqual(leftIn({ ...MINUTE, requests: 2 }, state, at(1)), {
      ...{ name: 'minute', limit: 2, used: 4, left: 0 },
      resetsAt: at(60_001),
    });
  });

  test('of nothing are none', () => {
    assert.equal(freeSlots(emptyQuota(), [{ ...MINUTE, requests: 0 }], at(0)).free, Infinity);
    assert.equal(etaOf(7, emptyQuota(), [{ ...MINUTE, requests: 0 }], at(0)), at(0));
  });
});

describe('what the service itself says is left', () => {
  const told = (left: number, ms: number) => ({ left, until: new Date(START + ms) });
  const limits: QuotaLimit[] = [{ name: 'minute', requests: 45, ms: 60_000 }];
  const ask = (state: QuotaState, ticket: string, ms: number) => grant(state, limits, ticket, at(ms), LEASE_MS);

  test('bounds what is free, less what it had perhaps not counted yet', () => {
    let state = ask(ask(emptyQuota(), 'a', 0), 'b', 0);
    state = settleGrant(state, limits, 'a', at(100), told(10, 50_000)) ?? assert.fail();
    assert.equal(freeSlots(state, limits, at(200)).free, 9);
    state = ask(state, 'c', 300);
    assert.equal(freeSlots(state, limits, at(300)).free, 8);
    assert.equal(freeSlots(state, limits, at(50_000)).free, 42);
  });

  test('nothing left is silence until then', () => {
    const state = settleGrant(ask(emptyQuota(), 'a', 0), limits, 'a', at(100), told(0, 50_000)) ?? assert.fail();
    const { free, nextAt, reason } = freeSlots(state, limits, at(200));
    assert.deepEqual(
      { free, nextAt, reason },
      { free: 0, nextAt: at(50_000), reason: 'it says that nothing of its quota is left' },
    );
  });

  test('only falls within one window, in whatever order the answers come', () => {
    let state = ask(ask(emptyQuota(), 'a', 0), 'b', 0);
    state = settleGrant(state, limits, 'b', at(100), told(8, 50_000)) ?? assert.fail();
    state = settleGrant(state, limits, 'a', at(200), told(9, 50_500)) ?? assert.fail();
    assert.equal(state.told?.left, 8);
    state = settleGrant(ask(state, 'c', 300), limits, 'c', at(400), told(44, 110_000)) ?? assert.fail();
    assert.equal(state.told?.left, 44);
  });

  test('is remembered with what ended since, where no window of ours counts that', () => {
    let state = grant(grant(emptyQuota(), [DAY], 'a', at(0), LEASE_MS), [DAY], 'b', at(0), LEASE_MS);
    state = settleGrant(state, [DAY], 'a', at(100), told(10, 50_000)) ?? assert.fail();
    state = settleGrant(state, [DAY], 'b', at(200)) ?? assert.fail();
    state = grant(state, [DAY], 'c', at(300), LEASE_MS);
    assert.equal(freeSlots(state, [DAY], at(300)).free, 8);
  });

  test('is not believed when it is nonsense', () => {
    for (const nonsense of [told(NaN, 1000), told(-1, 1000), told(5, -1000), { left: 1, until: new Date(NaN) }]) {
      const state = settleGrant(ask(emptyQuota(), 'a', 0), limits, 'a', at(100), nonsense) ?? assert.fail();
      assert.equal(state.told, null);
    }
  });
});

describe('a ticket', () => {
  test('is settled once', () => {
    const state = used([MINUTE], 1);
    assert.equal(settleGrant(state, [MINUTE], '0/0', at(10)), undefined);
    assert.equal(settleGrant(state, [MINUTE], 'unknown', at(10)), undefined);
  });

  test('leaves no trace but the count when no window needs it', () => {
    let state = emptyQuota();
    for (let index = 0; index < 1000; index += 1) state = used([MINUTE, DAY], 1, index * 20_000, 100, state);
    assert.ok(state.grants.length <= 4);
    assert.equal(state.used.month?.count, 1000);
  });
});

describe('silence', () => {
  const quiet: Silence = { until: null, strikes: 0 };

  test('lasts until the service said, or a minute that doubles with every refusal, at most an hour', () => {
    assert.deepEqual(afterRefusal(quiet, new Date(START + 5000), at(0)), { until: at(5000), strikes: 1 });
    let silence: Silence = quiet;
    const minutes = [1, 2, 4, 8, 16, 32, 60, 60].map(() => {
      const now = silence.until ?? at(0);
      silence = afterRefusal(silence, null, now);
      return (Date.parse(silence.until ?? '') - Date.parse(now)) / 60_000;
    });
    assert.deepEqual(minutes, [1, 2, 4, 8, 16, 32, 60, 60]);
  });

  test('grows for one that goes on inviting and refusing', () => {
    let silence: Silence = quiet;
    const seconds = Array.from({ length: 4 }, () => {
      const now = silence.until ?? at(0);
      silence = afterRefusal(silence, new Date(Date.parse(now)), now);
      return (Date.parse(silence.until ?? '') - Date.parse(now)) / 1000;
    });
    assert.deepEqual(seconds, [1, 2, 4, 8]);
  });

  test('takes refusals of what was sent before it began for one', () => {
    const first = afterRefusal(quiet, null, at(0));
    assert.deepEqual(afterRefusal(first, null, at(10)), { until: at(60_010), strikes: 1 });
    assert.equal(afterRefusal(first, new Date(START + 5000), at(10)).until, at(60_000));
  });

  test('is not ended by an answer to what was sent before it began, nor forgiven at the first one', () => {
    const first = afterRefusal(quiet, null, at(0));
    assert.deepEqual(afterAnswer(first, at(10)), first);
    assert.deepEqual(afterAnswer(first, at(60_000)), first);
    const second = afterRefusal(first, null, at(61_000));
    assert.deepEqual(second, { until: at(61_000 + 120_000), strikes: 2 });
    assert.deepEqual(afterAnswer(first, at(60_000 + 5 * 60_000)), quiet);
  });

  test('an outage is left alone for longer and longer, and is named', () => {
    assert.equal(restAfter(4, at(0)), undefined);
    assert.deepEqual(restAfter(5, at(0)), { until: at(5000), strikes: 1, reason: 'it has failed 5 times in a row' });
    assert.equal(restAfter(7, at(0))?.until, at(20_000));
    assert.equal(restAfter(99, at(0))?.until, at(120_000));
    const { reason } = freeSlots(emptyQuota(), [], at(1), restAfter(6, at(0)));
    assert.equal(reason, 'it has failed 6 times in a row');
  });

  test('shuts everything, and then lets one at a time through until an answer comes', () => {
    const silence = { until: at(5000), strikes: 1 };
    assert.deepEqual(freeSlots(emptyQuota(), [], at(0), silence), {
      ...{ free: 0, nextAt: at(5000), reason: 'it asked for silence (429)' },
    });
    assert.equal(freeSlots(emptyQuota(), [], at(5000), silence).free, 1);
    const probing = grant(emptyQuota(), [], 'probe', at(5000), LEASE_MS);
    const { free, nextAt } = freeSlots(probing, [], at(5001), silence);
    assert.deepEqual({ free, nextAt }, { free: 0, nextAt: at(35_000) });
  });
});

const limitArb: fc.Arbitrary<QuotaLimit> = fc.oneof(
  fc.record({
    name: fc.constant('span'),
    requests: fc.integer({ min: 1, max: 6 }),
    ms: fc.integer({ min: 1, max: 9000 }),
  }),
  fc.record({
    ...{ name: fc.constant('calendar'), requests: fc.integer({ min: 1, max: 40 }) },
    calendar: fc.constantFrom('day' as const, 'month' as const),
  }),
);
const limitsArb = fc.array(limitArb, { maxLength: 3 });
/** A request as it comes: after which pause, how long it takes, whether it is ever settled, and what the service says. */
interface Coming {
  pauseMs: number;
  tookMs: number;
  lost: boolean;
  told: { left: number; ms: number } | null;
}

const trafficArb: fc.Arbitrary<Coming[]> = fc.array(
  fc.record({
    pauseMs: fc.integer({ min: 0, max: 3000 }),
    tookMs: fc.integer({ min: 0, max: 2000 }),
    lost: fc.boolean(),
    told: fc.option(fc.record({ left: fc.integer({ min: 0, max: 9 }), ms: fc.integer({ min: 1, max: 9000 }) })),
  }),
  { maxLength: 60 },
);
const LAST_MOMENT = Date.parse('2026-11-30T23:59:50.000Z') - START;

interface Sent {
  from: number;
  to: number;
}

/** Plays requests against the limits: each goes when there is a slot as it comes, and else not at all. */
function play(
  limits: readonly QuotaLimit[],
  traffic: readonly Coming[],
): { sent: Sent[]; state: QuotaState; now: number } {
  let state = emptyQuota();
  let now = LAST_MOMENT;
  const sent: Sent[] = [];
  let open: { ticket: string; ends: number; told: { left: number; until: Date } | undefined }[] = [];
  traffic.forEach(({ pauseMs, tookMs, lost, told }, index) => {
    now += pauseMs;
    for (const { ticket, ends, told: news } of open.filter(({ ends }) => ends <= now)) {
      state = settleGrant(state, limits, ticket, at(ends), news) ?? state;
    }
    open = open.filter(({ ends }) => ends > now);
    const { free } = freeSlots(state, limits, at(now));
    assert.ok(free >= 0);
    if (free === 0) return;
    state = grant(state, limits, `t${index}`, at(now), 2500);
    sent.push({ from: now, to: now + (lost ? 2500 : tookMs) });
    const news = told ? { left: told.left, until: new Date(START + now + tookMs + told.ms) } : undefined;
    if (!lost) open.push({ ticket: `t${index}`, ends: now + tookMs, told: news });
  });
  return { sent, state, now };
}

describe('whatever comes', () => {
  test('the service never sees more than the limit in any window, wherever within its flight it counts a request', () => {
    fc.assert(
      fc.property(
        limitsArb,
        trafficArb,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (limits, traffic, where) => {
          const { sent } = play(limits, traffic);
          const seen = sent
            .map(({ from, to }) => from + (to - from) * (where.next().value as number))
            .sort((a, b) => a - b);
          for (const limit of limits) {
            if ('ms' in limit) {
              for (const [index, first] of seen.entries()) {
                const nth = seen[index + limit.requests];
                assert.ok(nth === undefined || nth - first >= limit.ms, `${nth} after ${first}`);
              }
            } else {
              const turn = Date.parse('2026-12-01T00:00:00Z') - START;
              assert.ok(seen.filter((moment) => moment < turn).length <= limit.requests);
              assert.ok(seen.filter((moment) => moment >= turn).length <= limit.requests);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a forecast is never before the slot and never falls with the rank', () => {
    const silenceArb = fc.option(
      fc.record({ ms: fc.integer({ min: -5000, max: 5000 }), strikes: fc.integer({ min: 0, max: 3 }) }),
      { nil: undefined },
    );
    fc.assert(
      fc.property(limitsArb, trafficArb, silenceArb, (limits, traffic, quiet) => {
        const { state: before, now: first } = play(limits, traffic);
        let silence = quiet && { until: at(first + quiet.ms), strikes: quiet.strikes };
        const forecast = Array.from({ length: 30 }, (_, rank) => etaOf(rank, before, limits, at(first), silence));
        let state = before;
        let now = first;
        for (const [rank, eta] of forecast.entries()) {
          assert.ok(rank === 0 || eta >= (forecast[rank - 1] ?? ''), 'it falls');
          assert.ok(since(eta) >= now, 'it is before the one ahead');
          now = since(eta);
          // a settling is counted a millisecond late
          const { free } = freeSlots(state, limits, at(now + rank + 1), silence);
          assert.ok(free > 0, `no slot at ${eta} for rank ${rank}`);
          state = grant(state, limits, `rank ${rank}`, eta, LEASE_MS);
          state = settleGrant(state, limits, `rank ${rank}`, at(now - 1)) ?? assert.fail();
          if (silence) silence = afterAnswer(silence, eta) as typeof silence;
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a forecast for the next in line is the very moment, when nothing is under way', () => {
    fc.assert(
      fc.property(limitsArb, trafficArb, (limits, traffic) => {
        const { state, now } = play(limits, traffic);
        const idle = inFlight(state, START + now).reduce<QuotaState>(
          (rest, { id }) => settleGrant(rest, limits, id, at(now)) ?? rest,
          state,
        );
        const { nextAt } = freeSlots(idle, limits, at(now));
        if (nextAt === null) return;
        assert.equal(freeSlots(idle, limits, at(since(nextAt) - 1)).free, 0);
        assert.ok(freeSlots(idle, limits, nextAt).free > 0);
      }),
    );
  });

  test('limits that change between calls throw nothing and give nothing negative', () => {
    fc.assert(
      fc.property(limitsArb, trafficArb, limitsArb, fc.nat(200), (limits, traffic, others, rank) => {
        const { state, now } = play(limits, traffic);
        assert.ok(freeSlots(state, others, at(now)).free >= 0);
        for (const limit of others) assert.ok(leftIn(limit, state, at(now)).left >= 0);
        assert.ok(etaOf(rank, state, others, at(now)) >= at(now));
        assert.ok(settleGrant(grant(state, others, 'x', at(now), 1000), limits, 'x', at(now)));
      }),
    );
  });

  test('a forecast goes by what ends first, not by what was granted first', () => {
    const two: QuotaLimit = { name: 'span', requests: 2, ms: 10_000 };
    const state = grant(emptyQuota(), [two], 'slow', at(0), LEASE_MS);
    assert.deepEqual(
      [0, 1, 2].map((rank) => since(etaOf(rank, state, [two], at(0)))),
      [0, 10_000, 20_000],
    );
  });

  test('a forecast for ten thousand in line combines all windows', () => {
    const eta = etaOf(9999, emptyQuota(), [MINUTE, DAY, MONTH], '2026-11-23T00:00:00.000Z');
    // 500 a day: the 10,000th goes on the 20th day, as the 500th of it, 4 a minute
    assert.equal(eta, '2026-12-12T02:04:00.000Z');
  });
});
