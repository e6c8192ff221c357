import type { Knex } from '../connect';
import { Actions } from '../models';
import type { ActionRow } from '../rows';
import type { AuditView } from '../views';

export interface AuditPage {
  /** Rows behind this one; absent: the last ones. */
  after?: number | undefined;
  limit: number;
}

/** Rows of a chain in their order. @returns undefined when there is no such chain */
export async function readChain(
  knex: Knex,
  chain: string,
  { after, limit }: AuditPage,
): Promise<AuditView[] | undefined> {
  const query = Actions.query(knex).where({ chain }).limit(limit);
  if (after === undefined) void query.orderBy('seq', 'desc');
  else void query.where('seq', '>', after).orderBy('seq');
  const found = await query;
  if (found.length === 0 && !(await knex('audit_chains').where({ name: chain }).first('name'))) return undefined;
  const rows = found.map((row) => auditView(row.toJSON() as ActionRow));
  return after === undefined ? rows.reverse() : rows;
}

/** A row as it is shown: bytes as hex, and of very many alerts the names of the first. */
export function auditView(row: ActionRow): AuditView {
  const { detail, raw_sha256, prev_hash, hash, ...rest } = row;
  return {
    ...rest,
    detail: shortenedDetail(JSON.parse(detail) as unknown),
    raw_sha256: raw_sha256?.toString('hex') ?? null,
    prev_hash: prev_hash.toString('hex'),
    hash: hash.toString('hex'),
  };
}

/** Of the alerts that a row names. */
const MOST_NAMED = 20;

/** A plan names each alert it has looked at, of which there may be thousands. */
function shortenedDetail(detail: unknown): unknown {
  const { alert_ids: ids } = (detail ?? {}) as { alert_ids?: unknown };
  if (!Array.isArray(ids) || ids.length <= MOST_NAMED) return detail;
  const omitted = ids.length - MOST_NAMED;
  return { ...(detail as object), alert_ids: ids.slice(0, MOST_NAMED) as unknown[], alert_ids_omitted: omitted };
}
