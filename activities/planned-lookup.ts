import type { Finding } from '../domain/enrichment';
import { withheld, type Withheld } from '../domain/gate';
import { observableId, type Observable } from '../domain/observable';
import type { CaseFacts } from '../domain/playbook';
import type { SourceProfile } from '../domain/source';
import type { PlannedLookup } from './contract';

/** Why the source is not asked about the observable, by the gate before everything outside. */
export function heldBack(
  source: Pick<SourceProfile, 'where'>,
  observable: Observable,
  facts: Pick<CaseFacts, 'alerts'>,
): Withheld | null {
  return source.where === 'outside' ? (withheld(observable, facts.alerts) ?? null) : null;
}

/**
 * A lookup as the workflow schedules it.
 * @param staysInside true when nothing is sent although the source is outside: there is nothing for its queue to do
 */
export function plannedLookup(
  key: string,
  source: Pick<SourceProfile, 'name' | 'where'>,
  observable: Observable,
  held: Withheld | null,
  staysInside = false,
): PlannedLookup {
  const leaves = source.where === 'outside' && held === null && !staysInside;
  return {
    key,
    source: source.name,
    observable: observableId(observable),
    queue: leaves ? source.name : null,
    withheld: held,
    refusals: 0,
  };
}

/** A lookup that waits, as a run takes it up: what is free for its answer is the key of its wait. */
export function waitingLookup(finding: Finding, sources: readonly SourceProfile[]): PlannedLookup {
  const { source, observable, evidence } = finding;
  const inside = sources.find(({ name }) => name === source)?.where === 'inside';
  return { key: evidence, source, observable, queue: inside ? null : source, withheld: null, refusals: 0 };
}
