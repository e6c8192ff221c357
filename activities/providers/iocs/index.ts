import type { IocMatch, Sighting } from '../../../db/repositories/iocs';
import type { ObservableType } from '../../../domain/observable';
import { defineProvider, type Answer, type Provider } from '../provider';
import type { IocFacts } from './facts';
import { IOCS_POLICY, readIocs, summaryOf, type IocsPolicy } from './signals';

/** The part of the store that answers. */
export interface IocSource {
  lookup(ref: { type: ObservableType; value: string }): Promise<IocMatch[]>;
}

/** Facts stay small: they travel through audit rows and reports. */
const MAX_MATCHES = 100;
const MAX_SIGHTINGS = 20;

/** Our own IOC database: asked locally, so nothing leaves the house. */
export function createIocs(source: IocSource): Provider<IocFacts, IocsPolicy> {
  return {
    name: 'iocs',
    title: 'IOC database',
    where: 'inside',
    looksUp: ['ip', 'domain', 'url', 'md5', 'sha1', 'sha256', 'email'],
    setting: undefined,
    configured: true,
    credential: undefined,
    limits: [],
    policy: IOCS_POLICY,
    freshFor: () => 0,
    async lookup(observable): Promise<Answer<IocFacts>> {
      const found = await source.lookup(observable);
      if (found.length === 0) return { state: 'not_known', summary: 'not listed' };
      const matches = found.slice(0, MAX_MATCHES).map((match) => ({ ...match, sightings: latest(match.sightings) }));
      const facts = { matches };
      return { state: 'ok', facts, summary: summaryOf(facts) };
    },
    read: readIocs,
  };
}

export const iocs = defineProvider({ variables: {}, create: (_settings, { store }) => createIocs(store.iocs) });

function latest(sightings: Sighting[]): Sighting[] {
  return sightings.toSorted((a, b) => b.last_seen.localeCompare(a.last_seen)).slice(0, MAX_SIGHTINGS);
}
