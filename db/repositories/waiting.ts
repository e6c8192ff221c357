import type { ObservableId } from '../../domain/observable';
import type { Severity } from '../../domain/severity';
import type { Knex, Transaction } from '../connect';
import { shift, toSqlTime } from '../time';
import type { Instant } from '../time';

/** A run that was told it may ask, and has not asked by then, is taken for dead: it holds up nobody. */
const ASKS_WITHIN_MS = 30_000;
/** It is told again, when slots are left over, after so long. */
const NUDGED_AGAIN_AFTER_MS = 60_000;
/** Of those ahead, so many are counted to say when it will be one's turn. */
export const MOST_COUNTED = 10_000;
/** Why a free slot is not the asker's, to follow the provider's name. */
export const URGENT_FIRST = 'what is more urgent, or waits longer, goes first';
/** Rows looked at for a selection; several may wait for one observable. */
const MOST_LOOKED_AT = 500;

/** One incident's wait for one provider's answer on one observable. */
export interface Waiter {
  incident_id: string;
  observable_hash: Buffer;
  observable: ObservableId;
  severity: Severity;
  since: Instant;
  nudged_at: Instant | null;
  /** When its observable's fresh answer runs out, and when the request for it is over; null where there is none. */
  fresh_until: Instant | null;
  flight_until: Instant | null;
}

type Query = Knex.QueryBuilder;

/** Where someone stands among those who wait: by severity, then age. */
export interface Place {
  severityRank: number;
  since: Instant;
  incidentId: string;
  hash: Buffer;
}

/** Observables, at most `most`, that live waiters of a better place need a request for. */
export async function countAhead(
  knex: Knex,
  provider: string,
  place: Place,
  now: Instant,
  most: number,
): Promise<number> {
  const ahead = needingRequests(knex, provider, now)
    .distinct('e.observable_hash')
    .whereNot('e.observable_hash', place.hash)
    .whereRaw('(e.nudged_at IS NULL OR e.nudged_at > ?)', [lostBefore(now)])
    .whereRaw(BETTER, betterThan(place))
    .limit(most);
  const [{ count = 0 } = {}] = await knex.from(ahead.as('ahead')).count<{ count: number }[]>({ count: '*' });
  return Number(count);
}

/** In the order in which they get their slots; those that were told and do not ask come last. */
export async function bestWaiters(knex: Knex, provider: string, now: Instant, limit: number): Promise<Waiter[]> {
  return (await ranked(all(knex, provider), now).limit(limit)) as Waiter[];
}

/** How many lookups wait, and in how many incidents. */
export async function countWaiters(knex: Knex, provider: string): Promise<{ count: number; incidents: number }> {
  const [{ count = 0, incidents = 0 } = {}] = await knex('enrichments')
    .where({ source: provider, state: 'waiting' })
    .count({ count: '*' })
    .countDistinct<{ count: number; incidents: number }[]>({ incidents: 'incident_id' });
  return { count: Number(count), incidents: Number(incidents) };
}

/** Those to be told, at most `limit`, because an answer is there for them. */
export async function answered(knex: Knex, provider: string, now: Instant, limit: number): Promise<Waiter[]> {
  const served = all(knex, provider).where('a.fresh_until', '>', toSqlTime(now));
  return (await notNudged(ranked(served, now), now).limit(limit)) as Waiter[];
}

/** Those to be told when `free` requests may go: the best for each observable, less those told and still expected. */
export async function nextInLine(knex: Knex, provider: string, now: Instant, free: number): Promise<Waiter[]> {
  const expected = await expectedToAsk(knex, provider, now, free);
  const room = free - expected.length;
  if (room <= 0) return [];
  const next = (await notNudged(ranked(needingRequests(knex, provider, now), now), now)
    .whereNotIn('e.observable_hash', expected)
    .limit(MOST_LOOKED_AT)) as Waiter[];
  const best = new Map<ObservableId, Waiter>();
  for (const waiter of next) if (!best.has(waiter.observable)) best.set(waiter.observable, waiter);
  return [...best.values()].slice(0, room);
}

