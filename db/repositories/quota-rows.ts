import type { ObservableId } from '../../domain/observable';
import { emptyQuota } from '../../domain/quota';
import { sqlNow, sqlNowUnderLock } from '../clock';
import type { Clock } from '../clock';
import type { Knex, Transaction } from '../connect';
import { Quotas, toColumns } from '../models';
import type { AnswerRow, Nullable, QuotaRow } from '../rows';
import type { Instant } from '../time';
import { answerIn, hashOf } from './answers';

/** A provider's row as it is under its lock. */
export interface LockedQuota {
  row: QuotaRow;
  /** What is known of the observable that was asked for. */
  answer: AnswerRow | undefined;
  /** When the lock was there. */
  now: Instant;
}

/**
 * Locks a provider's row for the rest of the transaction; the first to ask makes it. One statement: what it reads beside
 * the row is read when the lock is there.
 */
export async function lockQuota(
  trx: Transaction,
  provider: string,
  options: { clock?: Clock | undefined; observable?: ObservableId } = {},
): Promise<LockedQuota> {
  const { clock, observable } = options;
  const statement = trx.raw(
    `SELECT ? AS now, quota.*, answer.* FROM quotas AS quota
     LEFT JOIN answers AS answer ON answer.provider = quota.provider AND answer.observable_hash = ?
     WHERE quota.provider = ? FOR UPDATE`,
    [sqlNowUnderLock(trx, clock), observable === undefined ? null : hashOf(observable), provider],
  );
  const [[found]] = (await statement.options({ nestTables: true })) as [
    [{ '': { now: Instant }; quota: QuotaRow; answer: Nullable<AnswerRow> }?],
  ];
  if (found) {
    const { quota, answer, '': computed } = found;
    return { row: Quotas.fromDatabaseJson(quota), answer: answerIn(answer), now: computed.now };
  }
  const empty = toColumns(Quotas, { provider, state: emptyQuota(), strikes: 0, outcomes: '' });
  // merge, not ignore: it takes the exclusive lock at once
  await trx('quotas')
    .insert({ ...empty, updated_at: sqlNow(trx, clock) })
    .onConflict('provider')
    .merge(['provider']);
  return lockQuota(trx, provider, options);
}

/** Every registered provider by name, and the present moment. */
export async function readQuotas(knex: Knex, clock?: Clock): Promise<{ row: QuotaRow; now: Instant }[]> {
  const rows = (await knex('quotas')
    .select('quotas.*', knex.raw('? AS now', [sqlNow(knex, clock)]))
    .whereNotNull('profile')
    .orderBy('provider')) as (QuotaRow & { now: Instant })[];
  return rows.map(({ now, ...row }) => ({ row: Quotas.fromDatabaseJson(row), now }));
}
