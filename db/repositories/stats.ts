import { STATUSES } from '../../domain/incident';
import { RESTART_LIMIT, recentRestarts } from '../../domain/reconcile';
import type { Knex } from '../connect';
import { Enrichments, Incidents } from '../models';
import type { IncidentFilter } from '../views';
import { incidentStats } from './incident-stats';
import type { IncidentStats } from './incident-stats';

interface Queue {
  /** Accepted, and not started yet. */
  pending: number;
  /** Not closed. */
  open: number;
}

export interface OpenCounts extends Queue {
  /** Ids of those restarted so often within an hour that the reconciler waits. */
  stuck: string[];
}

export interface StatsRepository {
  openCounts(now: string): Promise<OpenCounts>;
  /** What there is to do now. */
  queue(): Promise<Queue & { waiting_lookups: number }>;
  /** What became of incidents, and how long it took. */
  incidents(filter: IncidentFilter): Promise<IncidentStats>;
}

const OPEN = STATUSES.filter((status) => status !== 'closed');

export function createStatsRepository(knex: Knex): StatsRepository {
  async function queue(): Promise<Queue> {
    const [pending, open] = await Promise.all([
      Incidents.query(knex).where({ status: 'new' }).resultSize(),
      Incidents.query(knex).whereIn('status', OPEN).resultSize(),
    ]);
    return { pending, open };
  }

  return {
    async openCounts(now) {
      const [counts, restarted] = await Promise.all([
        queue(),
        Incidents.query(knex).select('id', 'restarts').whereNotNull('next_check_at').whereNot('restarts', '[]'),
      ]);
      const stuck = restarted.filter(({ restarts }) => recentRestarts(restarts, now).length >= RESTART_LIMIT);
      return { ...counts, stuck: stuck.map(({ id }) => id) };
    },

    async queue() {
      const [counts, waiting_lookups] = await Promise.all([
        queue(),
        Enrichments.query(knex).where({ state: 'waiting' }).resultSize(),
      ]);
      return { ...counts, waiting_lookups };
    },

    incidents: (filter) => incidentStats(knex, filter),
  };
}
