import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect } from '../../db/connect';
import type { Knex } from '../../db/connect';
import { sha256 } from '../../db/hashes';
import { lockQuota } from '../../db/repositories/quota-rows';
import type { Admission, QuotaRepository, Settlement, Ticket } from '../../db/repositories/quotas';
import { createQuotaRepository } from '../../db/repositories/quotas';
import type { QuotaLimit } from '../../domain/quota';
import { until } from '../support/until';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { atOnce, MINUTE_MS } from './fixtures';
import { createQuotaBench, FOUR_A_MINUTE, withQuotaBench } from './quota-bench';
import type { QuotaBench } from './quota-bench';

const ANSWER = { state: 'ok' as const, facts: { hits: 3 }, summary: '3 of 90 engines', freshForMs: 10 * MINUTE_MS };

describe('leave to send a request', () => {
  let database: TestDatabase;
  let bench: QuotaBench;
  let quotas: QuotaRepository;

  withQuotaBench((given) => {
    ({ database, bench } = given);
    quotas = bench.quotas;
  });

  it('is given as long as the quota lasts; then a time is said, by the place in the line, and why', async () => {
    for (let index = 0; index < 4; index += 1) await bench.ask(`ip:192.0.2.${index}`);
    const refused = await bench.admit('ip:192.0.2.9');
    assert.equal(refused.kind, 'wait');
    assert.ok(refused.kind === 'wait');
    assert.equal(refused.reason, 'its quota of 4 a minute is spent');
    // the leases of all four, and the minute
    assert.equal(refused.until, bench.at(30_000 + MINUTE_MS));
  });

  it('is given to nobody beyond the limit, by fifty at once over several pools, on a row that is not there', async () => {
    const pools = Array.from({ length: 4 }, () => connect(database.url, { poolSize: 5 }));
    try {
      const provider = bench.provider();
      const incidents = await atOnce(50, (index) => bench.incident('high', `crowd ${index}`));
      const admissions = await atOnce(50, (index) =>
        createQuotaRepository(pools[index % 4] as Knex).admit({
          ...bench.input(`ip:198.51.100.${index}`, { provider }),
          incidentId: incidents[index] ?? '',
        }),
      );
      assert.equal(admissions.filter(({ kind }) => kind === 'go').length, 4);
      assert.equal(admissions.filter(({ kind }) => kind === 'wait').length, 46);
    } finally {
      await Promise.all(pools.map((pool) => pool.destroy()));
    }
  });

  it('comes back a minute after the answer, not after the question', async () => {
    const limits: QuotaLimit[] = [{ name: 'minute', requests: 1, ms: MINUTE_MS }];
    const ticket = await bench.ask('ip:192.0.2.1', { limits });
    bench.pass(20_000);
    await bench.settle(ticket, { answer: ANSWER }, limits);
    bench.pass(MINUTE_MS);
    assert.equal((await bench.admit('ip:192.0.2.2', { limits })).kind, 'wait');
    bench.pass(1);
    assert.equal((await bench.admit('ip:192.0.2.2', { limits })).kind, 'go');
  });

  it('of one who was killed comes back after its lease and the window', async () => {
    const limits: QuotaLimit[] = [{ name: 'minute', requests: 1, ms: MINUTE_MS }];
    await bench.ask('ip:192.0.2.1', { limits });
    bench.pass(30_000 + MINUTE_MS - 1);
    assert.equal((await bench.admit('ip:192.0.2.2', { limits })).kind, 'wait');
    bench.pass(1);
    assert.equal((await bench.admit('ip:192.0.2.1', { limits })).kind, 'go');
  });

  it('is not given for an incident that is not there', async () => {
    await assert.rejects(quotas.admit({ ...bench.input('ip:192.0.2.1'), incidentId: 'INC-NONE' }), /no incident/);
  });

  it('keeps the calendar over restarts', async () => {
    const limits: QuotaLimit[] = [{ name: 'day', requests: 2, calendar: 'day' }];
    const provider = bench.provider();
    await bench.ask('ip:192.0.2.1', { limits, provider });
    const restarted = createQuotaRepository(database.knex, { clock: bench.clock });
    assert.equal((await restarted.admit(bench.input('ip:192.0.2.2', { limits, provider }))).kind, 'go');
    const refused = await restarted.admit(bench.input('ip:192.0.2.3', { limits, provider }));
    assert.ok(refused.kind === 'wait');
    assert.equal(refused.until, '2026-11-24T00:00:00.000000Z');
    assert.equal(refused.reason, 'its quota of 2 a day is spent');
  });

  it('follows a changed limit at once', async () => {
    for (let index = 0; index < 4; index += 1) await bench.ask(`ip:192.0.2.${index}`);
    assert.equal((await bench.admit('ip:192.0.2.9')).kind, 'wait');
    const limits: QuotaLimit[] = [{ name: 'minute', requests: 5, ms: MINUTE_MS }];
    assert.equal((await bench.admit('ip:192.0.2.9', { limits })).kind, 'go');
    assert.equal((await bench.admit('ip:192.0.2.10', { limits: [{ ...FOUR_A_MINUTE, requests: 2 }] })).kind, 'wait');
    assert.equal((await bench.admit('ip:192.0.2.10', { limits: [] })).kind, 'go');
  });

  it('follows what the service says is left', async () => {
    const told = { left: 1, until: new Date(Date.parse(bench.at(40_000))) };
    await bench.settle(await bench.ask('ip:192.0.2.1'), { answer: ANSWER, told });
    await bench.ask('ip:192.0.2.2');
    const refused = await bench.admit('ip:192.0.2.3');
    assert.ok(refused.kind === 'wait');
    assert.equal(refused.until, bench.at(40_000));
    assert.match(refused.reason, /nothing of its quota is left/);
  });
});

