import { canonicalJson } from '../domain/canonical-json';
import { storedKey } from './action-key';
import type { Knex, Transaction } from './connect';
import { sha256, utf8 } from './hashes';
import type { ActionRow } from './rows';
import { toSqlTime } from './time';

/** An action before it has its place in the chain. */
export type NewAction = Omit<ActionRow, 'chain' | 'seq' | 'prev_hash' | 'hash' | 'detail'> & { detail: unknown };

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

/**
 * Locks a chain for the rest of the transaction. Every writer does this before anything else, which is what makes
 * `seq` gap-free; for an incident it is also the lock under which its claim, status and alerts change.
 * @returns the chain's head, or undefined when there is no such chain
 */
export async function lockChain(trx: Transaction, chain: string): Promise<ChainHead | undefined> {
  const rows = await trx<{ name: string; seq: number; hash: Buffer }>('audit_chains')
    .select('seq', 'hash')
    .where({ name: chain })
    .forUpdate();
  return rows[0];
}

/** As {@link lockChain}, for a chain that the first writer starts. */
export async function openChain(trx: Transaction, chain: string): Promise<ChainHead> {
  const head = await lockChain(trx, chain);
  if (head) return head;
  // merge, not ignore: it takes the exclusive lock at once, where two shared ones would deadlock over the next line
  await startChain(trx, chain).onConflict('name').merge(['name']);
  return (await lockChain(trx, chain)) ?? { seq: 0, hash: GENESIS };
}

/** Starts a chain that is known to be new. */
export function startChain(trx: Transaction, chain: string): Knex.QueryBuilder {
  return trx('audit_chains').insert({ name: chain, seq: 0, hash: GENESIS });
}

/** Adds rows to the end of a locked chain. */
export async function appendActions(
  trx: Transaction,
  chain: string,
  head: ChainHead,
  actions: readonly NewAction[],
): Promise<ActionRow[]> {
  const rows: ActionRow[] = [];
  let { seq, hash } = head;
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
  await trx('action_log').insert(rows.map((row) => ({ ...row, at: toSqlTime(row.at) })));
  await trx('audit_chains').where({ name: chain }).update({ seq, hash });
  return rows;
}

/** Texts as the database will give them back: a lone surrogate has no UTF-8 and would break the hash. */
function wellFormed<Row extends object>(row: Row): Row {
  const entries: [string, unknown][] = Object.entries(row);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? utf8(value) : value]),
  ) as Row;
}
