import { emptyQuota } from '../../domain/quota';
import { sqlNow } from '../clock';
import type { Clock } from '../clock';
import type { Knex, Transaction } from '../connect';
import { Quotas, toColumns } from '../models';
import type { QuotaRow } from '../rows';
import type { Instant } from '../time';

/** Locks a provider's row for the rest of the transaction; the first to ask makes it. */
export async function lockQuota(trx: Transaction, provider: string, clock: Clock | undefined): Promise<QuotaRow> {
  const locked = await Quotas.query(trx).findById(provider).forUpdate();
  if (locked) return locked;
  const empty = toColumns(Quotas, { provider, state: emptyQuota(), strikes: 0, outcomes: '' });
  // merge, not ignore: it takes the exclusive lock at once
  await trx('quotas')
    .insert({ ...empty, updated_at: sqlNow(trx, clock) })
    .onConflict('provider')
    .merge(['provider']);
  return lockQuota(trx, provider, clock);
}

/** Every registered provider by name, or that one, and the present moment. */
export async function readQuotas(
  knex: Knex,
  clock?: Clock,
  provider?: string,
): Promise<{ row: QuotaRow; now: Instant }[]> {
  const rows = (await knex('quotas')
    .select('quotas.*', knex.raw('? AS now', [sqlNow(knex, clock)]))
    .whereNotNull('profile')
    .where(provider === undefined ? {} : { provider })
    .orderBy('provider')) as (QuotaRow & { now: Instant })[];
  return rows.map(({ now, ...row }) => ({ row: Quotas.fromDatabaseJson(row), now }));
}
