import { hostname } from 'node:os';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { ActivityDeps } from '../activities/deps';
import { createProviders, PROVIDER_VARIABLES } from '../activities/providers';
import { ProviderSettingsError } from '../activities/providers/errors';
import { createWebhook } from '../activities/webhook';
import { InvalidEnvironmentError, loadEnv } from '../config/env';
import { createGuardSource, InvalidGuardFolderError, VENDORED_GUARDS } from '../config/guards';
import { statePaths } from '../config/home';
import { createLogger } from '../config/logger';
import type { Logger } from '../config/logger';
import { createSiteSources, InvalidSiteFileError } from '../config/site';
import { temporalConnection } from '../config/temporal';
import { connect } from '../db/connect';
import { createStore } from '../db/store';
import { DEFAULT_POLICY, policyWith } from '../domain/policy';
import { workflowBundle } from './bundle';
import { createWorkers, runWorkers } from './create-workers';
import { serveHealth } from './health';
import { registerProviders } from './register';

/** The SDK logs as (message, fields), pino as (fields, message). */
function temporalLogger(logger: Logger): DefaultLogger {
  return new DefaultLogger('INFO', ({ level, message, meta }) => {
    const name = level.toLowerCase() as 'trace' | 'debug' | 'info' | 'warn' | 'error';
    logger[name](meta ?? {}, message);
  });
}

/** What an operator has set wrong; its message says it all. */
const EXPECTED = [InvalidEnvironmentError, InvalidSiteFileError, InvalidGuardFolderError, ProviderSettingsError];

async function main(): Promise<void> {
  const env = loadEnv(PROVIDER_VARIABLES);
  const logger = createLogger('worker', env.logLevel);
  const sdkLogger = temporalLogger(logger);
  Runtime.install({ logger: sdkLogger, shutdownSignals: ['SIGINT', 'SIGTERM'] });
  const guards = createGuardSource([statePaths(env.soarHome).guards, VENDORED_GUARDS], (err) =>
    logger.error({ err }, 'warning lists unusable, keeping the last ones'),
  );
  const knex = connect(env.databaseUrl);
  const store = createStore(knex);
  const providers = createProviders(env.settings, { store, simulated: env.simulated });
  const { site, policy } = createSiteSources(env.siteFile, {
    base: policyWith(DEFAULT_POLICY, providers),
    onProblem: (err) => logger.error({ err }, 'site file unusable, keeping the last one'),
  });
  const { connectionOptions, namespace } = temporalConnection(env);
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const deps: ActivityDeps = {
      store,
      providers,
      site,
      policy,
      guards,
      logger,
      clock: () => new Date(),
      providerRetryForMs: env.providerRetryForMs,
      simulated: env.simulated,
      publicUrl: env.publicUrl,
      webhook: env.escalationWebhook && createWebhook(env.escalationWebhook),
    };
    const workers = await createWorkers(deps, {
      connection,
      namespace,
      bundlePath: await workflowBundle(sdkLogger),
      identity: `${hostname()}:${process.pid}`,
    });
    const stopping = new AbortController();
    const registered = registerProviders(deps, stopping.signal);
    const health =
      env.workerHealthPort === undefined ? undefined : serveHealth(workers, env.host, env.workerHealthPort);
    const running = runWorkers(workers);
    logger.info({ queues: workers.map((worker) => worker.options.taskQueue) }, 'worker ready');
    await running;
    stopping.abort();
    await registered;
    health?.close();
  } finally {
    await connection.close();
    await knex.destroy();
  }
}

main().catch((error: unknown) => {
  const text = error instanceof Error ? (isExpected(error) ? error.message : error.stack) : undefined;
  process.stderr.write(`${text ?? String(error)}\n`);
  process.exitCode = 1;
});

function isExpected(error: Error): boolean {
  return EXPECTED.some((kind) => error instanceof kind);
}
