import { appendActions, deed, openChain, SYSTEM_CHAIN } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import type { Who } from '../ioc-views';
import { inTransaction } from '../transaction';
import { takeTurn } from './ioc-batch';
import { renewTags } from './ioc-tags';

/** Sightings of a stretch: others who write wait for no more than these. */
const STRETCH = 1_000;

interface Removed {
  sightings: number;
  entries: number;
}

/** Removes all that a source has said, and the entries of which nothing else is said. */
export async function removeSource(knex: Knex, source: string, by: Who): Promise<Removed> {
  const announced = await extentOf(knex, source);
  await inTransaction(knex, (trx) => announce(trx, { source, by, announced }));
  const removed = { sightings: 0, entries: 0 };
  for (;;) {
    const { sightings, entries } = await inTransaction(knex, (trx) => removeStretch(trx, source));
    removed.sightings += sightings;
    removed.entries += entries;
    if (sightings < STRETCH) return removed;
  }
}

async function extentOf(knex: Knex, source: string): Promise<Removed> {
  const [all] = (await knex('ioc_sightings').where({ source }).count({ sightings: '*' })) as [Removed];
  const [only] = (await onlyOf(knex, source).count({ entries: '*' })) as [Removed];
  return { sightings: Number(all.sightings), entries: Number(only.entries) };
}

/** Sightings of entries of which neither another source nor an analyst says anything. */
function onlyOf(knex: Knex, source: string): Knex.QueryBuilder {
  return knex('ioc_sightings as own')
    .join('iocs', 'iocs.id', 'own.ioc_id')
    .where('own.source', source)
    .whereNull('iocs.verdict')
    .whereNotExists((others) => {
      void others
        .select('others.ioc_id')
        .from('ioc_sightings as others')
        .whereRaw('others.ioc_id = own.ioc_id AND others.source <> own.source');
    });
}

/** Before anything is removed, so that nothing is without it having been said by whom. */
async function announce(
  trx: Transaction,
  { source, by, announced }: { source: string; by: Who; announced: Removed },
): Promise<void> {
  const chain = await openChain(trx, SYSTEM_CHAIN);
  if (announced.sightings === 0) return;
  const { sightings, entries } = announced;
  // a file of before is no longer the same import: it may be wanted again
  await trx.raw("UPDATE ioc_imports SET identity = UNHEX(SHA2(CONCAT(id, '/removed'), 256)) WHERE source = ?", [
    source,
  ]);
  // neither does its feed have it: what has not changed since the last poll is to be sent again
  await trx('ioc_sources').where({ name: source }).update({ etag: null, last_modified: null });
  const action_key = `ioc-source/${source}/remove_all/${chain.head.seq + 1}`;
  const summary = `${by.actor} removes all that ${source} has said: ${sightings} sightings, ${entries} entries with them`;
  const detail = { source, sightings, entries };
  const action = 'remove_ioc_source_entries';
  await appendActions(trx, chain, [deed({ incident_id: null, action_key, action, ...by, summary, detail })]);
}

async function removeStretch(trx: Transaction, source: string): Promise<Removed> {
  await takeTurn(trx);
  const stretch: { ioc_id: number }[] = await trx('ioc_sightings')
    .where({ source })
    .orderBy('ioc_id')
    .limit(STRETCH)
    .select('ioc_id');
  const ids = stretch.map(({ ioc_id }) => ioc_id);
  const only = await onlyOf(trx, source).whereIn('own.ioc_id', ids).select<{ ioc_id: number }[]>('own.ioc_id');
  const gone = only.map(({ ioc_id }) => ioc_id);
  await trx('ioc_sightings').where({ source }).whereIn('ioc_id', ids).delete();
  await trx('iocs').whereIn('id', gone).delete();
  await renewTags(
    trx,
    ids.filter((id) => !gone.includes(id)),
  );
  return { sightings: ids.length, entries: only.length };
}
