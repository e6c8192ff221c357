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
function walkIds(knex: Knex, { type, source, tag, below, limit }: IocWalk): Knex.QueryBuilder {
  const tagged = tag === undefined ? undefined : (searchTags([tag])[0] ?? '');
  const isSeen = (id: string) =>
    knex('ioc_sightings').select(knex.raw('1')).whereRaw('ioc_sightings.ioc_id = ??', [id]).where({ source });
  const isType = (id: string) => knex('iocs').select(knex.raw('1')).whereRaw('iocs.id = ??', [id]).where({ type });
  if (tagged !== undefined) {
    const query = inOrder(knex('ioc_tags').where({ tag: tagged }), 'ioc_tags.ioc_id', { below, limit });
    if (source !== undefined) void query.whereExists(isSeen('ioc_tags.ioc_id'));
    return type === undefined ? query : query.whereExists(isType('ioc_tags.ioc_id'));
  }
  if (source !== undefined) {
    const query = inOrder(knex('ioc_sightings').where({ source }), 'ioc_sightings.ioc_id', { below, limit });
    return type === undefined ? query : query.whereExists(isType('ioc_sightings.ioc_id'));
  }
  return inOrder(type === undefined ? knex('iocs') : knex('iocs').where({ type }), 'iocs.id', { below, limit });
}

function inOrder(
  query: Knex.QueryBuilder,
  id: string,
  { below, limit }: Pick<IocWalk, 'below' | 'limit'>,
): Knex.QueryBuilder {
  if (below !== undefined) void query.where(id, '<', below);
  return query.orderBy(id, 'desc').limit(limit).select({ id });
}

function viewOf({ entry, sightings }: FoundEntry): IocView {
  const { id, type, value, created_at, created_by } = entry;
  return { id, type, value, created_at, created_by, override: overrideOf(entry), sightings };
}
