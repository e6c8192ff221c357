import type { GuardIndex } from './guard-index';
import { guardsFor } from './guards';
import type { IocType } from './intel/indicator';
import { inRanges } from './network';
import { observableId, type Observable, type ObservableFlag, type ObservableId } from './observable';
import { observableFlags } from './observables';
import type { Policy } from './policy';
import type { SiteKnowledge } from './site';
import type { Guard } from './verdict';

/** By which values are judged: the warning lists, what is the site's own, and what a list counts for. */
export interface WarningRules {
  guards: Pick<GuardIndex, 'hits'>;
  site: SiteKnowledge;
  policy: Policy;
}

/** A value as it stands in the IOC database; of type `ip` also a range. */
export interface IocValue {
  type: IocType;
  value: string;
}

/** What speaks against telling a firewall of a value: a warning list that knows it, or the rule on what is inside. */
export type IocWarning = Pick<Guard, 'list' | 'version' | 'kind' | 'reason'>;

/** What speaks against each of the values, in their order. Made for thousands at once. */
export function warningsOn(values: readonly IocValue[], { guards, site, policy }: WarningRules): IocWarning[][] {
  const observables = new Map<ObservableId, Observable>();
  for (const { type, value } of values) {
    observables.set(observableId({ type, value }), { type, value, roles: [], flags: iocFlags({ type, value }, site) });
  }
  const distinct = [...observables.values()];
  const warnings = new Map<ObservableId, IocWarning[]>();
  for (const { observable, list, version, kind, reason } of guardsFor(guards.hits(distinct), distinct, policy)) {
    const known = warnings.get(observable);
    if (known) known.push({ list, version, kind, reason });
    else warnings.set(observable, [{ list, version, kind, reason }]);
  }
  return values.map((value) => warnings.get(observableId(value)) ?? []);
}

/** Why a value is special at this site. A range is what its first address is, and the site's own where it holds any of it. */
export function iocFlags({ type, value }: IocValue, site: SiteKnowledge): ObservableFlag[] {
  const slash = type === 'ip' ? value.indexOf('/') : -1;
  if (slash < 0) return observableFlags({ type, value }, site);
  const flags = observableFlags({ type, value: value.slice(0, slash) }, site);
  if (flags.includes('own')) return flags;
  const holdsOwn = site.own_ranges.some((range) => inRanges(range.replace(/\/.*$/s, ''), [value]));
  return holdsOwn ? [...flags, 'own'] : flags;
}
