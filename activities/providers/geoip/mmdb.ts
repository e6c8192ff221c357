import { isPublicIp } from '../../../domain/network';
import { ProviderError } from '../errors';
import type { Answer } from '../provider';
import type { Mmdb, MmdbFile } from './mmdb-file';
import { foundIn, type Found } from './mmdb-record';
import type { GeoIpDatabase, GeoIpFacts } from './schema';
import { nameOf, summaryOf } from './signals';

/** Looks addresses up in the user's own databases; undefined while no file of them can be read. */
export interface OfflineGeoIp {
  lookup(address: string): Promise<Answer<GeoIpFacts> | undefined>;
}

/** @param files in order of preference: what one does not say is taken from the next, as country and network of two files */
export function createOfflineGeoIp(files: readonly MmdbFile[]): OfflineGeoIp {
  return {
    async lookup(address) {
      if (!isPublicIp(address)) return { state: 'not_applicable', summary: 'not a public address' };
      const read = await Promise.all(files.map((file) => file.current()));
      const databases = read.filter((database) => database !== undefined);
      if (databases.length === 0) return undefined;
      const answers = databases.flatMap((database) => answerOf(database, address) ?? []);
      if (answers.length === 0) {
        const names = databases.map(sourceOf).map(nameOf).join(' or ');
        return { state: 'not_known', summary: `not in ${names}` };
      }
      const facts = {
        ...merged(answers.map(({ found }) => found)),
        simulated: false,
        databases: answers.map(({ database }) => database),
      };
      return { state: 'ok', facts, summary: summaryOf(facts) };
    },
  };
}

function sourceOf({ type, built }: Mmdb): GeoIpDatabase {
  return { type, built };
}

/**
 * Undefined when the database does not know the address, or nothing that is asked for.
 * @throws ProviderError `invalid_response` when it is damaged there
 */
function answerOf(database: Mmdb, address: string): { found: Found; database: GeoIpDatabase } | undefined {
  const source = sourceOf(database);
  let record: unknown;
  try {
    record = database.get(address);
  } catch {
    throw new ProviderError('invalid_response', `${nameOf(source)} is damaged where it holds the address`);
  }
  if (record === null) return undefined;
  const found = foundIn(record);
  if (!found) throw new ProviderError('invalid_response', `${nameOf(source)} holds a record of an unknown shape`);
  return Object.values(found).some((value) => value !== null) ? { found, database: source } : undefined;
}

function merged(all: readonly Found[]): Found {
  const first = <K extends keyof Found>(name: K): Found[K] | null =>
    all.map((found) => found[name]).find((value) => value !== null) ?? null;
  return {
    country: first('country'),
    countryCode: first('countryCode'),
    city: first('city'),
    asn: first('asn'),
    asOrg: first('asOrg'),
    isp: first('isp'),
    hosting: first('hosting'),
    proxy: first('proxy'),
    mobile: first('mobile'),
  };
}
