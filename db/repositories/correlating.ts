import { choose, mayJoin } from '../../domain/joining';
import type { Candidate } from '../../domain/joining';
import type { Correlation } from '../../domain/correlation';
import { lockChain } from '../audit-chain';
import type { LockedChain } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import { sha256Of } from '../hashes';
import { Alerts } from '../models';
import type { IncidentRow } from '../rows';
import { toSqlTime } from '../time';
import type { Instant } from '../time';
import { hasExpired, seenAt } from './alert-rows';
import { joinIncident, openIncident, retire } from './filing';
import type { Filed, Filing } from './filing';

/**
 * How alerts of one key find their incident. The locks are taken in one order, by everybody who takes several of them:
 * keys (by hash), chains (by incident id; with each its incident), then everything else. Under the key's lock no other
 * alert of that key is decided about; under the chain's, no step of a run and no analyst changes the incident.
 */

/** Of a key's incidents, the latest so many are looked at. */
const MOST_CANDIDATES = 100;
/** What was chosen may have been closed meanwhile. */
const MOST_TRIES = 5;

/** What a key is unique by: no two lists of fields have the same one. */
export function keyHash({ key, fields }: Pick<Correlation, 'key' | 'fields'>): Buffer {
  return sha256Of([key, ...Object.entries(fields).flat()]);
}

/** Takes the lock of a key, which need not be there yet. */
export async function lockKey(trx: Transaction, hash: Buffer): Promise<void> {
  // merge, not ignore: it takes the exclusive lock at once, where two shared ones would deadlock
  await trx('correlation_keys').insert({ key_hash: hash }).onConflict('key_hash').merge(['key_hash']);
}

/** Has alerts of a key find an incident from now on. */
export async function linkKey(trx: Transaction, hash: Buffer, incidentId: string, at: Instant): Promise<void> {
  const row = { key_hash: hash, incident_id: incidentId, linked_at: toSqlTime(at) };
  await trx('correlations').insert(row).onConflict(['key_hash', 'incident_id']).merge(['linked_at']);
}

/** Files alerts of one key in one transaction. @returns null for each that is known already, under whatever incident */
export async function fileTogether(
  trx: Transaction,
  correlation: Correlation,
  filings: readonly Filing[],
): Promise<(Filed | null)[]> {
  const hash = keyHash(correlation);
  await lockKey(trx, hash);
  const fresh = await withoutKnown(trx, filings);
  if (fresh.length === 0) return filings.map(() => null);
  const { groups, chains } = await groupsOf(trx, hash, correlation, fresh);
  const filed = new Map<Filing, Filed>();
  const note = (group: Group, results: readonly Filed[]) =>
    group.filings.forEach((filing, index) => filed.set(filing, results[index] as Filed));
  for (const group of groups) {
    const chain = chains.get(group.candidate.id);
    if (chain) {
      note(group, await joinIncident(trx, chain, group.filings));
      continue;
    }
    const { incident, filed: results } = await openIncident(trx, group.filings, group.follows);
    await linkKey(trx, hash, incident.id, incident.created_at);
    note(group, results);
  }
  return filings.map((filing) => filed.get(filing) ?? null);
}

/**
 * One of each identity that is not known yet; under the key's lock, since copies of an alert have the same key, unless a
 * suppression begins or ends between them. One alone was looked up a moment ago, and the unique key would refuse it.
 */
async function withoutKnown(trx: Transaction, filings: readonly Filing[]): Promise<Filing[]> {
  const [only, ...others] = filings;
  if (only && others.length === 0) {
    if (only.retired) await retire(trx, only.retired);
    return [only];
  }
  const byIdentity = new Map<string, Filing>();
  for (const filing of filings) {
    const identity = filing.identity.hash.toString('hex');
    if (!byIdentity.has(identity)) byIdentity.set(identity, filing);
  }
  const known = await Alerts.query(trx)
    .whereIn(
      'identity',
      [...byIdentity.values()].map(({ identity }) => identity.hash),
    )
    .select('id', 'identity', 'identity_until');
  for (const alert of known) {
    const identity = alert.identity.toString('hex');
    if (hasExpired(alert, byIdentity.get(identity)?.input.receivedAt ?? '')) await retire(trx, alert);
    else byIdentity.delete(identity);
  }
  return [...byIdentity.values()];
}

