import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { connect } from '../../db/connect';
import type { Knex } from '../../db/connect';
import { createStore } from '../../db/store';
import type { Store } from '../../db/store';
import { assertAudited, row } from '../support/audit';
import { eventsOf, scheduled } from '../support/history';
import { startProxy } from '../support/proxy';
import type { Proxy } from '../support/proxy';
import { BENIGN, freshAlert } from '../support/samples';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

const VIRUSTOTAL = '1/virustotal/ip:81.2.69.142';

/** The worker reaches its database through a proxy that is cut and mended; everything else is direct. */
describe('when MySQL is away from the worker', () => {
  let system: TestSystem;
  let proxy: Proxy;
  let knex: Knex;
  let store: Store;
  const asked = (provider: string): number =>
    system.simulator.requests().filter((request) => request.provider === provider).length;

  before(async () => {
    system = await createTestSystem();
    const url = new URL(system.url);
    proxy = await startProxy({ host: url.hostname, port: Number(url.port) });
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    knex = connect(url.toString());
    store = createStore(knex);
    await system.startWorkers({ store });
  });
  afterEach(() => {
    proxy.restore();
    system.simulator.control({ mode: 'ok' });
  });
  after(async () => {
    await system.close();
    await knex.destroy();
    await proxy.close();
  });

  const pending = async (incidentId: string): Promise<string[]> => {
    const { raw } = await system.client.workflow.getHandle(incidentId).describe();
    return (raw.pendingActivities ?? []).flatMap((activity) => activity.activityType?.name ?? []);
  };

  it('hands the step over to a regular activity that the operator sees, and finishes when it is back', async () => {
    proxy.cut();
    const id = await system.submit(freshAlert(BENIGN));
    await until('claim to be pending as a regular activity', async () =>
      (await pending(id)).includes('claim') ? true : undefined,
    );
    assert.deepEqual((await system.store.incidents.view(id))?.audit.map((one) => one.action), ['accept']);
    proxy.restore();
    const incident = await system.incident(id, settled);
    await assertAudited(system, incident);
    assert.equal(incident.status, 'closed');
    assert.ok(scheduled(await eventsOf(system, id)).includes('claim'));
  });

  it('keeps an answer in hand and retries only its write', async () => {
    const before = asked('virustotal');
    system.simulator.control({ provider: 'virustotal', mode: 'latency', ms: 1000, times: 1 });
    const id = await system.submit(freshAlert(BENIGN));
    await until('VirusTotal to be asked', () => (asked('virustotal') > before ? true : undefined));
    proxy.cut();
    await until('VirusTotal to have answered', () =>
      system.simulator.requests().findLast(({ provider }) => provider === 'virustotal')?.status === 200
        ? true
        : undefined,
    );
    await until('the lookup to be pending with its answer', async () =>
      (await pending(id)).includes('lookupVirustotal') ? true : undefined,
    );
    proxy.restore();
    const incident = await system.incident(id, settled);
    await assertAudited(system, incident);
    assert.equal(asked('virustotal') - before, 1);
    assert.equal(row(incident, VIRUSTOTAL).status, 'ok');
    assert.equal(incident.verdict, 'benign');
  });

  it('finishes after a cut between any two steps, with no row doubled', async () => {
    const before = asked('virustotal');
    const ids = await Promise.all(Array.from({ length: 8 }, () => system.submit(freshAlert(BENIGN))));
    // each cut falls wherever the eight runs happen to be
    for (let rows = 10; rows <= 60; rows += 10) {
      await until(`${rows} audit rows`, async () => ((await count('action_log', ids)) >= rows ? true : undefined));
      proxy.cut();
      await until('connections to be gone', () => (knex.client as { pool: { numUsed(): number } }).pool.numUsed() >= 0 || undefined);
      proxy.restore();
    }
    for (const id of ids) {
      const incident = await system.incident(id, settled);
      await assertAudited(system, incident);
      assert.equal(incident.verdict, 'benign');
    }
    assert.equal(asked('virustotal') - before, ids.length);
  });

  async function count(table: string, ids: string[]): Promise<number> {
    const [found] = await system.knex(table).whereIn('incident_id', ids).count({ rows: '*' });
    return Number(found?.rows);
  }
});
