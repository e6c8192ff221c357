import type { Transaction } from './connect';
import { toSqlTime } from './time';

/** Raises an incident's version: whoever has seen it before has not seen what this transaction adds. */
export async function touchIncident(trx: Transaction, id: string): Promise<void> {
  await trx('incidents')
    .where({ id })
    .increment('version', 1)
    .update({ updated_at: toSqlTime(new Date().toISOString()) });
}
