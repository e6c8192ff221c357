import { randomBytes } from 'node:crypto';
import type { Pojo } from 'objection';
import type { Alert, AlertClass, Classification } from '../../domain/alert';
import { newAlertId, newIncidentId } from '../../domain/ids';
import type { Status } from '../../domain/incident';
import type { Observable } from '../../domain/observable';
import { SEVERITIES } from '../../domain/severity';
import type { Severity } from '../../domain/severity';
import { startChain } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import { isDuplicateKey } from '../errors';
import { observableHash, sha256, sha256Of, valueHash } from '../hashes';
import { Alerts, Incidents, toColumns, Observables } from '../models';
import type { AlertRow, IncidentRow } from '../rows';
import { shift, toInstant } from '../time';
import type { Instant } from '../time';
import { inTransaction } from '../transaction';
import type { ActionRepository } from './actions';
import { storeRaw } from './raw-documents';

export interface AcceptInput {
  alert: Alert & { alert_type: AlertClass; severity: Severity };
  format: string;
  classification: Classification;
  observables: readonly Observable[];
  title: string;
  /** The exact bytes that were submitted. */
  original: Buffer;
  /** What stands for an alert without an id, where that is only a part of the original; default: the original. */
  identityBody?: Buffer | undefined;
  mediaType: string;
  /** Keys of the original that no canonical field took. */
  extra: Record<string, unknown>;
  idempotencyKey?: string | undefined;
  receivedAt: string;
  /** Name of the key that submitted it. */
  actor: string;
}

export interface Accepted {
  alertId: string;
  incidentId: string;
  sourceAlertId: string | null;
  status: Status;
  alertType: AlertClass;
  severity: Severity;
  title: string;
  source: string;
  format: string;
  classification: Classification;
  /** The same alert was submitted before; nothing new was opened. */
  duplicate: boolean;
  /** The alert joined an incident that was there. */
  correlated: boolean;
}

export interface AlertRepository {
  /** Commits an alert and its incident, or recognises it as submitted before. However often and at once: one incident. */
  accept(input: AcceptInput): Promise<Accepted>;
}

/** Without an id of its own, an alert's body stands for it this long. */
const BODY_IDENTITY_MS = 10 * 60_000;
const FIRST_CHECK_MS = 5000;
/** Of the column, in characters. */
const LONGEST_TITLE = 500;
const TRIES = 5;

interface Identity {
  hash: Buffer;
  until: Instant | null;
}

export function createAlertRepository(knex: Knex, actions: ActionRepository): AlertRepository {
  /** Looking first spares the common repetition a transaction; the unique key decides the race. */
  async function accept(input: AcceptInput): Promise<Accepted> {
    const identity = identityOf(input);
    for (let tries = 1; ; tries += 1) {
      const known = await Alerts.query(knex).findOne({ identity: identity.hash });
      if (known && !expired(known, input.receivedAt)) return recognise(input, known);
      try {
        return await inTransaction(knex, (trx) => open(trx, input, identity, known));
      } catch (error) {
        // lost the race for the identity, or drew an id that is taken: look, and draw, again
        if (!isDuplicateKey(error) || tries === TRIES) throw error;
      }
    }
  }

  /** The same alert again. Another body under its id is a further sighting, kept with its original. */
  async function recognise(input: AcceptInput, known: AlertRow): Promise<Accepted> {
    const incident = await Incidents.query(knex).findById(known.incident_id).throwIfNotFound();
    const digest = sha256(input.original);
    if (!digest.equals(known.raw_sha256)) {
      await actions.finish({
        chain: known.incident_id,
        incidentId: known.incident_id,
        actionKey: `sighting/${known.id}/${digest.toString('hex')}`,
        action: 'sighting',
        status: 'ok',
        actor: input.actor,
        failures: 0,
        durationMs: 0,
        body: { summary: `${known.id} was submitted again with another body`, detail: { alert_id: known.id } },
        raw: { body: input.original, mediaType: input.mediaType },
        at: input.receivedAt,
      });
    }
    return acceptedAs(known, incident, true);
  }

  return { accept };
}

