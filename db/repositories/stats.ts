import { RESTART_LIMIT, recentRestarts } from '../../domain/reconcile';
import type { Knex } from '../connect';
import { Incidents } from '../models';

export interface OpenCounts {
  /** Accepted, and not started yet. */
  pending: number;
  /** Not closed. */
  open: number;
  /** Ids of those restarted so often within an hour that the reconciler waits. */
  stuck: string[];
}

export interface StatsRepository {
  openCounts(now: string): Promise<OpenCounts>;
}

export function createStatsRepository(knex: Knex): StatsRepository {
  return {
    async openCounts(now) {
      const [pending, open, restarted] = await Promise.all([
        Incidents.query(knex).where({ status: 'new' }).resultSize(),
        Incidents.query(knex)
          .whereIn('status', ['new', 'investigating', 'open', 'escalated', 'acknowledged', 'on_hold'])
          .resultSize(),
        Incidents.query(knex).select('id', 'restarts').whereNotNull('next_check_at').whereNot('restarts', '[]'),
      ]);
      const stuck = restarted.filter(({ restarts }) => recentRestarts(restarts, now).length >= RESTART_LIMIT);
      return { pending, open, stuck: stuck.map(({ id }) => id) };
    },
  };
}
