import ipaddr from 'ipaddr.js';
import type { ObservableType } from '../domain/observable';

export type MatchKind = 'exact' | 'cidr' | 'parent_domain' | 'url_host';

/** An entry that would cover what is looked up, if the database has it. */
export interface Candidate {
  type: ObservableType;
  value: string;
  match: MatchKind;
}

/**
 * Every entry that could cover an observable: itself; for an address the ranges that hold it; for a host its parent
 * domains; for a URL its host too. Few enough (at most 129 ranges) to be fetched by key, so that a lookup costs the
 * same however many entries there are.
 */
export function candidatesFor(observable: { type: ObservableType; value: string }): Candidate[] {
  const exact: Candidate = { ...observable, match: 'exact' };
  switch (observable.type) {
    case 'ip':
      return [exact, ...rangesHolding(observable.value)];
    case 'domain':
      return [exact, ...parentsOf(observable.value)];
    case 'email':
      return [exact, ...hostCandidates(observable.value.slice(observable.value.lastIndexOf('@') + 1))];
    case 'url':
      return [exact, ...hostCandidates(hostOf(observable.value))];
    default:
      return [exact];
  }
}

function rangesHolding(value: string): Candidate[] {
  if (!ipaddr.isValid(value)) return [];
  const address = ipaddr.parse(value);
  const bits = address.kind() === 'ipv4' ? 32 : 128;
  const family = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return Array.from({ length: bits + 1 }, (_, prefix) => {
    const network = family.networkAddressFromCIDR(`${value}/${prefix}`);
    return { type: 'ip', value: `${network.toString()}/${prefix}`, match: 'cidr' };
  });
}

/** A top-level domain alone covers nothing: `com` is no indicator. */
function parentsOf(host: string): Candidate[] {
  const labels = host.split('.');
  return labels.slice(1, -1).map((_, index) => ({
    type: 'domain',
    value: labels.slice(index + 1).join('.'),
    match: 'parent_domain',
  }));
}

function hostCandidates(host: string): Candidate[] {
  if (host === '') return [];
  const type = ipaddr.isValid(host) ? 'ip' : 'domain';
  return candidatesFor({ type, value: host }).map((candidate) => ({
    ...candidate,
    match: candidate.match === 'exact' ? 'url_host' : candidate.match,
  }));
}

function hostOf(url: string): string {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return '';
  }
}
