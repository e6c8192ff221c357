import { Model } from 'objection';
import type { ModelClass, Pojo } from 'objection';
import type * as rows from './rows';
import { toSqlTime } from './time';

interface Shape<Row> {
  id: string | string[];
  /** Columns kept as JSON text. */
  json?: (keyof Row & string)[];
  /** Columns that are RFC 3339 outside and `datetime(6)` inside; the driver converts them on the way out. */
  times?: (keyof Row & string)[];
  /** Columns the database has as 0 and 1. */
  flags?: (keyof Row & string)[];
}

/**
 * An Objection model that knows only its table: how values stand in the columns. Queries are the repositories', and
 * validation was done at the edge.
 */
function modelOf<Row extends object>(tableName: string, shape: Shape<Row>): ModelClass<Model & Row> {
  const { id, json = [], times = [], flags = [] } = shape;
  class Table extends Model {
    static override tableName = tableName;
    static override idColumn = id;

    override $formatDatabaseJson(model: Pojo): Pojo {
      const row = super.$formatDatabaseJson(model);
      for (const column of json) if (row[column] !== undefined) row[column] = toJson(row[column]);
      for (const column of times) if (row[column]) row[column] = toSqlTime(row[column] as string);
      return row;
    }

    override $parseDatabaseJson(row: Pojo): Pojo {
      for (const column of json) {
        const text: unknown = row[column];
        if (typeof text === 'string') row[column] = JSON.parse(text) as unknown;
      }
      for (const column of flags) if (column in row) row[column] = Boolean(row[column]);
      return super.$parseDatabaseJson(row);
    }
  }
  return Table as unknown as ModelClass<Model & Row>;
}

/** A row as knex inserts it, for inserts of several rows at once. */
export function toColumns<Row extends object>(model: ModelClass<Model & Row>, row: Partial<Row>): Pojo {
  return model.fromJson(row, { skipValidation: true }).$toDatabaseJson();
}

/** SQL NULL stands for null, so that `IS NULL` finds it. */
function toJson(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

export const Incidents = modelOf<rows.IncidentRow>('incidents', {
  id: 'id',
  json: [
    ...(['decision', 'verdict_override', 'classification', 'correlation', 'outcomes', 'related'] as const),
    ...(['restarts', 'hold', 'sla'] as const),
  ],
  times: [
    ...(['first_seen', 'last_seen', 'next_check_at', 'created_at', 'updated_at'] as const),
    ...(['ack_due', 'close_due', 'acknowledged_at', 'closed_at', 'paused_at'] as const),
  ],
  flags: ['complete', 'sla_breached'],
});

export const Alerts = modelOf<rows.AlertRow>('alerts', {
  id: 'id',
  json: ['fields', 'extra', 'classification'],
  times: ['identity_until', 'event_time', 'received_at'],
  flags: ['processed', 'joined'],
});

export const Observables = modelOf<rows.ObservableRow>('observables', {
  id: ['incident_id', 'observable_hash'],
  json: ['roles', 'flags'],
  times: ['seen_at'],
});

export const Enrichments = modelOf<rows.EnrichmentRow>('enrichments', {
  id: ['incident_id', 'source', 'observable_hash'],
  json: ['facts'],
  times: ['until', 'at', 'since', 'nudged_at'],
});

export const Actions = modelOf<rows.ActionRow>('action_log', { id: ['chain', 'seq'], times: ['at'] });

export const Reports = modelOf<rows.ReportRow>('reports', { id: ['incident_id', 'version'], times: ['created_at'] });

export const Iocs = modelOf<rows.IocRow>('iocs', { id: 'id', times: ['created_at', 'verdict_at'] });

export const IocSightings = modelOf<rows.IocSightingRow>('ioc_sightings', {
  id: ['ioc_id', 'source'],
  json: ['tags'],
  times: ['first_seen', 'last_seen', 'expires_at', 'added_at', 'revoked_at'],
});

export const IocSources = modelOf<rows.IocSourceRow>('ioc_sources', {
  id: 'name',
  json: ['tags', 'feed_columns'],
  times: ['polled_at', 'created_at', 'updated_at'],
  flags: ['feed_paused'],
});

export const IocImports = modelOf<rows.IocImportRow>('ioc_imports', {
  id: 'id',
  json: ['options'],
  times: ['created_at', 'started_at', 'finished_at', 'check_at'],
});

export const IocImportProblems = modelOf<rows.IocImportProblemRow>('ioc_import_problems', { id: ['import_id', 'seq'] });

export const Policies = modelOf<rows.PolicyRow>('policies', { id: 'id', json: ['content'], times: ['created_at'] });

export const ApiKeys = modelOf<rows.ApiKeyRow>('api_keys', {
  id: 'id',
  times: ['created_at', 'last_used_at', 'revoked_at'],
});

export const Suppressions = modelOf<rows.SuppressionRow>('suppressions', {
  id: 'id',
  times: ['created_at', 'expires_at', 'removed_at'],
});

export const Quotas = modelOf<rows.QuotaRow>('quotas', {
  id: 'provider',
  json: ['profile', 'state', 'blocked', 'last_error'],
  times: ['silent_until', 'last_answer_at', 'updated_at'],
});

export const Answers = modelOf<rows.AnswerRow>('answers', {
  id: ['provider', 'observable_hash'],
  json: ['facts', 'error'],
  times: ['answered_at', 'fresh_until', 'flight_until', 'error_at'],
});

export const Rescores = modelOf<rows.RescoreRow>('rescores', {
  id: 'id',
  json: ['filter', 'failures'],
  times: ['check_at', 'created_at', 'compared_at', 'expires_at', 'finished_at'],
  flags: ['reopen'],
});

export const RescoreChanges = modelOf<rows.RescoreChangeRow>('rescore_changes', {
  id: ['rescore_id', 'incident_id'],
  times: ['applied_at', 'tell_at'],
  flags: ['old_complete', 'new_complete'],
});

export const Notices = modelOf<rows.NoticeRow>('notices', {
  id: 'id',
  json: ['event'],
  times: ['created_at', 'delivered_at'],
});
