import { rmSync, writeFileSync } from 'node:fs';
import { PROVIDER_VARIABLES } from '../activities/providers';
import { InvalidEnvironmentError, parseEnv } from '../config/env';
import { loadStackEnv } from '../config/stack';
import type { StackEnv } from '../config/stack';
import { describeFailure, StackError } from './errors';
import { openStack } from './open';
import type { OpenStack } from './open';
import { coloursFor, createProgress } from './progress';
import { prepareSchema } from './schema';
import { startServers } from './servers';
import type { Servers } from './servers';
import { stopSignal } from './stopping';
import { writeDemoSite } from './demo-site';
import { apiPort, serviceVariables, startApiProcess, startSimulatorProcess, startWorkerProcess } from './services';

/** A whole suite that is up. */
export interface RunningSuite {
  url: string;
  servers: Servers;
  stack: OpenStack;
}

/**
 * Brings the suite up, hands it to `use`, and stops everything when that is done, when a part keeps failing, or when
 * this process is told to stop.
 * @param use runs while the suite is up; its result is the exit code. It ends early when the signal is aborted.
 */
export async function runSuite(
  kind: 'start' | 'demo',
  use: (suite: RunningSuite, stopping: AbortSignal) => Promise<number>,
): Promise<number> {
  const progress = createProgress(process.stdout);
  const stopping = stopSignal();
  let stack: OpenStack | undefined;
  stopping.addEventListener('abort', () => {
    progress.note('\nstopping …');
    void stack?.supervisor.stopAll();
  });
  try {
    const env = loadStackEnv();
    checkSettings(env);
    stack = await openStack(env, kind, progress);
    if (stopping.aborted) return 130;
    const suite = await bringUp(stack, kind);
    announce(suite);
    return await Promise.race([use(suite, stopping), stack.supervisor.failed]);
  } catch (error) {
    if (stopping.aborted) return 130;
    process.stderr.write(`\n${coloursFor(process.stderr).red('✘')} ${describeFailure(error)}\n`);
    return 1;
  } finally {
    if (stack) {
      rmSync(stack.paths.url, { force: true });
      await stack.close();
    }
  }
}

/** What the processes would refuse later, all at once and before anything is started. */
function checkSettings(env: StackEnv): void {
  try {
    // one that is brought up here has no URL yet
    parseEnv({ ...env.variables, DATABASE_URL: env.databaseUrl ?? 'mysql://127.0.0.1/soar' }, PROVIDER_VARIABLES);
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error;
    throw new StackError(error.message, {
      advice: ['correct them in the environment or in .env; .env.example explains each'],
    });
  }
}

async function bringUp(stack: OpenStack, kind: 'start' | 'demo'): Promise<RunningSuite> {
  const { progress } = stack;
  const servers = await startServers(stack, kind);
  writeFileSync(stack.paths.temporal, JSON.stringify(servers.temporal));
  await progress.step('Database schema', (report) => prepareSchema(stack, servers.databaseUrl, kind, report));
  const own =
    kind === 'demo'
      ? {
          ...(await progress.step('Provider simulator', () => startSimulatorProcess(stack))),
          SOAR_SITE_FILE: writeDemoSite(stack.paths.site),
        }
      : {};
  const port = await apiPort(stack);
  const publicUrl = stack.env.variables.PUBLIC_URL || `http://127.0.0.1:${port}`;
  const variables = serviceVariables(stack, servers, { ...own, PUBLIC_URL: publicUrl });
  await progress.step('Worker', () => startWorkerProcess(stack, variables));
  const url = await progress.step('API', () => startApiProcess(stack, variables, port));
  return { url, servers, stack };
}

function announce({ url, servers, stack }: RunningSuite): void {
  const lines: [string, string][] = [
    ['API', `${url}/api/v1`],
    ['API reference', `${url}/docs`],
    [
      'Temporal UI',
      servers.temporal.uiUrl
        ? `${servers.temporal.uiUrl}/namespaces/${servers.temporal.namespace}/workflows`
        : 'unknown (TEMPORAL_UI_URL)',
    ],
    ['API key', stack.paths.apiKey],
    ['Logs', stack.paths.logs],
  ];
  process.stdout.write(`\nSOAR ready: ${url}\n\n`);
  for (const [name, value] of lines) process.stdout.write(`  ${name.padEnd(14)} ${value}\n`);
  process.stdout.write('\n');
}