describe('what a service says', () => {
  let bench: QuotaBench;

  withQuotaBench((given) => {
    ({ bench } = given);
  });

  it('holds by the database’s clock, whatever time it is where it was heard', async () => {
    for (const aheadMs of [-10_000, 10_000]) {
      const clock = new Date(Date.parse(bench.at(aheadMs)));
      const inSevenSeconds = new Date(clock.getTime() + 7000);
      const told = { left: 0, until: inSevenSeconds };
      await bench.settle(await bench.ask('ip:192.0.2.1'), {
        answer: { ...ANSWER, freshForMs: 0 },
        told,
        heardAt: clock,
      });
      const waiting = await bench.admit('ip:192.0.2.2');
      assert.ok(waiting.kind === 'wait', `${aheadMs}`);
      assert.equal(waiting.until, bench.at(7000));
      bench.pass(7000);
      const refused = { refused: { until: new Date(clock.getTime() + 20_000) }, heardAt: clock };
      assert.equal((await bench.settle(await bench.ask('ip:192.0.2.2'), refused)).until, bench.at(20_000));
      bench.pass(10 * MINUTE_MS);
    }
  });

  it('of a ban is the reason that those who wait are given', async () => {
    const refused = { until: new Date(Date.parse(bench.at(MINUTE_MS))), reason: 'it has banned us (403)' };
    await bench.register();
    await bench.settle(await bench.ask('ip:192.0.2.1'), { refused });
    const waiting = await bench.admit('ip:192.0.2.2');
    assert.ok(waiting.kind === 'wait');
    assert.equal(waiting.reason, 'it has banned us (403)');
    assert.equal((await bench.status()).silent?.reason, 'it has banned us (403)');
  });
});

describe('a provider that does not answer', () => {
  let bench: QuotaBench;
  const limits: QuotaLimit[] = [];
  const down = { error: { kind: 'unavailable', message: 'HTTP 503', httpStatus: 503 } };

  withQuotaBench(async (given) => {
    ({ bench } = given);
    await bench.register({ limits });
  });

  async function fail(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) await bench.settle(await bench.ask('ip:192.0.2.1', { limits }), down);
  }

  it('is left alone for 5 s after five requests in a row, then for twice as long', async () => {
    await fail(4);
    assert.equal((await bench.status()).silent, null);
    await fail(1);
    for (const seconds of [5, 10, 20]) {
      const waiting = await bench.admit('ip:192.0.2.2', { limits });
      assert.ok(waiting.kind === 'wait' && waiting.outage);
      assert.equal(waiting.until, bench.at(seconds * 1000));
      bench.pass(seconds * 1000);
      await fail(1);
    }
  });

  it('rests no longer for what was sent before that was known, however late it fails', async () => {
    const tickets = await Promise.all(Array.from({ length: 10 }, (_, at) => bench.ask(`ip:192.0.2.${at}`, { limits })));
    bench.pass(1000);
    for (const ticket of tickets.slice(0, 8)) await bench.settle(ticket, down);
    const silent = { until: bench.at(5000), reason: 'it has failed 5 times in a row (last: HTTP 503)' };
    assert.deepEqual((await bench.status()).silent, silent);
    bench.pass(9000);
    for (const ticket of tickets.slice(8)) await bench.settle(ticket, down);
    const { silent: after, error_rate, requests } = await bench.status();
    assert.deepEqual([after, error_rate, requests], [null, 1, 10]);
    await fail(1);
    assert.equal((await bench.status()).silent?.until, bench.at(10_000));
  });
});

