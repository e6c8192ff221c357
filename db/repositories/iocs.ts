import type { Knex } from '../connect';
import type { IocRepository } from '../ioc-views';
import { createIocEdits } from './ioc-edits';
import { entryOf, entryOfValue, walkEntries } from './ioc-entries';
import { historyOf } from './ioc-history';
import { incidentsHolding } from './ioc-incidents';
import { lookUp } from './ioc-lookup';
import { removeSource } from './ioc-removal';

export type { IocMatch, Sighting } from '../ioc-match';

export function createIocRepository(knex: Knex): IocRepository {
  return {
    lookup: async (observable) => (await lookUp(knex, [observable]))[0] ?? [],
    lookupMany: (observables) => lookUp(knex, observables),
    incidentsWith: async (observable, limit) => (await incidentsHolding(knex, [observable], limit))[0] ?? [],
    incidentsWithMany: (observables, limit) => incidentsHolding(knex, observables, limit),
    get: (id) => entryOf(knex, id),
    find: (type, value) => entryOfValue(knex, type, value),
    history: (id, limit) => historyOf(knex, id, limit),
    walk: (walk) => walkEntries(knex, walk),
    ...createIocEdits(knex),
    removeSource: (source, by) => removeSource(knex, source, by),
  };
}
