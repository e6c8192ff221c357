import { loadEnv } from '../config/env';
import { connect, ensureDatabase } from '../db/connect';
import { migrate } from '../db/migrate';

/** `npm run migrate`: brings the database that `DATABASE_URL` names up to date; a second call does no harm. */
async function main(): Promise<void> {
  const { databaseUrl } = loadEnv();
  await ensureDatabase(databaseUrl);
  const knex = connect(databaseUrl, { poolSize: 2 });
  try {
    const { applied } = await migrate(knex);
    process.stdout.write(applied.length > 0 ? `applied: ${applied.join(', ')}\n` : 'nothing to apply\n');
  } finally {
    await knex.destroy();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
