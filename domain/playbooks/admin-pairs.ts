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

/** A rule names a host, an address, a CIDR range, or `*` for any. */
function endFits(rule: string, names: readonly string[]): boolean {
  return rule === '*' || names.some((name) => sameHost(rule, name) || inRanges(name, [rule]));
}

/**
 * Whoever acts can claim a host name: where the alert gives an address, the rule must name that address. An alert that
 * names no source is covered by none: the alerted host is the one that was reached.
 */
function sourceFits(rule: string, { src_ip, src_hostname }: Alert): boolean {
  if (src_ip !== undefined) return rule === '*' || inRanges(src_ip, [rule]);
  return src_hostname !== undefined && endFits(rule, [src_hostname]);
}

function userFits(rule: string, user: string | undefined): boolean {
  if (rule === '*') return true;
  if (user === undefined) return false;
  return rule.toLowerCase() === user.toLowerCase() || rule.toLowerCase() === accountName(user);
}

/** Any host is any host of the site. */
function leavesTheSite({ dest_ip }: Alert, site: SiteKnowledge): boolean {
  return dest_ip !== undefined && isPublicIp(dest_ip) && !inRanges(dest_ip, site.own_ranges);
}

/** Of two accounts, the one that was used and the one that was gained, both must fit. */
function covers(pair: Pair, alert: Alert, site: SiteKnowledge): boolean {
  const { username, dest_username } = alert;
  return (
    sourceFits(pair.source, alert) &&
    endFits(pair.destination, destinationsOf(alert)) &&
    (pair.destination !== '*' || !leavesTheSite(alert, site)) &&
    userFits(pair.user, username ?? dest_username) &&
    userFits(pair.user, dest_username ?? username)
  );
}

/** The pair of the site that allows what the alert reports, or undefined. */
export function allowedPair(alert: Alert, site: SiteKnowledge): Pair | undefined {
  return site.admin_pairs.find((pair) => covers(pair, alert, site));
}
