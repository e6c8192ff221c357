import { basename, isAbsolute, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidEnvironmentError, loadEnv, type Env } from '../config/env';
import { createGuardSource, InvalidGuardFolderError, VENDORED_GUARDS } from '../config/guards';
import { statePaths } from '../config/home';
import { createLogger, type Logger } from '../config/logger';
import { createSiteSources, InvalidSiteFileError } from '../config/site';
import { temporalConnection } from '../config/temporal';
import { connect, ping, type Knex } from '../db/connect';
import { pendingMigrations } from '../db/migrate';
import { createStore, type Store } from '../db/store';
import { DEFAULT_POLICY } from '../domain/policy';
import { createApp } from './app';
import { startDispatcher } from './dispatcher';
import { startFeedKeeper } from './feed-keeper';
import { ensureFirstKey } from './first-key';
import { createEngineGateway } from './gateway';
import { startImportKeeper } from './import-keeper';
import { startNoticeKeeper } from './notice-keeper';
import { startReconciler } from './reconciler';
import { startRescoreKeeper } from './rescore-keeper';
import { listen } from './server';

/** Pause before looking again for a database that is away or not migrated yet, ms. */
const LOOK_AGAIN_MS = 1_000;

async function main(): Promise<void> {
  const env = loadEnv();
  const logger = createLogger('api', env.logLevel);
  const { site, policy } = createSiteSources(env.siteFile, {
    base: DEFAULT_POLICY,
    knowsSources: false,
    onProblem: (err) => logger.error({ err }, 'site file unusable, keeping the last one'),
  });
  const guards = createGuardSource([statePaths(env.soarHome).guards, VENDORED_GUARDS], (err) =>
    logger.error({ err }, 'warning lists unusable, keeping the last ones'),
  );
  const knex = connect(env.databaseUrl);
  const store = createStore(knex);
  const gateway = createEngineGateway(temporalConnection(env));
  const clock = (): Date => new Date();
  const app = createApp({
    store,
    database: { ping: () => ping(knex), pendingMigrations: () => pendingMigrations(knex) },
    gateway,
    site,
    guards,
    policy,
    logger,
    clock,
    correlationWindowMs: env.correlationWindowMs,
    importLimit: env.iocImportLimit,
    publicUrl: env.publicUrl,
    keyFile: shownPath(statePaths(env.soarHome).apiKey),
    temporal: { uiUrl: env.temporalUiUrl, namespace: env.temporalNamespace },
  });
  const stopping = stopSignal(logger);
  const server = await listen(app, env);
  logger.info({ host: env.host, port: server.port }, 'api listening');
  if (await prepare({ knex, store, env, logger, stopping })) {
    const reconciler = startReconciler({ store, gateway, logger, clock });
    const dispatcher = startDispatcher({ store, gateway, logger });
    const keepers = [
      startRescoreKeeper({ store, gateway, logger, clock }),
      startNoticeKeeper({ store, gateway, logger }),
      startImportKeeper({ store, gateway, logger, clock }),
      startFeedKeeper({ store, gateway, logger }),
    ];
    await aborted(stopping);
    await Promise.all([
      server.close(),
      reconciler.stop(),
      dispatcher.stop(),
      ...keepers.map((keeper) => keeper.stop()),
    ]);
  } else {
    await server.close();
  }
  await knex.destroy();
  await gateway.close();
  logger.info('api stopped');
  // The Temporal client may have a retry on its timer, which would fail on the closed connection: nothing is left to do.
  process.exit(0);
}

/** Relative to where the process runs; of a file elsewhere only the name, since the page that shows it is open. */
function shownPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') || isAbsolute(path) ? `STATE_FOLDER/${basename(file)}` : path;
}

interface Preparation {
  knex: Knex;
  store: Store;
  env: Env;
  logger: Logger;
  stopping: AbortSignal;
}

/**
 * Waits until the database is there and migrated (requests are refused meanwhile, and `/readyz` says why), then sees to
 * the first key.
 * @returns false when the process was told to stop before
 */
async function prepare({ knex, store, env, logger, stopping }: Preparation): Promise<boolean> {
  let told = '';
  while (!stopping.aborted) {
    const obstacle = await obstacleOf(knex);
    if (obstacle === undefined) {
      await ensureFirstKey(store.apiKeys, statePaths(env.soarHome).apiKey, logger);
      return true;
    }
    if (obstacle !== told) logger.warn(`waiting for the database: ${obstacle}`);
    told = obstacle;
    await sleep(LOOK_AGAIN_MS, undefined, { signal: stopping }).catch(() => {});
  }
  return false;
}

async function obstacleOf(knex: Knex): Promise<string | undefined> {
  try {
    const pending = await pendingMigrations(knex);
    return pending.length === 0 ? undefined : `migrations pending: ${pending.join(', ')}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Aborts at the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(logger: Logger): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(1);
      logger.info({ signal }, 'stopping');
      controller.abort();
    });
  }
  return controller.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** What an operator has set wrong; its message says it all. */
const EXPECTED = [InvalidEnvironmentError, InvalidSiteFileError, InvalidGuardFolderError];

main().catch((error: unknown) => {
  const text = error instanceof Error ? (isExpected(error) ? error.message : error.stack) : undefined;
  process.stderr.write(`${text ?? String(error)}\n`);
  process.exit(1);
});

function isExpected(error: Error): boolean {
  return EXPECTED.some((kind) => error instanceof kind);
}