describe('one question of several incidents', () => {
  let database: TestDatabase;
  let bench: QuotaBench;

  withQuotaBench((given) => {
    ({ database, bench } = given);
  });

  it('is asked once; the others get the answer with its document, and then whoever asks while it is fresh', async () => {
    const raw = { body: Buffer.from('{"data":1}'), mediaType: 'application/json' };
    const ticket = await bench.ask('ip:192.0.2.1');
    const follower = await bench.admit('ip:192.0.2.1');
    assert.ok(follower.kind === 'underway');
    assert.equal(follower.until, bench.at(30_000));
    bench.pass(1000);
    await bench.settle(ticket, { answer: { ...ANSWER, raw } });
    const expected = {
      kind: 'answered',
      answer: {
        state: 'ok',
        facts: { hits: 3 },
        summary: '3 of 90 engines',
        rawSha256: sha256(raw.body),
        answeredAt: bench.at(0),
      },
    };
    assert.deepEqual(await bench.admit('ip:192.0.2.1', { waitingSince: follower.since }), expected);
    bench.pass(10 * MINUTE_MS - 1);
    assert.deepEqual(await bench.admit('ip:192.0.2.1'), expected);
    bench.pass(1);
    assert.equal((await bench.admit('ip:192.0.2.1')).kind, 'go');
  });

  it('asked by fifty at once goes out once', async () => {
    const pools = Array.from({ length: 3 }, () => connect(database.url, { poolSize: 5 }));
    try {
      const input = bench.input('ip:192.0.2.1');
      const admissions = await atOnce(50, (index) => createQuotaRepository(pools[index % 3] as Knex).admit(input));
      assert.equal(admissions.filter(({ kind }) => kind === 'go').length, 1);
      assert.equal(admissions.filter(({ kind }) => kind === 'underway').length, 49);
    } finally {
      await Promise.all(pools.map((pool) => pool.destroy()));
    }
  });

  it('that failed has failed for those who waited for it, and is asked again by the next', async () => {
    const ticket = await bench.ask('ip:192.0.2.1');
    const follower = await bench.admit('ip:192.0.2.1');
    assert.ok(follower.kind === 'underway');
    bench.pass(1000);
    const raw = { body: Buffer.from('<html>503</html>'), mediaType: 'text/html' };
    const error = { kind: 'unavailable', message: 'HTTP 503', httpStatus: 503, raw, retryAfterMs: 60_000 };
    await bench.settle(ticket, { error });
    assert.deepEqual(await bench.admit('ip:192.0.2.1', { waitingSince: follower.since }), {
      kind: 'failed',
      error: {
        ...{ kind: 'unavailable', message: 'HTTP 503', http_status: 503, retry_after_ms: 60_000 },
        raw_sha256: sha256(raw.body).toString('hex'),
      },
      at: bench.at(0),
    });
    bench.pass(1000);
    assert.equal((await bench.admit('ip:192.0.2.1', { waitingSince: bench.at(0) })).kind, 'go');
  });

  it('whose answer is not to be shared is still answered for those who waited', async () => {
    const ticket = await bench.ask('ip:192.0.2.1');
    const follower = await bench.admit('ip:192.0.2.1');
    assert.ok(follower.kind === 'underway');
    bench.pass(10);
    await bench.settle(ticket, { answer: { ...ANSWER, freshForMs: 0 } });
    bench.pass(10);
    assert.equal((await bench.admit('ip:192.0.2.1', { waitingSince: follower.since })).kind, 'answered');
    assert.equal((await bench.admit('ip:192.0.2.1', { waitingSince: bench.at(0) })).kind, 'go');
  });

  it('knows what was answered while it waited for the lock', async () => {
    const ticket = await bench.ask('ip:192.0.2.1');
    const first = await database.knex.transaction();
    await lockQuota(first, ticket.provider);
    const second = database.knex.transaction((trx) => lockQuota(trx, ticket.provider, ticket));
    await until('the second to wait', async () => {
      const [[{ waiting }]] = await database.knex.raw(
        'SELECT COUNT(*) AS waiting FROM information_schema.innodb_trx WHERE trx_state = ?',
        ['LOCK WAIT'],
      );
      return waiting > 0 ? true : undefined;
    });
    await first('answers').where({ provider: ticket.provider }).update({ summary: 'written meanwhile' });
    await first.commit();
    assert.equal((await second).answer?.summary, 'written meanwhile');
  });

  it('is not sent for one that may only be told what is known already', async () => {
    const told = () => bench.admit('ip:192.0.2.1', { onlyKnown: true });
    const waiting = await told();
    assert.ok(waiting.kind === 'wait');
    assert.match(waiting.reason, /no longer fresh/);
    await bench.settle(await bench.ask('ip:192.0.2.1'), { answer: ANSWER });
    assert.equal((await told()).kind, 'answered');
  });

  it('is taken over when the one who asked was killed', async () => {
    await bench.ask('ip:192.0.2.1');
    bench.pass(29_999);
    assert.equal((await bench.admit('ip:192.0.2.1')).kind, 'underway');
    bench.pass(1);
    assert.equal((await bench.admit('ip:192.0.2.1')).kind, 'go');
  });

  it('is settled once: repeated, or too late, it changes no quota, and keeps an answer only where none is fresh', async () => {
    const ticket = await bench.ask('ip:192.0.2.1');
    bench.pass(31_000);
    const next = await bench.ask('ip:192.0.2.1');
    await bench.settle(next, { answer: ANSWER });
    await bench.settle(next, { answer: { ...ANSWER, summary: 'again' } });
    const row = await bench.row();
    await bench.settle(next, { error: { kind: 'unauthorized', message: 'HTTP 401', httpStatus: 401 } });
    assert.deepEqual(await bench.row(), row);
    bench.pass(5 * MINUTE_MS);
    await bench.settle(ticket, { answer: { ...ANSWER, summary: 'late' } });
    const served = await bench.admit('ip:192.0.2.1');
    assert.ok(served.kind === 'answered');
    assert.equal(served.answer.summary, '3 of 90 engines');
    bench.pass(10 * MINUTE_MS);
    await bench.settle(ticket, { answer: { ...ANSWER, summary: 'late' } });
    const late = await bench.admit('ip:192.0.2.1');
    assert.ok(late.kind === 'answered');
    assert.equal(late.answer.summary, 'late');
  });
});

