import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../config/home';
import type { Child } from './child';
import { StackError } from './errors';
import type { OpenStack } from './open';
import { freePort, isPortFree, nextFreePort } from './ports';
import type { Servers } from './servers';
import { plain } from './temporal';

type Variables = Record<string, string | undefined>;

const DEFAULT_PORT = 8080;
const READY_WITHIN_MS = 120_000;
/** A process of ours that has been told to stop finishes what it holds. */
const GRACE_SECONDS = 20;

/** One of our own processes, run from its sources. */
async function startProcess(
  stack: OpenStack,
  name: string,
  script: string[],
  env: Variables,
  ready: (child: Child) => Promise<boolean>,
): Promise<void> {
  await stack.supervisor.start({
    name,
    command: process.execPath,
    args: ['--import', 'tsx', ...script],
    env,
    cwd: PROJECT_ROOT,
    log: join(stack.paths.logs, `${name}.log`),
    runDir: stack.paths.run,
    graceSeconds: GRACE_SECONDS,
    readyWithinMs: READY_WITHIN_MS,
    ready,
  });
}

/** What worker and API are configured by. */
export function serviceVariables(stack: OpenStack, { databaseUrl, temporal }: Servers, own: Variables): Variables {
  const given = stack.env.temporalAddress === undefined ? plain(stack.env.variables) : stack.env.variables;
  return {
    ...given,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEMPORAL_UI_URL: temporal.uiUrl,
    SOAR_HOME: stack.paths.home,
    ...own,
  };
}

/** Starts the provider simulator. @returns the settings that make the suite ask it instead of the real providers */
export async function startSimulatorProcess(stack: OpenStack): Promise<Variables> {
  const port = await freePort(stack.ports.get('simulator'));
  stack.ports.set('simulator', port);
  const url = `http://127.0.0.1:${port}`;
  await startProcess(stack, 'simulator', ['stack/simulator/main.ts', String(port)], stack.env.variables, () =>
    answersOk(`${url}/_control/requests`),
  );
  return {
    SOAR_SIMULATED: '1',
    VIRUSTOTAL_URL: url,
    VIRUSTOTAL_API_KEY: 'the-simulator-takes-any-key',
    GEOIP_URL: url,
  };
}

export async function startWorkerProcess(stack: OpenStack, variables: Variables): Promise<void> {
  const ready = (child: Child): Promise<boolean> =>
    Promise.resolve(readFileSync(child.spec.log, 'utf8').includes('"worker ready"'));
  await startProcess(stack, 'worker', ['worker/main.ts'], variables, ready);
}

/** The port people reach: as `PORT` says, else the one of last time, else 8080 or the next that is free. */
export async function apiPort(stack: OpenStack): Promise<number> {
  const { port, host } = stack.env;
  if (port !== undefined) {
    if (await isPortFree(port, host)) return port;
    throw new StackError(`Port ${port} is in use.`, { advice: ['set PORT to another one, or leave it out'] });
  }
  const chosen = await nextFreePort(DEFAULT_PORT, host);
  return chosen;
}

/** @returns the API's base URL */
export async function startApiProcess(stack: OpenStack, variables: Variables, port: number): Promise<string> {
  const { host } = stack.env;
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const url = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
  const env = { ...variables, PORT: String(port), HOST: host };
  await startProcess(stack, 'api', ['api/main.ts'], env, () => answersOk(`${url}/readyz`));
  writeFileSync(stack.paths.url, `${url}\n`);
  return url;
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
