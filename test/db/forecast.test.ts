import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { IncidentView } from '../../db/views';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { createQuotaBench } from './quota-bench';

const ANSWER = { state: 'ok', facts: {}, summary: 'answered', freshForMs: 60_000 } as const;

/** What an incident says of its own waits is what the source's queue says of them. */
describe('the forecast on an incident', () => {
  let database: TestDatabase;
  before(async () => (database = await createTestDatabase()));
  after(() => database.drop());

  const shown = ({ enrichments, missing }: IncidentView) => {
    const waiting = enrichments.find(({ state }) => state === 'waiting');
    const lacking = missing.find(({ state }) => state === 'waiting');
    assert.deepEqual([lacking?.until, lacking?.reason], [waiting?.until, waiting?.summary]);
    return waiting;
  };

  it('goes with the line: others come and go, limits and keys change', async () => {
    const bench = await createQuotaBench(database, { real: true });
    const limits = [{ name: 'minute', requests: 1, ms: 60_000 }];
    await bench.register({ limits });
    const ticket = await bench.ask('ip:192.0.2.1');
    await bench.settle(ticket, { answer: ANSWER });
    const waiter = await bench.wait('low');
    const view = async () => shown((await database.store.incidents.view(waiter.incidentId))!);

    const first = await view();
    assert.match(first?.summary ?? '', /^Oracle: its quota of 1 a minute is spent$/);
    await bench.wait('critical');
    const second = await view();
    assert.equal(Date.parse(second?.until ?? '') - Date.parse(first?.until ?? ''), 60_000, 'one more goes first');
    const [, listed] = (await bench.status()).waiting.items;
    assert.deepEqual([listed?.incident_id, listed?.until], [waiter.incidentId, second?.until]);

    await bench.register({ limits: [{ name: 'minute', requests: 100, ms: 60_000 }] });
    assert.match((await view())?.summary ?? '', /its turn has come/);
    await bench.settle(await bench.ask('ip:192.0.2.2'), {
      error: { kind: 'unauthorized', message: '401', httpStatus: 401 },
    });
    assert.match((await view())?.summary ?? '', /it has refused the key/);
  });
});
