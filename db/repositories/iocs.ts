import type { IocType } from '../../domain/intel/indicator';
import type { Knex, Transaction } from '../connect';
import { observableHash, valueHash } from '../hashes';
import { candidatesFor } from '../ioc-candidates';
import { iocMatch, nearestFirst } from '../ioc-match';
import type { Sighting } from '../ioc-match';
import type { IocRepository } from '../ioc-views';
import { Iocs, IocSightings, Observables, toColumns } from '../models';
import type { IocSightingRow } from '../rows';
import { inTransaction } from '../transaction';

export type { IocMatch, Sighting } from '../ioc-match';

export interface NewIoc {
  type: IocType;
  /** Normalised. */
  value: string;
  sighting: Sighting;
}

const BATCH = 500;

export function createIocRepository(
  knex: Knex,
): IocRepository & { upsert: (iocs: readonly NewIoc[]) => Promise<void> } {
  const later = () => Promise.reject(new Error('Comes with the next commit'));
  return {
    ...{ lookupMany: later, incidentsWithMany: later, get: later, find: later, walk: later, add: later },
    ...{ override: later, removeSighting: later, remove: later, removeSource: later },

    async lookup(observable) {
      const candidates = new Map(candidatesFor(observable).map((each) => [observableHash(each).toString('hex'), each]));
      const hashes = [...candidates.keys()].map((hex) => Buffer.from(hex, 'hex'));
      const found = await Iocs.query(knex).whereIn('ioc_hash', hashes);
      if (found.length === 0) return [];
      const sightings = await IocSightings.query(knex).whereIn(
        'ioc_id',
        found.map(({ id }) => id),
      );
      return found
        .map((ioc) => {
          const match = candidates.get(ioc.ioc_hash.toString('hex'))?.match ?? 'exact';
          const own = sightings.filter(({ ioc_id }) => ioc_id === ioc.id).map(withoutId);
          return iocMatch({ type: ioc.type, value: ioc.value, match }, own);
        })
        .filter(({ sightings: own }) => own.length > 0)
        .sort(nearestFirst);
    },

    async upsert(iocs) {
      // always in the same order, so that two imports wait for each other instead of deadlocking
      const hashed = iocs
        .map((ioc) => ({ ...ioc, ioc_hash: observableHash(ioc) }))
        .sort((a, b) => a.ioc_hash.compare(b.ioc_hash));
      for (let start = 0; start < hashed.length; start += BATCH) {
        const batch = hashed.slice(start, start + BATCH);
        await inTransaction(knex, (trx) => upsertBatch(trx, batch));
      }
    },

    async incidentsWith(observable, limit) {
      const rows = await Observables.query(knex)
        .where({ value_hash: valueHash(observable.value), type: observable.type })
        .join('incidents', 'incidents.id', 'observables.incident_id')
        .orderBy('incidents.created_at', 'desc')
        .distinct('observables.incident_id', 'incidents.created_at')
        .limit(limit);
      return rows.map(({ incident_id }) => incident_id);
    },
  };
}

/** Three statements, however many entries. */
async function upsertBatch(trx: Transaction, batch: readonly (NewIoc & { ioc_hash: Buffer })[]): Promise<void> {
  const entries = batch.map(({ type, value, ioc_hash, sighting }) =>
    toColumns(Iocs, { type, value, ioc_hash, created_at: sighting.first_seen }),
  );
  await trx('iocs').insert(entries).onConflict('ioc_hash').ignore();
  const hashes = batch.map(({ ioc_hash }) => ioc_hash);
  const known = await Iocs.query(trx).select('id', 'ioc_hash').whereIn('ioc_hash', hashes);
  const ids = new Map(known.map(({ id, ioc_hash }) => [ioc_hash.toString('hex'), id]));
  const sightings = batch.flatMap(({ ioc_hash, sighting }) => {
    const ioc_id = ids.get(ioc_hash.toString('hex'));
    return ioc_id === undefined ? [] : [toColumns(IocSightings, { ...sighting, ioc_id })];
  });
  await trx('ioc_sightings')
    .insert(sightings)
    .onConflict(['ioc_id', 'source'])
    .merge(['confidence', 'last_seen', 'expires_at', 'tlp', 'tags', 'reference']);
}

function withoutId({ source, confidence, first_seen, last_seen, expires_at, tlp, tags, reference }: IocSightingRow) {
  return { source, confidence, first_seen, last_seen, expires_at, tlp, tags, reference };
}
