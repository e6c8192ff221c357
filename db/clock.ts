import type { Knex } from './connect';
import { toSqlTime } from './time';

/** Stands in for the database's own clock. */
export type Clock = () => Date;

/**
 * The present moment in SQL: by the database's clock, the one that all processes share. It is that of the statement's
 * beginning; a statement that may wait for a lock gives the moment at which it has it by {@link sqlNowUnderLock}.
 */
export function sqlNow(knex: Knex, clock?: Clock): Knex.Raw {
  return clock ? standIn(knex, clock) : knex.raw('UTC_TIMESTAMP(6)');
}

/** As {@link sqlNow}, but of the moment at which the row is given out. Sessions are in UTC. */
export function sqlNowUnderLock(knex: Knex, clock?: Clock): Knex.Raw {
  return clock ? standIn(knex, clock) : knex.raw('SYSDATE(6)');
}

function standIn(knex: Knex, clock: Clock): Knex.Raw {
  return knex.raw('CAST(? AS DATETIME(6))', [toSqlTime(clock().toISOString())]);
}
