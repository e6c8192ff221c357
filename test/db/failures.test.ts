import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { connect, ping } from '../../db/connect';
import { isConflict, isDuplicateKey, isTransient, isUnavailable } from '../../db/errors';
import { fromSqlTime, shift, toInstant, toSqlTime } from '../../db/time';
import { inTransaction } from '../../db/transaction';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { NOW, submission } from './fixtures';

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => assert.fail('it succeeded'),
    (error) => error,
  );

interface Deferred {
  promise: Promise<void>;
  resolve: () => void;
}

function deferred(): Deferred {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('failures of the database', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
    await database.knex.raw('CREATE TABLE counters (id INT PRIMARY KEY, value INT NOT NULL) ENGINE=InnoDB');
    await database.knex('counters').insert([
      { id: 1, value: 0 },
      { id: 2, value: 0 },
    ]);
  });
  after(() => database.drop());

  it('repeats a transaction that a deadlock rolled back', async () => {
    const arrived = [deferred(), deferred()];
    let runs = 0;
    const raise = (first: number, second: number, own: number) =>
      inTransaction(database.knex, async (trx) => {
        runs += 1;
        await trx('counters').where({ id: first }).increment('value');
        arrived[own]?.resolve();
        await arrived[1 - own]?.promise;
        await trx('counters').where({ id: second }).increment('value');
      });
    await Promise.all([raise(1, 2, 0), raise(2, 1, 1)]);
    assert.equal(runs, 3);
    assert.deepEqual(await database.knex('counters').orderBy('id').pluck('value'), [2, 2]);
  });

  it('gives up on a conflict that does not end', async () => {
    let runs = 0;
    const conflict = Object.assign(new Error('deadlock'), { errno: 1213 });
    const error = await errorOf(
      inTransaction(database.knex, () => {
        runs += 1;
        return Promise.reject(conflict);
      }),
    );
    assert.equal(error, conflict);
    assert.ok(runs >= 5);
    assert.ok(isConflict(error) && isTransient(error));
  });

  it('repeats nothing else, and leaves nothing of it', async () => {
    let runs = 0;
    const error = await errorOf(
      inTransaction(database.knex, async (trx) => {
        runs += 1;
        await trx('counters').insert({ id: 3, value: 0 });
        await trx('counters').insert({ id: 3, value: 0 });
      }),
    );
    assert.equal(runs, 1);
    assert.ok(isDuplicateKey(error) && !isTransient(error));
    assert.deepEqual(await database.knex('counters').where({ id: 3 }), []);
  });

  it('tells that nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const knex = connect(`mysql://u:p@127.0.0.1:${port}/soar`);
    const error = await errorOf(ping(knex));
    await knex.destroy();
    assert.ok(isUnavailable(error) && isTransient(error));
  });

  it('tells that a connection broke under a transaction, and works on', async () => {
    const error = await errorOf(
      database.knex.transaction(async (trx) => {
        const [[{ id }]] = await trx.raw('SELECT CONNECTION_ID() AS id');
        await database.knex.raw('KILL CONNECTION ?', [id]);
        await trx('counters').where({ id: 1 }).increment('value');
      }),
    );
    assert.ok(isUnavailable(error), String(error));
    await database.store.alerts.accept(submission('after the break'));
  });

  it('tells that the pool is exhausted', async () => {
    const knex = connect(database.url, { poolSize: 1 });
    (knex.client as { pool: { acquireTimeoutMillis: number } }).pool.acquireTimeoutMillis = 50;
    const error = await knex.transaction(() => errorOf(ping(knex)));
    await knex.destroy();
    assert.ok(isUnavailable(error) && isTransient(error), String(error));
  });

  it('does not call a wrong statement or an ordinary error transient', async () => {
    assert.ok(!isTransient(await errorOf(database.knex.raw('SELEC 1'))));
    for (const other of [new Error('no'), null, 'text', undefined]) assert.ok(!isTransient(other));
  });
});

describe('time', () => {
  it('goes to the database and back to the microsecond', async () => {
    const database = await createTestDatabase();
    try {
      for (const time of [
        NOW,
        '1970-01-01T00:00:00.000000Z',
        '2026-03-29T02:30:00.999999Z',
        '9999-12-31T23:59:59.999999Z',
      ]) {
        const [[row]] = await database.knex.raw('SELECT CAST(? AS DATETIME(6)) AS time', [toSqlTime(time)]);
        assert.equal(row.time, time);
      }
    } finally {
      await database.drop();
    }
  });

  it('has one form whatever it came in', () => {
    assert.equal(toInstant('2026-11-23T13:00:00.1+01:00'), '2026-11-23T12:00:00.100000Z');
    assert.equal(fromSqlTime('2026-11-23 12:00:00'), '2026-11-23T12:00:00.000000Z');
    assert.equal(shift(NOW, 1000), '2026-11-23T12:00:01.123456Z');
    assert.equal(shift(NOW, -1000), '2026-11-23T11:59:59.123456Z');
    assert.throws(() => toSqlTime('yesterday'), RangeError);
  });
});
