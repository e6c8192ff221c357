import { recentRestarts } from '../../domain/reconcile';
import type { Knex } from '../connect';
import { Incidents } from '../models';
import type { IncidentRow } from '../rows';
import { toInstant, toSqlTime } from '../time';

export interface ReconcileRepository {
  /** Incidents whose comparison with the engine is due, longest due first. */
  due(now: string, limit: number): Promise<IncidentRow[]>;
  /**
   * Takes a due incident by moving its next check. Of several processes that saw it due, one wins.
   * @param seen the `next_check_at` it was found with
   */
  take(id: string, seen: string | null, nextCheckAt: string): Promise<boolean>;
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
      const taken = await knex('incidents')
        .where({ id, next_check_at: toSqlTime(seen) })
        .update({ next_check_at: toSqlTime(nextCheckAt) });
      return taken === 1;
    },
    async noteRestart(id, at) {
      const row = await Incidents.query(knex).findById(id);
      if (!row) return;
      await Incidents.query(knex)
        .findById(id)
        .patch({ restarts: [...recentRestarts(row.restarts, at), toInstant(at)] });
    },
  };
}
