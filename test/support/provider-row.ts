import type { Knex } from '../../db/connect';
import { Quotas } from '../../db/models';
import { lockQuota } from '../../db/repositories/quota-rows';
import type { QuotaRow } from '../../db/rows';
import { inTransaction } from '../../db/transaction';

/** Changes what the database knows of a source outside, as when time has passed that no test waits for. */
export function changeProvider(knex: Knex, name: string, change: (row: QuotaRow) => Partial<QuotaRow>): Promise<void> {
  return inTransaction(knex, async (trx) => {
    const { row } = await lockQuota(trx, name);
    await Quotas.query(trx).findById(name).patch(change(row));
  });
}
