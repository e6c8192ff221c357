import ipaddr from 'ipaddr.js';
import { registeredDomain } from '../domain/hostnames';
import type { ObservableType } from '../domain/observable';

export type MatchKind = 'exact' | 'cidr' | 'parent_domain' | 'url_host';

/** An entry that would cover what is looked up, if the database has it. */
export interface Candidate {
  type: ObservableType;
  value: string;
  match: MatchKind;
}

/** Lengths of ranges as they are counted among entries: those of IPv6 from 129 on. */
const V6_FROM = 128;

/** The length of a range as entries have it: 1–32, those of IPv6 129–256. Null for whatever is no range. */
export function rangePrefix({ type, value }: { type: ObservableType; value: string }): number | null {
  const length = type === 'ip' ? /\/(\d{1,3})$/.exec(value)?.[1] : undefined;
  return length === undefined ? null : Number(length) + (value.includes(':') ? V6_FROM : 0);
}

/**
 * Every entry that could cover an observable: itself; for an address the ranges that hold it; for a host its parent
 * domains; for a URL its host too. Few enough (at most 128 ranges) to be fetched by key, so that a lookup costs the
 * same however many entries there are.
 * @param prefixes lengths that ranges have at all, as {@link rangePrefix} gives them; default: all
 */
export function candidatesFor(
  observable: { type: ObservableType; value: string },
  prefixes?: readonly number[],
): Candidate[] {
  const exact: Candidate = { ...observable, match: 'exact' };
  switch (observable.type) {
    case 'ip':
      return [exact, ...rangesHolding(observable.value, prefixes)];
    case 'domain':
      return [exact, ...parentsOf(observable.value)];
    case 'email':
    case 'url':
      return [exact, ...hostCandidates(hostOf(observable), prefixes)];
    default:
      return [exact];
  }
}

/** Whether ranges can cover it: it is an address, or at one. */
export function liesInRanges(observable: { type: ObservableType; value: string }): boolean {
  if (observable.type === 'ip') return ipaddr.isValid(observable.value);
  return ['url', 'email'].includes(observable.type) && ipaddr.isValid(hostOf(observable));
}

const ALL_PREFIXES = Array.from({ length: V6_FROM * 2 }, (_, index) => index + 1);

function rangesHolding(value: string, prefixes: readonly number[] = ALL_PREFIXES): Candidate[] {
  if (!ipaddr.isValid(value)) return [];
  const isV4 = ipaddr.parse(value).kind() === 'ipv4';
  const family = isV4 ? ipaddr.IPv4 : ipaddr.IPv6;
  // a range of one address is that address
  const lengths = isV4
    ? prefixes.filter((prefix) => prefix < 32)
    : prefixes.map((prefix) => prefix - V6_FROM).filter((length) => length > 0 && length < 128);
  return lengths.map((length) => {
    const network = family.networkAddressFromCIDR(`${value}/${length}`);
    return { type: 'ip', value: `${network.toString()}/${length}`, match: 'cidr' };
  });
}

/** Up to the domain that somebody has registered: what is above it, `co.uk`, is no indicator of what lies below. */
function parentsOf(host: string): Candidate[] {
  const parents: Candidate[] = [];
  const last = registeredDomain(host);
  for (let name = host; name !== last && name.includes('.');) {
    name = name.slice(name.indexOf('.') + 1);
    parents.push({ type: 'domain', value: name, match: 'parent_domain' });
  }
  return parents;
}

function hostCandidates(host: string, prefixes?: readonly number[]): Candidate[] {
  if (host === '') return [];
  const type = ipaddr.isValid(host) ? 'ip' : 'domain';
  return candidatesFor({ type, value: host }, prefixes).map((candidate) => ({
    ...candidate,
    match: candidate.match === 'exact' ? 'url_host' : candidate.match,
  }));
}

function hostOf({ type, value }: { type: ObservableType; value: string }): string {
  const host = type === 'email' ? value.slice(value.lastIndexOf('@') + 1) : urlHost(value);
  return host.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function urlHost(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return '';
  }
}
