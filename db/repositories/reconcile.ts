import { recentRestarts } from '../../domain/reconcile';
import type { Knex } from '../connect';
import { Incidents } from '../models';
import type { IncidentRow } from '../rows';
import { toInstant, toSqlTime } from '../time';
import { inTransaction } from '../transaction';

export interface ReconcileRepository {
  /** Incidents whose comparison with the engine is due, longest due first. */
  due(now: string, limit: number): Promise<IncidentRow[]>;
  /**
   * Takes a due incident by moving its next check. Of several processes that saw it due, one wins.
   * @param seen the `next_check_at` it was found with
   */
  take(id: string, seen: string | null, nextCheckAt: string): Promise<boolean>;
  /** Makes an incident that is looked after due at once. */
  hasten(id: string, at: string): Promise<void>;
  /** Looks after a closed incident no more. */
  rest(id: string): Promise<void>;
  noteRestart(id: string, at: string): Promise<void>;
}

export function createReconcileRepository(knex: Knex): ReconcileRepository {
  return {
    async due(now, limit) {
      const rows = await Incidents.query(knex)
        .where('next_check_at', '<=', toSqlTime(now))
        .orderBy('next_check_at')
        .limit(limit);
      return rows.map((row) => row.toJSON() as IncidentRow);
    },
    async take(id, seen, nextCheckAt) {
      if (seen === null) return false;
      // a run that updates the incident meanwhile may make this the loser of a deadlock
      return inTransaction(knex, async (trx) => {
        const taken = await trx('incidents')
          .where({ id, next_check_at: toSqlTime(seen) })
          .update({ next_check_at: toSqlTime(nextCheckAt) });
        return taken === 1;
      });
    },
    async hasten(id, at) {
      await knex('incidents')
        .where({ id })
        .where('next_check_at', '>', toSqlTime(at))
        .update({ next_check_at: toSqlTime(at) });
    },
    async rest(id) {
      // what has joined it meanwhile is to be looked at
      await knex('incidents').where({ id, status: 'closed', unprocessed: 0 }).update({ next_check_at: null });
    },
    async noteRestart(id, at) {
      await inTransaction(knex, async (trx) => {
        const row = await Incidents.query(trx).findById(id).forUpdate();
        if (!row) return;
        await Incidents.query(trx)
          .findById(id)
          .patch({ restarts: [...recentRestarts(row.restarts, at), toInstant(at)] });
      });
    },
  };
}
