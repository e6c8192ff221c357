import type { Finding } from '../../domain/enrichment';
import { lookupName } from '../../domain/lookup-name';
import type { Missing, Assessment } from '../../domain/verdict';
import type { Knex } from '../connect';
import { Actions, Alerts, Enrichments, Incidents, Observables } from '../models';
import type { ActionRow, AlertRow, EnrichmentRow, IncidentRow } from '../rows';
import type { AlertView, AuditView, IncidentView, RawView, VerdictChange } from '../views';
import { forecasts } from './forecast';
import { itemOf } from './incident-list';
import { showRaw } from './raw-documents';

/** The incident whole: one query per table, put together here. */
export async function viewIncident(
  knex: Knex,
  id: string,
  { includeRaw = false }: { includeRaw?: boolean },
): Promise<IncidentView | undefined> {
  const incident = (await Incidents.query(knex).findById(id))?.toJSON() as IncidentRow | undefined;
  if (!incident) return undefined;
  const [alerts, observables, recorded, actions] = await Promise.all([
    Alerts.query(knex).where({ incident_id: id }).orderBy(['received_at', 'id']),
    Observables.query(knex).where({ incident_id: id }).orderBy('position'),
    Enrichments.query(knex).where({ incident_id: id }).orderBy(['source', 'observable_hash']),
    Actions.query(knex).where({ chain: id }).orderBy('seq'),
  ]);
  const enrichments = await asTheyStand(knex, incident, recorded);
  const hashes = [...alerts, ...actions].flatMap(({ raw_sha256 }) => (raw_sha256 ? [raw_sha256] : []));
  const documents = includeRaw ? await showRaw(knex, hashes) : new Map<string, RawView>();
  const audit = actions.map((row) => auditView(row.toJSON() as ActionRow, documents));
  const assessment = assessmentIn(audit, incident.score_key);
  return {
    ...itemOf(incident),
    missing: missingFrom(enrichments, assessment),
    machine_verdict: assessment?.verdict ?? null,
    override: incident.verdict_override,
    explanation: assessment?.explanation ?? null,
    rules: rulesOf(assessment),
    ledger: assessment?.ledger ?? [],
    verdict_timeline: audit.flatMap(verdictChange),
    correlation: incident.correlation,
    classification: incident.classification,
    decision: incident.decision,
    alerts: alerts.map((row) => alertView(row.toJSON() as AlertRow, documents)),
    observables: observables.map(({ type, value, roles, flags }) => ({ type, value, roles, flags })),
    enrichments,
    signals: assessment?.signals ?? [],
    analyst_notes: incident.analyst_notes,
    audit,
  };
}

/** With what is known now of when those that wait will be answered. */
async function asTheyStand(
  knex: Knex,
  incident: IncidentRow,
  enrichments: readonly EnrichmentRow[],
): Promise<Pick<EnrichmentRow, 'source' | 'observable' | 'state' | 'until' | 'summary' | 'at'>[]> {
  const waiting = enrichments.filter(({ state }) => state === 'waiting');
  const known = await forecasts(knex, incident, waiting);
  return enrichments.map((row) => {
    const forecast = row.state === 'waiting' ? known.get(lookupName(row)) : undefined;
    return forecast ? { ...pickShown(row), until: forecast.until, summary: forecast.reason } : pickShown(row);
  });
}

function pickShown({ source, observable, state, until, summary, at }: EnrichmentRow) {
  return { source, observable, state, until, summary, at };
}

function auditView(row: ActionRow, documents: Map<string, RawView>): AuditView {
  const { detail, raw_sha256, prev_hash, hash, ...rest } = row;
  const digest = raw_sha256?.toString('hex') ?? null;
  const raw = digest === null ? undefined : documents.get(digest);
  return {
    ...rest,
    detail: JSON.parse(detail) as unknown,
    raw_sha256: digest,
    prev_hash: prev_hash.toString('hex'),
    hash: hash.toString('hex'),
    ...(raw ? { raw } : {}),
  };
}

function alertView(row: AlertRow, documents: Map<string, RawView>): AlertView {
  const digest = row.raw_sha256.toString('hex');
  const raw = documents.get(digest);
  return {
    ...row.fields,
    alert_id: row.id,
    source_alert_id: row.source_alert_id,
    format: row.format,
    received_at: row.received_at,
    classification: row.classification,
    extra: row.extra,
    raw_sha256: digest,
    ...(raw ? { raw } : {}),
  };
}

/** The machine's judgement in force, as its scoring row keeps it. */
function assessmentIn(audit: readonly AuditView[], scoreKey: string | null): Assessment | undefined {
  const row = audit.find(({ action_key }) => action_key === scoreKey);
  return (row?.detail as { assessment?: Assessment } | undefined)?.assessment;
}

function rulesOf(assessment: Assessment | undefined): IncidentView['rules'] {
  if (!assessment) return null;
  const { version = null, policy, site } = assessment;
  return { policy_version: version, policy, site };
}

/**
 * What the verdict lacked when it was made and still lacks, what nobody has asked yet included; and what has failed or
 * begun to wait since.
 */
function missingFrom(
  enrichments: readonly Pick<Finding, 'source' | 'observable' | 'state' | 'until' | 'summary'>[],
  assessment: Assessment | undefined,
): Missing[] {
  const outstanding = enrichments
    .filter(({ state }) => state === 'waiting' || state === 'failed')
    .map(({ source, observable, state, until, summary }) => ({ source, observable, state, until, reason: summary }));
  const now = new Map(enrichments.map((each) => [lookupName(each), each.state]));
  const still = (assessment?.missing ?? []).filter(({ source, observable, state }) => {
    const present = now.get(lookupName({ source, observable }));
    return present === undefined || (present === state && state !== 'waiting' && state !== 'failed');
  });
  return [...outstanding, ...still];
}

/** A row that changed the verdict says so in its detail. */
function verdictChange(row: AuditView): VerdictChange[] {
  const change = (row.detail as { verdict_change?: Omit<VerdictChange, 'at' | 'by'> }).verdict_change;
  return change ? [{ ...change, at: row.at, by: row.actor }] : [];
}
