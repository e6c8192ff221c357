import type { Model, QueryBuilder } from 'objection';
import { standingOf } from '../../domain/service-level';
import type { Knex } from '../connect';
import { InvalidCursorError } from '../errors';
import { valueHash } from '../hashes';
import { Incidents } from '../models';
import type { IncidentRow } from '../rows';
import { toSqlTime } from '../time';
import type { IncidentFilter, IncidentListItem, IncidentQuery, Sort } from '../views';

type Query = QueryBuilder<Model & IncidentRow>;

const COLUMNS = [
  'id',
  'version',
  'status',
  'resolution',
  'alert_type',
  'severity',
  'source',
  'title',
  'assignee',
  'verdict',
  'verdict_state',
  'score',
  'complete',
  'flagged',
  'status_by',
  'hold',
  'suppressed_by',
  'closed_at',
  'alert_count',
  'first_seen',
  'last_seen',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof IncidentListItem & keyof IncidentRow)[];

/** What their clocks stand by. */
const CLOCK_COLUMNS = ['sla', 'ack_due', 'close_due', 'acknowledged_at', 'paused_at', 'paused_ms'] as const;

/** Filters of which one value must be the column's. */
const LISTED = [
  'verdict',
  'severity',
  'status',
  'resolution',
  'alert_type',
  'source',
  'assignee',
  'suppressed_by',
] as const satisfies readonly (keyof IncidentFilter & keyof IncidentRow)[];

/** What a sort compares; incidents that were never scored, or are not due, sort below all others. */
const SORT_COLUMNS = {
  created_at: 'created_at',
  last_seen: 'last_seen',
  score: 'score',
  severity: 'severity_rank',
  ack_due: 'ack_due',
  close_due: 'close_due',
} as const;

interface Order {
  column: (typeof SORT_COLUMNS)[keyof typeof SORT_COLUMNS];
  direction: 'asc' | 'desc';
}

const NUMBERS: readonly Order['column'][] = ['score', 'severity_rank'];
const NULLABLE: readonly Order['column'][] = ['score', 'ack_due', 'close_due'];

export async function listIncidents(
  knex: Knex,
  query: IncidentQuery,
): Promise<{ items: IncidentListItem[]; nextCursor: string | null }> {
  const sort = query.sort ?? '-created_at';
  const order = orderOf(sort);
  const builder = incidentsMatching(knex, query);
  if (query.cursor !== undefined) after(builder, order, readCursor(query.cursor, sort));
  const rows = await builder
    .orderBy([
      { column: order.column, order: order.direction },
      { column: 'id', order: order.direction },
    ])
    .limit(query.limit + 1);
  const page = rows.slice(0, query.limit).map((row) => row.toJSON() as IncidentRow);
  const last = page.at(-1);
  return {
    items: page.map(itemOf),
    nextCursor: rows.length > query.limit && last ? writeCursor(sort, last[order.column], last.id) : null,
  };
}

/** The filters; a test looks at the plan the database makes of them, and a re-scoring chooses by them. */
export function incidentsMatching(knex: Knex, query: IncidentFilter): Query {
  const builder = Incidents.query(knex).select([...COLUMNS, ...CLOCK_COLUMNS, 'severity_rank']);
  for (const name of LISTED) {
    const wanted = query[name];
    if (wanted) void builder.whereIn(name, [...wanted]);
  }
  if (query.complete !== undefined) void builder.where('complete', query.complete);
  if (query.flagged === true) void builder.whereNotNull('flagged');
  if (query.flagged === false) void builder.whereNull('flagged');
  if (query.suppressed === true) void builder.whereNotNull('suppressed_by');
  if (query.suppressed === false) void builder.whereNull('suppressed_by');
  if (query.sla_paused === true) void builder.where('status', 'on_hold');
  if (query.sla_paused === false) void builder.whereNot('status', 'on_hold');
  if (query.sla_breached !== undefined) void builder.where('sla_breached', query.sla_breached);
  if (query.ack_due_before) dueBefore(builder.whereNull('acknowledged_at'), 'ack_due', query.ack_due_before);
  if (query.close_due_before) dueBefore(builder, 'close_due', query.close_due_before);
  if (query.from) void builder.where('created_at', '>=', toSqlTime(query.from));
  if (query.to) void builder.where('created_at', '<', toSqlTime(query.to));
  if (query.updated_since) void builder.where('updated_at', '>=', toSqlTime(query.updated_since));
  const text = query.q?.trim();
  if (text) search(knex, builder, text);
  return builder;
}

/** While a clock stands nobody is late by it, and when it will run out is not known. */
function dueBefore(builder: Query, column: 'ack_due' | 'close_due', time: string): void {
  void builder.whereNull('paused_at').where(column, '<', toSqlTime(time));
}

/** By id, by the value of an observable, or by how a title begins; each by an index of its own, hence the union. */
function search(knex: Knex, builder: Query, text: string): void {
  const titleStart = `${text.replace(/[\\%_]/g, '\\$&')}%`;
  const found = knex('observables')
    .select('incident_id as id')
    .where('value_hash', valueHash(text))
    .union([
      knex('incidents').select('id').where('id', text.toUpperCase()),
      knex('incidents').select('id').where('title', 'like', titleStart),
    ]);
  void builder.whereIn('id', knex.select('id').from(found.as('found')));
}

function orderOf(sort: Sort): Order {
  const name = sort.replace(/^-/, '') as keyof typeof SORT_COLUMNS;
  return { column: SORT_COLUMNS[name], direction: sort.startsWith('-') ? 'desc' : 'asc' };
}

type Position = [value: string | number | null, id: string];

/** Everything behind a position; NULL is below every value on both databases. */
function after(builder: Query, { column, direction }: Order, [value, id]: Position): void {
  const beyond = direction === 'asc' ? '>' : '<';
  const bound = typeof value === 'string' ? toSqlTime(value) : value;
  void builder.where((where) => {
    if (bound === null) {
      void where.where((same) => void same.whereNull(column).where('id', beyond, id));
      if (direction === 'asc') void where.orWhereNotNull(column);
      return;
    }
    void where.where(column, beyond, bound).orWhere((same) => void same.where(column, bound).where('id', beyond, id));
    if (direction === 'desc' && NULLABLE.includes(column)) void where.orWhereNull(column);
  });
}

function writeCursor(sort: Sort, value: string | number | null, id: string): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
}

function readCursor(cursor: string, sort: Sort): Position {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parsed) && parsed.length === 3 && parsed[0] === sort && typeof parsed[2] === 'string') {
      const value: unknown = parsed[1];
      const column = orderOf(sort).column;
      if (value === null && NULLABLE.includes(column)) return [null, parsed[2]];
      const isNumber = NUMBERS.includes(column);
      if (isNumber && Number.isSafeInteger(value)) return [value as number, parsed[2]];
      if (!isNumber && typeof value === 'string' && toSqlTime(value)) return [value, parsed[2]];
    }
  } catch {
    // falls through: whatever it is, it is no cursor of ours
  }
  throw new InvalidCursorError();
}

export function itemOf(row: IncidentRow): IncidentListItem {
  const shown = Object.fromEntries(COLUMNS.map((name) => [name, row[name]])) as unknown as Omit<
    IncidentListItem,
    'sla'
  >;
  return { ...shown, sla: standingOf(row) };
}
