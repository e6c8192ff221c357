import { Worker } from '@temporalio/worker';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { createActivities, lookupActivities } from '../activities';
import type { ActivityDeps } from '../activities/deps';
import { PLAYBOOK_QUEUE } from '../domain/names';
import { activityInterceptor } from './interceptors';

export interface WorkerSettings {
  connection: NativeConnection;
  namespace: string;
  /** Path of the prebuilt workflow bundle. */
  bundlePath: string;
  /** Prefix of the worker's identity in the Temporal UI. */
  identity: string;
  /** Cached open runs; each costs about a megabyte of heap. */
  maxCachedWorkflows?: number;
}

/**
 * The workers of one process: one for the playbooks and all inside steps, and an activity-only one per outside
 * provider, whose queue an operator can watch, pause and brake by itself.
 */
export async function createWorkers(deps: ActivityDeps, settings: WorkerSettings): Promise<Worker[]> {
  const common = (queue: string): WorkerOptions => ({
    connection: settings.connection,
    namespace: settings.namespace,
    taskQueue: queue,
    identity: `${settings.identity}:${queue}`,
    interceptors: { activity: [activityInterceptor(deps.logger)] },
    shutdownGraceTime: '10s',
    shutdownForceTime: '15s',
  });
  const playbooks = Worker.create({
    ...common(PLAYBOOK_QUEUE),
    workflowBundle: { codePath: settings.bundlePath },
    activities: createActivities(deps),
    // an import tells how far it is, and hears that it is cancelled, at its heartbeats
    maxHeartbeatThrottleInterval: '5s',
    maxCachedWorkflows: settings.maxCachedWorkflows ?? 500,
    workflowTaskPollerBehavior: { type: 'autoscaling' },
    activityTaskPollerBehavior: { type: 'autoscaling' },
  });
  const providers = deps.providers
    // one that can be set up in several ways may have been outside when a lookup was put into its queue
    .filter(({ where, setting }) => where === 'outside' || setting !== undefined)
    .map((provider) =>
      Worker.create({
        ...common(provider.name),
        activities: lookupActivities(deps, [provider]),
        activityTaskPollerBehavior: { type: 'autoscaling' },
      }),
    );
  return Promise.all([playbooks, ...providers]);
}

/** Runs the workers until all have stopped; the first that fails takes the others down with it. */
export async function runWorkers(workers: readonly Worker[]): Promise<void> {
  const stopAll = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map((worker) => worker.run().finally(stopAll));
  const results = await Promise.allSettled(runs);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
