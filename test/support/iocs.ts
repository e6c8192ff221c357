import type { Knex } from '../../db/connect';
import type { Sighting } from '../../db/ioc-match';
import { UNDECLARED } from '../../db/ioc-views';
import { tell } from '../../db/repositories/ioc-batch';
import { toInstant } from '../../db/time';
import { inTransaction } from '../../db/transaction';
import type { Tlp } from '../../domain/alert';
import type { Indicator, IocType } from '../../domain/intel/indicator';

/** What a test has a source say of a value. */
export interface NewIoc {
  type: IocType;
  value: string;
  sighting: Omit<Sighting, 'reliability'>;
}

/** Has a test's database know these, as their sources would have left them. */
export async function tellIocs(knex: Knex, iocs: readonly NewIoc[]): Promise<void> {
  const defaults = UNDECLARED;
  for (const source of new Set(iocs.map(({ sighting }) => sighting.source))) {
    const told = iocs.filter(({ sighting }) => sighting.source === source);
    const at = toInstant(
      told
        .map(({ sighting }) => sighting.last_seen)
        .sort()
        .at(-1) ?? '',
    );
    const teller = { source, importId: null, actor: 'test', at, defaults };
    await inTransaction(knex, (trx) => tell(trx, told.map(indicatorOf), teller));
  }
}

function indicatorOf({ type, value, sighting }: NewIoc): Indicator {
  const { confidence, first_seen, last_seen, expires_at, tlp, tags, reference } = sighting;
  return {
    ...{ type, value, confidence, first_seen, last_seen, tags },
    ...(expires_at !== null && { expires_at }),
    ...(tlp !== null && { tlp: tlp as Tlp }),
    ...(reference !== null && { reference }),
  };
}
