import { higherSeverity, isJoinable } from '../../domain/joining';
import type { Observable } from '../../domain/observable';
import { appendActions } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import { Alerts, Observables } from '../models';
import type { IncidentRow } from '../rows';
import { shift, toInstant } from '../time';
import { inTransaction } from '../transaction';
import { linkKey, lockKey } from './correlating';
import { insertObservables, observablesJoining, roomFor, widenObservables } from './filing';
import { lockIncident, namedAlerts, regroupAction, shutOut } from './regroup';
import type { IncidentChain, MergeOutcome, MergeRefusal, MergeRequest } from './regroup';

/** Until the reconciler looks whether the run has heard of it. */
const ROUSED_BY_MS = 15_000;

/** Another split or merge may have brought a key before the incident was locked. */
const MOST_TRIES = 5;

class KeysChangedError extends Error {}

export async function mergeIncidents(knex: Knex, request: MergeRequest): Promise<MergeOutcome> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await inTransaction(knex, (trx) => merge(trx, request));
    } catch (error) {
      if (!(error instanceof KeysChangedError) || tries === MOST_TRIES) throw error;
    }
  }
}

async function merge(trx: Transaction, request: MergeRequest): Promise<MergeOutcome> {
  const { id, into, at } = request;
  const keys = await lockKeysOf(trx, id);
  const [source, target] = await lockBoth(trx, request);
  if (!source) return { refused: 'not_found' };
  if (!target) return { refused: 'no_such_target' };
  if (source.row) return { into: target.incident, alerts: countIn(source.row.detail), done: 'before' };
  const refusal = refusalOf(source.incident, target.incident, request.ifVersion);
  if (refusal) return { refused: refusal };

  const isLocked = new Set(keys.map((key) => key.toString('hex')));
  const keysNow = await keysOf(trx, id);
  if (keysNow.some((key) => !isLocked.has(key.toString('hex')))) throw new KeysChangedError(`The keys of ${id} change`);

  const rows = await Alerts.query(trx).where({ incident_id: id }).select('id').orderBy(['received_at', 'id']);
  const ids = rows.map((alert) => alert.id);
  await trx('alerts').where({ incident_id: id }).update({ incident_id: into, processed: false, joined: true });
  const leftOut = await moveObservables(trx, source.incident, into);
  // the run that waits for them is shut out, and the other incident asks for itself
  await trx('enrichments').where({ incident_id: id, state: 'waiting' }).delete();
  for (const key of keysNow) await linkKey(trx, key, into, toInstant(at));
  await trx('correlations').where({ incident_id: id }).delete();

  const alerts = namedAlerts(ids);
  await writeSource(trx, source, request, alerts);
  const merged = await writeTarget(trx, target, source.incident, request, {
    ...alerts,
    ...(leftOut > 0 ? { observables_left_out: leftOut } : {}),
  });
  return { into: merged, alerts: ids.length, done: 'now' };
}

/** The keys by which alerts find an incident, locked; nobody points one of them elsewhere meanwhile. */
async function lockKeysOf(trx: Transaction, incidentId: string): Promise<Buffer[]> {
  const keys = await keysOf(trx, incidentId);
  for (const key of keys) await lockKey(trx, key);
  return keys;
}

async function keysOf(trx: Transaction, incident_id: string): Promise<Buffer[]> {
  const rows = await trx<{ incident_id: string; key_hash: Buffer }>('correlations')
    .where({ incident_id })
    .select('key_hash')
    .orderBy('key_hash');
  return rows.map(({ key_hash }) => key_hash);
}

async function lockBoth(
  trx: Transaction,
  { id, into }: MergeRequest,
): Promise<[IncidentChain | undefined, IncidentChain | undefined]> {
  const lockSource = () => lockIncident(trx, id, keyOf(into));
  const lockTarget = () => lockIncident(trx, into, null);
  if (id < into) {
    const source = await lockSource();
    return [source, await lockTarget()];
  }
  const target = await lockTarget();
  return [await lockSource(), target];
}

function keyOf(into: string): string {
  return `merge/into/${into}`;
}

function countIn(detail: string): number {
  return (JSON.parse(detail) as { alerts: number }).alerts;
}

function refusalOf(
  source: IncidentRow,
  target: IncidentRow,
  ifVersion: number | undefined,
): MergeRefusal['refused'] | undefined {
  if (ifVersion !== undefined && ifVersion !== source.version) return 'version_mismatch';
  if (!isJoinable(source)) return 'closed';
  if (!isJoinable(target)) return 'target_closed';
  if (target.alert_type === 'unclassified' && source.alert_type !== 'unclassified') return 'target_without_playbook';
  return undefined;
}

/** @returns how many there was no room for */
async function moveObservables(trx: Transaction, source: IncidentRow, into: string): Promise<number> {
  const own = await Observables.query(trx).where({ incident_id: source.id }).orderBy('position');
  const incoming = own.map(({ type, value, roles, flags }): Observable => ({ type, value, roles, flags }));
  const { merged, from } = await observablesJoining(trx, into, incoming);
  await widenObservables(trx, into, merged.widened);
  await roomFor(trx, into, merged);
  await insertObservables(trx, into, merged.added, { from, seen: source.first_seen });
  // or it would count as an earlier incident that shares all of them
  await trx('observables').where({ incident_id: source.id }).delete();
  return merged.leftOut;
}

async function writeSource(
  trx: Transaction,
  source: IncidentChain,
  request: MergeRequest,
  alerts: Record<string, unknown>,
): Promise<void> {
  const { incident } = source;
  const { into, actor } = request;
  const action = regroupAction(incident.id, request, {
    key: keyOf(into),
    action: 'merge',
    summary: `${actor} merged it into ${into}`,
    detail: { into, ...alerts, from: { status: incident.status, resolution: incident.resolution } },
  });
  await appendActions(trx, source, [action], {
    ...{ status: 'closed', resolution: 'duplicate', flagged: null, alert_count: 0, unprocessed: 0 },
    related: [...(incident.related ?? []), { incident_id: into, relation: 'merged_into', at: toInstant(request.at) }],
    ...shutOut(incident, request.at),
  });
}

async function writeTarget(
  trx: Transaction,
  target: IncidentChain,
  source: IncidentRow,
  request: MergeRequest,
  detail: Record<string, unknown>,
): Promise<IncidentRow> {
  const { incident } = target;
  const { at, actor } = request;
  const severity =
    incident.severity_by === null ? higherSeverity(incident.severity, source.severity) : incident.severity;
  const action = regroupAction(incident.id, request, {
    key: `merge/from/${source.id}`,
    action: 'merge',
    summary: `${actor} merged ${source.id} into it`,
    detail: {
      from: source.id,
      ...detail,
      ...(severity === incident.severity ? {} : { severity: { from: incident.severity, to: severity } }),
    },
  });
  const changes: Partial<IncidentRow> = {
    alert_count: incident.alert_count + source.alert_count,
    unprocessed: incident.unprocessed + source.alert_count,
    first_seen: incident.first_seen < source.first_seen ? incident.first_seen : source.first_seen,
    last_seen: incident.last_seen > source.last_seen ? incident.last_seen : source.last_seen,
    severity,
    outcomes: [...new Set([...(incident.outcomes ?? []), ...(source.outcomes ?? [])])],
    related: [...(incident.related ?? []), { incident_id: source.id, relation: 'merged_from', at: toInstant(at) }],
    ...(incident.alert_type === 'unclassified' ? {} : { next_check_at: shift(at, ROUSED_BY_MS) }),
  };
  await appendActions(trx, target, [action], changes);
  return { ...incident, ...changes, version: incident.version + 1 };
}
