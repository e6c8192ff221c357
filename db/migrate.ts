import type { Knex } from './connect';
import { MIGRATIONS } from './migrations';

type Named = (typeof MIGRATIONS)[number];

const config = {
  tableName: 'schema_migrations',
  migrationSource: {
    getMigrations: () => Promise.resolve([...MIGRATIONS]),
    getMigrationName: ({ name }: Named) => name,
    getMigration: ({ migration }: Named) => Promise.resolve(migration),
  },
};

const LOCK = 'soar_suite_migrate';
const LOCK_SECONDS = 60;

/**
 * Brings the schema up to date; a second call does no harm. Of several processes at once one migrates and the others
 * wait for it; the lock dies with its connection, so a killed process never blocks the next.
 */
export async function migrate(knex: Knex): Promise<{ applied: string[] }> {
  const session = (await knex.client.acquireConnection()) as unknown;
  try {
    const locked = () => knex.raw('SELECT GET_LOCK(CONCAT(?, DATABASE()), ?) AS got', [LOCK, LOCK_SECONDS]).connection(session as never);
    const [[{ got }]] = (await locked()) as [[{ got: number }]];
    if (got !== 1) throw new Error(`Another process has been migrating for more than ${LOCK_SECONDS} s`);
    await knex.migrate.forceFreeMigrationsLock(config);
    const [, applied] = (await knex.migrate.latest(config)) as [number, string[]];
    return { applied };
  } finally {
    await knex.raw('SELECT RELEASE_LOCK(CONCAT(?, DATABASE()))', [LOCK]).connection(session as never).catch(() => {});
    await knex.client.releaseConnection(session);
  }
}

/** Names of the migrations that this version has and the database has not. */
export async function pendingMigrations(knex: Knex): Promise<string[]> {
  const [, pending] = (await knex.migrate.list(config)) as [unknown, Named[]];
  return pending.map(({ name }) => name);
}
