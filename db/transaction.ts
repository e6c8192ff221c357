import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex, Transaction } from './connect';
import { isConflict } from './errors';

const TRIES = 8;

/**
 * Runs `work` in a transaction; one that lost a conflict (deadlock, lock wait, changed snapshot) is rolled back and run
 * again after a random pause. `work` must be repeatable.
 */
export async function inTransaction<T>(knex: Knex, work: (trx: Transaction) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await knex.transaction(work);
    } catch (error) {
      if (!isConflict(error) || tries === TRIES) throw error;
      await sleep(Math.random() * 20 * 2 ** tries);
    }
  }
}
