import type { Correlation } from '../../domain/correlation';
import { higherSeverity, mergeObservables, outcomesOf } from '../../domain/joining';
import { observableId } from '../../domain/observable';
import type { Observable, ObservableId } from '../../domain/observable';
import type { Severity } from '../../domain/severity';
import { titleOf } from '../../domain/title';
import { appendActions, startChain } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import { observableHash } from '../hashes';
import { Alerts, Incidents, Observables } from '../models';
import type { AlertRow, IncidentRow } from '../rows';
import { toInstant } from '../time';
import type { Instant } from '../time';
import { inTransaction } from '../transaction';
import { keyHash, linkKey, lockKey } from './correlating';
import { insertObservables, observablesJoining, roomFor, widenObservables } from './filing';
import { lockIncident, namedAlerts, regroupAction, shutOut } from './regroup';
import type { IncidentChain, SplitOutcome, SplitRequest } from './regroup';
import { untouched } from './alert-rows';
import { gravityOf, readAll, saidBy } from './staying';
import type { Said } from './staying';

export function splitIncident(knex: Knex, request: SplitRequest): Promise<SplitOutcome> {
  return inTransaction(knex, (trx) => split(trx, request));
}

async function split(trx: Transaction, request: SplitRequest): Promise<SplitOutcome> {
  const { id, requestId, ifVersion } = request;
  const ids = [...new Set(request.alertIds)];
  const keys = await lockKeysOf(trx, request, ids);
  const source = await lockIncident(trx, id, `split/${requestId}`);
  if (!source) return { refused: 'not_found' };
  const leaving = await alertsOf(trx, id, ids);
  if (source.row && leaving.length === 0) return doneBefore(trx, source, ids);
  if (ifVersion !== undefined && ifVersion !== source.incident.version) return { refused: 'version_mismatch' };
  const unknown = ids.filter((one) => !leaving.some((alert) => alert.id === one));
  if (unknown.length > 0) return { refused: 'unknown_alerts', alertIds: unknown };
  if (leaving.length >= source.incident.alert_count) return { refused: 'nothing_left' };

  const said = await readAll(
    leaving.map(({ fields }) => fields),
    request.read,
  );
  const named = said.flatMap(({ observables }) => observables);
  const opened = openedBy(source.incident, leaving, request);
  await Incidents.query(trx).insert(opened);
  await trx('alerts').whereIn('id', ids).update({ incident_id: opened.id, processed: false });
  const brought = mergeObservables([], 0, named).added;
  await insertObservables(trx, opened.id, brought, { from: 0, seen: opened.first_seen });

  const stayingSay = await saidBy(trx, id, request.read);
  // where it is too much to be read, nothing that they may name is lost, and no key that they may have
  if (stayingSay) {
    const still = stayingSay.flatMap(({ observables }) => observables);
    await narrow(trx, source.incident, named, still);
  }
  const correlation = stayingSay ? await followingKey(trx, { keys, said, stayingSay, from: id, to: opened }) : null;
  const incident = { ...opened, correlation };
  await Incidents.query(trx).findById(opened.id).patch({ correlation });

  // they may have been split off before, and merged again
  const actionKey = `split/${requestId}${source.row ? `/${source.incident.version}` : ''}`;
  const left = await writeSource(trx, source, { request, actionKey, opened, ids });
  await startChain(trx, opened.id, [
    regroupAction(opened.id, request, {
      key: `split/from/${id}`,
      action: 'split',
      summary: `${request.actor} split it from ${id}`,
      detail: { from: id, ...namedAlerts(ids) },
    }),
  ]);
  return { incident, left, alerts: ids.length, done: 'now' };
}

/** Keys may go along with the alerts; they are locked before the incident, as everywhere. */
async function lockKeysOf(trx: Transaction, { id, read }: SplitRequest, ids: readonly string[]): Promise<Buffer[]> {
  const alerts = await alertsOf(trx, id, ids);
  const said = await readAll(
    alerts.map(({ fields }) => fields),
    read,
  );
  const keys = keysIn(said);
  const sorted = [...keys.values()].map(keyHash).sort((a, b) => a.compare(b));
  for (const key of sorted) await lockKey(trx, key);
  return sorted;
}

async function alertsOf(trx: Transaction, incident_id: string, ids: readonly string[]): Promise<AlertRow[]> {
  const rows = await Alerts.query(trx)
    .where({ incident_id })
    .whereIn('id', [...ids])
    .orderBy(['received_at', 'id']);
  return rows.map((row) => row.toJSON() as AlertRow);
}

/** What was split off stands where the alerts are now. */
async function doneBefore(
  trx: Transaction,
  { incident }: IncidentChain,
  ids: readonly string[],
): Promise<SplitOutcome> {
  const { incident_id } = await Alerts.query(trx)
    .findById(ids[0] ?? '')
    .throwIfNotFound();
  const opened = await Incidents.query(trx).findById(incident_id).throwIfNotFound();
  return { incident: opened.toJSON(), left: incident, alerts: ids.length, done: 'before' };
}

function spanOf(alerts: readonly Pick<AlertRow, 'event_time' | 'received_at'>[]): [Instant, Instant] {
  // as when it was accepted: nothing was seen after it had come
  const times = alerts
    .map(({ event_time, received_at }) => (event_time < received_at ? event_time : received_at))
    .sort();
  return [times[0] as Instant, times.at(-1) as Instant];
}

function severest(severities: readonly (Severity | undefined)[], otherwise: Severity): Severity {
  const given = severities.filter((one) => one !== undefined);
  return given.length === 0 ? otherwise : given.reduce(higherSeverity);
}

