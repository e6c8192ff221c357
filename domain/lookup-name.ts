import type { ObservableId } from './observable';

/** One source asked about one observable, as people, the API and the runs name it: `virustotal/ip:192.0.2.1`. */
export type LookupName = `${string}/${ObservableId}`;

/** What may be meant for one. */
export const LOOKUP_NAME = /^[^/]+\/[^:]+:./s;

/** Named in one request. */
export const MOST_LOOKUP_NAMES = 1000;

export function lookupName({ source, observable }: { source: string; observable: ObservableId }): LookupName {
  return `${source}/${observable}`;
}

/** A URL has slashes of its own. */
export function parseLookupName(name: LookupName): { source: string; observable: ObservableId } {
  const slash = name.indexOf('/');
  return { source: name.slice(0, slash), observable: name.slice(slash + 1) as ObservableId };
}

/** A lookup that is on its way, and the key its answer would stand under. */
export interface PendingLookup {
  source: string;
  observable: ObservableId;
  key: string;
}