async function open(
  trx: Transaction,
  input: AcceptInput,
  identity: Identity,
  retired: AlertRow | undefined,
): Promise<Accepted> {
  const at = toInstant(input.receivedAt);
  if (retired) await retire(trx, retired);
  const incident = incidentRow(input, at);
  const rawSha256 = await storeRaw(trx, { body: input.original, mediaType: input.mediaType }, at);
  await Incidents.query(trx).insert(incident);
  const alert: AlertRow = {
    id: newAlertId(randomBytes),
    incident_id: incident.id,
    source: incident.source,
    source_alert_id: input.alert.alert_id ?? null,
    identity: identity.hash,
    identity_until: identity.until,
    format: input.format,
    event_time: input.alert.timestamp ?? at,
    received_at: at,
    fields: input.alert,
    extra: input.extra,
    classification: input.classification,
    raw_sha256: rawSha256,
    processed: false,
  };
  await Alerts.query(trx).insert(alert);
  await insertObservables(trx, incident, input.observables);
  await startChain(trx, incident.id, [
    {
      incident_id: incident.id,
      action_key: `accept/${alert.id}`,
      at,
      action: 'accept',
      status: 'ok',
      actor: input.actor,
      provider: null,
      observable: null,
      failures: 0,
      duration_ms: 0,
      summary: `${alert.id} from ${incident.source} accepted as ${incident.alert_type}, ${incident.severity}`,
      detail: { alert_id: alert.id, format: input.format, classification: input.classification },
      raw_sha256: rawSha256,
      workflow_run_id: '',
    },
  ]);
  return acceptedAs(alert, incident, false);
}

/** Frees an expired identity, under the row's lock so that only one of several does. */
async function retire(trx: Transaction, alert: AlertRow): Promise<void> {
  await trx('alerts')
    .where({ id: alert.id, identity: alert.identity })
    .update({ identity: sha256Of(['retired', alert.id]) });
}

async function insertObservables(
  trx: Transaction,
  { id: incident_id, first_seen: seen_at }: Pick<IncidentRow, 'id' | 'first_seen'>,
  observables: readonly Observable[],
): Promise<void> {
  if (observables.length === 0) return;
  // by hash: two values that differ only in what has no UTF-8 are one to the database
  const rows = new Map<string, Pojo>();
  for (const observable of observables) {
    const observable_hash = observableHash(observable);
    const value_hash = valueHash(observable.value);
    const row = { ...observable, incident_id, observable_hash, value_hash, position: rows.size, seen_at };
    const key = observable_hash.toString('hex');
    if (!rows.has(key)) rows.set(key, toColumns(Observables, row));
  }
  await trx('observables').insert([...rows.values()]);
}

/** The source's own id, else the caller's idempotency key, else for ten minutes the body itself. */
function identityOf(input: AcceptInput): Identity {
  const { source, alert_id } = input.alert;
  if (alert_id !== undefined) return { hash: sha256Of(['id', source, alert_id]), until: null };
  if (input.idempotencyKey !== undefined) {
    return { hash: sha256Of(['idempotency-key', input.actor, input.idempotencyKey]), until: null };
  }
  const body = sha256(input.identityBody ?? input.original).toString('hex');
  return { hash: sha256Of(['body', body]), until: shift(input.receivedAt, BODY_IDENTITY_MS) };
}

function expired(alert: AlertRow, now: string): boolean {
  return alert.identity_until !== null && alert.identity_until <= toInstant(now);
}

function incidentRow(input: AcceptInput, at: Instant): IncidentRow {
  const { alert } = input;
  const hasPlaybook = alert.alert_type !== 'unclassified';
  const eventTime = alert.timestamp ?? at;
  return {
    id: newIncidentId(randomBytes),
    version: 1,
    status: hasPlaybook ? 'new' : 'open',
    resolution: null,
    alert_type: alert.alert_type,
    severity: alert.severity,
    severity_rank: SEVERITIES.indexOf(alert.severity),
    source: alert.source,
    title: [...input.title].slice(0, LONGEST_TITLE).join(''),
    assignee: null,
    analyst_notes: '',
    verdict: 'unknown',
    verdict_state: 'pending',
    score: null,
    complete: false,
    decision: null,
    verdict_override: null,
    classification: input.classification,
    correlation: null,
    alert_count: 1,
    unprocessed: 1,
    first_seen: eventTime,
    last_seen: eventTime,
    run_no: 0,
    claimed_by: null,
    round: 0,
    settled_round: 0,
    score_key: null,
    policy_id: null,
    site_id: null,
    flagged: null,
    restarts: [],
    next_check_at: hasPlaybook ? shift(at, FIRST_CHECK_MS) : null,
    created_at: at,
    updated_at: at,
  };
}

function acceptedAs(alert: AlertRow, incident: IncidentRow, duplicate: boolean): Accepted {
  return {
    alertId: alert.id,
    incidentId: incident.id,
    sourceAlertId: alert.source_alert_id,
    status: incident.status,
    alertType: incident.alert_type,
    severity: incident.severity,
    title: incident.title,
    source: incident.source,
    format: alert.format,
    classification: alert.classification,
    duplicate,
    correlated: false,
  };
}