/** The one that was asked about longest ago, if nobody has been told yet. */
export async function longestUnasked(knex: Knex, provider: string, now: Instant): Promise<Waiter[]> {
  if ((await expectedToAsk(knex, provider, now, 1)).length > 0) return [];
  const waiters = notNudged(ranked(needingRequests(knex, provider, now), now), now);
  return (await waiters.clearOrder().orderBy(['e.at', 'e.incident_id', 'e.observable_hash']).limit(1)) as Waiter[];
}

/** Notes that they are told. One that was told before keeps that time: it stays among those that do not ask. */
export async function markNudged(
  trx: Transaction,
  provider: string,
  waiters: readonly Waiter[],
  now: Instant,
): Promise<void> {
  const keys = waiters.flatMap(({ incident_id, observable_hash }) => [incident_id, provider, observable_hash]);
  const anyOf = waiters.map(() => '(e.incident_id = ? AND e.source = ? AND e.observable_hash = ?)').join(' OR ');
  const at = toSqlTime(now);
  await trx('enrichments as e')
    .where('e.state', 'waiting')
    .whereRaw(`(${anyOf})`, keys)
    .update({ 'e.nudged_at': trx.raw('COALESCE(e.nudged_at, ?)', [at]), 'e.until': at });
}

/** True when the waiter needs a request of its own: nobody is asking for it, and no fresh answer is there. */
export function needsRequest({ fresh_until, flight_until }: Waiter, now: Instant): boolean {
  return (fresh_until === null || fresh_until <= now) && (flight_until === null || flight_until <= now);
}

/** True when a waiter was told that it may ask, and has not done so in time. */
export function isLost({ nudged_at }: Waiter, now: Instant): boolean {
  return nudged_at !== null && nudged_at <= shift(now, -ASKS_WITHIN_MS);
}

function lostBefore(now: Instant): string {
  return toSqlTime(shift(now, -ASKS_WITHIN_MS));
}

function all(knex: Knex, provider: string): Query {
  return knex('enrichments as e')
    .join('incidents as i', 'i.id', 'e.incident_id')
    .leftJoin('answers as a', (join) =>
      join.on('a.provider', 'e.source').andOn('a.observable_hash', 'e.observable_hash'),
    )
    .where({ 'e.source': provider, 'e.state': 'waiting' });
}

function needingRequests(knex: Knex, provider: string, now: Instant): Query {
  const at = toSqlTime(now);
  return all(knex, provider)
    .whereRaw('(a.flight_until IS NULL OR a.flight_until <= ?)', [at])
    .whereRaw('(a.fresh_until IS NULL OR a.fresh_until <= ?)', [at]);
}

function notNudged(query: Query, now: Instant): Query {
  const long = toSqlTime(shift(now, -NUDGED_AGAIN_AFTER_MS));
  return query.whereRaw('(e.nudged_at IS NULL OR e.until <= ?)', [long]);
}

/** Observables, at most `most`, whose runs were told of late that they may ask, and have not asked yet. */
async function expectedToAsk(knex: Knex, provider: string, now: Instant, most: number): Promise<Buffer[]> {
  const rows = await needingRequests(knex, provider, now)
    .where('e.nudged_at', '>', lostBefore(now))
    .distinct<{ observable_hash: Buffer }[]>('e.observable_hash')
    .limit(most);
  return rows.map(({ observable_hash }) => observable_hash);
}

function ranked(query: Query, now: Instant): Query {
  return query
    .select('e.incident_id', 'e.observable_hash', 'e.observable', 'e.since', 'e.nudged_at')
    .select('i.severity', 'a.fresh_until', 'a.flight_until')
    .orderByRaw('CASE WHEN e.nudged_at <= ? THEN 1 ELSE 0 END', [lostBefore(now)])
    .orderBy([
      { column: 'i.severity_rank', order: 'desc' },
      { column: 'e.since' },
      { column: 'e.incident_id' },
      { column: 'e.observable_hash' },
    ]);
}

/** Before a place, in the order of {@link ranked}. */
const BETTER = `(i.severity_rank > ? OR (i.severity_rank = ? AND (e.since < ? OR (e.since = ? AND
  (e.incident_id < ? OR (e.incident_id = ? AND e.observable_hash < ?))))))`;

function betterThan({ severityRank, since, incidentId, hash }: Place): (string | number | Buffer)[] {
  const at = toSqlTime(since);
  return [severityRank, severityRank, at, at, incidentId, incidentId, hash];
}
