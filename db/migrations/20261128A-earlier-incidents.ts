import type { Knex } from '../connect';

/** Finds incidents by what they name and when, the latest first, however many there are. */
export async function up(knex: Knex): Promise<void> {
  if (!(await knex.schema.hasColumn('observables', 'seen_at'))) {
    // one statement: column and index are there, or neither is
    await knex.raw(`ALTER TABLE observables
      ADD COLUMN seen_at DATETIME(6) NULL,
      ADD KEY by_seen (observable_hash, seen_at)`);
  }
  // nobody looks further back than a day, so that a large table is not written anew
  await knex.raw(`UPDATE observables o JOIN incidents i ON i.id = o.incident_id
    SET o.seen_at = i.first_seen
    WHERE o.seen_at IS NULL AND i.created_at >= UTC_TIMESTAMP(6) - INTERVAL 2 DAY`);
}
