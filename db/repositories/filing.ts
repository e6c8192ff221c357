import type { Pojo } from 'objection';
import { hasDoubled, higherSeverity, mergeObservables, outcomesOf } from '../../domain/joining';
import type { Merged } from '../../domain/joining';
import { observableId } from '../../domain/observable';
import type { Observable } from '../../domain/observable';
import { hasAmount } from '../../domain/sameness';
import { appendActions, startChain } from '../audit-chain';
import type { LockedChain } from '../audit-chain';
import type { Transaction } from '../connect';
import { observableHash, sha256Of, utf8, valueHash } from '../hashes';
import { Alerts, Incidents, Observables, toColumns } from '../models';
import type { AlertRow, IncidentRow, ObservableRow, RelatedIncident } from '../rows';
import { shift } from '../time';
import type { Instant } from '../time';
import { acceptAction, alertRow, GIST_BYTES, incidentRow, saysOf, seenAt } from './alert-rows';
import type { AcceptInput, Identity } from './alert-rows';
import { storeAllRaw } from './raw-documents';

/** An alert on its way into an incident. */
export interface Filing {
  input: AcceptInput;
  identity: Identity;
  /** Has the same identity, which has expired. */
  retired?: Pick<AlertRow, 'id' | 'identity'> | undefined;
}

/** Where it has come to. */
export interface Filed {
  alert: AlertRow;
  incident: IncidentRow;
  /** The incident's run is to be told, and was not. */
  rouse: boolean;
}

/** When the reconciler looks whether the run has heard of it. */
const ROUSED_BY_MS = 15_000;

/** Opens an incident with its first alert, and those that join it at once. */
export async function openIncident(
  trx: Transaction,
  filings: readonly [Filing, ...Filing[]],
  follows?: { incident_id: string; at: Instant },
): Promise<{ incident: IncidentRow; filed: Filed[] }> {
  const [first, ...others] = filings;
  const opened = incidentRow(first.input);
  const inputs = others.map(({ input }) => input);
  const observables = mergeObservables([], 0, observablesOf(filings));
  const related: RelatedIncident[] | null = follows ? [{ ...follows, relation: 'follows' }] : null;
  const isKnown = opened.suppressed_by !== null;
  const unprocessed = isKnown ? 0 : filings.length;
  const incident: IncidentRow = { ...opened, ...grown(opened, inputs), unprocessed, related };
  const alerts = filings.map(({ input, identity }, index) =>
    alertRow(input, identity, { incident_id: incident.id, joined: index > 0, processed: isKnown }),
  );
  await storeOriginals(trx, filings);
  await Incidents.query(trx).insert(incident);
  await insertAlerts(trx, alerts);
  await insertObservables(trx, incident.id, observables.added, { from: 0, seen: incident.first_seen });
  const noted = { ...noteOf(observables), ...(follows ? { follows: follows.incident_id } : {}) };
  await startChain(
    trx,
    incident.id,
    filings.map(({ input }, index) => acceptAction(input, alerts[index] as AlertRow, opened, index === 0 ? noted : {})),
  );
  return { incident, filed: alerts.map((alert) => ({ alert, incident, rouse: false })) };
}

/** Adds alerts to an incident whose chain is locked. */
export async function joinIncident(
  trx: Transaction,
  chain: LockedChain & { incident: IncidentRow },
  filings: readonly Filing[],
): Promise<Filed[]> {
  const { incident } = chain;
  const inputs = filings.map(({ input }) => input);
  const { merged, from } = await observablesJoining(trx, incident.id, observablesOf(filings));
  const growth = grown(incident, inputs);
  const isDue =
    incident.suppressed_by === null &&
    (incident.status !== 'closed' || isNews(incident, growth, merged) || (await saysNew(trx, incident, inputs)));
  const changes = { ...growth, ...(isDue ? due(incident, inputs) : {}) };
  const alerts = filings.map(({ input, identity }) =>
    alertRow(input, identity, { incident_id: incident.id, joined: true, processed: !isDue }),
  );
  await storeOriginals(trx, filings);
  await insertAlerts(trx, alerts);
  await widenObservables(trx, incident.id, merged.widened);
  await roomFor(trx, incident.id, merged);
  await insertObservables(trx, incident.id, merged.added, { from, seen: seenFirst(inputs) });
  const noted = { ...noteOf(merged), ...raised(incident, growth), ...(isDue ? {} : { counted_only: true }) };
  const last = filings.length - 1;
  const rows = filings.map(({ input }, index) =>
    acceptAction(input, alerts[index] as AlertRow, incident, {
      correlation: input.correlation?.key,
      ...(index === last ? noted : {}),
    }),
  );
  await appendActions(trx, chain, rows, changes);
  const now = { ...incident, ...changes, version: incident.version + 1 };
  const rouse = isDue && incident.unprocessed === 0 && incident.alert_type !== 'unclassified';
  return alerts.map((alert, index) => ({ alert, incident: now, rouse: rouse && index === last }));
}

