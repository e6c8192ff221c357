import type { Alert } from './alert';
import type { Resolution, Status } from './incident';
import { OBSERVABLE_ROLES, observableId, type Observable, type ObservableId } from './observable';
import { MOST_OBSERVABLES } from './observables';
import { SEVERITIES, type Severity } from './severity';

/** How alerts become part of an incident that is there. All of it pure: whoever calls holds the locks. */

/** An incident that shares its key with an alert. */
export interface Candidate {
  id: string;
  status: Status;
  resolution: Resolution | null;
  first_seen: string;
  last_seen: string;
  /** By which suppression it was closed as it came. */
  suppressed_by: string | null;
}

/** One that an analyst has closed is not opened again by what comes later; one that closed itself is the machine's still. */
export function isJoinable({ status, resolution }: Pick<Candidate, 'status' | 'resolution'>): boolean {
  return status !== 'closed' || resolution === 'auto_benign';
}

/**
 * Whether an alert that comes under a suppression, or under none, may become part of an incident: what is known and what is
 * not are never mixed, and one that is known stays closed.
 */
export function mayJoin(one: Pick<Candidate, 'status' | 'resolution' | 'suppressed_by'>, by: string | null): boolean {
  return one.suppressed_by === by && (by !== null || isJoinable(one));
}

/** How far an event lies from the time that an incident spans, ms; 0 within. */
function distanceMs({ first_seen, last_seen }: Candidate, at: string): number {
  return Math.max(Date.parse(first_seen) - Date.parse(at), Date.parse(at) - Date.parse(last_seen), 0);
}

export interface Choice<C extends Candidate> {
  joins: C | undefined;
  /** Where nothing is joined: the one closed by an analyst that it would have been part of. */
  follows: C | undefined;
}

/**
 * Which incident an event belongs to: of those within the window one that is open before one that closed itself, then the
 * nearest in time.
 * @param candidates the latest first
 * @param suppressedBy the suppression that the alert comes under
 */
export function choose<C extends Candidate>(
  candidates: readonly C[],
  { at, windowMs, suppressedBy }: { at: string; windowMs: number; suppressedBy: string | null },
): Choice<C> {
  const within = candidates.filter((one) => one.suppressed_by === suppressedBy && distanceMs(one, at) <= windowMs);
  const nearest = (some: C[]) => some.sort((a, b) => distanceMs(a, at) - distanceMs(b, at))[0];
  const joinable = within.filter((one) => mayJoin(one, suppressedBy));
  const joins = nearest(joinable.filter(({ status }) => status !== 'closed')) ?? nearest(joinable);
  return { joins, follows: joins ? undefined : nearest(within) };
}

/** What joining makes of an incident's observables. */
export interface Merged {
  added: Observable[];
  /** Known ones that were something else as well, with all their roles. */
  widened: Observable[];
  /** Beyond what one incident may have. */
  leftOut: number;
  /** So many that only texts mention have to give way to those added. */
  givesWay: number;
}

/**
 * @param known of the incident those that may be among the incoming; it has `count` in all
 * @param incoming of one or several alerts
 * @param mentioned how many of its observables only texts mention: they give way to what fields name
 */
export function mergeObservables(
  known: readonly Pick<Observable, 'type' | 'value' | 'roles'>[],
  count: number,
  incoming: readonly Observable[],
  mentioned = 0,
): Merged {
  const before = new Map<ObservableId, Observable['roles']>(known.map((one) => [observableId(one), one.roles]));
  const now = new Map<ObservableId, Observable>();
  for (const one of incoming) {
    const id = observableId(one);
    const roles = now.get(id)?.roles ?? before.get(id) ?? [];
    now.set(id, { ...one, roles: unitedRoles(roles, one.roles) });
  }
  const fresh = [...now].filter(([id]) => !before.has(id)).map(([, one]) => one);
  const widened = [...now].filter(([id, { roles }]) => before.has(id) && !sameRoles(before.get(id) ?? [], roles));
  const promoted = widened.filter(([id]) => isMention(before.get(id) ?? []));
  const room = Math.max(0, MOST_OBSERVABLES - count);
  const inFields = fresh
    .filter(({ roles }) => !isMention(roles))
    .slice(0, room + Math.max(0, mentioned - promoted.length));
  const inTexts = fresh.filter(({ roles }) => isMention(roles)).slice(0, Math.max(0, room - inFields.length));
  const kept = new Set([...inFields, ...inTexts]);
  const givesWay = Math.max(0, inFields.length - room);
  return {
    added: fresh.filter((one) => kept.has(one)),
    widened: widened.map(([, one]) => one),
    leftOut: fresh.length - kept.size + givesWay,
    givesWay,
  };
}

function isMention(roles: Observable['roles']): boolean {
  return roles.every((role) => role === 'mentioned');
}

/** A role from a field says all that a mention says. */
function unitedRoles(some: Observable['roles'], more: Observable['roles']): Observable['roles'] {
  const roles = new Set([...some, ...more]);
  return OBSERVABLE_ROLES.filter((role) => roles.has(role) && (role !== 'mentioned' || roles.size === 1));
}

function sameRoles(some: Observable['roles'], others: Observable['roles']): boolean {
  return some.length === others.length && some.every((role) => others.includes(role));
}

/** What alerts say came of it, in words: what a rule may decide otherwise by. */
export function outcomesOf({ outcome, executed, clicked }: Alert): string[] {
  return [...(outcome ? [outcome] : []), ...(executed ? ['executed'] : []), ...(clicked ? ['clicked'] : [])];
}

export function higherSeverity(one: Severity, other: Severity): Severity {
  return SEVERITIES.indexOf(other) > SEVERITIES.indexOf(one) ? other : one;
}

/** From so many alerts on, an incident that closed itself is looked at again each time their number has doubled. */
const MANY = 16;

/**
 * True when counting up from `before` to `after` passes one of 16, 32, 64, …: many small things may be one large one.
 * @param least a power of two to begin with instead
 */
export function hasDoubled(before: number, after: number, least = MANY): boolean {
  const step = (count: number) => (count < least ? 0 : Math.floor(Math.log2(count)));
  return step(after) > step(before);
}
