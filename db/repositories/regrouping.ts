import type { Knex } from '../connect';
import { mergeIncidents } from './merging';
import type { MergeOutcome, MergeRequest, SplitOutcome, SplitRequest } from './regroup';
import { splitIncident } from './splitting';

/** What an analyst does to the grouping of alerts, each in one transaction; see `correlating.ts` for the order of locks. */
export interface RegroupingRepository {
  /**
   * Moves all alerts of an incident to another one, and closes it as its duplicate. Its run is shut out by that; alerts of
   * its key find the other one from then on. Repeated, it says what it did.
   */
  merge(request: MergeRequest): Promise<MergeOutcome>;
  /**
   * Moves some alerts of an incident into a new one. The incident's run is shut out, since what it looks up may be no longer
   * of it: another one is to be started. Repeated under the same id, it says what it did.
   */
  split(request: SplitRequest): Promise<SplitOutcome>;
}

export function createRegroupingRepository(knex: Knex): RegroupingRepository {
  return {
    merge: (request) => mergeIncidents(knex, request),
    split: (request) => splitIncident(knex, request),
  };
}
