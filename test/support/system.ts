import { randomBytes } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { createProviders } from '../../activities/providers';
import type { ActivityDeps } from '../../activities/deps';
import { createEngineGateway } from '../../api/gateway';
import type { EngineGateway } from '../../api/gateway';
import { startableOf } from '../../api/reconciler';
import type { SiteSource } from '../../config/site';
import type { IncidentView } from '../../db/views';
import { classify } from '../../domain/classify';
import { parseSubmission } from '../../domain/formats';
import { extractObservables } from '../../domain/observables';
import { DEFAULT_POLICY } from '../../domain/policy';
import { DEFAULT_SITE } from '../../domain/site';
import { titleOf } from '../../domain/title';
import { startSimulator } from '../../stack/simulator/server';
import type { Simulator } from '../../stack/simulator/server';
import { ensureNamespace } from '../../stack/temporal-namespace';
import { workflowBundle } from '../../worker/bundle';
import { createWorkers, runWorkers } from '../../worker/create-workers';
import { createTestDatabase } from './database';
import type { TestDatabase } from './database';
import { until } from './until';
import { seed } from '../../db/seed';

export interface TestSystem extends TestDatabase {
  simulator: Simulator;
  gateway: EngineGateway;
  connection: Connection;
  namespace: string;
  /** Starts this process's workers; they stop with `stopWorkers` or `close`. */
  startWorkers(changes?: Partial<ActivityDeps>): Promise<void>;
  stopWorkers(): Promise<void>;
  /** Commits an alert as the API does, and starts nothing. */
  accept(alert: Record<string, unknown>): Promise<string>;
  /** Commits an alert and starts its playbook. */
  submit(alert: Record<string, unknown>): Promise<string>;
  /** Starts the playbook of an accepted incident. */
  start(incidentId: string): Promise<void>;
  /** Waits until the incident is as wanted, and gives it. */
  incident(id: string, wanted: (incident: IncidentView) => boolean): Promise<IncidentView>;
  close(): Promise<void>;
}

export const settled = (incident: IncidentView): boolean =>
  incident.verdict_state !== 'pending' && !['new', 'investigating'].includes(incident.status);

/** Address of the Temporal server that the test run brought up. */
export function temporalAddress(): string {
  const address = process.env.TEST_TEMPORAL_ADDRESS;
  if (!address) throw new Error('TEST_TEMPORAL_ADDRESS is not set: run these tests through `npm test`');
  return address;
}

/** A namespace of its own, so that the fixed queue names of one test file never meet those of another. */
async function createNamespace(connection: Connection): Promise<string> {
  const namespace = `soar-test-${randomBytes(6).toString('hex')}`;
  await ensureNamespace(connection, namespace, 1);
  return namespace;
}

/** The whole suite but the HTTP layer, on real parts: MariaDB, Temporal, and a simulator for the providers. */
export async function createTestSystem(site: SiteSource = { current: () => DEFAULT_SITE }): Promise<TestSystem> {
  const logger = pino({ level: process.env.TEST_LOG ?? 'silent' });
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const address = temporalAddress();
  const [database, simulator, connection] = await Promise.all([
    createTestDatabase(),
    startSimulator(),
    Connection.connect({ address }),
  ]);
  await seed(database.knex, new Date().toISOString());
  const namespace = await createNamespace(connection);
  const gateway = createEngineGateway({ connectionOptions: { address }, namespace });
  const native = await NativeConnection.connect({ address });
  const { store } = database;
  let workers: Worker[] = [];
  let running: Promise<void> = Promise.resolve();

  const system: TestSystem = {
    ...database,
    simulator,
    gateway,
    connection,
    namespace,
    async startWorkers(changes = {}) {
      const providers = createProviders({
        store,
        virustotal: { apiKey: 'a-test-key-of-some-length', url: simulator.url },
        geoip: { url: simulator.url },
        simulated: true,
      });
      workers = await createWorkers(
        {
          store,
          providers,
          policy: DEFAULT_POLICY,
          site,
          logger,
          clock: () => new Date(),
          providerRetryForMs: 15 * 60_000,
          simulated: true,
          publicUrl: 'http://127.0.0.1:8080',
          ...changes,
        },
        { connection: native, namespace, bundlePath: await workflowBundle(), identity: `test:${process.pid}` },
      );
      running = runWorkers(workers);
    },
    async stopWorkers() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      workers = [];
    },
    async accept(body) {
      const [parsed] = parseSubmission({ body, receivedAt: new Date().toISOString() });
      if (!parsed) throw new Error('No alert in it');
      const classification = classify(parsed.alert);
      const alert = {
        ...parsed.alert,
        alert_type: classification.alert_type,
        severity: parsed.alert.severity ?? ('medium' as const),
      };
      const accepted = await store.alerts.accept({
        alert,
        format: parsed.format,
        classification,
        observables: extractObservables(alert, site.current()),
        title: titleOf(alert, alert.alert_type),
        original: Buffer.from(JSON.stringify(body)),
        mediaType: 'application/json',
        extra: parsed.extra,
        receivedAt: new Date().toISOString(),
        actor: 'test',
      });
      return accepted.incidentId;
    },
    async start(incidentId) {
      const startable = startableOf(await store.incidents.require(incidentId));
      if (!startable) throw new Error(`${incidentId} has no playbook`);
      await gateway.start(startable);
    },
    async submit(alert) {
      const id = await system.accept(alert);
      await system.start(id);
      return id;
    },
    incident: (id, wanted) =>
      until(`${id} to be as wanted`, async () => {
        const view = await store.incidents.view(id);
        return view && wanted(view) ? view : undefined;
      }),
    async close() {
      await system.stopWorkers();
      await Promise.all([gateway.close(), connection.close(), native.close(), simulator.close()]);
      await database.drop();
    },
  };
  return system;
}
