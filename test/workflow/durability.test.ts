import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { pino } from 'pino';
import type { Provider } from '../../activities/providers/provider';
import { startableOf } from '../../api/reconciler';
import { connect } from '../../db/connect';
import type { Knex } from '../../db/connect';
import { createStore } from '../../db/store';
import type { Store } from '../../db/store';
import type { IncidentOutcome } from '../../workflows/messages';
import { assertAudited, row } from '../support/audit';
import { eventsOf, scheduled } from '../support/history';
import { startProxy } from '../support/proxy';
import type { Proxy } from '../support/proxy';
import { isFinal } from '../support/questions';
import { BENIGN, freshAlert } from '../support/samples';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

const VIRUSTOTAL = '1/virustotal/ip:81.2.69.142';
/** Addresses that no engine objects to. */
const CLEAN = ['81.2.69.142', '89.160.20.112', '216.160.83.56', '175.16.199.1', '2.125.160.216'];

/** The worker reaches its database through a proxy that is cut and mended; everything else is direct. */
describe('when MySQL is away from the worker', () => {
  let system: TestSystem;
  let proxy: Proxy;
  let knex: Knex;
  let store: Store;
  let failures = 0;
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
    const logger = pino({ level: 'warn' }, { write: () => void (failures += 1) });
    await system.startWorkers({ store, logger });
  });
  afterEach(async () => {
    proxy.restore();
    system.simulator.control({ mode: 'ok' });
    await system.forget();
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
    assert.deepEqual(
      (await system.store.incidents.view(id))?.audit.map((one) => one.action),
      ['accept'],
    );
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

  it('goes on waiting with the answer in hand when the connection hangs, and the engine sees it alive', async () => {
    const before = asked('virustotal');
    system.simulator.control({ provider: 'virustotal', mode: 'latency', ms: 500, times: 1 });
    const id = await system.submit(freshAlert(BENIGN));
    await until('VirusTotal to be asked', () => (asked('virustotal') > before ? true : undefined));
    proxy.stall();
    await until('a heartbeat of the lookup', async () => {
      const { raw } = await system.client.workflow.getHandle(id).describe();
      const lookup = raw.pendingActivities?.find((one) => one.activityType?.name === 'lookupVirustotal');
      return lookup?.lastHeartbeatTime ? true : undefined;
    });
    proxy.restore();
    const incident = await system.incident(id, settled);
    await assertAudited(system, incident);
    assert.equal(asked('virustotal') - before, 1);
    assert.equal(row(incident, VIRUSTOTAL).failures, 0);
  });

  it('finishes after cuts wherever the runs happen to be, with no row doubled', async () => {
    const before = asked('virustotal');
    const ids = await Promise.all(CLEAN.map((src_ip) => system.submit(freshAlert(BENIGN, { src_ip }))));
    for (const rows of [10, 18, 26, 34]) {
      await until(`${rows} audit rows`, async () => ((await countRows(ids)) >= rows ? true : undefined));
      const failed = failures;
      proxy.cut();
      await until('a step to fail', () => (failures > failed ? true : undefined));
      proxy.restore();
    }
    for (const id of ids) {
      // leave to ask that was cut off on its way back is lost for half a minute, and a provisional verdict comes first
      const incident = await system.incident(id, isFinal);
      await assertAudited(system, incident);
      assert.equal(incident.verdict, 'benign');
    }
    assert.equal(asked('virustotal') - before, ids.length);
  });

  async function countRows(ids: string[]): Promise<number> {
    const [found] = await system.knex('action_log').whereIn('incident_id', ids).count({ rows: '*' });
    return Number(found?.rows);
  }
});

