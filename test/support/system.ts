import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import type { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { createProviders, providerSettings } from '../../activities/providers';
import type { Provider } from '../../activities/providers/provider';
import type { ActivityDeps } from '../../activities/deps';
import { acceptAlert, tellEngine, type AcceptDeps } from '../../api/accept-alert';
import { startDispatcher } from '../../api/dispatcher';
import { createEngineGateway } from '../../api/gateway';
import type { EngineGateway, StartableIncident } from '../../api/gateway';
import { startableOf } from '../../api/reconciler';
import { startFeedKeeper } from '../../api/feed-keeper';
import { startImportKeeper } from '../../api/import-keeper';
import { startRescoreKeeper } from '../../api/rescore-keeper';
import type { SiteSource } from '../../config/site';
import { seed } from '../../db/seed';
import type { Accepted, Store } from '../../db/store';
import type { IncidentView } from '../../db/views';
import { parseSubmission } from '../../domain/formats';
import { DEFAULT_POLICY, policyWith } from '../../domain/policy';
import { DEFAULT_SITE } from '../../domain/site';
import { startSimulator } from '../../stack/simulator/server';
import type { Simulator } from '../../stack/simulator/server';
import { ensureNamespace } from '../../stack/temporal-namespace';
import { workflowBundle } from '../../worker/bundle';
import { createWorkers, runWorkers } from '../../worker/create-workers';
import { registerProviders } from '../../worker/register';
import { createTestDatabase } from './database';
import { GUARDS } from './guards';
import type { TestDatabase } from './database';
import { until } from './until';

/** A key as long as a real one. */
export const TEST_KEY = 'a-test-key-of-some-length';

export interface TestSystem extends TestDatabase {
  simulator: Simulator;
  gateway: EngineGateway;
  connection: Connection;
  client: Client;
  namespace: string;
  /** The providers as the worker makes them, asking the simulator. */
  providers(changes?: { store?: Store; variables?: Record<string, string> }): Provider[];
  /** Starts one process's workers, beside those that run already; they stop with `stopWorkers` or `close`. */
  startWorkers(changes?: Partial<ActivityDeps>): Promise<void>;
  stopWorkers(): Promise<void>;
  /** Commits an alert as the API does, and starts nothing. @returns what the API is told */
  take(alert: Record<string, unknown>): Promise<Accepted>;
  /** As `take`. @returns the incident's id */
  accept(alert: Record<string, unknown>): Promise<string>;
  /** Commits an alert and starts its playbook, or tells it. */
  submit(alert: Record<string, unknown>): Promise<string>;
  /** Starts the playbook of an accepted incident. */
  start(incidentId: string): Promise<void>;
  /** Starts a new run for an incident whose last one is over. */
  restart(incidentId: string): Promise<void>;
  /** Forgets what providers have answered and refused, so that they are asked anew. */
  forget(): Promise<void>;
  /** Waits until the incident is as wanted, and gives it. */
  incident(id: string, wanted: (incident: IncidentView) => boolean): Promise<IncidentView>;
  close(): Promise<void>;
}

/** The settings that make every provider ask the simulator, without a quota. */
function simulated(url: string): Record<string, string> {
  return {
    VIRUSTOTAL_URL: url,
    VIRUSTOTAL_API_KEY: TEST_KEY,
    VIRUSTOTAL_PER_MINUTE: '0',
    VIRUSTOTAL_PER_DAY: '0',
    VIRUSTOTAL_PER_MONTH: '0',
    GEOIP_URL: url,
    GEOIP_PER_MINUTE: '0',
  };
}

/** By what the suite's own processes work on the parts of a test system, on a Temporal server at that address. */
export function processEnvironment(
  system: Pick<TestSystem, 'url' | 'namespace' | 'simulator'>,
  { address, home }: { address: string; home: string },
): Record<string, string> {
  return {
    DATABASE_URL: system.url,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: system.namespace,
    VIRUSTOTAL_URL: system.simulator.url,
    VIRUSTOTAL_API_KEY: TEST_KEY,
    GEOIP_URL: system.simulator.url,
    SOAR_SIMULATED: '1',
    SOAR_HOME: home,
    PORT: '0',
  };
}

/** A round is over: scored, decided, reported and concluded. */
export const settled = ({ audit, status }: IncidentView): boolean =>
  !['new', 'investigating'].includes(status) && audit.some((row) => row.action === 'conclude');

/** Address of the Temporal server that the test run brought up. */
export function temporalAddress(): string {
  const address = process.env.TEST_TEMPORAL_ADDRESS;
  if (!address) throw new Error('TEST_TEMPORAL_ADDRESS is not set: run these tests through `npm test`');
  return address;
}

const sdkLogger = new DefaultLogger('ERROR');
const testLogger = pino({ level: process.env.TEST_LOG ?? 'silent' });
let runtimeInstalled = false;

/** The SDK's runtime is one per process; what it logs below an error is noise in a test. */
export function quietRuntime(): void {
  if (runtimeInstalled) return;
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger: sdkLogger, telemetryOptions: { logging: { filter } }, shutdownSignals: [] });
  runtimeInstalled = true;
}

