import type { ObservableType } from '../../domain/observable';
import type { Knex } from '../connect';
import { valueHash } from '../hashes';
import { inPieces } from '../in-pieces';

/** Ids of the incidents that hold each of the values, in their order; of each the newest, at most `limit`. */
export async function incidentsHolding(
  knex: Knex,
  observables: readonly { type: ObservableType; value: string }[],
  limit: number,
): Promise<string[][]> {
  const wanted = observables.map(({ type, value }) => ({ type, hash: valueHash(value) }));
  const hashes = new Map(wanted.map(({ hash }) => [hash.toString('latin1'), hash]));
  const incidents = new Map<string, string[]>();
  for (const piece of inPieces([...hashes.values()])) {
    for (const { value_hash, type, incident_id } of await newestHolding(knex, piece, limit)) {
      const key = keyOf(type, value_hash);
      incidents.set(key, [...(incidents.get(key) ?? []), incident_id]);
    }
  }
  return wanted.map(({ type, hash }) => incidents.get(keyOf(type, hash)) ?? []);
}

function keyOf(type: string, hash: Buffer): string {
  return `${type}:${hash.toString('latin1')}`;
}

interface Holding {
  value_hash: Buffer;
  type: ObservableType;
  incident_id: string;
}

/** Ranked by the database, so that a value which thousands hold brings no thousands of ids here. */
function newestHolding(knex: Knex, hashes: readonly Buffer[], limit: number): Promise<Holding[]> {
  const holding = knex('observables as observable')
    .join('incidents as incident', 'incident.id', 'observable.incident_id')
    .whereIn('observable.value_hash', hashes)
    // one incident may hold a value in two spellings
    .distinct('observable.value_hash', 'observable.type', 'observable.incident_id', 'incident.created_at');
  const ranked = knex.from(holding.as('holding')).select('value_hash', 'type', 'incident_id', {
    place: knex.raw('ROW_NUMBER() OVER (PARTITION BY value_hash, type ORDER BY created_at DESC, incident_id DESC)'),
  });
  return knex
    .from(ranked.as('ranked'))
    .where('place', '<=', limit)
    .orderBy(['value_hash', 'type', 'place'])
    .select('value_hash', 'type', 'incident_id');
}
