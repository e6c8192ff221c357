import knexFactory from 'knex';
import type { Knex } from 'knex';
import { createConnection } from 'mysql2/promise';
import { fromSqlTime } from './time';

export type { Knex } from 'knex';
/** A transaction in which several repositories may write. */
export type Transaction = Knex.Transaction;

interface ColumnValue {
  type: string;
  string(): string | null;
}

interface Session {
  query(sql: string, done: (error: Error | null) => void): void;
}

/**
 * Whatever the server's own is: what does not fit is refused instead of cut off, and a backslash escapes, as the driver,
 * which puts values into statements itself, takes for granted.
 */
const SQL_MODE = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

/**
 * A pool of connections. Every session is in UTC and READ COMMITTED: a transaction that has waited for a lock then sees
 * what the former holder wrote, and fewer gaps are locked.
 * @param databaseUrl `mysql://user:password@host:port/database`
 * @param options.poolSize most connections at once; default 10
 */
export function connect(databaseUrl: string, options: { poolSize?: number } = {}): Knex {
  return knexFactory({
    client: 'mysql2',
    // values in error messages would carry evidence into logs and workflow histories
    compileSqlOnError: false,
    // what it would say on standard error it also throws
    log: { warn: () => {} },
    connection: {
      uri: databaseUrl,
      charset: 'utf8mb4',
      timezone: 'Z',
      supportBigNumbers: true,
      connectTimeout: 5000,
      typeCast(field: ColumnValue, next: () => unknown) {
        if (field.type !== 'DATETIME') return next();
        const text = field.string();
        return text === null ? null : fromSqlTime(text);
      },
    } as Knex.MySql2ConnectionConfig,
    acquireConnectionTimeout: 10_000,
    pool: {
      min: 0,
      max: options.poolSize ?? 10,
      afterCreate(session: Session, done: (error: Error | null, session: Session) => void) {
        session.query(`SET time_zone = '+00:00', sql_mode = '${SQL_MODE}'`, (error) => {
          if (error) return done(error, session);
          // as a statement: the variable has another name on MariaDB before 11.1
          session.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', (failed) => done(failed, session));
        });
      },
    },
  });
}

/** Creates the database the URL names, if it is not there. */
export async function ensureDatabase(databaseUrl: string): Promise<void> {
  const url = new URL(databaseUrl);
  const name = decodeURIComponent(url.pathname.slice(1));
  url.pathname = '/';
  const connection = await createConnection({ uri: url.toString(), connectTimeout: 5000 });
  try {
    await connection.query('CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci', [name]);
  } finally {
    await connection.end();
  }
}

/** Resolves when the database answers. */
export async function ping(knex: Knex): Promise<void> {
  await knex.raw('SELECT 1');
}
