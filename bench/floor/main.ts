import { createServer } from 'node:http';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { runWorkers } from '../../worker/create-workers';
import type { FloorStepInput } from './script';

interface Settings {
  address: string;
  namespace: string;
  /** Port on which it tells which runs have ended. */
  port: number;
  /** Queue of the workflow itself. */
  queue: string;
  /** One worker each, as the suite has one for each provider. */
  lookupQueues: string[];
}

/** A run whose last step was taken, ms since 1970. */
export interface EndedRun {
  run: string;
  at: number;
}

/** `main.ts SETTINGS`: workers made like the suite's, in one process like its, with steps that do nothing. */
async function main(): Promise<void> {
  const settings = JSON.parse(process.argv[2] ?? '{}') as Settings;
  const logger = new DefaultLogger('WARN');
  Runtime.install({ logger, shutdownSignals: ['SIGINT', 'SIGTERM'] });
  const connection = await NativeConnection.connect({ address: settings.address });
  const ended: EndedRun[] = [];
  const activities = {
    step({ run, last }: FloorStepInput): Promise<void> {
      if (last) ended.push({ run, at: Date.now() });
      return Promise.resolve();
    },
  };
  const common = { connection, namespace: settings.namespace, activities, shutdownGraceTime: '10s' } as const;
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: settings.queue,
      workflowBundle: await bundleWorkflowCode({ workflowsPath: require.resolve('./workflow'), logger }),
      maxCachedWorkflows: 500,
      workflowTaskPollerBehavior: { type: 'autoscaling' },
      activityTaskPollerBehavior: { type: 'autoscaling' },
    }),
    ...settings.lookupQueues.map((taskQueue) =>
      Worker.create({ ...common, taskQueue, activityTaskPollerBehavior: { type: 'autoscaling' } }),
    ),
  ]);
  const server = createServer((request, response) => {
    const from = Number(new URL(request.url ?? '/', 'http://floor.invalid').searchParams.get('from') ?? 0);
    response.end(JSON.stringify(ended.slice(from)));
  }).listen(settings.port, '127.0.0.1');
  process.stdout.write('floor ready\n');
  await runWorkers(workers);
  server.closeAllConnections();
  server.close();
  await connection.close();
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error instanceof Error && error.stack) || String(error)}\n`);
  process.exit(1);
});