/** The incident of what leaves: of the type that its first alert was filed under. */
function openedBy(source: IncidentRow, leaving: readonly AlertRow[], { at }: SplitRequest): IncidentRow {
  const first = leaving[0] as AlertRow;
  const alert_type = first.fields.alert_type ?? source.alert_type;
  const severity = severest(
    leaving.map(({ fields }) => fields.severity),
    source.severity,
  );
  const [first_seen, last_seen] = spanOf(leaving);
  return untouched(
    {
      ...{ alert_type, severity, source: first.source },
      ...{ title: titleOf(first.fields, alert_type), classification: first.classification, correlation: null },
      outcomes: [...new Set(leaving.flatMap(({ fields }) => outcomesOf(fields)))],
      related: [{ incident_id: source.id, relation: 'split_from', at: toInstant(at) }],
      ...{ alert_count: leaving.length, unprocessed: leaving.length, first_seen, last_seen },
    },
    at,
  );
}

/**
 * Takes away what only the alerts that left had named, with what sources said of it, and the roles only they gave; then
 * there may be room for what was left out.
 */
async function narrow(
  trx: Transaction,
  { id: incident_id, first_seen: seen }: IncidentRow,
  leaving: readonly Observable[],
  staying: readonly Observable[],
): Promise<void> {
  const named = mergeObservables([], -Infinity, leaving).added;
  const still = new Map<ObservableId, Observable>();
  for (const one of mergeObservables([], -Infinity, staying).added) still.set(observableId(one), one);
  const gone = named.filter((one) => !still.has(observableId(one))).map(observableHash);
  if (gone.length > 0) {
    await trx('observables').where({ incident_id }).whereIn('observable_hash', gone).delete();
    await trx('enrichments').where({ incident_id }).whereIn('observable_hash', gone).delete();
  }
  for (const one of named) {
    const roles = still.get(observableId(one))?.roles;
    if (roles === undefined) continue;
    await Observables.query(trx)
      .where({ incident_id, observable_hash: observableHash(one) })
      .patch({ roles });
  }
  const { merged, from } = await observablesJoining(trx, incident_id, [...still.values()]);
  await widenObservables(trx, incident_id, merged.widened);
  await roomFor(trx, incident_id, merged);
  await insertObservables(trx, incident_id, merged.added, { from, seen });
}

function keysIn(said: readonly Said[]): Map<string, Correlation> {
  const all = said.flatMap(({ correlation }) => (correlation ? [correlation] : []));
  return new Map(all.map((one) => [keyHash(one).toString('hex'), one]));
}

interface Following {
  /** Locked. */
  keys: readonly Buffer[];
  said: readonly Said[];
  stayingSay: readonly Said[];
  from: string;
  to: IncidentRow;
}

/**
 * A key that none of the alerts that stay has goes along with those that have it, so that later ones find them; any other
 * stays where it is. One incident has it either way.
 */
async function followingKey(
  trx: Transaction,
  { keys, said, stayingSay, from, to }: Following,
): Promise<Correlation | null> {
  const staying = keysIn(stayingSay);
  const leaving = keysIn(said);
  let first: Correlation | null = null;
  for (const hash of keys) {
    const key = leaving.get(hash.toString('hex'));
    if (!key || staying.has(hash.toString('hex'))) continue;
    const moved = await trx('correlations').where({ key_hash: hash, incident_id: from }).delete();
    if (moved === 0) continue;
    await linkKey(trx, hash, to.id, to.created_at);
    first ??= key;
  }
  return first;
}

interface Splitting {
  request: SplitRequest;
  actionKey: string;
  opened: IncidentRow;
  ids: readonly string[];
}

/** What is left is judged anew, unless it is known: all of its alerts count as not looked at. */
async function writeSource(
  trx: Transaction,
  source: IncidentChain,
  { request, actionKey, opened, ids }: Splitting,
): Promise<IncidentRow> {
  const { incident } = source;
  const { id, actor, at } = request;
  // what stays of one that is known is known as before
  const isKnown = incident.suppressed_by !== null;
  const seen = 'CASE WHEN event_time < received_at THEN event_time ELSE received_at END';
  const times: Pick<IncidentRow, 'first_seen' | 'last_seen'>[] = await trx('alerts')
    .where({ incident_id: id })
    .select(trx.raw(`MIN(${seen}) AS first_seen`), trx.raw(`MAX(${seen}) AS last_seen`));
  if (!isKnown) await trx('alerts').where({ incident_id: id }).update({ processed: false });
  const { severities, outcomes } = await gravityOf(trx, id);
  const count = incident.alert_count - ids.length;
  const changes: Partial<IncidentRow> = {
    ...{ alert_count: count, unprocessed: isKnown ? 0 : count, ...times[0] },
    severity: incident.severity_by === null ? severest(severities, incident.severity) : incident.severity,
    outcomes,
    related: [...(incident.related ?? []), { incident_id: opened.id, relation: 'split_into', at: toInstant(at) }],
    ...(isKnown ? {} : shutOut(incident, at)),
  };
  const action = regroupAction(id, request, {
    key: actionKey,
    action: 'split',
    summary: `${actor} split ${ids.length === 1 ? 'an alert' : `${ids.length} alerts`} into ${opened.id}`,
    detail: { into: opened.id, ...namedAlerts(ids) },
  });
  await appendActions(trx, source, [action], changes);
  return { ...incident, ...changes, version: incident.version + 1 };
}