describe('a run that has lost its incident to another', () => {
  let system: TestSystem;
  const lost: string[] = [];
  const held: (() => void)[] = [];

  before(async () => {
    system = await createTestSystem();
    const [iocs, virustotal, geoip] = system.providers() as [Provider, Provider, Provider];
    /** The real answer, handed over when the test says so. */
    const gated: Provider = {
      ...virustotal,
      async lookup(observable, context) {
        const answer = await virustotal.lookup(observable, context);
        await new Promise<void>((resolve) => held.push(resolve));
        return answer;
      },
    };
    const logger = pino({ level: 'warn' }, { write: (line: string) => void lost.push(line) });
    await system.startWorkers({ providers: [iocs, gated, geoip], logger });
  });
  afterEach(() => system.forget());
  after(() => system.close());

  it('writes nothing any more, even where the place is still free', async () => {
    const id = await system.submit(freshAlert(BENIGN));
    const release = await until('the first run to hold its answer', () => held[0]);
    const first = await system.client.workflow.getHandle(id).describe();
    await system.client.workflow.getHandle(id).terminate('by hand');
    const startable = startableOf(await system.store.incidents.require(id))!;
    assert.equal(await system.gateway.restart(startable), 'started');
    await until('the second run to want the same answer', async () => {
      const { raw } = await system.client.workflow.getHandle(id).describe();
      return raw.pendingActivities?.some((one) => one.activityType?.name === 'lookupVirustotal') ? true : undefined;
    });

    release();
    await until('the old run to be refused', () => lost.find((line) => line.includes('lost its claim')));
    const incident = await system.incident(id, settled);
    await assertAudited(system, incident);
    assert.equal(incident.status, 'closed');
    assert.equal(held.length, 1, 'the answer to the first is the answer to the second');
    const second = await system.client.workflow.getHandle(id).describe();
    assert.notEqual(second.runId, first.runId);
    assert.equal(row(incident, VIRUSTOTAL).workflow_run_id, second.runId);
    assert.equal(row(incident, '1/plan').workflow_run_id, first.runId);
    assert.deepEqual(
      incident.audit.filter((one) => one.action === 'claim').map((one) => one.action_key),
      ['claim/1', 'claim/2'],
    );
  });

  it('ends as superseded when its own step is refused, and leaves the incident to the other', async () => {
    const before = held.length;
    const id = await system.submit(freshAlert(BENIGN));
    const release = await until('the run to hold its answer', () => held[before]);
    await system.store.incidents.claim(id, 'another-run', new Date().toISOString());
    release();
    const outcome = (await system.client.workflow.getHandle(id).result()) as IncidentOutcome;
    assert.equal(outcome.status, 'superseded');
    const incident = (await system.store.incidents.view(id))!;
    await assertAudited(system, incident);
    assert.equal(incident.audit.at(-1)?.action_key, 'claim/2');
  });

  it('ends as superseded when a local step is refused', async () => {
    const id = await system.submit(freshAlert(BENIGN, { tlp: 'red' }));
    assert.equal((await system.incident(id, settled)).status, 'open');
    await system.store.incidents.claim(id, 'another-run', new Date().toISOString());
    const handle = system.client.workflow.getHandle(id);
    await handle.signal('alertsJoined');
    assert.equal(((await handle.result()) as IncidentOutcome).status, 'superseded');
  });
});

describe('a run whose history grows long', () => {
  /** The server suggests to continue as new from 4 MiB on: some large signals do it, which thousands of small ones would too. */
  const SIGNALS = 60;
  const BALLAST = 'x'.repeat(80_000);
  let system: TestSystem;

  before(async () => {
    system = await createTestSystem();
  });
  after(() => system.close());

  it('continues as new, keeps its claim, and goes on waiting for what a source refused', async () => {
    system.simulator.control({ provider: 'virustotal', mode: '429', ms: 3_600_000 });
    const id = await system.submit(freshAlert());
    const handle = system.client.workflow.getHandle(id);
    const { runId } = await handle.describe();
    for (let sent = 0; sent < SIGNALS; sent += 10) {
      await Promise.all(Array.from({ length: 10 }, () => handle.signal('alertsJoined', BALLAST)));
    }
    await system.startWorkers();
    await system.incident(id, settled);
    await handle.signal('alertsJoined');
    const now = await until('the run to continue as new', async () => {
      const description = await handle.describe();
      return description.runId === runId ? undefined : description;
    });
    assert.equal(now.status.name, 'RUNNING');
    await until('the new run to wait', async () => {
      const { step } = await handle.query<{ step: string }>('progress');
      return step.startsWith('waiting for a source') ? true : undefined;
    });
    system.simulator.control({ mode: 'ok' });
    await system.forget();
    const incident = await system.incident(
      id,
      ({ verdict_state, audit }) => verdict_state === 'final' && audit.at(-1)?.action === 'conclude',
    );
    await assertAudited(system, incident);
    assert.equal(incident.enrichments.find(({ source }) => source === 'virustotal')?.state, 'ok');
    const claims = incident.audit.filter((one) => one.action === 'claim');
    assert.deepEqual(
      claims.map((one) => [one.action_key, one.workflow_run_id]),
      [['claim/1', runId]],
    );
    assert.equal(await system.gateway.describe(id), 'running');
  });
});
