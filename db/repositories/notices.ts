import type { Notice } from '../../domain/notice';
import type { Knex, Transaction } from '../connect';
import { Notices, toColumns } from '../models';
import type { NoticeRow } from '../rows';
import { toSqlTime } from '../time';
import type { Instant } from '../time';

/** What nobody has been told yet. */
export interface Backlog {
  count: number;
  /** Since when the oldest of it waits; null when there is nothing. */
  since: Instant | null;
}

/** What another tool is to be told: noted with the change itself, and kept until it was told. */
export interface NoticeRepository {
  /** Notes an event in the transaction in which it comes about. The same key of the same incident is noted once. */
  note(trx: Transaction, event: { incidentId: string; key: string; event: Notice; at: string }): Promise<void>;
  anyPending(): Promise<boolean>;
  /** Ids of what is still to be told, in the order in which it was noted. */
  pending(limit: number): Promise<number[]>;
  /** Those of them that are still to be told. */
  stillPending(ids: readonly number[]): Promise<NoticeRow[]>;
  markDelivered(trx: Transaction, ids: readonly number[], at: string): Promise<void>;
  backlog(): Promise<Backlog>;
}

export function createNoticeRepository(knex: Knex): NoticeRepository {
  const open = () => knex('notices').whereNull('delivered_at');

  return {
    async note(trx, { incidentId, key, event, at }) {
      const row = { incident_id: incidentId, event_key: key, event, created_at: at, delivered_at: null };
      await trx('notices')
        .insert(toColumns(Notices, row))
        .onConflict(['incident_id', 'event_key'])
        .merge(['event_key']);
    },

    async anyPending() {
      return (await open().first('id')) !== undefined;
    },

    async pending(limit) {
      const rows: Pick<NoticeRow, 'id'>[] = await open().orderBy('id').limit(limit).select('id');
      return rows.map(({ id }) => id);
    },

    async stillPending(ids) {
      const rows = await Notices.query(knex)
        .whereIn('id', [...ids])
        .whereNull('delivered_at')
        .orderBy('id');
      return rows.map((row) => row.toJSON() as NoticeRow);
    },

    async markDelivered(trx, ids, at) {
      await trx('notices')
        .whereIn('id', [...ids])
        .whereNull('delivered_at')
        .update({ delivered_at: toSqlTime(at) });
    },

    async backlog() {
      const [found] = await open().count({ count: '*' }).min({ since: 'created_at' });
      return { count: Number(found?.count ?? 0), since: (found?.since as Instant | null | undefined) ?? null };
    },
  };
}
