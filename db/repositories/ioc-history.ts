import { SYSTEM_CHAIN } from '../audit-chain';
import type { Knex } from '../connect';
import type { IocAct } from '../ioc-views';
import { Actions } from '../models';
import type { ActionRow } from '../rows';

/** Names an act on an entry in the system's chain. @param place its place there: the same act may well be done again */
export function actKey(id: number, action: string, place: number): string {
  return `${keysOf(id)}${action}/${place}`;
}

function keysOf(id: number): string {
  return `ioc/${id}/`;
}

/** What the audit has of an entry, newest first. */
export async function historyOf(knex: Knex, id: number, limit: number): Promise<IocAct[]> {
  const rows = await Actions.query(knex)
    .where({ chain: SYSTEM_CHAIN })
    .where('action_key', 'like', `${keysOf(id)}%`)
    // a sum, lest the whole chain be walked backwards in the order of its key until so many are found
    .orderByRaw('seq + 0 DESC')
    .limit(limit)
    .select('at', 'actor', 'action', 'summary');
  return rows.map((row) => row.toJSON() as Pick<ActionRow, keyof IocAct>);
}
