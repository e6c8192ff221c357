import type { Alert } from '../alert';
import { inRanges } from '../network';
import { accountName } from '../normalise';
import type { SiteKnowledge } from '../site';
import { sameHost } from './case';
import { hostNamed, isInside, linkedHosts } from './ends';

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

/** A rule that names just this host, and none that is only called alike. */
function isLiterally(rule: string, host: string): boolean {
  return hostNamed(rule) === host || inRanges(host, [rule]);
}

/** A name that cannot be read as one of the Internet's is none. */
function isOfTheSite(name: string, site: SiteKnowledge): boolean {
  const host = hostNamed(name);
  return host === undefined ? !/[.:]/.test(name) : isInside(host, site);
}

/**
 * A rule names a host, an address, a CIDR range, or `*` for any host of the site. What is outside it must name as it is:
 * `dc01` is not `dc01.evil.example`.
 */
function fits(rule: string, name: string, site: SiteKnowledge): boolean {
  const isOurs = isOfTheSite(name, site);
  if (rule === '*') return isOurs;
  return isLiterally(rule, hostNamed(name) ?? name) || (isOurs && sameHost(rule, name));
}

/**
 * Whoever acts can claim a host name: where the alert gives an address, the rule must name that address. An alert that
 * names no source is covered by none: the alerted host is the one that was reached.
 */
function sourceFits(rule: string, { src_ip, src_hostname }: Alert, site: SiteKnowledge): boolean {
  const source = src_ip ?? src_hostname;
  return source !== undefined && fits(rule, source, site);
}

/** One of the names it goes by must fit; and nothing that the alert names as its end may be outside, but what the rule names. */
function destinationFits(rule: string, alert: Alert, site: SiteKnowledge): boolean {
  const ends = destinationsOf(alert);
  const others = [...given(alert.domain), ...linkedHosts(alert)];
  return (
    ends.some((end) => fits(rule, end, site)) &&
    [...ends, ...others].every((end) => isOfTheSite(end, site) || isLiterally(rule, hostNamed(end) ?? end))
  );
}

function userFits(rule: string, user: string | undefined): boolean {
  if (rule === '*') return true;
  if (user === undefined) return false;
  return rule.toLowerCase() === user.toLowerCase() || rule.toLowerCase() === accountName(user);
}

/** Of two accounts, the one that was used and the one that was gained, both must fit. */
function covers(pair: Pair, alert: Alert, site: SiteKnowledge): boolean {
  const { username, dest_username } = alert;
  return (
    sourceFits(pair.source, alert, site) &&
    destinationFits(pair.destination, alert, site) &&
    userFits(pair.user, username ?? dest_username) &&
    userFits(pair.user, dest_username ?? username)
  );
}

/** The pair of the site that allows what the alert reports, or undefined. */
export function allowedPair(alert: Alert, site: SiteKnowledge): Pair | undefined {
  return site.admin_pairs.find((pair) => covers(pair, alert, site));
}
