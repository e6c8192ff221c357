import type { AlertClass } from '../../domain/alert';
import { EARLIER_WITHIN_MS, isAlarming, latestFirst, type EarlierIncident } from '../../domain/earlier';
import type { Decision, Resolution } from '../../domain/incident';
import { isNobodys } from '../../domain/nobodys';
import type { ObservableRole } from '../../domain/observable';
import type { Verdict } from '../../domain/verdict';
import type { Knex } from '../connect';
import { Observables } from '../models';
import type { IncidentRow, ObservableRow } from '../rows';
import { shift, toSqlTime } from '../time';

/** Enough to see a pattern; a storm must not make each of its incidents read all the others. */
const MOST_PER_OBSERVABLE = 20;
/** Read to find them: others may only mention it. */
const MOST_READ = 5 * MOST_PER_OBSERVABLE;
const MOST_OBSERVABLES = 20;

/** In which roles an observable ties incidents together: that two name the same resolver says nothing. */
const TYING: readonly ObservableRole[] = ['source', 'alerted_host', 'user', 'target_user', 'file', 'sender'];

type Shared = Pick<ObservableRow, 'type' | 'value' | 'roles'> & { incident_id: string };
interface Found {
  incident_id: string;
  roles: string;
  alert_type: AlertClass;
  verdict: Verdict;
  resolution: Resolution | null;
  first_seen: string;
  /** JSON, or null. */
  decision: string | null;
}

type Tying = Pick<ObservableRow, 'type' | 'value' | 'roles' | 'flags'>;

function ties({ type, value, roles, flags = [] }: Tying): boolean {
  // the hash of nothing, and addresses that every machine has
  if (flags.includes('empty_file') || flags.includes('reserved') || isNobodys(value)) return false;
  // a host that was gone to is ours; an address that was gone to may be anybody's
  return roles.some((role) => TYING.includes(role) || (type === 'host' && role === 'destination'));
}

/** Other incidents of the day before that share a host, user, source, sender or file; the latest first. */
export async function earlierIncidents(
  knex: Knex,
  incident: Pick<IncidentRow, 'id' | 'first_seen' | 'last_seen'>,
): Promise<EarlierIncident[]> {
  const own = await Observables.query(knex).where({ incident_id: incident.id }).orderBy('position');
  const tying = own.filter(ties).slice(0, MOST_OBSERVABLES);
  if (tying.length === 0) return [];
  const found = new Map<string, EarlierIncident>();
  const rows = await knex.unionAll(
    tying.map((one, index) => latestWith(knex, one, index, incident)),
    true,
  );
  const left = tying.map(() => MOST_PER_OBSERVABLE);
  // the rows of a union come in no order that one may rely on; of those read, harmless ones must not crowd out what is harm
  const latest = (rows as (Found & { nth: number })[]).sort(
    (a, b) => Number(isAlarming(b)) - Number(isAlarming(a)) || (a.first_seen < b.first_seen ? 1 : -1),
  );
  for (const row of latest) {
    const nth = Number(row.nth);
    const shared = tying[nth];
    if (!shared || !left[nth] || !ties({ ...shared, flags: [], roles: JSON.parse(row.roles) as ObservableRole[] }))
      continue;
    left[nth] -= 1;
    const known = found.get(row.incident_id) ?? earlierOf(row);
    known.shares.push(`${shared.type}:${shared.value}`);
    found.set(row.incident_id, known);
  }
  const earlier = [...found.values()];
  await nameHosts(knex, earlier);
  return latestFirst(earlier);
}

function earlierOf({
  incident_id: id,
  alert_type,
  verdict,
  resolution,
  first_seen: at,
  decision,
}: Found): EarlierIncident {
  const { techniques = [] } = decision === null ? {} : (JSON.parse(decision) as Partial<Decision>);
  return { id, alert_type, verdict, resolution, at, shares: [], hosts: [], techniques };
}

function latestWith(
  knex: Knex,
  { observable_hash }: ObservableRow,
  nth: number,
  { id, first_seen, last_seen }: Pick<IncidentRow, 'id' | 'first_seen' | 'last_seen'>,
): Knex.QueryBuilder {
  return knex('observables as o')
    .join('incidents as i', 'i.id', 'o.incident_id')
    .where('o.observable_hash', observable_hash)
    .whereBetween('o.seen_at', [toSqlTime(shift(first_seen, -EARLIER_WITHIN_MS)), toSqlTime(last_seen)])
    .whereNot('o.incident_id', id)
    .orderBy('o.seen_at', 'desc')
    .limit(MOST_READ)
    .select(
      knex.raw('? as nth', [nth]),
      ...['o.incident_id', 'o.roles', 'i.alert_type', 'i.verdict', 'i.resolution', 'i.first_seen', 'i.decision'],
    );
}

async function nameHosts(knex: Knex, earlier: readonly EarlierIncident[]): Promise<void> {
  if (earlier.length === 0) return;
  const rows = (await Observables.query(knex)
    .whereIn(
      'incident_id',
      earlier.map(({ id }) => id),
    )
    .where({ type: 'host' })
    .orderBy(['incident_id', 'position'])) as Shared[];
  for (const one of earlier) {
    one.hosts = rows
      .filter(({ incident_id, roles }) => incident_id === one.id && roles.includes('alerted_host'))
      .map(({ value }) => value);
  }
}
