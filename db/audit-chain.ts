import { canonicalJson } from '../domain/canonical-json';
import { clocksAfter } from '../domain/service-level';
import { SEVERITIES } from '../domain/severity';
import { storedKey } from './action-key';
import type { Knex, Transaction } from './connect';
import { sha256, utf8 } from './hashes';
import { Actions, Incidents, toColumns } from './models';
import type { ActionRow, IncidentRow, Nullable } from './rows';
import { toInstant, toSqlTime } from './time';

/** An action before it has its place in the chain. */
export type NewAction = Omit<ActionRow, 'chain' | 'seq' | 'prev_hash' | 'hash' | 'detail'> & { detail: unknown };

/** What a row says that somebody's act leaves behind: done at once, and nobody outside was asked. */
type Deed = Pick<NewAction, 'incident_id' | 'action_key' | 'at' | 'action' | 'actor' | 'summary' | 'detail'> &
  Partial<Pick<NewAction, 'raw_sha256' | 'workflow_run_id'>>;

export function deed({ at, ...told }: Deed): NewAction {
  return {
    ...{ status: 'ok', provider: null, observable: null, failures: 0, duration_ms: 0 },
    ...{ raw_sha256: null, workflow_run_id: '' },
    ...told,
    at: toInstant(at),
  };
}

export interface ChainHead {
  seq: number;
  hash: Buffer;
}

/** What the first row of every chain points back to. */
export const GENESIS = Buffer.alloc(32);

/** The chain of imports, keys and settings; every incident has one of its own, named by its id. */
export const SYSTEM_CHAIN = 'system';

/**
 * SHA-256 over the previous row's hash and the canonical form of this one: every column but the hash itself, times as
 * microsecond strings and bytes as hex, so that it depends on no database's formatting.
 */
export function hashRow(row: Omit<ActionRow, 'hash'>): Buffer {
  const canonical = canonicalJson({
    chain: row.chain,
    seq: row.seq,
    incident_id: row.incident_id,
    action_key: row.action_key,
    at: row.at,
    action: row.action,
    status: row.status,
    actor: row.actor,
    provider: row.provider,
    observable: row.observable,
    failures: row.failures,
    duration_ms: row.duration_ms,
    summary: row.summary,
    detail: row.detail,
    raw_sha256: row.raw_sha256?.toString('hex') ?? null,
    workflow_run_id: row.workflow_run_id,
  });
  return sha256(row.prev_hash, canonical);
}

/** A chain that is locked for the rest of the transaction, and what stands under that lock. */
export interface LockedChain {
  name: string;
  head: ChainHead;
  /** The incident whose chain it is. */
  incident: IncidentRow | undefined;
  /** The row of the key that was asked for, if it is written. */
  row: ActionRow | undefined;
}

/**
 * Locks a chain for the rest of the transaction. Every writer does this before anything else, which is what makes
 * `seq` gap-free; for an incident it is also the lock under which its claim, status and alerts change. One statement: what
 * it reads beside the chain is read when the lock is there.
 * @returns undefined when there is no such chain
 */
export async function lockChain(
  trx: Transaction,
  name: string,
  actionKey: string | null = null,
): Promise<LockedChain | undefined> {
  const statement = trx.raw(
    `SELECT chain.seq, chain.hash, incident.*, action.* FROM audit_chains AS chain
     LEFT JOIN incidents AS incident ON incident.id = chain.name
     LEFT JOIN action_log AS action ON action.chain = chain.name AND action.action_key = ?
     WHERE chain.name = ? FOR UPDATE`,
    [actionKey === null ? null : storedKey(actionKey), name],
  );
  const [[found]] = (await statement.options({ nestTables: true })) as [
    [{ chain: ChainHead; incident: Nullable<IncidentRow>; action: Nullable<ActionRow> }?],
  ];
  if (!found) return undefined;
  const { chain, incident, action } = found;
  return {
    name,
    head: chain,
    incident: incident.id === null ? undefined : Incidents.fromDatabaseJson(incident).toJSON(),
    row: action.chain === null ? undefined : Actions.fromDatabaseJson(action).toJSON(),
  };
}

/** As {@link lockChain}, for a chain that the first writer starts. */
export async function openChain(trx: Transaction, name: string, actionKey?: string): Promise<LockedChain> {
  const locked = await lockChain(trx, name, actionKey);
  if (locked) return locked;
  // merge, not ignore: it takes the exclusive lock at once, where two shared ones would deadlock over the next line
  await insertChain(trx, name, { seq: 0, hash: GENESIS }).onConflict('name').merge(['name']);
  return openChain(trx, name, actionKey);
}

