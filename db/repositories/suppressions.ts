import { randomBytes } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json';
import { newSuppressionId } from '../../domain/ids';
import { isActive, patternText } from '../../domain/suppression';
import type { SuppressionPattern } from '../../domain/suppression';
import { appendActions, deed, openChain, SYSTEM_CHAIN } from '../audit-chain';
import type { NewAction } from '../audit-chain';
import type { Knex } from '../connect';
import { ActRefusedError, isDuplicateKey } from '../errors';
import { inLine } from '../in-line';
import { Suppressions } from '../models';
import type { SuppressionRow } from '../rows';
import { toInstant, toSqlTime } from '../time';
import type { Instant } from '../time';
import { newestPage } from '../time-cursor';
import { inTransaction } from '../transaction';

/** A suppression with what it has closed so far; what was opened again does not count. */
export interface SuppressionView extends SuppressionRow {
  incidents: number;
  alerts: number;
  /** When the latest of these alerts happened. */
  last_match: Instant | null;
}

export interface NewSuppression extends SuppressionPattern {
  reason: string;
  expires_at: string;
}

export interface SuppressionQuery {
  /** Whether it holds at `now`. */
  active?: boolean | undefined;
  now: string;
  limit: number;
  /** Opaque; from the previous page. */
  cursor?: string | undefined;
}

interface Who {
  actor: string;
  at: string;
}

/** What analysts know already. Who made and who removed one stands in the system's audit chain. */
export interface SuppressionRepository {
  /**
   * Makes one. The same `requestId` makes it once.
   * @throws ActRefusedError when that was another request
   */
  create(wanted: NewSuppression, by: Who & { requestId: string }): Promise<SuppressionView>;
  get(id: string): Promise<SuppressionView | undefined>;
  /** Newest first. @throws InvalidCursorError */
  list(query: SuppressionQuery): Promise<{ items: SuppressionView[]; nextCursor: string | null }>;
  /** Ends one for good; of several who do, the first has. @returns undefined when there is none of that id */
  remove(id: string, by: Who): Promise<SuppressionView | undefined>;
  /** Those that hold at `now`, as they stand when this is called: what was removed before that is not among them. */
  active(now: string): Promise<SuppressionRow[]>;
}

const TRIES = 5;

export function createSuppressionRepository(knex: Knex): SuppressionRepository {
  /** A storm asks for each of its alerts: those that come while a read is under way share the next one. */
  const holding = inLine<Instant, SuppressionRow[]>({
    async work(_key, nows) {
      const [earliest = ''] = [...nows].sort();
      const found = await Suppressions.query(knex)
        .whereNull('removed_at')
        .where('expires_at', '>', toSqlTime(earliest));
      const rows = found.map((row) => row.toJSON() as SuppressionRow);
      return nows.map((now) => rows.filter((row) => isActive(row, now)));
    },
    most: Infinity,
    weigh: () => 0,
    mostWeight: Infinity,
    concernsAll: () => true,
  });

  async function get(id: string): Promise<SuppressionView | undefined> {
    const row = await Suppressions.query(knex).findById(id);
    return row && (await counted(knex, [row.toJSON()]))[0];
  }

  async function required(id: string): Promise<SuppressionView> {
    const found = await get(id);
    if (!found) throw new Error(`${id} is gone`);
    return found;
  }

  return {
    get,

    async create(wanted, by) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await required(await createOnce(knex, wanted, by));
        } catch (error) {
          if (!isDuplicateKey(error) || tries === TRIES) throw error;
        }
      }
    },

    async list({ active, now, ...page }) {
      const query = Suppressions.query(knex);
      const at = toSqlTime(now);
      if (active === true) void query.whereNull('removed_at').where('expires_at', '>', at);
      if (active === false) {
        void query.where((over) => void over.whereNotNull('removed_at').orWhere('expires_at', '<=', at));
      }
      const { items, nextCursor } = await newestPage<SuppressionRow>(query, page);
      return { items: await counted(knex, items), nextCursor };
    },

    async remove(id, { actor, at }) {
      await inTransaction(knex, async (trx) => {
        const chain = await openChain(trx, SYSTEM_CHAIN);
        const found = await Suppressions.query(trx).findById(id).forUpdate();
        if (!found || found.removed_at !== null) return;
        const removed = { removed_by: actor, removed_at: toInstant(at) };
        await Suppressions.query(trx).findById(id).patch(removed);
        const summary = `${actor} removed ${id}: ${patternText(found)}`;
        const key = `suppression/${id}/remove`;
        await appendActions(trx, chain, [
          systemAction('remove_suppression', key, { actor, at, summary, detail: detailOf(found.toJSON()) }),
        ]);
      });
      return get(id);
    },

    active: (now) => holding('', toInstant(now)),
  };
}

