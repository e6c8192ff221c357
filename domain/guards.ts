import { ANYBODYS_DOMAINS, GUARD_LISTS, type GuardList } from './guard-lists';
import { isWithin } from './hostnames';
import { rangeHolding } from './network';
import { observableId, type Observable } from './observable';
import type { Policy } from './policy';
import type { Guard } from './verdict';

/** Version of the rules below that are no lists. */
const RULES_VERSION = '1';

/** The entry of the list that the observable is, or undefined. */
function entryIn(list: GuardList, { type, value }: Observable): string | undefined {
  if (type === 'ip') return list.ranges && rangeHolding(value, list.ranges);
  if (type === 'domain') {
    if (isWithin(value, ANYBODYS_DOMAINS)) return undefined;
    return list.domains?.find((domain) => value === domain || value === `www.${domain}`);
  }
  return ['md5', 'sha1', 'sha256'].includes(type) && list.hashes?.includes(value) ? value : undefined;
}

function listGuards(observable: Observable, policy: Policy): Guard[] {
  return GUARD_LISTS.flatMap((list) => {
    if (entryIn(list, observable) === undefined) return [];
    const { name, version, kind, says } = list;
    const reason = `${observable.value} is ${says}`;
    return [{ observable: observableId(observable), list: name, version, kind, cap: policy.caps[kind], reason }];
  });
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
      list: 'internal',
      version: RULES_VERSION,
      kind: 'shared',
      cap: policy.caps.shared,
      reason: `${observable.value} is ${what}`,
    },
  ];
}

/** Which lists know the observables, and how much they cap. */
export function guardsFor(observables: readonly Observable[], policy: Policy): Guard[] {
  return observables.flatMap((observable) => [
    ...listGuards(observable, policy),
    ...internalGuards(observable, policy),
  ]);
}