/** The bundle of the present workflow sources, made without a word. */
export function quietBundle(): Promise<string> {
  return workflowBundle(sdkLogger);
}

/** A namespace of its own, so that the fixed queue names of one test file never meet those of another. */
export async function createNamespace(connection: Connection): Promise<string> {
  const namespace = `soar-test-${randomBytes(6).toString('hex')}`;
  await ensureNamespace(connection, namespace, 1);
  return namespace;
}

/**
 * The whole suite but the HTTP layer, on real parts: MariaDB, Temporal, and a simulator for the providers.
 * @param address of a Temporal server other than that of the test run
 * @param options.dispatcher false: nobody tells the runs that their sources may be asked
 * @param options.correlationWindowMs default 0: every alert has an incident of its own
 */
export async function createTestSystem(
  site: SiteSource = { current: () => DEFAULT_SITE },
  address = temporalAddress(),
  options: { dispatcher?: boolean; correlationWindowMs?: number } = {},
): Promise<TestSystem> {
  quietRuntime();
  const { correlationWindowMs = 0 } = options;
  const [database, simulator, connection] = await Promise.all([
    createTestDatabase(),
    startSimulator(),
    Connection.connect({ address }),
  ]);
  await seed(database.knex, new Date().toISOString());
  const namespace = await createNamespace(connection);
  const gateway = createEngineGateway({ connectionOptions: { address }, namespace });
  const { store } = database;
  const dispatcher =
    options.dispatcher === false ? undefined : startDispatcher({ store, gateway, logger: testLogger, everyMs: 50 });
  const clock = () => new Date();
  const common = { store, gateway, logger: testLogger, clock, everyMs: 50 };
  const seldom = { ...common, everyMs: 500 };
  const keepers = [startRescoreKeeper(common), startImportKeeper(seldom), startFeedKeeper(seldom)];
  let workers: Worker[] = [];
  let running: Promise<void>[] = [];
  const natives: NativeConnection[] = [];

  async function startable(incidentId: string): Promise<StartableIncident> {
    const found = startableOf(await store.incidents.require(incidentId));
    if (!found) throw new Error(`${incidentId} has no playbook`);
    return found;
  }

  const system: TestSystem = {
    ...database,
    simulator,
    gateway,
    connection,
    client: new Client({ connection, namespace }),
    namespace,
    providers: (changes = {}) =>
      createProviders(providerSettings({ ...simulated(simulator.url), ...changes.variables }), {
        store: changes.store ?? store,
        simulated: true,
      }),
    async startWorkers(changes = {}) {
      const providers = changes.providers ?? system.providers(changes.store ? { store: changes.store } : {});
      const policy = policyWith(DEFAULT_POLICY, providers);
      const deps: ActivityDeps = {
        store,
        providers,
        policy: { current: () => policy },
        site,
        guards: GUARDS,
        logger: testLogger,
        clock,
        providerRetryForMs: 15 * 60_000,
        simulated: true,
        publicUrl: 'http://127.0.0.1:8080',
        ...changes,
      };
      const bundlePath = await quietBundle();
      await registerProviders(deps);
      // one connection takes only one worker per queue
      const native = await NativeConnection.connect({ address });
      natives.push(native);
      const started = await createWorkers(deps, { connection: native, namespace, bundlePath, identity: 'test' });
      workers.push(...started);
      running.push(runWorkers(started));
    },
    async stopWorkers() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(running);
      [workers, running] = [[], []];
      await Promise.all(natives.splice(0).map((native) => native.close()));
    },
    take: (body) => accept({ store, site, correlationWindowMs }, body),
    accept: async (body) => (await system.take(body)).incidentId,
    start: async (incidentId) => void (await gateway.start(await startable(incidentId))),
    restart: async (incidentId) => void (await gateway.restart(await startable(incidentId))),
    async submit(alert) {
      const accepted = await system.take(alert);
      await tellEngine<Promise<unknown>>(accepted, gateway);
      return accepted.incidentId;
    },
    async forget() {
      await database.knex('answers').delete();
      await database.knex('quotas').update({ silent_until: null, strikes: 0, blocked: null, outcomes: '' });
    },
    incident: (id, wanted) => {
      let last: IncidentView | undefined;
      const what = () => `${id} to be as wanted; it is ${last?.status}, ${last?.verdict} (${last?.verdict_state})`;
      return until(what, async () => {
        last = await store.incidents.view(id);
        return last && wanted(last) ? last : undefined;
      });
    },
    async close() {
      // first, so that no lookup is left hanging that the workers would wait for
      await simulator.close();
      await Promise.all([dispatcher?.stop(), ...keepers.map((keeper) => keeper.stop())]);
      await system.stopWorkers();
      await Promise.all([gateway.close(), connection.close()]);
      await database.drop();
    },
  };
  return system;
}

function accept(deps: AcceptDeps, body: Record<string, unknown>): Promise<Accepted> {
  const receivedAt = new Date().toISOString();
  const [parsed] = parseSubmission({ body, receivedAt });
  if (!parsed) throw new Error('No alert in it');
  const original = Buffer.from(JSON.stringify(body));
  const receipt = { original, mediaType: 'application/json', receivedAt, actor: 'test' };
  return acceptAlert(parsed, receipt, deps);
}