/** @returns its id, also where it was made before */
function createOnce(
  knex: Knex,
  wanted: NewSuppression,
  { requestId, actor, at }: Who & { requestId: string },
): Promise<string> {
  return inTransaction(knex, async (trx) => {
    const key = `suppress/${requestId}`;
    const chain = await openChain(trx, SYSTEM_CHAIN, key);
    if (chain.row) return madeBefore(chain.row.detail, wanted);
    const { alert_type, observable, rule, source, reason } = wanted;
    const row: SuppressionRow = {
      id: newSuppressionId(randomBytes),
      ...{ alert_type, observable, rule, source, reason },
      ...{ expires_at: toInstant(wanted.expires_at), created_by: actor, created_at: toInstant(at) },
      ...{ removed_by: null, removed_at: null },
    };
    await Suppressions.query(trx).insert(row);
    const summary = `${actor} made ${row.id} until ${row.expires_at}: ${patternText(row)}; ${reason}`;
    await appendActions(trx, chain, [
      systemAction('create_suppression', key, { actor, at, summary, detail: detailOf(row) }),
    ]);
    return row.id;
  });
}

/** All that somebody wanted, and what became of it. */
function detailOf(row: SuppressionRow): NewSuppression & { suppression_id: string } {
  const { id: suppression_id, alert_type, observable, rule, source, reason, expires_at } = row;
  return { suppression_id, alert_type, observable, rule, source, reason, expires_at };
}

/** @throws ActRefusedError */
function madeBefore(detail: string, wanted: NewSuppression): string {
  const { suppression_id, ...made } = JSON.parse(detail) as ReturnType<typeof detailOf>;
  const same = { ...wanted, expires_at: toInstant(wanted.expires_at) };
  if (canonicalJson(made) === canonicalJson(same)) return suppression_id;
  throw new ActRefusedError('InvalidRequest', 'Another suppression was made under that name');
}

function systemAction(
  action: string,
  action_key: string,
  told: Who & Pick<NewAction, 'summary' | 'detail'>,
): NewAction {
  return deed({ incident_id: null, action_key, action, ...told });
}

interface Count {
  suppressed_by: string;
  incidents: number | string;
  alerts: number | string;
  last_match: Instant;
}

/** Counted when they are looked at: a row that counts would be the one that all alerts of a storm wait for. */
async function counted(knex: Knex, rows: readonly SuppressionRow[]): Promise<SuppressionView[]> {
  const ids = rows.map(({ id }) => id);
  const counts: Count[] =
    ids.length === 0
      ? []
      : await knex('incidents')
          .whereIn('suppressed_by', ids)
          .groupBy('suppressed_by')
          .select('suppressed_by')
          .count({ incidents: '*' })
          .sum({ alerts: 'alert_count' })
          .max({ last_match: 'last_seen' });
  const byId = new Map(counts.map((count) => [count.suppressed_by, count]));
  return rows.map((row) => {
    const { incidents = 0, alerts = 0, last_match = null } = byId.get(row.id) ?? {};
    return { ...row, incidents: Number(incidents), alerts: Number(alerts), last_match };
  });
}
