import type { IocOverride } from '../../../db/ioc-views';
import type { IocMatch } from '../../../db/repositories/iocs';
import type { Instant } from '../../../db/time';
import type { About } from '../../../domain/about';
import type { Reading } from '../../../domain/enrichment';
import { decayedConfidence, liveConfidence } from '../../../domain/ioc-decay';
import { levelOf } from '../../../domain/levels';
import type { Reliability, Signal } from '../../../domain/signal';
import type { ReadContext } from '../provider';
import type { IocFacts } from './facts';

const DAY_MS = 86_400_000;

/** How far the database as a whole is believed; each entry has a confidence of its own. */
export interface IocsPolicy {
  reliability: Reliability;
}

export const IOCS_POLICY: IocsPolicy = { reliability: 'B' };

/** One line, free of any policy: "listed by Example feed with its range 185.220.101.0/24". */
export function summaryOf({ matches }: IocFacts): string {
  const [first, ...others] = matches;
  if (!first) return 'not listed';
  const override = matches.find((match) => match.override)?.override;
  const listed = `listed by ${sourcesOf(first)}${HOW[first.match](first)}`;
  const said = override && `${WORDS[override.verdict]} by ${override.by}`;
  const words = first.sightings.length === 0 && said ? [said] : [listed, said].filter(Boolean);
  return `${words.join('; ')}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

/**
 * What an analyst has said of the nearest entry; else the entry that counts most today. One that is past its time, or was
 * dismissed, gives no points, but is told.
 */
export function readIocs(facts: IocFacts, context: ReadContext<IocsPolicy>): Reading {
  const about = aboutOf(facts);
  const at = facts.matches.findIndex(({ override }) => override);
  const overridden = facts.matches[at];
  if (overridden?.override?.verdict === 'malicious') {
    return { about, signals: [confirmed(overridden, overridden.override, context)] };
  }
  // what holds the value less closely was judged with it
  const counting = overridden ? facts.matches.slice(0, at) : facts.matches;
  const weighed = counting.flatMap((match) => weigh(match, context));
  const best = weighed.reduce<Weighed | undefined>(
    (leader, candidate) => (leader && leader.weight >= candidate.weight ? leader : candidate),
    undefined,
  );
  if (overridden?.override && !(best && best.weight > 0)) {
    return { about, signals: [dismissed(overridden, overridden.override, context)] };
  }
  return best ? { about, signals: [listed(best, context)] } : { signals: [] };
}

/** What one source says of an entry, and what that counts for today. */
interface Weighed {
  match: IocMatch;
  reliability: Reliability;
  /** As given, and what age has left of it. */
  confidence: number;
  decayed: number;
  weight: number;
}

/** Each live sighting by how its source is believed; where no source has a reliability of its own, the entry as a whole. */
function weigh(match: IocMatch, { policy, own, now }: ReadContext<IocsPolicy>): Weighed[] {
  const live = match.sightings.filter(({ expires_at }) => !expires_at || Date.parse(expires_at) > Date.parse(now));
  const isRated = live.some(({ reliability }) => reliability !== undefined);
  // a round of before comes out again as it did
  const confidence = match.override === undefined ? match.confidence : liveConfidence(match, now);
  const said = isRated ? live : [{ confidence, reliability: own.reliability }];
  return said.map(({ confidence: once, reliability = own.reliability }) => {
    const decayed = decayedConfidence({ ...match, confidence: once }, policy, now);
    return { match, reliability, confidence: once, decayed, weight: decayed * policy.reliability[reliability] };
  });
}

function listed({ match, reliability, confidence, decayed }: Weighed, context: ReadContext<IocsPolicy>): Signal {
  const { policy, now } = context;
  const points = Math.min(100, Math.round(decayed));
  const worth = points > 0 ? `confidence ${points} of once ${confidence}` : 'expired, so it counts for nothing';
  return {
    ...{ source: 'iocs', name: points > 0 ? 'ioc_match' : 'ioc_expired' },
    ...{ level: levelOf(points * policy.reliability[reliability]), points, reliability },
    ...{ evidence: context.evidence, observable: context.observable },
    numbers: { confidence, decayed, age_days: ageInDays(match, now) },
    sentence: `Listed by ${sourcesOf(match)}${HOW[match.match](match)}, last seen ${ageOf(match.lastSeen, now)}; ${worth}`,
  };
}

/** Nothing is believed more than somebody of the house who has looked. */
function confirmed(match: IocMatch, override: IocOverride, context: ReadContext<IocsPolicy>): Signal {
  const { policy, evidence, observable, now } = context;
  return {
    ...{ source: 'iocs', name: 'ioc_confirmed', level: levelOf(100 * policy.reliability.A) },
    ...{ points: 100, reliability: 'A', evidence, observable },
    sentence: `Confirmed malicious ${saidBy(match, override, now)}${alsoListed(match)}`,
  };
}

function dismissed(match: IocMatch, override: IocOverride, context: ReadContext<IocsPolicy>): Signal {
  const { own, evidence, observable, now } = context;
  return {
    ...{ source: 'iocs', name: 'ioc_dismissed', level: levelOf(0) },
    ...{ points: 0, reliability: own.reliability, evidence, observable },
    sentence: `Dismissed as benign ${saidBy(match, override, now)}, so it counts for nothing${alsoListed(match)}`,
  };
}

const WORDS: Record<IocOverride['verdict'], string> = {
  malicious: 'confirmed malicious',
  benign: 'dismissed as benign',
};

function saidBy(match: IocMatch, { by, at, reason }: IocOverride, now: string): string {
  return `by ${by} ${ageOf(at, now)}${HOW[match.match](match)}${reason ? ` (“${reason}”)` : ''}`;
}

function alsoListed(match: IocMatch): string {
  return match.sightings.length > 0 ? `; listed by ${sourcesOf(match)}` : '';
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

function ageInDays({ lastSeen }: Pick<IocMatch, 'lastSeen'>, now: string): number {
  return Math.floor((Date.parse(now) - Date.parse(lastSeen)) / DAY_MS);
}

function ageOf(lastSeen: Instant, now: string): string {
  const days = ageInDays({ lastSeen }, now);
  if (days <= 0) return 'today';
  return days === 1 ? 'yesterday' : `${days} days ago`;
}
