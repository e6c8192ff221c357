import type { GuardHit } from './guard-list';
import type { GuardPolicy } from './guard-policy';
import { KNOWN_SCANNERS } from './guard-table';
import { isItself } from './guard-names';
import { guardSubject } from './guard-subjects';
import type { Withheld } from './gate';
import { observableId, type Observable } from './observable';
import { scannerAt, SITE_SCANNERS } from './known-scanners';
import type { Policy } from './policy';
import type { SiteKnowledge } from './site';
import type { Guard } from './verdict';

/** Name under which the rule on what is inside guards. */
export const INTERNAL = 'internal';

/** Version of the rules below that are no lists. */
const RULES_VERSION = '1';
/** Weighted points that nothing exceeds. */
const NO_CAP = 100;

function isOn({ list, group }: GuardHit, names: readonly string[]): boolean {
  return names.includes(list) || (group !== undefined && names.includes(group));
}

/** A name below an entry is another name, and a link to a page is more than its host. */
function isWhole(observable: Observable, hit: GuardHit): boolean {
  return guardSubject(observable)?.whole === true && namesItself(observable, hit);
}

/** True when the entry of the list is the value, or the host that it leads to, and not only a domain above it. */
export function namesItself(observable: Observable, { entry }: GuardHit): boolean {
  const subject = guardSubject(observable);
  return subject !== undefined && (subject.kind !== 'name' || isItself(subject.text, entry));
}

/** Why a source outside need not be asked about the observable: the policy says so of a list that holds it, itself. */
export function spared(hits: readonly GuardHit[], observable: Observable, policy: GuardPolicy): Withheld | undefined {
  const id = observableId(observable);
  const holding = hits.find((hit) => hit.observable === id && isOn(hit, policy.spare) && isWhole(observable, hit));
  if (!holding) return undefined;
  const reason = `${holding.reason} (list ${holding.list}, version ${holding.version})`;
  return { state: 'not_applicable', reason };
}

function listGuard({ observable, list, version, kind, group, reason }: GuardHit, policy: Policy): Guard {
  const cap = kind === 'marks' ? NO_CAP : policy.caps[kind];
  return { observable, list, version, kind, ...(group === undefined ? {} : { group }), cap, reason };
}

/** Reputation says nothing of an address that exists in every network, nor of a name that is the site's own. */
function internalGuards(observable: Observable, policy: Policy): Guard[] {
  if (!['ip', 'domain', 'url', 'email'].includes(observable.type)) return [];
  const flag = observable.flags.find((known) => known !== 'empty_file');
  if (!flag) return [];
  const words = { private: 'a private address', reserved: 'a reserved address', own: "the site's own" };
  const what = flag in words ? words[flag as keyof typeof words] : 'an internal name';
  return [
    {
      observable: observableId(observable),
      list: INTERNAL,
      version: RULES_VERSION,
      kind: 'shared',
      cap: policy.caps.shared,
      reason: `${observable.value} is ${what}`,
    },
  ];
}

/** Who scans with the site's leave is asked about in vain: reputation says what everybody else sees of it. */
function scannerGuards(observable: Observable, policy: Policy, site: SiteKnowledge, siteId: string): Guard[] {
  if (observable.type !== 'ip' || !observable.roles.includes('source')) return [];
  const name = scannerAt(observable.value, site);
  if (name === undefined) return [];
  return [
    {
      observable: observableId(observable),
      list: SITE_SCANNERS,
      version: siteId.slice(0, 12),
      kind: 'benign',
      group: KNOWN_SCANNERS,
      cap: policy.caps.benign,
      reason: `${observable.value} is a scanner that this site allows (${name})`,
    },
  ];
}

/** The guards that the site itself names. */
export function siteGuards(
  observables: readonly Observable[],
  policy: Policy,
  { site, siteId }: { site: SiteKnowledge; siteId: string },
): Guard[] {
  return observables.flatMap((observable) => scannerGuards(observable, policy, site, siteId));
}

/** How much the lists that know the observables cap under the policy, and the rules on internal ones. */
export function guardsFor(hits: readonly GuardHit[], observables: readonly Observable[], policy: Policy): Guard[] {
  const byObservable = new Map<string, GuardHit[]>();
  for (const hit of hits) byObservable.set(hit.observable, [...(byObservable.get(hit.observable) ?? []), hit]);
  return observables.flatMap((observable) => [
    ...(byObservable.get(observableId(observable)) ?? []).map((hit) => listGuard(hit, policy)),
    ...internalGuards(observable, policy),
  ]);
}