type Growth = Pick<IncidentRow, 'alert_count' | 'first_seen' | 'last_seen' | 'severity' | 'outcomes'>;

/** What an incident is with further alerts; a severity that an analyst has set stays. */
function grown(incident: IncidentRow, inputs: readonly AcceptInput[]): Growth {
  const { alert_count, first_seen, last_seen, severity, severity_by, outcomes } = incident;
  const times = [first_seen, last_seen, ...inputs.map(seenAt)].sort();
  const told = inputs.flatMap(({ alert }) => outcomesOf(alert));
  return {
    alert_count: alert_count + inputs.length,
    first_seen: times[0] as Instant,
    last_seen: times.at(-1) as Instant,
    severity:
      severity_by === null ? inputs.reduce((so, { alert }) => higherSeverity(so, alert.severity), severity) : severity,
    outcomes: [...new Set([...(outcomes ?? []), ...told])],
  };
}

/** Whether one that closed itself is worth another round. */
function isNews(incident: IncidentRow, now: Growth, { added, widened }: Merged): boolean {
  const before = incident.outcomes ?? [];
  return (
    added.length > 0 ||
    widened.length > 0 ||
    now.severity !== incident.severity ||
    (now.outcomes ?? []).some((word) => !before.includes(word)) ||
    hasDoubled(incident.alert_count, now.alert_count)
  );
}

/** More kinds at once are not looked up one by one. */
const MOST_GISTS = 64;

/** Whether one of them says what no alert of the incident has said, or they may add up to something else. */
async function saysNew(
  trx: Transaction,
  { id: incident_id, alert_count }: IncidentRow,
  inputs: readonly AcceptInput[],
): Promise<boolean> {
  const addUp = inputs.some(({ alert }) => hasAmount(alert));
  if (addUp && hasDoubled(alert_count, alert_count + inputs.length, 2)) return true;
  const gists = new Map(inputs.map(saysOf).map((says) => [gistOf(says).toString('hex'), gistOf(says)]));
  if (gists.size > MOST_GISTS) return true;
  for (const gist of gists.values()) {
    const [from, to] = [0, 255].map((fill) => Buffer.concat([gist, Buffer.alloc(GIST_BYTES, fill)]));
    const known: unknown = await trx('alerts')
      .where({ incident_id })
      .whereBetween('says', [from, to] as [Buffer, Buffer])
      .first('id');
    if (known === undefined) return true;
  }
  return false;
}

function gistOf(says: Buffer): Buffer {
  return says.subarray(0, GIST_BYTES);
}

/** A round is to look at them; who has no playbook has no rounds, and nobody looks after it. */
function due(
  { unprocessed, next_check_at, alert_type }: IncidentRow,
  inputs: readonly AcceptInput[],
): Partial<IncidentRow> {
  const raised = { unprocessed: unprocessed + inputs.length };
  if (alert_type === 'unclassified' || unprocessed > 0) return raised;
  const by = shift(inputs[0]?.receivedAt ?? '', ROUSED_BY_MS);
  return { ...raised, next_check_at: next_check_at !== null && next_check_at < by ? next_check_at : by };
}

function raised(incident: IncidentRow, { severity }: Growth): Record<string, unknown> {
  return severity === incident.severity ? {} : { severity: { from: incident.severity, to: severity } };
}

function noteOf({ added, leftOut }: Merged): Record<string, unknown> {
  return {
    ...(added.length > 0 ? { observables: added.map(observableId) } : {}),
    ...(leftOut > 0 ? { observables_left_out: leftOut } : {}),
  };
}

/** As they will be read back, so that what is known is known again. */
function observablesOf(filings: readonly Filing[]): Observable[] {
  return filings.flatMap(({ input }) => input.observables.map((one) => ({ ...one, value: utf8(one.value) })));
}

function seenFirst(inputs: readonly AcceptInput[]): Instant {
  return inputs.map(seenAt).sort()[0] as Instant;
}

