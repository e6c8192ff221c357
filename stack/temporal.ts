import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT, type StatePaths } from '../config/home';
import { registerSearchAttributes } from '../api/search-attributes';
import type { StackContext } from './context';
import { freePort, isPortFree } from './ports';
import type { Report } from './progress';
import { setRetention, withTemporal } from './temporal-namespace';
import { temporalProgram, type TemporalProgram } from './temporal-program';

export interface TemporalServer {
  /** `host:port` of the gRPC service. */
  address: string;
  namespace: string;
  /** Base URL of the Web UI. */
  uiUrl: string | undefined;
}

const NAMESPACE = 'default';
/** The dev server itself keeps closed runs for a day only. */
const RETENTION_DAYS = 30;
const START_WITHIN_MS = 120_000;
const PORT_ATTEMPTS = 3;

/**
 * Starts a Temporal server with its Web UI: state in a file of the state folder, on free loopback ports; sets the
 * retention of its namespace and registers our search attributes.
 * @throws StackError when there is no program and none can be made, or it does not start
 */
export async function startPrivateTemporal(context: StackContext, report: Report): Promise<TemporalServer> {
  const program = await temporalProgram(context, report);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(context.ports.get('temporal'));
    const uiPort = await freePort(context.ports.get('temporal-ui'));
    report(`server ${program.version} on port ${port}, Web UI on port ${uiPort}`);
    try {
      await startOn(context, program, port, uiPort);
      context.ports.set('temporal', port);
      context.ports.set('temporal-ui', uiPort);
      return { address: `127.0.0.1:${port}`, namespace: NAMESPACE, uiUrl: `http://127.0.0.1:${uiPort}` };
    } catch (error) {
      // somebody else took a port between our look and the server's
      if (attempt === PORT_ATTEMPTS || ((await isPortFree(port)) && (await isPortFree(uiPort)))) throw error;
    }
  }
}

async function startOn(context: StackContext, program: TemporalProgram, port: number, uiPort: number): Promise<void> {
  const { paths, supervisor } = context;
  const address = `127.0.0.1:${port}`;
  writeFileSync(paths.temporalConfig, `[profile.default]\naddress = "${address}"\nnamespace = "${NAMESPACE}"\n`);
  const target = { address, variables: ownServerVariables(paths, context.env.variables) };
  await supervisor.start({
    name: 'temporal',
    command: program.path,
    args: serverArgs(context, port, uiPort),
    env: context.env.variables,
    cwd: PROJECT_ROOT,
    log: join(paths.logs, 'temporal.log'),
    runDir: paths.run,
    graceSeconds: 20,
    readyWithinMs: START_WITHIN_MS,
    ready: () => serves(target),
    advice: [
      `if it says that its database is not usable: stop, move ${paths.temporalDb}* away, start again`,
      '  (open incidents are then restarted from MySQL)',
      'or use another server: set TEMPORAL_ADDRESS',
    ],
  });
  await withTemporal(target, async (connection) => {
    await setRetention(connection, NAMESPACE, RETENTION_DAYS);
    await registerSearchAttributes(connection, NAMESPACE);
  });
}

/**
 * The environment to reach our own server with, which has neither TLS nor keys: what is meant for another one would only
 * break the way to it, be it set, in `.env`, or in the user's own Temporal configuration.
 */
export function ownServerVariables(
  { temporalConfig }: Pick<StatePaths, 'temporalConfig'>,
  variables: Record<string, string | undefined>,
): Record<string, string | undefined> {
  const others = Object.entries(variables).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(others), TEMPORAL_CONFIG_FILE: temporalConfig, TEMPORAL_TLS: 'false' };
}

async function serves(target: Parameters<typeof withTemporal>[0]): Promise<boolean> {
  await withTemporal(target, async (connection) => {
    await connection.workflowService.listWorkflowExecutions({ namespace: NAMESPACE, pageSize: 1 });
  });
  return true;
}

function serverArgs(context: StackContext, port: number, uiPort: number): string[] {
  const dynamic = [
    'system.enableActivityEagerExecution=true',
    // one partition: a queue here has few pollers, and rate limits are divided by the partitions
    'matching.numTaskqueueReadPartitions=1',
    'matching.numTaskqueueWritePartitions=1',
  ];
  return [
    'server',
    'start-dev',
    ...['--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
    ...['--db-filename', context.paths.temporalDb],
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', `synchronous=${context.durable ? 'NORMAL' : 'OFF'}`],
    ...['--namespace', NAMESPACE, '--log-level', 'warn', '--ui-disable-news-fetch'],
    ...dynamic.flatMap((setting) => ['--dynamic-config-value', setting]),
  ];
}
