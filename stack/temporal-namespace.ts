import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { temporal } from '@temporalio/proto';

const DAY_MS = 86_400_000;
const GRPC_NOT_FOUND = 5;
const GRPC_ALREADY_EXISTS = 6;
const USABLE_WITHIN_MS = 30_000;

/** Connects as the processes do: Temporal's own environment configuration (TLS, API key), with this address. */
export async function connectTemporal(
  address: string,
  variables: Record<string, string | undefined>,
): Promise<Connection> {
  const set = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const { connectionOptions } = loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set) });
  return Connection.connect({ ...connectionOptions, address, connectTimeout: '5s' });
}

/** Runs `use` with a connection that is closed afterwards. */
export async function withTemporal<T>(
  target: { address: string; variables: Record<string, string | undefined> },
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connectTemporal(target.address, target.variables);
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

/** How long a namespace keeps closed runs, in days; undefined when there is no such namespace. */
export async function retentionDays(connection: Connection, namespace: string): Promise<number | undefined> {
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    return (Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1000) / DAY_MS;
  } catch (error) {
    if ((error as { code?: number }).code === GRPC_NOT_FOUND) return undefined;
    throw error;
  }
}

export async function setRetention(connection: Connection, namespace: string, days: number): Promise<void> {
  if ((await retentionDays(connection, namespace)) === days) return;
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: msToTs(days * DAY_MS) },
  });
}

/** Makes a namespace when it is not there, and waits until it can be used. */
export async function ensureNamespace(connection: Connection, namespace: string, days: number): Promise<void> {
  if ((await retentionDays(connection, namespace)) !== undefined) return;
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs(days * DAY_MS),
    });
  } catch (error) {
    if ((error as { code?: number }).code !== GRPC_ALREADY_EXISTS) throw error;
  }
  const deadline = Date.now() + USABLE_WITHIN_MS;
  while (!(await isUsable(connection, namespace))) {
    if (Date.now() > deadline) throw new Error(`namespace ${namespace} was made but cannot be used`);
    await sleep(200);
  }
}

/** The parts of a server keep a list of namespaces each, and learn of a new one some seconds later. */
async function isUsable(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 });
    return true;
  } catch {
    return false;
  }
}

export async function serverVersion(connection: Connection): Promise<string> {
  const { serverVersion: version } = await connection.workflowService.getSystemInfo({});
  return version || 'unknown';
}

/** How many workers ask a task queue for activities. */
export async function pollersOf(connection: Connection, namespace: string, queue: string): Promise<number> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: queue },
    taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
  });
  return pollers?.length ?? 0;
}
