import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAnswerRepository } from '../../db/repositories/answers';
import type { AnswerRepository } from '../../db/repositories/answers';
import type { TestDatabase } from '../support/database';
import { sha256 } from '../../db/hashes';
import { MINUTE_MS } from './fixtures';
import { createQuotaBench, withQuotaBench } from './quota-bench';
import type { QuotaBench } from './quota-bench';

const ANSWER = { state: 'not_known' as const, facts: null, summary: 'unknown to it', freshForMs: 10 * MINUTE_MS };
const DOWN = { kind: 'unavailable', message: 'HTTP 503', httpStatus: 503 };

describe('answers that are there', () => {
  let database: TestDatabase;
  let bench: QuotaBench;
  let answers: AnswerRepository;

  withQuotaBench((given) => {
    ({ database, bench } = given);
    answers = createAnswerRepository(database.knex, { clock: bench.clock });
  });

  it('are named for the pairs asked about, as long as they stay fresh for so long', async () => {
    const other = await createQuotaBench(database);
    await bench.settle(await bench.ask('ip:192.0.2.1'), { answer: ANSWER });
    await other.settle(await other.ask('ip:192.0.2.2'), { answer: ANSWER });
    await bench.ask('ip:192.0.2.3');
    const [one, two] = [bench.provider(), other.provider()];
    const pairs = [
      { provider: one, observable: 'ip:192.0.2.1' as const },
      { provider: one, observable: 'ip:192.0.2.3' as const },
      { provider: one, observable: 'ip:192.0.2.2' as const },
      { provider: two, observable: 'ip:192.0.2.9' as const },
    ];
    assert.deepEqual([...(await answers.fresh(pairs, MINUTE_MS))], [`${one}/ip:192.0.2.1`]);
    bench.pass(9 * MINUTE_MS);
    assert.equal((await answers.fresh(pairs, MINUTE_MS)).size, 0);
    assert.equal((await answers.fresh(pairs, MINUTE_MS - 1)).size, 1);
    assert.equal((await answers.fresh([], 0)).size, 0);
  });

  it('are fresh by the database’s own clock, if no other is given', async () => {
    const real = await createQuotaBench(database, { real: true });
    await real.settle(await real.ask('ip:192.0.2.1'), { answer: ANSWER });
    const pair = { provider: real.provider(), observable: 'ip:192.0.2.1' as const };
    assert.equal((await database.store.answers.fresh([pair], 5 * MINUTE_MS)).size, 1);
    assert.equal((await database.store.answers.fresh([pair], 10 * MINUTE_MS)).size, 0);
  });

  it('take the place of the failure before, and keep it out of sight; a failure never takes theirs', async () => {
    const pair = { provider: bench.provider(), observable: 'ip:192.0.2.1' as const };
    const name = `${pair.provider}/${pair.observable}` as const;
    assert.equal((await answers.lastError([pair])).size, 0);
    await bench.settle(await bench.ask('ip:192.0.2.1'), { error: DOWN });
    const { kind, message, at } = (await answers.lastError([pair])).get(name)!;
    assert.deepEqual([kind, message, at], ['unavailable', 'HTTP 503', bench.at(0)]);
    await bench.settle(await bench.ask('ip:192.0.2.1'), { answer: ANSWER });
    assert.equal((await answers.lastError([pair])).size, 0);
    bench.pass(11 * MINUTE_MS);
    await bench.settle(await bench.ask('ip:192.0.2.1'), { error: DOWN });
    const [row] = await database.knex('answers').where({ provider: pair.provider });
    assert.equal(row.summary, 'unknown to it');
    assert.equal((await answers.lastError([pair])).size, 1);
    assert.equal((await answers.lastError([])).size, 0);
  });

  it('hold what no key could: very long links, and the same document twice', async () => {
    const raw = { body: Buffer.from('<html>502</html>'), mediaType: 'text/html' };
    const long = `url:https://example.com/${'ä'.repeat(5000)}` as const;
    for (const observable of [long, `${long}?` as const]) {
      await bench.settle(await bench.ask(observable), { answer: { ...ANSWER, raw } });
      const served = await bench.admit(observable);
      assert.ok(served.kind === 'answered');
      assert.deepEqual(served.answer.rawSha256, sha256(raw.body));
    }
    assert.equal((await database.knex('answers').where({ provider: bench.provider() })).length, 2);
  });
});
