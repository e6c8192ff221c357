import type { Reading } from '../../../domain/enrichment';
import { levelOf } from '../../../domain/levels';
import type { Reliability } from '../../../domain/signal';
import type { ReadContext } from '../provider';
import type { GeoIpFacts } from './schema';

/** Answers come without TLS and can be forged: they colour a verdict, and never make one. */
const RELIABILITY: Reliability = 'D';

const MARKS = [
  { fact: 'hosting', name: 'hosting_address', points: 5, sentence: 'The address belongs to a hosting provider' },
  { fact: 'proxy', name: 'anonymiser', points: 10, sentence: 'The address is a proxy, VPN or Tor exit' },
] as const;

/** One line: "DE, AS64496 Example Carrier, hosting, proxy". */
export function summaryOf(facts: GeoIpFacts): string {
  const network = facts.asn === null ? facts.asOrg : `AS${facts.asn} ${facts.asOrg ?? ''}`.trim();
  const marks = (['hosting', 'proxy', 'mobile'] as const).filter((mark) => facts[mark]);
  const text = [facts.countryCode ?? 'country unknown', network, ...marks].filter(Boolean).join(', ');
  return facts.simulated ? `${text} (simulated)` : text;
}

/** Where an address is never makes it clean. */
export function readGeoIp(facts: GeoIpFacts, context: ReadContext): Reading {
  const weight = context.policy.reliability[RELIABILITY];
  const owner = facts.asOrg ? ` (${facts.asOrg})` : '';
  const signals = MARKS.filter((mark) => facts[mark.fact]).map(({ name, points, sentence }) => ({
    source: 'geoip',
    name,
    level: levelOf(points * weight),
    points,
    reliability: RELIABILITY,
    evidence: context.evidence,
    observable: context.observable,
    sentence: `${sentence}${owner}${facts.simulated ? ' (simulated)' : ''}`,
  }));
  return { signals };
}
