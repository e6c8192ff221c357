import type { IocSource } from '../activities/providers/iocs';
import { candidatesFor } from '../db/ioc-candidates';
import { iocMatch, nearestFirst, type Sighting } from '../db/ioc-match';
import { toInstant } from '../db/time';
import { observableId } from '../domain/observable';
import type { CaseIoc } from './case-schema';

/** A case's entries as the database would hold and find them: one entry per value, one sighting per source. */
export function iocSource(iocs: readonly CaseIoc[]): IocSource {
  const entries = new Map<string, Map<string, Sighting>>();
  for (const ioc of iocs) {
    const sightings = entries.get(observableId(ioc)) ?? new Map<string, Sighting>();
    entries.set(observableId(ioc), sightings.set(ioc.source, sightingOf(ioc)));
  }
  return {
    lookup(observable) {
      const found = candidatesFor(observable).flatMap((candidate) => {
        const sightings = entries.get(observableId(candidate));
        return sightings ? [iocMatch(candidate, [...sightings.values()])] : [];
      });
      return Promise.resolve(found.sort(nearestFirst));
    },
  };
}

function sightingOf({ source, confidence, last_seen, first_seen, expires_at, tags, reference }: CaseIoc): Sighting {
  return {
    source,
    confidence,
    first_seen: toInstant(first_seen ?? last_seen),
    last_seen: toInstant(last_seen),
    expires_at: expires_at ? toInstant(expires_at) : null,
    tlp: null,
    tags: tags ?? [],
    reference: reference ?? null,
  };
}
