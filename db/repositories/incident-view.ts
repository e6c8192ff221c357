import type { Model, QueryBuilder } from 'objection';
import type { Finding } from '../../domain/enrichment';
import { lookupName } from '../../domain/lookup-name';
import type { Missing, Assessment } from '../../domain/verdict';
import type { Knex } from '../connect';
import { Actions, Alerts, Enrichments, Incidents, Observables } from '../models';
import type { ActionRow, EnrichmentRow, IncidentRow } from '../rows';
import { readCursor, writeCursor } from '../time-cursor';
import type { AlertView, AuditView, IncidentView, NoteChange, VerdictChange } from '../views';
import { fittingEnds, fittingStart, readAlerts, WEIGHED, withRaw } from './alert-view';
import type { Weighed } from './alert-view';
import { auditView } from './audit-view';
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
    alertsOf(knex, id),
    Observables.query(knex).where({ incident_id: id }).orderBy('position'),
    Enrichments.query(knex).where({ incident_id: id }).orderBy(['source', 'observable_hash']),
    actionsOf(knex, id),
  ]);
  const enrichments = await asTheyStand(knex, incident, recorded);
  const rows = actions.shown.map(auditView);
  const digests = [...alerts.shown, ...rows].flatMap(({ raw_sha256 }) => raw_sha256 ?? []);
  const documents = includeRaw ? await showRaw(knex, digests) : () => undefined;
  const shown = alerts.shown.map((alert) => withRaw(alert, documents));
  const audit = rows.map((row) => withRaw(row, documents));
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
    related: incident.related ?? [],
    classification: incident.classification,
    decision: incident.decision,
    alerts: shown,
    alerts_omitted: alerts.omitted,
    observables: observables.map(({ type, value, roles, flags }) => ({ type, value, roles, flags })),
    enrichments,
    signals: assessment?.signals ?? [],
    analyst_notes: incident.analyst_notes,
    notes_history: audit.flatMap(noteChange),
    audit,
    audit_omitted: actions.omitted,
  };
}

/** Of a storm's alerts, and of the rows that accepted them, the first and the last so many are shown. */
const SHOWN_AT_EACH_END = 50;
/** Rows of the audit that alerts write, and of which there may be as many. */
const WRITTEN_BY_ALERTS = ['accept', 'sighting'];

interface Some<Row> {
  shown: Row[];
  omitted: number;
}

async function alertsOf(knex: Knex, incident_id: string): Promise<Some<AlertView>> {
  const inOrder = (order: 'asc' | 'desc') =>
    Alerts.query(knex)
      .where({ incident_id })
      .orderBy(['received_at', 'id'].map((column) => ({ column, order })))
      .select(...WEIGHED) as unknown as QueryBuilder<Model & Weighed>;
  const { rows, omitted } = await ends<Weighed>({
    first: inOrder('asc'),
    last: inOrder('desc'),
    count: () => Alerts.query(knex).where({ incident_id }).resultSize(),
  });
  const alerts = await readAlerts(knex, rows);
  const shown = fittingEnds(alerts);
  return { shown, omitted: omitted + alerts.length - shown.length };
}

/** All alerts of an incident, oldest first, page by page. @throws InvalidCursorError */
export async function listAlerts(
  knex: Knex,
  incident_id: string,
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<{ items: AlertView[]; nextCursor: string | null }> {
  const query = Alerts.query(knex).where({ incident_id }).orderBy(['received_at', 'id']);
  if (cursor !== undefined) {
    const [at, id] = readCursor(cursor);
    void query.where((where) => {
      void where
        .where('received_at', '>', at)
        .orWhere((same) => void same.where('received_at', at).where('id', '>', id));
    });
  }
  const found = await query.select(...WEIGHED).limit(limit + 1);
  const rows = found.map((row) => row.toJSON() as unknown as Weighed);
  const views = await readAlerts(knex, rows.slice(0, limit));
  const items = views.slice(0, fittingStart(views));
  const last = rows[items.length - 1];
  return { items, nextCursor: rows.length > items.length && last ? writeCursor(last.received_at, last.id) : null };
}

async function actionsOf(knex: Knex, chain: string): Promise<Some<ActionRow>> {
  const ofAlerts = () => Actions.query(knex).where({ chain }).whereIn('action', WRITTEN_BY_ALERTS);
  const [others, { rows, omitted }] = await Promise.all([
    Actions.query(knex).where({ chain }).whereNotIn('action', WRITTEN_BY_ALERTS),
    ends<ActionRow>({
      first: ofAlerts().orderBy('seq'),
      last: ofAlerts().orderBy('seq', 'desc'),
      count: () => ofAlerts().resultSize(),
    }),
  ]);
  const shown = [...others.map((row) => row.toJSON() as ActionRow), ...rows].sort((a, b) => a.seq - b.seq);
  return { shown, omitted };
}

/** The first and the last rows, each once; they are counted only where there are more. */
async function ends<Row extends object>(queries: {
  first: QueryBuilder<Model & Row>;
  last: QueryBuilder<Model & Row>;
  count: () => Promise<number>;
}): Promise<{ rows: Row[]; omitted: number }> {
  const most = 2 * SHOWN_AT_EACH_END;
  const first = await queries.first.limit(most + 1);
  const plain = (rows: (Model & Row)[]) => rows.map((row) => row.toJSON() as Row);
  if (first.length <= most) return { rows: plain(first), omitted: 0 };
  const [last, count] = await Promise.all([queries.last.limit(SHOWN_AT_EACH_END), queries.count()]);
  return {
    rows: [...plain(first.slice(0, SHOWN_AT_EACH_END)), ...plain(last).reverse()],
    omitted: Math.max(0, count - most),
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

/** As {@link verdictChange}, of the notes. */
function noteChange({ detail, at, actor: by }: AuditView): NoteChange[] {
  const change = (detail as { analyst_notes?: { to: string } }).analyst_notes;
  return change ? [{ at, by, text: change.to }] : [];
}

/** A row that changed the verdict says so in its detail. */
function verdictChange(row: AuditView): VerdictChange[] {
  const change = (row.detail as { verdict_change?: Omit<VerdictChange, 'at' | 'by'> }).verdict_change;
  return change ? [{ ...change, at: row.at, by: row.actor }] : [];
}
