import { normaliseIp } from '../network';
import { normaliseLink } from '../normalise';
import { parseObservableId, staysInside, type Observable, type ObservableType } from '../observable';
import type { CaseFacts } from '../playbook';
import { unreadHosts } from '../unread-links';
import type { Assessment } from '../verdict';
import { unique } from './case';

/** Less is hardly an accusation. */
const ACCUSING_POINTS = 15;

/** The address or name that an observable leads to. */
export function hostOf({ type, value }: Pick<Observable, 'type' | 'value'>): string {
  return type === 'url' ? (normaliseLink(value)?.host ?? value) : value;
}

/**
 * Without the hosts that are there only because a link among the observables leads to them: the link stands for them. Not so
 * where another link to the host was too long to be kept: of that one the host is all that is left.
 */
export function withoutLinkedHosts(observables: readonly Observable[], { alerts }: CaseFacts): Observable[] {
  const linked = new Set(observables.filter(({ type }) => type === 'url').map(hostOf));
  const unread = unreadHosts(alerts);
  return observables.filter(
    ({ type, value, roles }) =>
      type === 'url' || roles.some((role) => role !== 'link') || !linked.has(value) || unread.has(value),
  );
}

/** What sources speak ill of, and no list knows to be harmless, wherever the alerts name it, the worst first. */
export function accused({ signals, guards }: Assessment, types: readonly ObservableType[]): string[] {
  const bad = signals.filter((signal) => signal.source !== 'playbook' && signal.points >= ACCUSING_POINTS);
  const spared = new Set(guards.filter(({ kind }) => kind === 'benign').map(({ observable }) => observable));
  const named = bad.flatMap(({ observable }) =>
    observable === undefined || spared.has(observable) ? [] : [parseObservableId(observable)],
  );
  return unique(named.filter(({ type }) => types.includes(type)).map(({ value }) => value));
}

/** Those of the values that may be blocked at the perimeter: what is inside, or the site's own, may not. */
export function outsiders({ observables }: CaseFacts, values: readonly string[]): string[] {
  return values.filter((value) => {
    const spelled = normaliseIp(value) ?? value.toLowerCase();
    const known = observables.filter((one) => one.value === spelled || one.value === value);
    return known.length > 0 && known.every((one) => !staysInside(one));
  });
}
