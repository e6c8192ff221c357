import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROVIDER_VARIABLES } from '../activities/providers';
import { PROJECT_ROOT } from '../config/home';
import type { Child } from './child';
import { StackError } from './errors';
import { tryLock } from './lock';
import type { OpenStack } from './open';
import { freePort, isPortFree } from './ports';
import type { Servers } from './servers';
import { ownServerVariables } from './temporal';

type Variables = Record<string, string | undefined>;

const DEFAULT_PORT = 8080;
const PORTS_TRIED = 100;
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
  const { variables, temporalAddress } = stack.env;
  const given = temporalAddress === undefined ? ownServerVariables(stack.paths, variables) : variables;
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

const ANY_KEY = 'the-simulator-takes-any-key';
/** Nothing is to wait for a quota that the simulator does not have. */
const AMPLE: Variables = {
  VIRUSTOTAL_PER_MINUTE: '1000',
  VIRUSTOTAL_PER_DAY: '100000',
  VIRUSTOTAL_PER_MONTH: '1000000',
  ABUSEIPDB_PER_DAY: '100000',
  GEOIP_PER_MINUTE: '1000',
};

/**
 * Starts the provider simulator.
 * @param script of a simulator that knows other documents
 * @returns the settings that make the suite ask it instead of the real providers
 */
export async function startSimulatorProcess(stack: OpenStack, script = 'stack/simulator/main.ts'): Promise<Variables> {
  const port = await freePort(stack.ports.get('simulator'));
  stack.ports.set('simulator', port);
  const url = `http://127.0.0.1:${port}`;
  await startProcess(stack, 'simulator', [script, String(port)], stack.env.variables, () =>
    answersOk(`${url}/_control/requests`),
  );
  return {
    // a source that the simulator does not play is left out, whatever keys this machine has
    ...Object.fromEntries(Object.keys(PROVIDER_VARIABLES).map((name) => [name, ''])),
    // nor is anybody told of what is made up
    ESCALATION_WEBHOOK_URL: '',
    ESCALATION_WEBHOOK_SECRET: '',
    SOAR_SIMULATED: '1',
    VIRUSTOTAL_URL: url,
    VIRUSTOTAL_API_KEY: ANY_KEY,
    ABUSEIPDB_URL: url,
    ABUSEIPDB_API_KEY: ANY_KEY,
    GEOIP_URL: url,
    ...AMPLE,
  };
}

export async function startWorkerProcess(stack: OpenStack, variables: Variables): Promise<void> {
  const ready = (child: Child): Promise<boolean> =>
    Promise.resolve(readFileSync(child.spec.log, 'utf8').includes('"worker ready"'));
  await startProcess(stack, 'worker', ['worker/main.ts'], variables, ready);
}

/** The port people reach: as `PORT` says, else 8080 or the next one that neither listens nor is being brought up. */
export async function apiPort({ env, atClose }: OpenStack): Promise<number> {
  const { port: wanted, host, cacheHome } = env;
  if (wanted !== undefined) {
    if (await isPortFree(wanted, host)) return wanted;
    throw new StackError(`Port ${wanted} is in use.`, { advice: ['set PORT to another one, or leave it out'] });
  }
  // the port is free until the API listens: another clone that starts meanwhile must not choose it too
  const folder = join(cacheHome, 'ports');
  mkdirSync(folder, { recursive: true });
  for (let port = DEFAULT_PORT; port < DEFAULT_PORT + PORTS_TRIED; port++) {
    const attempt = tryLock(join(folder, String(port)));
    if ('heldBy' in attempt) continue;
    if (await isPortFree(port, host)) {
      atClose(() => attempt.lock.release());
      return port;
    }
    attempt.lock.release();
  }
  throw new StackError(`No port is free from ${DEFAULT_PORT} on.`, { advice: ['set PORT to one that is'] });
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
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (response.ok) await response.body?.cancel();
  else throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
  return true;
}
