import type { IocMatch } from '../../../db/repositories/iocs';
import type { About } from '../../../domain/about';
import type { Reading } from '../../../domain/enrichment';
import { decayedConfidence } from '../../../domain/ioc-decay';
import { levelOf } from '../../../domain/levels';
import type { Reliability } from '../../../domain/signal';
import type { ReadContext } from '../provider';
import type { IocFacts } from './facts';

const DAY_MS = 86_400_000;

/** How far the database as a whole is believed; each entry has a confidence of its own. */
export interface IocsPolicy {
  reliability: Reliability;
}

export const IOCS_POLICY: IocsPolicy = { reliability: 'B' };

/** One line, free of any policy: "listed by Example feed as 185.220.101.0/24". */
export function summaryOf({ matches }: IocFacts): string {
  const [first, ...others] = matches;
  if (!first) return 'not listed';
  return `listed by ${sourcesOf(first)}${HOW[first.match](first)}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

/** The entry that counts most today; one that is past its time gives no points, but is told. */
export function readIocs(facts: IocFacts, context: ReadContext<IocsPolicy>): Reading {
  const { policy, now } = context;
  const weighed = facts.matches.map((match) => ({ match, confidence: decayedConfidence(match, policy, now) }));
  const best = weighed.reduce<(typeof weighed)[number] | undefined>(
    (leader, candidate) => (leader && leader.confidence >= candidate.confidence ? leader : candidate),
    undefined,
  );
  if (!best) return { signals: [] };
  const { match, confidence } = best;
  const points = Math.min(100, Math.round(confidence));
  const { reliability } = context.own;
  const worth = points > 0 ? `confidence ${points} of once ${match.confidence}` : 'expired, so it counts for nothing';
  return {
    about: aboutOf(facts),
    signals: [
      {
        source: 'iocs',
        name: points > 0 ? 'ioc_match' : 'ioc_expired',
        level: levelOf(points * policy.reliability[reliability]),
        points,
        reliability,
        evidence: context.evidence,
        observable: context.observable,
        numbers: { confidence: match.confidence, decayed: confidence, age_days: ageInDays(match, now) },
        sentence: `Listed by ${sourcesOf(match)}${HOW[match.match](match)}, last seen ${ageOf(match, now)}; ${worth}`,
      },
    ],
  };
}

/** What feeds tag an address with, in the words they use. */
function aboutOf({ matches }: IocFacts): About {
  const tags = matches.flatMap(({ sightings }) => sightings.flatMap((sighting) => sighting.tags ?? []));
  return tags.some((tag) => /\btor\b/i.test(tag)) ? { kinds: ['tor'] } : {};
}

const HOW: Record<IocMatch['match'], (match: IocMatch) => string> = {
  exact: () => '',
  cidr: ({ value }) => ` with its range ${value}`,
  parent_domain: ({ value }) => ` with its parent domain ${value}`,
  url_host: ({ value }) => ` with its host ${value}`,
};

function sourcesOf({ sightings }: IocMatch): string {
  const sources = [...new Set(sightings.map((sighting) => sighting.source))];
  if (sources.length === 0) return 'an unnamed source';
  const shown = sources.slice(0, 3).join(', ');
  return sources.length > 3 ? `${shown} and ${sources.length - 3} more` : shown;
}

function ageInDays({ lastSeen }: IocMatch, now: string): number {
  return Math.floor((Date.parse(now) - Date.parse(lastSeen)) / DAY_MS);
}

function ageOf(match: IocMatch, now: string): string {
  const days = ageInDays(match, now);
  if (days <= 0) return 'today';
  return days === 1 ? 'yesterday' : `${days} days ago`;
}
