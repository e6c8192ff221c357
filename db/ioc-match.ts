import { rangePrefix } from './ioc-candidates';
import type { Candidate, MatchKind } from './ioc-candidates';
import type { Reliability } from '../domain/signal';
import type { IocOverride } from './ioc-views';
import type { IocSightingRow } from './rows';
import { toInstant, type Instant } from './time';

/** Who told us, through which import, and when the source took it back; facts of before lack them. */
type Provenance = Pick<IocSightingRow, 'added_by' | 'added_at' | 'import_id' | 'revoked_at'>;

/** What one source says of a value. */
export interface Sighting extends Omit<IocSightingRow, 'ioc_id' | keyof Provenance>, Partial<Provenance> {
  /** Of the source; absent where nobody has given it one, and in facts of before. */
  reliability?: Reliability;
}

/** An entry that covers what was looked up. Confidence is as given; what is left of it today is a matter of policy. */
export interface IocMatch extends Candidate {
  /** Of the sighting that is trusted most. */
  confidence: number;
  lastSeen: Instant;
  /** When the last of its sightings expires; null when one never does. */
  expiresAt: Instant | null;
  sightings: Sighting[];
  /** Of the entry; facts of before lack it. */
  id?: number;
  /** Facts of before lack it. */
  override?: IocOverride | null;
}

/** What the sightings of an entry come to. */
export function iocMatch(entry: Candidate, sightings: readonly Sighting[]): IocMatch {
  const expiries = sightings.map(({ expires_at }) => expires_at);
  return {
    ...entry,
    confidence: Math.max(0, ...sightings.map(({ confidence }) => confidence)),
    lastSeen: sightings.map(({ last_seen }) => instantOf(last_seen)).reduce(latest, THE_BEGINNING),
    expiresAt: expiries.includes(null) ? null : (expiries.sort().at(-1) ?? null),
    sightings: [...sightings],
  };
}

const THE_BEGINNING = toInstant(new Date(0).toISOString());
/** As the database gives times: what an export has a million of is not read twice. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** Facts of before may have other spellings. */
function instantOf(time: string): Instant {
  return INSTANT.test(time) ? time : toInstant(time);
}

function latest(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

const ORDER: readonly MatchKind[] = ['exact', 'url_host', 'parent_domain', 'cidr'];

/** The entry for the value itself before those that hold it, the narrower of two first. */
export function nearestFirst(a: IocMatch, b: IocMatch): number {
  return ORDER.indexOf(a.match) - ORDER.indexOf(b.match) || narrowness(b) - narrowness(a);
}

function narrowness(match: IocMatch): number {
  return match.match === 'cidr' ? (rangePrefix(match) ?? 0) : match.value.length;
}
