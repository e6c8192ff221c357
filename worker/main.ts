import { hostname } from 'node:os';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createProviders } from '../activities/providers';
import { InvalidEnvironmentError, loadEnv } from '../config/env';
import { createLogger } from '../config/logger';
import type { Logger } from '../config/logger';
import { createSiteSource, InvalidSiteFileError } from '../config/site';
import { temporalConnection } from '../config/temporal';
import { connect } from '../db/connect';
import { createStore } from '../db/store';
import { DEFAULT_POLICY } from '../domain/policy';
import { workflowBundle } from './bundle';
import { createWorkers, runWorkers } from './create-workers';
import { serveHealth } from './health';

/** The SDK logs as (message, fields), pino as (fields, message). */
function temporalLogger(logger: Logger): DefaultLogger {
  return new DefaultLogger('INFO', ({ level, message, meta }) => {
    const name = level.toLowerCase() as 'trace' | 'debug' | 'info' | 'warn' | 'error';
    logger[name](meta ?? {}, message);
  });
}

async function main(): Promise<void> {
  const env = loadEnv();
  const logger = createLogger('worker', env.logLevel);
  const sdkLogger = temporalLogger(logger);
  Runtime.install({ logger: sdkLogger, shutdownSignals: ['SIGINT', 'SIGTERM'] });
  const site = createSiteSource(env.siteFile, (err) =>
    logger.error({ err }, 'site file unusable, keeping the last one'),
  );
  const knex = connect(env.databaseUrl);
  const store = createStore(knex);
  const { connectionOptions, namespace } = temporalConnection(env);
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const workers = await createWorkers(
      {
        store,
        providers: createProviders({ ...env, store }),
        policy: DEFAULT_POLICY,
        site,
        logger,
        clock: () => new Date(),
        providerRetryForMs: env.providerRetryForMs,
        simulated: env.simulated,
        publicUrl: env.publicUrl,
      },
      { connection, namespace, bundlePath: await workflowBundle(sdkLogger), identity: `${hostname()}:${process.pid}` },
    );
    const health =
      env.workerHealthPort === undefined ? undefined : serveHealth(workers, env.host, env.workerHealthPort);
    const running = runWorkers(workers);
    logger.info({ queues: workers.map((worker) => worker.options.taskQueue) }, 'worker ready');
    await running;
    health?.close();
  } finally {
    await connection.close();
    await knex.destroy();
  }
}

main().catch((error: unknown) => {
  const expected = error instanceof InvalidEnvironmentError || error instanceof InvalidSiteFileError;
  process.stderr.write(`${expected ? error.message : (error instanceof Error && error.stack) || String(error)}\n`);
  process.exitCode = 1;
});
