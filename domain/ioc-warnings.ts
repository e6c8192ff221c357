import type { GuardIndex } from './guard-index';
import type { GuardHit } from './guard-list';
import { guardsFor, INTERNAL, namesItself } from './guards';
import type { IocType } from './intel/indicator';
import { addressesOfRange, inRanges } from './network';
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
  /** A list names the value, or the host that it leads to, itself, and not only a domain above: also one that only marks. */
  listed: boolean;
}

/** By what a value is judged: what is in force now, so that a list that is renewed holds for what was kept before. */
export interface WarningSources {
  guards: Pick<GuardIndex, 'hits' | 'inside'>;
  site: SiteKnowledge;
  policy: Policy;
}

/** A value as the IOC database holds it; of type `ip` also a range. */
interface IocValue {
  type: IocType;
  value: string;
}

/** In the order of the values. Made for thousands at once. */
export function iocWarnings(values: readonly IocValue[], { guards, site, policy }: WarningSources): IocWarnings[] {
  const observables = new Map<ObservableId, Observable>();
  for (const { type, value } of values) {
    observables.set(observableId({ type, value }), { type, value, roles: [], flags: flagsOf({ type, value }, site) });
  }
  const distinct = [...observables.values()];
  const byObservable = new Map<string, Guard[]>();
  const hits = guards.hits(distinct);
  const listed = listedAmong(observables, hits);
  for (const guard of guardsFor([...hits, ...guards.inside(distinct)], distinct, policy)) {
    const known = byObservable.get(guard.observable);
    if (known) known.push(guard);
    else byObservable.set(guard.observable, [guard]);
  }
  return values.map((value) => {
    const id = observableId(value);
    const found = byObservable.get(id) ?? [];
    const flags = observables.get(id)?.flags ?? [];
    const flagged = flags.length > 0 || found.some(({ kind }) => kind !== 'marks');
    return { flags, guards: found, flagged, listed: listed.has(id) };
  });
}

function listedAmong(observables: ReadonlyMap<ObservableId, Observable>, hits: readonly GuardHit[]): Set<ObservableId> {
  const named = hits.filter((hit) => {
    const observable = observables.get(hit.observable);
    return observable !== undefined && namesItself(observable, hit);
  });
  return new Set(named.map(({ observable }) => observable));
}

const OWN = "the site's own ranges and domains";

/** Names of the warning lists and of the site's rules that flag a value, each once; what it is by itself is not told. */
export function warningNames({ flags, guards }: IocWarnings): string[] {
  const lists = guards.filter(({ kind, list }) => kind !== 'marks' && list !== INTERNAL).map(({ list }) => list);
  return [...new Set([...lists, ...(flags.includes('own') ? [OWN] : [])])];
}

/** Why a value is special at this site. A range is what is private in it, and the site's own where it holds any of it. */
function flagsOf({ type, value }: IocValue, site: SiteKnowledge): ObservableFlag[] {
  const slash = type === 'ip' ? value.indexOf('/') : -1;
  if (slash < 0) return observableFlags({ type, value }, site);
  const flags = [...new Set(addressesOfRange(value).flatMap((each) => observableFlags({ type, value: each }, site)))];
  if (flags.includes('own')) return flags;
  const holdsOwn = site.own_ranges.some((range) => inRanges(range.replace(/\/.*$/s, ''), [value]));
  return holdsOwn ? [...flags, 'own'] : flags;
}
