import { setImmediate as breathe } from 'node:timers/promises';
import type { Alert } from '../../domain/alert';
import { outcomesOf } from '../../domain/joining';
import type { Severity } from '../../domain/severity';
import type { Transaction } from '../connect';
import { utf8 } from '../hashes';
import type { SplitRequest } from './regroup';

export type Said = ReturnType<SplitRequest['read']>;

/** Beyond either, what the alerts that stay say is not read while everybody waits for the locks. */
const MOST_KINDS = 500;
const MOST_BYTES = 8 * 1024 * 1024;
/** Read without a pause for others. */
const SLICE = 10;

/** Reads alerts one after the other, and lets others have their turn. */
export async function readAll(alerts: readonly Alert[], read: SplitRequest['read']): Promise<Said[]> {
  const said: Said[] = [];
  for (const [index, alert] of alerts.entries()) {
    if (index % SLICE === SLICE - 1) await breathe();
    const { observables, correlation } = read(alert);
    // as they will be read back
    said.push({ correlation, observables: observables.map((one) => ({ ...one, value: utf8(one.value) })) });
  }
  return said;
}

/**
 * What the alerts of an incident say, with their texts whole: one of those that say the same for all of them.
 * @returns undefined where it is too much to be read
 */
export async function saidBy(
  trx: Transaction,
  incident_id: string,
  read: SplitRequest['read'],
): Promise<Said[] | undefined> {
  const kinds = await trx('alerts')
    .where({ incident_id })
    .groupByRaw('says, CASE WHEN says IS NULL THEN id END')
    .limit(MOST_KINDS + 1)
    .min<{ id: string }[]>({ id: 'id' });
  if (kinds.length > MOST_KINDS) return undefined;
  const ids = kinds.map(({ id }) => id);
  const [size] = await trx('alerts')
    .whereIn('id', ids)
    .select<{ bytes: number | string | null }[]>(trx.raw('SUM(LENGTH(fields)) AS bytes'));
  if (Number(size?.bytes ?? 0) > MOST_BYTES) return undefined;
  const rows: { fields: string }[] = await trx('alerts')
    .whereIn('id', ids)
    .orderBy(['received_at', 'id'])
    .select('fields');
  return readAll(
    rows.map(({ fields }) => JSON.parse(fields) as Alert),
    read,
  );
}

/** Of how bad they are, and what came of it: the database looks, however many and long they are. */
export async function gravityOf(
  trx: Transaction,
  incident_id: string,
): Promise<{ severities: Severity[]; outcomes: string[] }> {
  const given = ['severity', 'outcome', 'executed', 'clicked'].map(
    (name) => `JSON_UNQUOTE(JSON_EXTRACT(fields, '$.${name}')) AS ${name}`,
  );
  const rows = await trx('alerts')
    .where({ incident_id })
    .distinct<Record<'severity' | 'outcome' | 'executed' | 'clicked', string | null>[]>(trx.raw(given.join(', ')));
  const outcomes = rows.flatMap(({ outcome, executed, clicked }) =>
    outcomesOf({
      ...(outcome === null ? {} : { outcome }),
      ...{ executed: executed === 'true', clicked: clicked === 'true' },
    } as Alert),
  );
  return {
    severities: rows.flatMap(({ severity }) => (severity === null ? [] : [severity as Severity])),
    outcomes: [...new Set(outcomes)],
  };
}
