import type { Alert } from '../alert';
import { inRanges, isPublicIp } from '../network';
import { accountName } from '../normalise';
import type { SiteKnowledge } from '../site';
import { sameHost } from './case';

type Pair = SiteKnowledge['admin_pairs'][number];

function given(...values: (string | undefined)[]): string[] {
  return values.filter((value) => value !== undefined);
}

/** Where it came from; the alerted host when the alert names no source. */
export function sourcesOf(alert: Alert): string[] {
  const named = given(alert.src_hostname, alert.src_ip);
  return named.length > 0 ? named : given(alert.hostname, alert.host_ip);
}

/** Where it went to; the alerted host when the alert names no destination. */
export function destinationsOf(alert: Alert): string[] {
  const named = given(alert.dest_hostname, alert.dest_ip);
  return named.length > 0 ? named : given(alert.hostname, alert.host_ip);
}

/**
 * A rule names a host, an address, a CIDR range, or `*` for any. A host name is easily claimed: it does not cover a
 * public address that the rule does not name and the site does not own.
 */
function endFits(rule: string, names: readonly string[], site: SiteKnowledge): boolean {
  if (rule === '*') return true;
  const foreign = names.some((name) => isPublicIp(name) && !inRanges(name, [rule, ...site.own_ranges]));
  return !foreign && names.some((name) => sameHost(rule, name) || inRanges(name, [rule]));
}

function userFits(rule: string, user: string | undefined): boolean {
  if (rule === '*') return true;
  if (user === undefined) return false;
  return rule.toLowerCase() === user.toLowerCase() || rule.toLowerCase() === accountName(user);
}

function covers(pair: Pair, alert: Alert, site: SiteKnowledge): boolean {
  const from = endFits(pair.source, sourcesOf(alert), site);
  return (
    from &&
    endFits(pair.destination, destinationsOf(alert), site) &&
    userFits(pair.user, alert.username ?? alert.dest_username)
  );
}

/** The pair of the site that allows what the alert reports, or undefined. */
export function allowedPair(alert: Alert, site: SiteKnowledge): Pair | undefined {
  return site.admin_pairs.find((pair) => covers(pair, alert, site));
}
