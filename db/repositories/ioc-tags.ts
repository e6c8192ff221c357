import type { Transaction } from '../connect';
import { inPieces } from '../in-pieces';
import { LONGEST_TAG } from '../ioc-telling';

/** Tags as they are looked for. */
export function searchTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map((tag) => tag.toLowerCase().slice(0, LONGEST_TAG)))];
}

export type TagRow = [tag: string, iocId: number];

/** Entries can be found by these from now on. */
export async function addTags(trx: Transaction, rows: readonly TagRow[]): Promise<void> {
  const weigh = ([tag]: TagRow): number => tag.length + 30;
  for (const piece of inPieces(rows, weigh)) {
    await trx.raw('INSERT IGNORE INTO ioc_tags (tag, ioc_id) VALUES ?', [piece] as never);
  }
}

/** Entries can be found by what their sightings say now, and by nothing else. */
export async function renewTags(trx: Transaction, iocIds: readonly number[]): Promise<void> {
  for (const ids of inPieces(iocIds)) {
    const sightings: { ioc_id: number; tags: string }[] = await trx('ioc_sightings')
      .whereIn('ioc_id', ids)
      .select('ioc_id', 'tags');
    const rows = sightings.flatMap(({ ioc_id, tags }) =>
      searchTags(JSON.parse(tags) as string[]).map((tag): TagRow => [tag, ioc_id]),
    );
    await trx('ioc_tags').whereIn('ioc_id', ids).delete();
    await addTags(trx, rows);
  }
}
