import type { Knex } from './connect';
import { toSqlTime } from './time';

/** Stands in for the database's own clock. */
export type Clock = () => Date;

/**
 * The present moment in SQL: by the database's clock, the one that all processes share. It is that of the statement's
 * beginning, so where a lock rules, it belongs into a statement after the one that waits for the lock.
 */
export function sqlNow(knex: Knex, clock?: Clock): Knex.Raw {
  return clock ? knex.raw('CAST(? AS DATETIME(6))', [toSqlTime(clock().toISOString())]) : knex.raw('UTC_TIMESTAMP(6)');
}
