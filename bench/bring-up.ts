import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { PROJECT_ROOT } from '../config/home';
import type { StackEnv } from '../config/stack';
import { connect } from '../db/connect';
import type { Knex } from '../db/connect';
import { openStack } from '../stack/open';
import type { OpenStack } from '../stack/open';
import { freePort } from '../stack/ports';
import type { Progress } from '../stack/progress';
import { prepareSchema } from '../stack/schema';
import { startServers } from '../stack/servers';
import {
  apiPort,
  serviceVariables,
  startApiProcess,
  startSimulatorProcess,
  startWorkerProcess,
} from '../stack/services';
import { connectTemporal } from '../stack/temporal-namespace';
import { createCpuMeter } from './cpu';
import type { CpuMeter } from './cpu';

/** Limits of the providers: none, so that they do not brake. */
const NO_LIMITS = {
  VIRUSTOTAL_PER_MINUTE: '0',
  VIRUSTOTAL_PER_DAY: '0',
  VIRUSTOTAL_PER_MONTH: '0',
  ABUSEIPDB_PER_DAY: '0',
  GEOIP_PER_MINUTE: '0',
};
/** What may be set for the real suite: an empty value counts as not set, and `.env` does not overrule it. */
const DEFAULTS = Object.fromEntries(
  'DATABASE_URL TEMPORAL_ADDRESS TEMPORAL_NAMESPACE TEMPORAL_UI_URL PORT HOST PUBLIC_URL PROVIDER_RETRY_FOR WORKER_HEALTH_PORT LOG_LEVEL'
    .split(' ')
    .map((name) => [name, '']),
);
export const FLOOR_QUEUE = 'bench-floor';
const START_WITHIN_MS = 120_000;

/** The suite with simulated providers, on servers of its own with empty data. */
export interface Bench {
  stack: OpenStack;
  url: string;
  apiKey: string;
  simulatorUrl: string;
  knex: Knex;
  client: Client;
  /** Starts the floor's worker. @returns where it tells which runs have ended */
  startFloor(lookupQueues: string[]): Promise<string>;
  /** For every process that is up. */
  cpuMeter(): CpuMeter;
}

/** Takes `.soar/bench` and empties it. @throws StackError when another process is using it */
export async function openBench(env: StackEnv, progress: Progress): Promise<OpenStack> {
  const own: StackEnv = {
    ...env,
    variables: { ...env.variables, ...DEFAULTS },
    databaseUrl: undefined,
    temporalAddress: undefined,
    temporalNamespace: undefined,
    temporalUiUrl: undefined,
    port: undefined,
    host: '127.0.0.1',
    soarHome: join(env.soarHome ?? '.soar', 'bench'),
  };
  const stack = await openStack(own, 'start', progress);
  const { mysqlData, apiKey, temporalDb } = stack.paths;
  for (const path of [mysqlData, apiKey, temporalDb, `${temporalDb}-wal`, `${temporalDb}-shm`]) {
    rmSync(path, { recursive: true, force: true });
  }
  return stack;
}

export async function bringUp(stack: OpenStack): Promise<Bench> {
  const { progress, paths } = stack;
  const servers = await startServers(stack, 'start');
  await progress.step('Database schema', (report) => prepareSchema(stack, servers.databaseUrl, 'start', report));
  const simulated = await progress.step('Provider simulator', () => startSimulatorProcess(stack, 'bench/simulator.ts'));
  const port = await apiPort(stack);
  const variables = serviceVariables(stack, servers, {
    ...simulated,
    ...NO_LIMITS,
    SOAR_SITE_FILE: join(PROJECT_ROOT, 'samples', 'site.demo.yaml'),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    // an incident for each alert is what is measured
    CORRELATION_WINDOW: '0',
  });
  await progress.step('Worker', () => startWorkerProcess(stack, variables));
  const url = await progress.step('API', () => startApiProcess(stack, variables, port));
  const { address, namespace } = servers.temporal;
  const knex = connect(servers.databaseUrl, { poolSize: 1 });
  const connection = await connectTemporal(address, variables);
  stack.atClose(() => void knex.destroy());
  stack.atClose(() => void connection.close());
  return {
    stack,
    url,
    apiKey: readFileSync(paths.apiKey, 'utf8').trim(),
    simulatorUrl: simulated.VIRUSTOTAL_URL ?? '',
    knex,
    client: new Client({ connection, namespace }),
    startFloor: (lookupQueues) =>
      progress.step('Worker of the floor', () => startFloorProcess(stack, { address, namespace, lookupQueues })),
    cpuMeter: () => createCpuMeter(processesOf(stack)),
  };
}

async function startFloorProcess(
  stack: OpenStack,
  given: { address: string; namespace: string; lookupQueues: string[] },
): Promise<string> {
  const port = await freePort();
  const log = join(stack.paths.logs, 'floor.log');
  await stack.supervisor.start({
    name: 'floor',
    command: process.execPath,
    args: ['--import', 'tsx', 'bench/floor/main.ts', JSON.stringify({ ...given, port, queue: FLOOR_QUEUE })],
    env: stack.env.variables,
    cwd: PROJECT_ROOT,
    log,
    runDir: stack.paths.run,
    graceSeconds: 20,
    readyWithinMs: START_WITHIN_MS,
    ready: () => Promise.resolve(readFileSync(log, 'utf8').includes('floor ready')),
  });
  return `http://127.0.0.1:${port}/`;
}

function processesOf({ supervisor }: OpenStack): Record<string, number> {
  const names = ['api', 'worker', 'temporal', 'mysql', 'simulator', 'floor'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const pid = supervisor.child(name)?.pid;
      return pid === undefined ? [] : [[name, pid] as const];
    }),
  );
}
