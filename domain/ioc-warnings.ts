import type { GuardIndex } from './guard-index';
import { guardsFor } from './guards';
import type { IocType } from './intel/indicator';
import { observableId } from './observable';
import type { Observable, ObservableFlag, ObservableId } from './observable';
import { observableFlags } from './observables';
import type { Policy } from './policy';
import type { SiteKnowledge } from './site';
import type { Guard } from './verdict';

/** What speaks against believing that a value is malicious. */
export interface IocWarnings {
  flags: ObservableFlag[];
  /** Warning lists that know it, and the rule on what is inside. */
  guards: Guard[];
  /** It is kept, but told to no firewall: lists that only mark a value are no reason for that. */
  flagged: boolean;
}

/** By what a value is judged: what is in force now, so that a list that is renewed holds for what was kept before. */
export interface WarningSources {
  guards: Pick<GuardIndex, 'hits'>;
  site: SiteKnowledge;
  policy: Policy;
}

/** In the order of the values. */
export function iocWarnings(
  values: readonly { type: IocType; value: string }[],
  { guards, site, policy }: WarningSources,
): IocWarnings[] {
  const observables = values.map((one): Observable => {
    const { type, value } = one;
    // a range is where its first address is
    const subject = type === 'ip' ? { type, value: value.replace(/\/.*/, '') } : one;
    return { type, value, roles: [], flags: observableFlags(subject, site) };
  });
  const byObservable = new Map<ObservableId, Guard[]>();
  for (const guard of guardsFor(guards.hits(observables), observables, policy)) {
    const id = guard.observable as ObservableId;
    byObservable.set(id, [...(byObservable.get(id) ?? []), guard]);
  }
  return observables.map((observable) => {
    const found = byObservable.get(observableId(observable)) ?? [];
    const flagged = observable.flags.length > 0 || found.some(({ kind }) => kind !== 'marks');
    return { flags: observable.flags, guards: found, flagged };
  });
}
