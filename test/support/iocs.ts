import type { Knex } from '../../db/connect';
import { createIocRepository } from '../../db/repositories/iocs';
import type { NewIoc } from '../../db/repositories/iocs';

/** Has a test's database know these, as an import would have left them. */
export async function tellIocs(knex: Knex, iocs: readonly NewIoc[]): Promise<void> {
  await createIocRepository(knex).upsert(iocs);
}