/** Starts a chain that is known to be new, with its first rows. */
export async function startChain(trx: Transaction, name: string, actions: readonly NewAction[]): Promise<void> {
  const { rows, head } = chained(name, { seq: 0, hash: GENESIS }, actions);
  await insertChain(trx, name, head);
  await insertRows(trx, rows);
}

/**
 * Adds rows to the end of a locked chain. With an incident's rows go the changes that they record, its clocks follow, and
 * its version rises: whoever has seen it before has not seen these.
 */
export async function appendActions(
  trx: Transaction,
  { name, head, incident }: LockedChain,
  actions: readonly NewAction[],
  changes: Partial<IncidentRow> = {},
): Promise<ActionRow[]> {
  const { rows, head: next } = chained(name, head, actions);
  const clocks = incident && movesClocks(incident, changes) ? clockColumns(incident, changes, rows) : {};
  await insertRows(trx, rows);
  await trx('audit_chains as chain')
    .leftJoin('incidents as incident', 'incident.id', 'chain.name')
    .where('chain.name', name)
    .update({ 'chain.seq': next.seq, 'chain.hash': next.hash, ...incidentColumns(trx, { ...changes, ...clocks }) });
  return rows;
}

const MOVE_CLOCKS = ['status', 'severity', 'sla'] as const satisfies readonly (keyof IncidentRow)[];

/** The clocks of one that was closed as it came stand until somebody opens it. */
function movesClocks({ suppressed_by }: IncidentRow, changes: Partial<IncidentRow>): boolean {
  if (suppressed_by !== null && !('status' in changes)) return false;
  return MOVE_CLOCKS.some((column) => column in changes);
}

/** An incident's clocks follow its status, severity and targets, whoever changes them. */
function clockColumns(
  incident: IncidentRow,
  changes: Partial<IncidentRow>,
  rows: readonly Pick<ActionRow, 'at'>[],
): Partial<IncidentRow> {
  const after = clocksAfter(incident, changes, rows.at(-1)?.at ?? incident.updated_at);
  return { ...after, sla_breached: Object.keys(after.sla?.breached ?? {}).length > 0 };
}

/** Changes a locked chain's incident where no row is to be added; its version rises all the same. */
export async function touchIncident(trx: Transaction, id: string): Promise<void> {
  await trx('incidents as incident').where('incident.id', id).update(incidentColumns(trx, {}));
}

function incidentColumns(trx: Transaction, changes: Partial<IncidentRow>): Record<string, unknown> {
  const rank = changes.severity ? { severity_rank: SEVERITIES.indexOf(changes.severity) } : {};
  const columns = toColumns(Incidents, { ...changes, ...rank, updated_at: new Date().toISOString() });
  return {
    'incident.version': trx.raw('incident.version + 1'),
    ...Object.fromEntries(Object.entries(columns).map(([column, value]) => [`incident.${column}`, value])),
  };
}

/** Rows in their places after a head, and the head after them. */
function chained(
  chain: string,
  { seq, hash }: ChainHead,
  actions: readonly NewAction[],
): { rows: ActionRow[]; head: ChainHead } {
  const rows: ActionRow[] = [];
  for (const action of actions) {
    const row = {
      ...wellFormed(action),
      action_key: storedKey(action.action_key),
      chain,
      seq: seq + 1,
      detail: canonicalJson(action.detail),
      prev_hash: hash,
    };
    hash = hashRow(row);
    seq = row.seq;
    rows.push({ ...row, hash });
  }
  return { rows, head: { seq, hash } };
}

function insertChain(trx: Transaction, name: string, { seq, hash }: ChainHead): Knex.QueryBuilder {
  return trx('audit_chains').insert({ name, seq, hash });
}

async function insertRows(trx: Transaction, rows: readonly ActionRow[]): Promise<void> {
  await trx('action_log').insert(rows.map((row) => ({ ...row, at: toSqlTime(row.at) })));
}

/** Texts as the database will give them back: a lone surrogate has no UTF-8 and would break the hash. */
function wellFormed<Row extends object>(row: Row): Row {
  const entries: [string, unknown][] = Object.entries(row);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? utf8(value) : value]),
  ) as Row;
}
