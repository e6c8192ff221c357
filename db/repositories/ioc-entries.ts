import type { IocType } from '../../domain/intel/indicator';
import type { Knex } from '../connect';
import { observableHash } from '../hashes';
import { inPieces } from '../in-pieces';
import type { IocView, IocWalk } from '../ioc-views';
import { entriesWhere, overrideOf } from './ioc-lookup';
import type { FoundEntry } from './ioc-lookup';
import { searchTags } from './ioc-tags';

/** An entry by its id, with all that is said of it; in a transaction as it stands there. */
export async function entryOf(knex: Knex, id: number): Promise<IocView | undefined> {
  const [found] = await entriesWhere(knex, (query) => query.where('iocs.id', id));
  return found && viewOf(found);
}

export async function entryOfValue(knex: Knex, type: IocType, value: string): Promise<IocView | undefined> {
  const hash = observableHash({ type, value });
  const [found] = await entriesWhere(knex, (query) => query.where('iocs.ioc_hash', hash));
  return found && viewOf(found);
}

/** The next stretch of all entries that a walk looks at. */
export async function walkEntries(knex: Knex, walk: IocWalk): Promise<IocView[]> {
  const found = (await walkIds(knex, walk)) as { id: number }[];
  const ids = found.map(({ id }) => id);
  const views: IocView[] = [];
  for (const piece of inPieces(ids)) {
    const entries = await entriesWhere(knex, (query) => query.whereIn('iocs.id', piece));
    views.push(...entries.map(viewOf));
  }
  return views.sort((a, b) => b.id - a.id);
}

/** Each filter has an index that is in the order of ids: the narrowest is walked, the others are asked of each id. */
function walkIds(knex: Knex, { type, source, tag, verdict, below, limit }: IocWalk): Knex.QueryBuilder {
  const [walked = { table: 'iocs', id: 'id', where: {} }, ...asked] = [
    ...(verdict === undefined ? [] : [{ table: 'iocs', id: 'id', where: { verdict } }]),
    ...(tag === undefined ? [] : [{ table: 'ioc_tags', id: 'ioc_id', where: { tag: searchTags([tag])[0] ?? '' } }]),
    ...(source === undefined ? [] : [{ table: 'ioc_sightings', id: 'ioc_id', where: { source } }]),
    ...(type === undefined ? [] : [{ table: 'iocs', id: 'id', where: { type } }]),
  ];
  const id = `walked.${walked.id}`;
  const query = knex(`${walked.table} as walked`).where(walked.where).orderBy(id, 'desc').limit(limit).select({ id });
  if (below !== undefined) void query.where(id, '<', below);
  for (const { table, id: asks, where } of asked) {
    const same = knex(`${table} as asked`)
      .select(knex.raw('1'))
      .where(where)
      .whereRaw('?? = ??', [`asked.${asks}`, id]);
    void query.whereExists(same);
  }
  return query;
}

function viewOf({ entry, sightings }: FoundEntry): IocView {
  const { id, type, value, created_at, created_by } = entry;
  return { id, type, value, created_at, created_by, override: overrideOf(entry), sightings };
}
