import type { ObservableType } from '../../domain/observable';
import type { Reliability } from '../../domain/signal';
import type { Knex } from '../connect';
import { observableHash } from '../hashes';
import { inPieces } from '../in-pieces';
import { candidatesFor, liesInRanges } from '../ioc-candidates';
import type { Candidate } from '../ioc-candidates';
import { iocMatch, nearestFirst } from '../ioc-match';
import type { IocMatch, Sighting } from '../ioc-match';
import type { IocOverride } from '../ioc-views';
import type { IocRow, IocSightingRow, Nullable } from '../rows';

interface Observable {
  type: ObservableType;
  value: string;
}

/** What stands of a value. */
export interface FoundEntry {
  entry: IocRow;
  sightings: Sighting[];
}

/** Entries that cover each of the observables, in their order; of each the nearest first. */
export async function lookUp(knex: Knex, observables: readonly Observable[]): Promise<IocMatch[][]> {
  const prefixes = observables.some(liesInRanges) ? await rangePrefixes(knex) : [];
  const wanted = observables.map((observable) =>
    candidatesFor(observable, prefixes).map((candidate) => ({ candidate, key: keyOf(candidate) })),
  );
  const found = await findEntries(
    knex,
    wanted.flatMap((candidates) => candidates.map(({ key }) => key)),
  );
  return wanted.map((candidates) =>
    candidates.flatMap(({ candidate, key }) => matchOf(candidate, found.get(key))).sort(nearestFirst),
  );
}

/** Lengths of the ranges that there are: read by skipping through their index, however many have the same. */
async function rangePrefixes(knex: Knex): Promise<number[]> {
  return knex('iocs').whereNotNull('prefix').distinct('prefix').pluck('prefix');
}

function keyOf(observable: Observable): string {
  return observableHash(observable).toString('latin1');
}

function matchOf(candidate: Candidate, found: FoundEntry | undefined): IocMatch[] {
  if (!found) return [];
  const { id } = found.entry;
  const override = overrideOf(found.entry);
  const counting = found.sightings.filter(({ revoked_at }) => !revoked_at);
  if (counting.length > 0) return [{ ...iocMatch(candidate, counting), id, override }];
  // what nobody but an analyst says was last seen when the analyst said it
  return override ? [{ ...iocMatch(candidate, []), lastSeen: override.at, id, override }] : [];
}

/** What an analyst says of an entry. */
export function overrideOf({ verdict, verdict_reason, verdict_by, verdict_at }: IocRow): IocOverride | null {
  if (verdict === null || verdict_at === null) return null;
  return { verdict, reason: verdict_reason ?? '', by: verdict_by ?? '', at: verdict_at };
}

async function findEntries(knex: Knex, keys: readonly string[]): Promise<Map<string, FoundEntry>> {
  const found = new Map<string, FoundEntry>();
  for (const piece of inPieces([...new Set(keys)])) {
    const hashes = piece.map((key) => Buffer.from(key, 'latin1'));
    for (const each of await entriesWhere(knex, (query) => query.whereIn('iocs.ioc_hash', hashes))) {
      found.set(each.entry.ioc_hash.toString('latin1'), each);
    }
  }
  return found;
}

/** A sighting beside its entry; all of it null for an entry without any. */
type EntryLine = IocRow & Nullable<SightingLine>;
type SightingLine = Omit<IocSightingRow, 'tags'> & { tags: string; reliability: Reliability };

/** Entries with all that is said of them, in one statement. */
export async function entriesWhere(
  knex: Knex,
  narrow: (query: Knex.QueryBuilder) => Knex.QueryBuilder,
): Promise<FoundEntry[]> {
  const query = knex('iocs')
    .leftJoin('ioc_sightings as sighting', 'sighting.ioc_id', 'iocs.id')
    .leftJoin('ioc_sources as told_by', 'told_by.name', 'sighting.source')
    .select('iocs.*', 'sighting.*', 'told_by.reliability');
  const lines = (await narrow(query)) as EntryLine[];
  const found = new Map<number, FoundEntry>();
  for (const line of lines) {
    const { id, type, value, ioc_hash, prefix, created_at, created_by } = line;
    const { verdict, verdict_reason, verdict_by, verdict_at } = line;
    const entry = { id, type, value, ioc_hash, prefix, created_at, created_by };
    const of = found.get(id) ?? {
      entry: { ...entry, verdict, verdict_reason, verdict_by, verdict_at },
      sightings: [],
    };
    found.set(id, of);
    if (line.ioc_id !== null) of.sightings.push(sightingOf(line as SightingLine));
  }
  return [...found.values()];
}

function sightingOf(line: Omit<SightingLine, 'reliability'> & Pick<EntryLine, 'reliability'>): Sighting {
  const { source, confidence, first_seen, last_seen, expires_at, tlp, tags, reference } = line;
  const { added_by, added_at, import_id, revoked_at, reliability } = line;
  return {
    ...{ source, confidence, first_seen, last_seen, expires_at, tlp, tags: JSON.parse(tags) as string[], reference },
    ...{ added_by, added_at, import_id, revoked_at },
    ...(reliability !== null && { reliability }),
  };
}