async function storeOriginals(trx: Transaction, filings: readonly Filing[]): Promise<void> {
  const inputs = filings.map(({ input }) => input).filter(({ originalKept = false }) => !originalKept);
  await storeAllRaw(
    trx,
    inputs.map(({ original: body, mediaType, receivedAt: at }) => ({ body, mediaType, at })),
  );
}

async function insertAlerts(trx: Transaction, alerts: readonly AlertRow[]): Promise<void> {
  await trx('alerts').insert(alerts.map((row) => toColumns(Alerts, row)));
}

/** What is new among some observables to a locked incident, and the first place that is free for it. */
export async function observablesJoining(
  trx: Transaction,
  incidentId: string,
  incoming: readonly Observable[],
): Promise<{ merged: Merged; from: number }> {
  const hashes = new Map(incoming.map((one) => [observableHash(one).toString('hex'), observableHash(one)]));
  if (hashes.size === 0) return { merged: mergeObservables([], 0, []), from: 0 };
  const found = await Observables.query(trx)
    .where({ incident_id: incidentId })
    .whereIn('observable_hash', [...hashes.values()])
    .select('type', 'value', 'roles', 'observable_hash');
  // by hash: a value that has no UTF-8 comes back as another one
  const isKnown = new Set(found.map((row) => row.observable_hash.toString('hex')));
  const isAllKnown = [...hashes.keys()].every((hash) => isKnown.has(hash));
  const { count, from, mentioned } = isAllKnown
    ? { count: 0, from: 0, mentioned: 0 }
    : await placesTaken(trx, incidentId);
  return { merged: mergeObservables(found, count, incoming, mentioned), from };
}

/** The roles of what only texts mention, as they are stored. */
const MENTIONED = JSON.stringify(['mentioned']);

interface Places {
  count: number;
  from: number;
  mentioned: number;
}

async function placesTaken(trx: Transaction, incident_id: string): Promise<Places> {
  const [row] = (await trx('observables')
    .where({ incident_id })
    .count({ count: '*' })
    .max({ last: 'position' })
    .select(trx.raw('COUNT(CASE WHEN roles = ? THEN 1 END) AS mentioned', [MENTIONED]))) as [
    { count: number; last: number | null; mentioned: number }?,
  ];
  return { count: row?.count ?? 0, from: (row?.last ?? -1) + 1, mentioned: Number(row?.mentioned ?? 0) };
}

/** Takes away what gives way to what is to be inserted: the last ones, which sources were asked about last, if at all. */
export async function roomFor(trx: Transaction, incident_id: string, { givesWay }: Merged): Promise<void> {
  if (givesWay === 0) return;
  const rows: { observable_hash: Buffer }[] = await trx('observables')
    .where({ incident_id, roles: MENTIONED })
    .orderBy('position', 'desc')
    .limit(givesWay)
    .select('observable_hash');
  const hashes = rows.map((row) => row.observable_hash);
  await trx('observables').where({ incident_id }).whereIn('observable_hash', hashes).delete();
}

/** Inserts observables that the incident does not have yet, in their order. */
export async function insertObservables(
  trx: Transaction,
  incident_id: string,
  observables: readonly Observable[],
  { from, seen: seen_at }: { from: number; seen: Instant },
): Promise<void> {
  // by hash: two values that differ only in what has no UTF-8 are one to the database
  const rows = new Map<string, Pojo>();
  for (const observable of observables) {
    const observable_hash = observableHash(observable);
    const value_hash = valueHash(observable.value);
    const row: ObservableRow = {
      ...observable,
      ...{ incident_id, observable_hash, value_hash, position: from + rows.size, seen_at },
    };
    const key = observable_hash.toString('hex');
    if (!rows.has(key)) rows.set(key, toColumns(Observables, row));
  }
  if (rows.size > 0) await trx('observables').insert([...rows.values()]);
}

export async function widenObservables(
  trx: Transaction,
  incident_id: string,
  observables: readonly Observable[],
): Promise<void> {
  for (const one of observables) {
    await Observables.query(trx)
      .where({ incident_id, observable_hash: observableHash(one) })
      .patch({ roles: one.roles });
  }
}

/** Frees an expired identity, under the row's lock so that only one of several does. */
export async function retire(trx: Transaction, alert: Pick<AlertRow, 'id' | 'identity'>): Promise<void> {
  await trx('alerts')
    .where({ id: alert.id, identity: alert.identity })
    .update({ identity: sha256Of(['retired', alert.id]) });
}
