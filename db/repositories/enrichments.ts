import type { Finding, SourceState } from '../../domain/enrichment';
import { parseObservableId } from '../../domain/observable';
import type { ObservableId } from '../../domain/observable';
import { storedKey } from '../action-key';
import type { Knex, Transaction } from '../connect';
import { observableHash } from '../hashes';
import { Enrichments } from '../models';

export interface EnrichmentChange {
  source: string;
  observable: ObservableId;
  /** Key of the lookup; while it waits its key stays free for the answer. */
  actionKey: string;
  state: SourceState;
  until: string | null;
  summary: string;
  facts: unknown;
  at: string;
}

export interface EnrichmentRepository {
  /** The present state of one source for one observable. An answer that is there is never replaced by a failure to get one. */
  upsert(trx: Transaction, incidentId: string, change: EnrichmentChange): Promise<void>;
  /** What every source said, in the order of source and observable. */
  of(incidentId: string, trx?: Transaction): Promise<Finding[]>;
}

/** States in which a source has had its say. */
const ANSWERS: readonly SourceState[] = ['ok', 'not_known'];

export function createEnrichmentRepository(knex: Knex): EnrichmentRepository {
  return {
    async upsert(trx, incidentId, change) {
      const key = {
        incident_id: incidentId,
        source: change.source,
        observable_hash: observableHash(parseObservableId(change.observable)),
      };
      const { actionKey, ...state } = change;
      const before = await Enrichments.query(trx).findOne(key);
      // one that is refused again keeps its place among those that wait
      const since = change.state === 'waiting' ? (before?.since ?? change.at) : null;
      const row = { ...state, action_key: storedKey(actionKey), since, nudged_at: null };
      if (!before) await Enrichments.query(trx).insert({ ...key, ...row });
      else if (!ANSWERS.includes(before.state) || ANSWERS.includes(change.state)) {
        await Enrichments.query(trx).where(key).patch(row);
      }
    },

    async of(incidentId, trx) {
      const rows = await Enrichments.query(trx ?? knex).where({ incident_id: incidentId });
      return rows
        .map(({ source, observable, state, facts, summary, action_key, until, at }) => ({
          source,
          observable,
          state,
          facts,
          summary,
          evidence: action_key,
          until,
          at,
        }))
        .sort((a, b) => (a.source + a.observable < b.source + b.observable ? -1 : 1));
    },
  };
}
