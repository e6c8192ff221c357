import type { CliEnv } from '../config/cli';
import { connect } from '../db/connect';
import { createStore, type Store } from '../db/store';
import { findDatabaseUrl } from './connection';
import { CliError, messageOf } from './errors';

/**
 * Works on the database itself, whether an API is up or not.
 * @param failure what could not be done when the database does not do it, as a sentence without its end
 * @throws CliError
 */
export async function withDatabase<T>(env: CliEnv, failure: string, work: (store: Store) => Promise<T>): Promise<T> {
  const knex = connect(await findDatabaseUrl(env), { poolSize: 2 });
  try {
    return await work(createStore(knex));
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(
      `${failure} (${messageOf(error)}).`,
      'Is the database up, and are its migrations applied? `soar doctor` says more.',
    );
  } finally {
    await knex.destroy();
  }
}
