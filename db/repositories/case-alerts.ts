import type { Alert } from '../../domain/alert';
import type { CaseAlert } from '../../domain/playbook';
import { SEARCHED_CHARACTERS } from '../../domain/text-observables';
import type { Knex } from '../connect';

interface Kind {
  id: string;
  times: number;
  bytes: number;
}

/** Read at once, in bytes of what is stored: alerts may have whole logs with them. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * The alerts of an incident as rules look at them, oldest first. Of those that say the same, one stands for all, with how
 * many they are: ten thousand alerts of a storm say only a few things. Of long texts there is as much as rules read.
 */
export async function caseAlerts(knex: Knex, incidentId: string): Promise<CaseAlert[]> {
  const kinds = await kindsOf(knex, incidentId);
  const alerts: CaseAlert[] = [];
  for (const page of pagesOf(kinds)) {
    const ids = page.map(({ id }) => id);
    const rows: { id: string; fields: string }[] = await knex('alerts').whereIn('id', ids).select('id', 'fields');
    const fields = new Map(rows.map((row) => [row.id, row.fields]));
    for (const { id, times } of page) {
      // one that has gone to another incident meanwhile is none of this one
      const text = fields.get(id);
      if (text !== undefined) alerts.push({ ...cut(JSON.parse(text) as Alert), ...(times === 1 ? {} : { times }) });
    }
  }
  return alerts;
}

async function kindsOf(knex: Knex, incident_id: string): Promise<Kind[]> {
  const kinds = knex('alerts')
    .where({ incident_id })
    // one of before is not known to say the same as any other
    .groupByRaw('says, CASE WHEN says IS NULL THEN id END')
    .min({ id: 'id', since: 'received_at' })
    .count({ times: '*' })
    .as('kinds');
  const rows: Kind[] = await knex
    .from(kinds)
    .join('alerts', 'alerts.id', 'kinds.id')
    .orderBy(['kinds.since', 'kinds.id'])
    .select('kinds.id', 'kinds.times', knex.raw('LENGTH(alerts.fields) AS bytes'));
  return rows.map(({ id, times, bytes }) => ({ id, times: Number(times), bytes: Number(bytes) }));
}

function pagesOf(kinds: readonly Kind[]): Kind[][] {
  const pages: Kind[][] = [];
  let left = 0;
  for (const kind of kinds) {
    left -= kind.bytes;
    if (left < 0) {
      pages.push([]);
      left = MOST_BYTES - kind.bytes;
    }
    pages.at(-1)?.push(kind);
  }
  return pages;
}

/** Rules read less of a text. */
const MOST_CHARACTERS = 16 * 1024;

/** A text that was too long to be searched to its end stays too long for that: it makes the verdict cautious. */
function cut(alert: Alert): Alert {
  const keep = ({ length }: string) => (length > SEARCHED_CHARACTERS ? SEARCHED_CHARACTERS + 1 : MOST_CHARACTERS);
  const entries = Object.entries(alert).map(([name, value]: [string, unknown]) =>
    typeof value === 'string' && value.length > MOST_CHARACTERS ? [name, value.slice(0, keep(value))] : [name, value],
  );
  return Object.fromEntries(entries) as Alert;
}