describe('a provider that refuses', () => {
  let bench: QuotaBench;

  withQuotaBench((given) => {
    ({ bench } = given);
  });

  it('is left alone until it said, then asked one at a time until it answers', async () => {
    const said = new Date(Date.parse(bench.at(20_000)));
    const ticket = await bench.ask('ip:192.0.2.1');
    assert.equal((await bench.settle(ticket, { refused: { until: said } })).until, bench.at(20_000));
    const waiting = await bench.admit('ip:192.0.2.2');
    const reason = 'it asked for silence (429)';
    assert.deepEqual(waiting, { kind: 'wait', until: bench.at(20_000), inMs: 20_000, reason, outage: false });
    bench.pass(20_000);
    const probe = await bench.ask('ip:192.0.2.2');
    const second = await bench.admit('ip:192.0.2.3');
    assert.ok(second.kind === 'wait');
    assert.match(second.reason, /one at a time/);
    await bench.settle(probe, { answer: ANSWER });
    await bench.ask('ip:192.0.2.3');
  });

  it('without saying until when is left alone for a minute, then two, until it answers for some time', async () => {
    for (const minutes of [1, 2, 4]) {
      const ticket = await bench.ask('ip:192.0.2.1');
      assert.equal((await bench.settle(ticket, { refused: { until: null } })).until, bench.at(minutes * MINUTE_MS));
      bench.pass(minutes * MINUTE_MS);
    }
    const answer = { ...ANSWER, freshForMs: 0 };
    await bench.settle(await bench.ask('ip:192.0.2.1'), { answer });
    const soon = await bench.ask('ip:192.0.2.1');
    assert.equal((await bench.settle(soon, { refused: { until: null } })).until, bench.at(8 * MINUTE_MS));
    bench.pass(13 * MINUTE_MS);
    await bench.settle(await bench.ask('ip:192.0.2.1'), { answer });
    const again = await bench.ask('ip:192.0.2.1');
    assert.equal((await bench.settle(again, { refused: { until: null } })).until, bench.at(MINUTE_MS));
  });

  it('has its key back from nobody who uses the same; another key goes at once; one request probes after 15 min', async () => {
    const refusal: Settlement = { error: { kind: 'unauthorized', message: 'refused the key (401)', httpStatus: 401 } };
    const since = bench.at(0);
    await bench.settle(await bench.ask('ip:192.0.2.1'), refusal);
    const until = bench.at(15 * MINUTE_MS);
    const blocked: Admission = { kind: 'blocked', since, until, message: 'refused the key (401)' };
    assert.deepEqual(await bench.admit('ip:192.0.2.1'), blocked);
    await bench.ask('ip:192.0.2.2', { credential: 'new key' });
    bench.pass(15 * MINUTE_MS - 1);
    assert.deepEqual(await bench.admit('ip:192.0.2.1'), blocked);
    bench.pass(1);
    const probe = await bench.ask('ip:192.0.2.1');
    const again = { ...blocked, until: bench.at(15 * MINUTE_MS) };
    assert.deepEqual(await bench.admit('ip:192.0.2.3'), again);
    assert.equal(probe.probes, true);
    const follower = await bench.admit('ip:192.0.2.1');
    await bench.settle(probe, refusal);
    assert.deepEqual(
      await bench.admit('ip:192.0.2.1', { waitingSince: bench.at(0) }),
      again,
      'who waited for it waits on',
    );
    assert.equal(follower.kind, 'underway');
    bench.pass(15 * MINUTE_MS - 1);
    assert.deepEqual(await bench.admit('ip:192.0.2.3'), again);
    bench.pass(1);
    // refused for half an hour: the next one is as long again
    await bench.settle(await bench.ask('ip:192.0.2.3'), refusal);
    bench.pass(30 * MINUTE_MS - 1);
    assert.equal((await bench.admit('ip:192.0.2.3')).kind, 'blocked');
    bench.pass(1);
    await bench.settle(await bench.ask('ip:192.0.2.3'), { answer: ANSWER });
    await bench.ask('ip:192.0.2.4');
  });

  it('is forgiven when a worker comes with another key, not when it comes with the same', async () => {
    const refusal: Settlement = { error: { kind: 'unauthorized', message: 'no', httpStatus: 401 } };
    await bench.register();
    await bench.settle(await bench.ask('ip:192.0.2.1'), refusal);
    await bench.register();
    assert.equal((await bench.admit('ip:192.0.2.2')).kind, 'blocked');
    await bench.register({ credential: 'new key' });
    assert.equal((await bench.status()).blocked, null);
    assert.equal((await bench.admit('ip:192.0.2.2', { credential: 'new key' })).kind, 'go');
  });
});

describe('by the database’s own clock', () => {
  it('a request is dated when its turn at the lock comes, not when it began to wait for it', async () => {
    const database = await createTestDatabase();
    try {
      const bench = await createQuotaBench(database, { real: true });
      await bench.register();
      let asking: Promise<Ticket> | undefined;
      const released = await database.knex.transaction(async (trx) => {
        await trx('quotas').where({ provider: bench.provider() }).forUpdate();
        asking = bench.ask('ip:192.0.2.1');
        await until('the other to wait for the lock', async () => {
          const [[{ held }]] = await database.knex.raw(
            "SELECT COUNT(*) AS held FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
          );
          return held > 0 ? true : undefined;
        });
        const [[{ now }]] = await trx.raw('SELECT UTC_TIMESTAMP(6) AS now');
        return now as string;
      });
      await asking;
      const [granted] = JSON.parse((await bench.row()).state).grants;
      assert.ok(Date.parse(granted.at) >= Date.parse(released), `${granted.at} is before ${released}`);
    } finally {
      await database.drop();
    }
  });
});
