/**
 * Records golden histories: `npm run record:histories`, with the servers of the tests (`TEST_DATABASE_URL`,
 * `TEST_TEMPORAL_ADDRESS`). Record anew only when old runs may be forgotten; add a scenario when a path is added.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startableOf } from '../../api/reconciler';
import { connect } from '../../db/connect';
import { createStore } from '../../db/store';
import { ALERT_TYPES } from '../../domain/alert';
import { WORKFLOW_TYPES } from '../../domain/names';
import { startProxy } from '../support/proxy';
import { allSamples, BENIGN, demoSite, freshAlert } from '../support/samples';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';
import { historyFile, HISTORIES } from './histories';

type Scenario = (system: TestSystem) => Promise<string>;

async function save(system: TestSystem, incidentId: string, name: string): Promise<void> {
  const history = await system.client.workflow.getHandle(incidentId).fetchHistory();
  writeFileSync(join(HISTORIES, `${name}.json`), historyFile(history));
  process.stdout.write(`${name}: ${history.events?.length} events\n`);
}

const ended = (system: TestSystem, id: string): Promise<unknown> => system.client.workflow.getHandle(id).result();

async function waitsForAnalyst(system: TestSystem, id: string): Promise<void> {
  await until(`${id} to wait for an analyst`, async () => {
    const { step } = await system.client.workflow.getHandle(id).query<{ step: string }>('progress');
    return step === 'waiting for an analyst' ? true : undefined;
  });
}

/** Every workflow type: one incident that closed itself, one that was escalated and waits. */
async function recordTypes(system: TestSystem): Promise<void> {
  for (const type of ALERT_TYPES) {
    for (const verdict of ['benign', 'malicious']) {
      const { name } = allSamples().find((one) => one.type === type && one.verdict === verdict)!;
      const id = await system.submit(freshAlert(name));
      await system.incident(id, settled);
      if (verdict === 'benign') await ended(system, id);
      else await waitsForAnalyst(system, id);
      await save(system, id, `${WORKFLOW_TYPES[type]}-${verdict === 'benign' ? 'closed' : 'escalated'}`);
    }
  }
}

const waited: Scenario = async (system) => {
  system.simulator.control({ provider: 'virustotal', mode: '429', ms: 1000, times: 1 });
  const id = await system.submit(freshAlert(BENIGN));
  await ended(system, id);
  return id;
};

const retried: Scenario = async (system) => {
  system.simulator.control({ provider: 'virustotal', mode: '500', times: 1 });
  const id = await system.submit(freshAlert(BENIGN));
  await ended(system, id);
  return id;
};

const restarted: Scenario = async (system) => {
  system.simulator.control({ provider: 'geoip', mode: 'hang' });
  const id = await system.submit(freshAlert(BENIGN));
  await system.incident(id, ({ audit }) => audit.some((one) => one.provider === 'virustotal'));
  await system.client.workflow.getHandle(id).terminate('by hand');
  system.simulator.control({ mode: 'ok' });
  await system.gateway.restart(startableOf(await system.store.incidents.require(id))!);
  await ended(system, id);
  return id;
};

const superseded: Scenario = async (system) => {
  const id = await system.submit(freshAlert());
  await system.incident(id, settled);
  await waitsForAnalyst(system, id);
  await system.store.incidents.claim(id, 'another-run', new Date().toISOString());
  await system.client.workflow.getHandle(id).signal('alertsJoined');
  await ended(system, id);
  return id;
};

async function recordHandedOver(system: TestSystem): Promise<void> {
  const url = new URL(system.url);
  const proxy = await startProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  const knex = connect(url.toString());
  await system.startWorkers({ store: createStore(knex) });
  proxy.cut();
  const id = await system.submit(freshAlert(BENIGN));
  await until('the step to be handed over', async () => {
    const { raw } = await system.client.workflow.getHandle(id).describe();
    return raw.pendingActivities?.length ? true : undefined;
  });
  proxy.restore();
  await ended(system, id);
  await system.stopWorkers();
  await save(system, id, 'bruteForcePlaybook-handed-over');
  await knex.destroy();
  await proxy.close();
}

async function record(): Promise<void> {
  mkdirSync(HISTORIES, { recursive: true });
  const system = await createTestSystem(demoSite());
  try {
    await system.startWorkers();
    await recordTypes(system);
    for (const [name, scenario] of Object.entries({ waited, retried, restarted, superseded })) {
      await save(system, await scenario(system), `bruteForcePlaybook-${name}`);
      system.simulator.control({ mode: 'ok' });
    }
    await system.stopWorkers();
    await recordHandedOver(system);
  } finally {
    await system.close();
  }
}

record().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
