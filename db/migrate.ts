import type { Knex } from './connect';
import { MIGRATIONS } from './migrations';

type Named = (typeof MIGRATIONS)[number];

const TABLE = 'schema_migrations';

const config = {
  tableName: TABLE,
  migrationSource: {
    getMigrations: () => Promise.resolve([...MIGRATIONS]),
    getMigrationName: ({ name }: Named) => name,
    getMigration: ({ migration }: Named) => Promise.resolve(migration),
  },
  // the schema of a later version is no error: during a deploy old processes start beside new ones
  disableMigrationsListValidation: true,
};

/** The part of knex's client that its types leave open. */
interface Connections {
  acquireConnection(): Promise<never>;
  releaseConnection(session: never): Promise<void>;
}

/** One lock per database of the server; hashed, because MySQL takes at most 64 characters. */
const LOCK = "CONCAT('soar_migrate_', LEFT(SHA2(DATABASE(), 256), 32))";
const LOCK_SECONDS = 60;

/**
 * Brings the schema up to date; a second call does no harm. Of several processes at once one migrates and the others
 * wait for it; the lock dies with its connection, so a killed process never blocks the next. Takes two connections of
 * the pool: one holds the lock, one migrates.
 * @returns the names of the migrations that this call has run
 */
export async function migrate(knex: Knex): Promise<{ applied: string[] }> {
  const client = knex.client as Connections;
  const session = await client.acquireConnection();
  try {
    const lock = knex.raw(`SELECT GET_LOCK(${LOCK}, ${LOCK_SECONDS}) AS got`).connection(session);
    const [[{ got }]] = (await lock) as unknown as [[{ got: number }]];
    if (got !== 1) throw new Error(`Another process has been migrating for more than ${LOCK_SECONDS} s`);
    await knex.migrate.forceFreeMigrationsLock(config);
    const [, applied] = (await knex.migrate.latest(config)) as [number, string[]];
    return { applied };
  } finally {
    const release = knex.raw(`SELECT RELEASE_LOCK(${LOCK})`).connection(session);
    await release.catch(() => {});
    await client.releaseConnection(session);
  }
}

/** Names of the migrations that this version has and the database has not. Only reads. */
export async function pendingMigrations(knex: Knex): Promise<string[]> {
  const names = MIGRATIONS.map(({ name }) => name);
  if (!(await knex.schema.hasTable(TABLE))) return names;
  const done = new Set(await knex<{ name: string }>(TABLE).pluck('name'));
  return names.filter((name) => !done.has(name));
}
