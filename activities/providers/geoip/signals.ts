import { aboutFrom, kindsOf, networkName, type About } from '../../../domain/about';
import type { Reading } from '../../../domain/enrichment';
import { levelOf } from '../../../domain/levels';
import type { Reliability } from '../../../domain/signal';
import type { ReadContext } from '../provider';
import type { GeoIpDatabase, GeoIpFacts } from './schema';

export interface GeoIpPolicy {
  reliability: Reliability;
}

/** Answers come without TLS and can be forged: they colour a verdict, and never make one. */
export const GEOIP_POLICY: GeoIpPolicy = { reliability: 'D' };

const MARKS = [
  { fact: 'hosting', name: 'hosting_address', points: 5, sentence: 'The address belongs to a hosting provider' },
  { fact: 'proxy', name: 'anonymiser', points: 10, sentence: 'The address is a proxy, VPN or Tor exit' },
] as const;

/** "GeoLite2-City of 2026-11-17" */
export function nameOf({ type, built }: GeoIpDatabase): string {
  return `${type} of ${built.slice(0, 10)}`;
}

/** One line: "DE, AS64496 Example Carrier, hosting, proxy", and the databases where it comes from those. */
export function summaryOf(facts: GeoIpFacts): string {
  const network = facts.asn === null ? facts.asOrg : `AS${facts.asn} ${facts.asOrg ?? ''}`.trim();
  const marks = (['hosting', 'proxy', 'mobile'] as const).filter((mark) => facts[mark]);
  const text = [facts.countryCode ?? 'country unknown', network, ...marks].filter(Boolean).join(', ');
  if (facts.databases) return `${text} (offline: ${facts.databases.map(nameOf).join(', ')})`;
  return facts.simulated ? `${text} (simulated)` : text;
}

/** Where an address is never makes it clean. */
export function readGeoIp(facts: GeoIpFacts, context: ReadContext<GeoIpPolicy>): Reading {
  const { reliability } = context.own;
  const weight = context.policy.reliability[reliability];
  const owner = facts.asOrg ? ` (${facts.asOrg})` : '';
  const signals = MARKS.filter((mark) => facts[mark.fact]).map(({ name, points, sentence }) => ({
    source: 'geoip',
    name,
    level: levelOf(points * weight),
    points,
    reliability,
    evidence: context.evidence,
    observable: context.observable,
    sentence: `${sentence}${owner}${facts.simulated ? ' (simulated)' : ''}`,
  }));
  return { signals, about: aboutOf(facts) };
}

function aboutOf({ countryCode, asn, asOrg, hosting, proxy }: GeoIpFacts): About {
  return aboutFrom({
    country: countryCode,
    network: networkName(asn, asOrg),
    kinds: kindsOf({ hosting, anonymiser: proxy }),
  });
}
