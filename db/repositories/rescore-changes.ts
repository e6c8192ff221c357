import type { AlertClass } from '../../domain/alert';
import type { Knex, Transaction } from '../connect';
import { RescoreChanges } from '../models';
import type { RescoreChangeRow } from '../rows';
import { shift, toSqlTime } from '../time';
import { inTransaction } from '../transaction';

export type RescoreChangeView = RescoreChangeRow & { alert_type: AlertClass };

/** Names one change. */
export type ChangeKey = Pick<RescoreChangeRow, 'rescore_id' | 'incident_id'>;

/** The incidents that come out differently in a re-scoring, in the order of their ids. */
export interface RescoreChangeRepository {
  list(rescoreId: string, page: { after: string; limit: number }): Promise<RescoreChangeView[]>;
  /** Those that are neither applied nor skipped yet. */
  open(rescoreId: string, page: { after: string; limit: number }): Promise<RescoreChangeRow[]>;
  anyOpen(rescoreId: string): Promise<boolean>;
  /** Notes, in the transaction in which the incident changes, that it does; from then on its run is to be told. */
  noteApplied(
    trx: Transaction,
    change: ChangeKey,
    applied: Pick<RescoreChangeRow, 'effect'> & { at: string },
  ): Promise<void>;
  skip(change: ChangeKey, reason: string): Promise<void>;
  /** Changes that runs are to be told of, longest due first. */
  toTell(now: string, limit: number): Promise<ChangeKey[]>;
  told(change: ChangeKey): Promise<void>;
  /** Has it told again later. */
  tellAgain(change: ChangeKey, at: string): Promise<void>;
}

const TELL_AGAIN_MS = 5_000;

export function createRescoreChangeRepository(knex: Knex): RescoreChangeRepository {
  const page = (rescoreId: string, { after, limit }: { after: string; limit: number }) =>
    RescoreChanges.query(knex)
      .where('rescore_changes.rescore_id', rescoreId)
      .where('rescore_changes.incident_id', '>', after)
      .orderBy('rescore_changes.incident_id')
      .limit(limit);
  const isOpen = { applied_at: null, skipped: null };

  return {
    async list(rescoreId, at) {
      const rows = await page(rescoreId, at)
        .join('incidents', 'incidents.id', 'rescore_changes.incident_id')
        .select('rescore_changes.*', 'incidents.alert_type');
      return rows.map((row) => row.toJSON() as RescoreChangeView);
    },

    async open(rescoreId, at) {
      const rows = await page(rescoreId, at).whereNull('applied_at').whereNull('skipped');
      return rows.map((row) => row.toJSON() as RescoreChangeRow);
    },

    async anyOpen(rescoreId) {
      const found: unknown = await knex('rescore_changes')
        .where({ rescore_id: rescoreId, ...isOpen })
        .first('incident_id');
      return found !== undefined;
    },

    async noteApplied(trx, change, { effect, at }) {
      const time = toSqlTime(at);
      const noted = await trx('rescore_changes')
        .where({ ...keyOf(change), ...isOpen })
        .update({ effect, applied_at: time, tell_at: time });
      if (noted > 0) await trx('rescores').where({ id: change.rescore_id }).increment('applied', 1);
    },

    async skip(change, reason) {
      await inTransaction(knex, async (trx) => {
        const noted = await trx('rescore_changes')
          .where({ ...keyOf(change), ...isOpen })
          .update({ skipped: reason });
        if (noted > 0) await trx('rescores').where({ id: change.rescore_id }).increment('skipped', 1);
      });
    },

    async toTell(now, limit) {
      const rows: ChangeKey[] = await knex('rescore_changes')
        .where('tell_at', '<=', toSqlTime(now))
        .orderBy('tell_at')
        .limit(limit)
        .select('rescore_id', 'incident_id');
      return rows;
    },

    async told(change) {
      await knex('rescore_changes').where(keyOf(change)).update({ tell_at: null });
    },

    async tellAgain(change, at) {
      await knex('rescore_changes')
        .where(keyOf(change))
        .whereNotNull('tell_at')
        .update({ tell_at: toSqlTime(shift(at, TELL_AGAIN_MS)) });
    },
  };
}

function keyOf({ rescore_id, incident_id }: ChangeKey): ChangeKey {
  return { rescore_id, incident_id };
}
