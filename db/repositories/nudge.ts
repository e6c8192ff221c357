import { freeSlots } from '../../domain/quota';
import type { ObservableId } from '../../domain/observable';
import type { Clock } from '../clock';
import type { Knex } from '../connect';
import type { QuotaRow } from '../rows';
import type { Instant } from '../time';
import { inTransaction } from '../transaction';
import { hashOf } from './answers';
import { mayNotBeSent, isRefusedKey, silenceOf } from './provider-standing';
import { lockQuota, readQuotas } from './quota-rows';
import { answered, longestUnasked, markNudged, nextInLine } from './waiting';
import type { Waiter } from './waiting';

/** A waiting lookup whose run is to be told that it may ask now. */
export interface Nudged {
  incidentId: string;
  source: string;
  observable: ObservableId;
}

/** Told at a time, of one provider's waiters; the others follow with the next call. */
const MOST_AT_ONCE = 100;

/**
 * Chooses, of every provider's waiters, those that may ask now, and notes that they are told. Chosen under the provider's
 * lock, so that of several processes each tells others; but the lock is taken only when somebody is to be told.
 */
export async function nudgeAll(knex: Knex, clock?: Clock): Promise<Nudged[]> {
  const nudged: Nudged[] = [];
  for (const { row, now } of await readQuotas(knex, clock)) {
    if ((await choose(knex, row, now)).length === 0) continue;
    const source = row.provider;
    const chosen = await inTransaction(knex, async (trx) => {
      const present = await lockQuota(trx, source, { clock });
      const waiters = await choose(trx, present.row, present.now);
      if (waiters.length > 0) await markNudged(trx, source, waiters, present.now);
      return waiters;
    });
    nudged.push(...chosen.map(({ incident_id, observable }) => ({ incidentId: incident_id, source, observable })));
  }
  return nudged;
}

/** Takes back that these were told. */
export async function recall(knex: Knex, nudged: readonly Nudged[]): Promise<void> {
  for (const { incidentId, source, observable } of nudged) {
    await knex('enrichments')
      .where({ incident_id: incidentId, source, observable_hash: hashOf(observable), state: 'waiting' })
      .update({ nudged_at: null });
  }
}

async function choose(knex: Knex, row: QuotaRow, now: Instant): Promise<Waiter[]> {
  const { provider, profile } = row;
  // they wait for its key to come back
  if (!profile?.configured) return [];
  const served = await answered(knex, provider, now, MOST_AT_ONCE);
  if (mayNotBeSent(row, profile.credential, now)) return served;
  const { free } = freeSlots(row.state, profile.limits, now, silenceOf(row));
  if (free === 0) return served;
  // whether a refused key is good again, one request finds out, of each run in turn
  if (isRefusedKey(row, profile.credential)) return [...served, ...(await longestUnasked(knex, provider, now))];
  return [...served, ...(await nextInLine(knex, provider, now, Math.min(free, MOST_AT_ONCE)))];
}