interface Group {
  candidate: Candidate;
  follows: { incident_id: string; at: Instant } | undefined;
  filings: [Filing, ...Filing[]];
}

type IncidentChain = LockedChain & { incident: IncidentRow };

interface Grouped {
  /** Those of incidents that are there first, in the order of their locks. */
  groups: Group[];
  chains: Map<string, IncidentChain>;
}

/** Which alerts go where; every incident that is joined is locked then, and still may be joined. */
async function groupsOf(
  trx: Transaction,
  hash: Buffer,
  { window_seconds }: Correlation,
  filings: readonly Filing[],
): Promise<Grouped> {
  const candidates = await candidatesOf(trx, hash);
  // all of a key come under the same one, or under none: it is part of the key
  const suppressedBy = filings[0]?.input.suppression?.id ?? null;
  const chains = new Map<string, IncidentChain>();
  for (let tries = 1; ; tries += 1) {
    const groups = assign(candidates, filings, { windowMs: window_seconds * 1000, suppressedBy });
    const joined = groups.map(({ candidate }) => candidate).filter((one) => candidates.includes(one));
    for (const candidate of joined) {
      if (chains.has(candidate.id)) continue;
      const chain = await lockChain(trx, candidate.id);
      if (!chain?.incident) throw new Error(`${candidate.id} has no chain`);
      const { incident } = chain;
      chains.set(incident.id, { ...chain, incident });
      const { status, resolution, first_seen, last_seen, suppressed_by } = incident;
      Object.assign(candidate, { status, resolution, first_seen, last_seen, suppressed_by });
    }
    if (joined.every((one) => mayJoin(one, suppressedBy))) return { groups, chains };
    if (tries === MOST_TRIES) throw new Error('The incidents of a key are closed faster than they can be joined');
  }
}

/** The latest incidents of a key, the latest first. */
async function candidatesOf(knex: Knex, hash: Buffer): Promise<Candidate[]> {
  const latest = knex('correlations')
    .where({ key_hash: hash })
    .orderBy('linked_at', 'desc')
    .limit(MOST_CANDIDATES)
    .select('incident_id', 'linked_at')
    .as('latest');
  const candidates: Candidate[] = await knex
    .from(latest)
    .join('incidents', 'incidents.id', 'latest.incident_id')
    .orderBy('latest.linked_at', 'desc')
    .select('incidents.id', 'status', 'resolution', 'first_seen', 'last_seen', 'suppressed_by');
  return candidates;
}

/** Pure: one alert after another finds its incident among those that are there and those that the ones before it open. */
function assign(
  candidates: readonly Candidate[],
  filings: readonly Filing[],
  how: { windowMs: number; suppressedBy: string | null },
): Group[] {
  const groups = new Map<string, Group>();
  const opened: Candidate[] = [];
  // as they will be: each alert widens the time that its incident spans
  const spans = new Map(candidates.map((one) => [one.id, { ...one }]));
  for (const filing of filings) {
    const at = seenAt(filing.input);
    const { joins, follows } = choose([...opened, ...spans.values()], { at, ...how });
    const target = joins ?? newCandidate(opened, at, how.suppressedBy);
    target.first_seen = target.first_seen < at ? target.first_seen : at;
    target.last_seen = target.last_seen > at ? target.last_seen : at;
    const group = groups.get(target.id);
    if (group) group.filings.push(filing);
    else {
      const candidate = candidates.find(({ id }) => id === target.id) ?? target;
      const link = follows && { incident_id: follows.id, at: filing.input.receivedAt };
      groups.set(target.id, { candidate, follows: link, filings: [filing] });
    }
  }
  return [...groups.values()].sort((a, b) => (a.candidate.id < b.candidate.id ? -1 : 1));
}

/** Stands for an incident that is yet to be opened; its name sorts behind those that are there. */
function newCandidate(opened: Candidate[], at: Instant, suppressed_by: string | null): Candidate {
  const candidate: Candidate = {
    id: `new-${opened.length}`,
    status: 'new',
    resolution: null,
    first_seen: at,
    last_seen: at,
    suppressed_by,
  };
  opened.push(candidate);
  return candidate;
}
