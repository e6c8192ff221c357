import type { Finding, SourceState } from '../../domain/enrichment';
import { parseObservableId } from '../../domain/observable';
import type { ObservableId } from '../../domain/observable';
import { storedKey } from '../action-key';
import type { Knex, Transaction } from '../connect';
import { isDuplicateKey } from '../errors';
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
  /** Since when a lookup that waits has wanted to know, where nothing is on record of it; default: since `at`. */
  since?: string;
}

export interface EnrichmentRepository {
  /** The present state of one source for one observable. An answer that is there is never replaced by a failure to get one. */
  upsert(trx: Transaction, incidentId: string, change: EnrichmentChange): Promise<void>;
  /** True when a source has not had its say because it may not be asked yet. */
  anyWaits(incidentId: string, trx: Transaction): Promise<boolean>;
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
      const { actionKey, since = change.at, ...state } = change;
      const row = { ...state, action_key: storedKey(actionKey), nudged_at: null };
      const waits = change.state === 'waiting';
      try {
        // most are new: looking first would cost each of them a statement
        await Enrichments.query(trx).insert({ ...key, ...row, since: waits ? since : null });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const before = await Enrichments.query(trx).findOne(key).throwIfNotFound();
        if (ANSWERS.includes(before.state) && !ANSWERS.includes(change.state)) return;
        // what was given up is not waited for any more, whatever its source says by then
        if (waits && before.state === 'failed' && before.action_key === row.action_key) return;
        // one that is refused again keeps its place among those that wait
        await Enrichments.query(trx)
          .where(key)
          .patch({ ...row, since: waits ? (before.since ?? since) : null });
      }
    },

    async anyWaits(incidentId, trx) {
      const waiting = { incident_id: incidentId, state: 'waiting' } as const;
      return (await Enrichments.query(trx).select('source').findOne(waiting)) !== undefined;
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
