import { storedKey } from '../db/action-key';
import { outsideBudget } from '../domain/budget';
import type { Withheld } from '../domain/gate';
import { spared } from '../domain/guards';
import { lookupName } from '../domain/lookup-name';
import { actionKey } from '../domain/names';
import { observableId, staysInside, type Observable, type ObservableId } from '../domain/observable';
import type { CaseFacts, Playbook } from '../domain/playbook';
import type { Policy } from '../domain/policy';
import type { Judge } from './judge';
import { heldBack } from './planned-lookup';
import type { Provider } from './providers/provider';

/** One source and what it is to be asked about. */
export interface Question {
  provider: Provider;
  observable: Observable;
  /** Why it is not asked all the same; the lookup then only records that. */
  held: Withheld | null;
}

/**
 * What no source has been asked yet: the playbook's observables within the budget, and those that only texts name, for
 * the sources inside. One that is not set up is named only where its answer is required. Pure.
 */
export function questionsOf(
  { providers, lists }: Judge,
  policy: Policy,
  facts: CaseFacts,
  playbook: Playbook,
): Question[] {
  const asked = new Set(facts.findings.map(lookupName));
  const planned = playbook.observables(facts);
  const { cut } = outsideBudget(planned);
  const hits = lists.hits(planned);
  const spare = ({ where }: Provider, observable: Observable) =>
    where === 'outside' ? (spared(hits, observable, policy.guards) ?? null) : null;
  return [...planned, ...mentionedOnly(facts, planned)].flatMap((observable) =>
    providers
      .filter((provider) => provider.looksUp.includes(observable.type))
      .filter(({ name, configured }) => configured || name in policy.required)
      .filter((provider) => provider.where === 'inside' || (planned.includes(observable) && !cut.includes(observable)))
      .filter((provider) => !asked.has(lookupName({ source: provider.name, observable: observableId(observable) })))
      .map((provider) => ({
        provider,
        observable,
        held: heldBack(provider, observable, facts) ?? spare(provider, observable),
      })),
  );
}

/** The action key that the answer to a question stands under. */
export function lookupKey(round: number, source: string, observable: ObservableId): string {
  return storedKey(actionKey(round, source, observable));
}

/** More would make a row of the audit each. */
const MOST_MENTIONED = 50;

/** What only the texts name: our own sources are asked about it, which costs nothing and tells nobody. */
function mentionedOnly({ observables }: CaseFacts, planned: readonly Observable[]): Observable[] {
  return observables
    .filter((one) => one.roles.includes('mentioned') && !staysInside(one) && !planned.includes(one))
    .slice(0, MOST_MENTIONED);
}
