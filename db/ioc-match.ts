import type { Candidate, MatchKind } from './ioc-candidates';
import type { IocSightingRow } from './rows';
import { toInstant, type Instant } from './time';

export type Sighting = Omit<IocSightingRow, 'ioc_id'>;

/** An entry that covers what was looked up. Confidence is as given; what is left of it today is a matter of policy. */
export interface IocMatch extends Candidate {
  /** Of the sighting that is trusted most. */
  confidence: number;
  lastSeen: Instant;
  /** When the last of its sightings expires; null when one never does. */
  expiresAt: Instant | null;
  sightings: Sighting[];
}

/** What the sightings of an entry come to. */
export function iocMatch(entry: Candidate, sightings: readonly Sighting[]): IocMatch {
  const expiries = sightings.map(({ expires_at }) => expires_at);
  return {
    ...entry,
    confidence: Math.max(0, ...sightings.map(({ confidence }) => confidence)),
    lastSeen:
      sightings
        .map(({ last_seen }) => toInstant(last_seen))
        .sort()
        .at(-1) ?? toInstant(new Date(0).toISOString()),
    expiresAt: expiries.includes(null) ? null : (expiries.sort().at(-1) ?? null),
    sightings: [...sightings],
  };
}

const ORDER: readonly MatchKind[] = ['exact', 'url_host', 'parent_domain', 'cidr'];

/** The entry for the value itself before those that hold it, the narrower of two first. */
export function nearestFirst(a: IocMatch, b: IocMatch): number {
  return ORDER.indexOf(a.match) - ORDER.indexOf(b.match) || b.value.length - a.value.length;
}
