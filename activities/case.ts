import type { Store, Transaction } from '../db/store';
import type { Case } from '../db/repositories/incidents';
import { observableFlags } from '../domain/observables';
import type { SiteKnowledge } from '../domain/site';

/**
 * An incident's case as the site knowledge of the round sees it: what belongs to the site is told by that version, not
 * by the one that was in force when the alert came in.
 * @param trx in which the incident is locked
 */
export async function caseUnder(
  store: Pick<Store, 'incidents'>,
  incidentId: string,
  site: SiteKnowledge,
  trx?: Transaction,
): Promise<Case> {
  const found = await store.incidents.caseOf(incidentId, trx);
  const observables = found.observables.map((one) => ({ ...one, flags: observableFlags(one, site) }));
  return { ...found, observables };
}
