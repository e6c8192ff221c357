import type { z } from 'zod';
import { iocMatch } from '../db/ioc-match';
import type { IocMatch, Sighting } from '../db/ioc-match';
import type { IocView } from '../db/ioc-views';
import { TLP_LABELS, type Tlp } from '../domain/alert';
import { iocStanding } from '../domain/ioc-decay';
import type { IocState } from '../domain/ioc-decay';
import { iocWarnings, type IocWarnings } from '../domain/ioc-warnings';
import type { IocType } from '../domain/intel/indicator';
import type { ApiDeps } from './deps';
import { API, type LinkBase } from './links';
import type { iocAnswerSchema, iocSchema } from './schemas/ioc';

export type ShownIoc = z.output<typeof iocSchema>;
type ShownMatch = z.output<typeof iocAnswerSchema>['matches'][number];

/** What is in force now: it judges whatever is shown. */
export type Judges = Pick<ApiDeps, 'guards' | 'site' | 'policy' | 'clock'>;

/** An entry with how it stands at a moment. */
export interface StandingIoc {
  view: IocView;
  match: IocMatch;
  confidence: number;
  state: IocState;
  tlp: Tlp | null;
  tags: string[];
  warnings: IocWarnings;
  /** A source or an analyst says something of it: not all of them have taken it back. */
  told: boolean;
}

/** In the order of the entries. @param now the moment that their age is counted to */
export function standingIocs(views: readonly IocView[], judges: Judges, now: string): StandingIoc[] {
  const policy = judges.policy.current();
  const warnings = warningsOf(views, judges);
  return views.map((view) => {
    const { sightings, override } = view;
    const match = matchOf(view);
    return {
      view,
      match,
      ...iocStanding(match, policy, now),
      tlp: strictest(sightings),
      tags: [...new Set(sightings.flatMap(({ tags }) => tags))],
      warnings: warnings(view),
      told: override !== null || match.confidence > 0,
    };
  });
}

/** What a source has taken back is shown, but counts for nothing. */
function matchOf({ type, value, sightings, override }: IocView): IocMatch {
  const entry = { type, value, match: 'exact' } as const;
  const counting = sightings.filter(({ revoked_at }) => !revoked_at);
  const counted = iocMatch(entry, counting);
  const { lastSeen } = counting.length > 0 ? counted : iocMatch(entry, sightings);
  const isOnlyAnalysts = sightings.length === 0 && override !== null;
  return { ...counted, lastSeen: isOnlyAnalysts ? override.at : lastSeen, sightings, override };
}

/** Of all values at once. @returns what is asked about each of them */
export function warningsOf<V extends { type: IocType; value: string }>(
  values: readonly V[],
  { guards, site, policy }: Omit<Judges, 'clock'>,
): (value: V) => IocWarnings {
  const sources = { guards: guards.current(), site: site.current(), policy: policy.current() };
  const warnings = iocWarnings(values, sources);
  const found = new Map(values.map((value, index) => [value, warnings[index]]));
  return (value) => found.get(value) ?? { flags: [], guards: [], flagged: false, listed: false };
}

function strictest(sightings: readonly Sighting[]): Tlp | null {
  return TLP_LABELS.findLast((label) => sightings.some(({ tlp }) => tlp === label)) ?? null;
}

/** As the API shows entries of the database, in their order. */
export function shownIocs(views: readonly IocView[], deps: Judges & Pick<LinkBase, 'publicUrl'>): ShownIoc[] {
  return standingIocs(views, deps, deps.clock().toISOString()).map((standing) => shownIoc(standing, deps));
}

export function shownIoc(
  { view, match, confidence, state, tlp, tags, warnings }: StandingIoc,
  { publicUrl }: Pick<LinkBase, 'publicUrl'>,
): ShownIoc {
  const { id, created_at, created_by } = view;
  return {
    ...shownStanding({ ...match, id }, { confidence, state }),
    ...{ tlp, tags, flagged: warnings.flagged, ...shownWarnings(warnings), created_at, created_by },
    links: { self: `${publicUrl}${API}/iocs/${id}` },
  };
}

/** An entry that was found for a value. */
export function shownMatch(match: IocMatch, deps: Judges, now: string): ShownMatch {
  return {
    ...shownStanding({ ...match, id: match.id ?? 0 }, iocStanding(match, deps.policy.current(), now)),
    match: match.match,
  };
}

export function shownWarnings({ flags, guards }: IocWarnings): Pick<ShownIoc, 'flags' | 'warning_lists'> {
  return { flags, warning_lists: guards.map(({ list, version, kind, reason }) => ({ list, version, kind, reason })) };
}

function shownStanding(
  match: IocMatch & { id: number },
  { confidence, state }: { confidence: number; state: IocState },
): Omit<ShownMatch, 'match'> {
  return {
    id: match.id,
    type: match.type as IocType,
    value: match.value,
    ...{ state, confidence },
    base_confidence: match.confidence,
    expired: state === 'expired',
    last_seen: match.lastSeen,
    expires_at: match.expiresAt,
    override: match.override ?? null,
    sources: match.sightings.map(shownSighting),
  };
}

function shownSighting(sighting: Sighting): ShownIoc['sources'][number] {
  const { source, reliability = null, confidence, first_seen, last_seen, expires_at, tlp, tags, reference } = sighting;
  const { added_by = null, added_at = null, import_id = null, revoked_at = null } = sighting;
  return {
    ...{ source, reliability, confidence, first_seen, last_seen, expires_at, tlp, tags, reference },
    ...{ added_by, added_at, import_id, revoked_at },
  };
}
