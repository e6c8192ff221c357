import type { ObservableId } from './observable';

/**
 * What a list means for a verdict. `benign`: evidence of clean for the entry itself. `shared`: anybody's machines or
 * pages, which only caps. `lifts`: names that lead anywhere, so that no name list caps what is said of them. `marks`:
 * named and nothing more.
 */
export type GuardKind = 'benign' | 'shared' | 'lifts' | 'marks';

/** How MISP matches a list. A `substring` list of names is matched as one of host names: `mcafee.com.evil.ru` is not McAfee. */
export const GUARD_MATCHES = ['cidr', 'hostname', 'string', 'substring'] as const;
export type GuardMatch = (typeof GUARD_MATCHES)[number];

/** Stands for every attribute type. */
export const ALL_ATTRIBUTES = 'ALL';

/** A named, versioned list of known things. */
export interface GuardList {
  name: string;
  version: string;
  /** For people who list the lists. */
  title: string;
  kind: GuardKind;
  /** A family of lists that code and policy may name instead of each of them. */
  group?: string;
  /** Completes "104.16.132.229 is …". */
  says: string;
  /** Single machines of anybody: that a range holds one says nothing of the range. */
  scattered?: true;
  match: GuardMatch;
  /** MISP attribute types that the list is about, or `ALL`. */
  attributes: readonly string[];
  /** In the one spelling that observables have; what is spelled otherwise holds nothing. */
  entries: readonly string[];
}

/** A list that knows an observable: free of policy, so that a round can be recomputed under another one. */
export interface GuardHit {
  observable: ObservableId;
  list: string;
  version: string;
  kind: Exclude<GuardKind, 'lifts'>;
  group?: string;
  /** The entry of the list that holds the observable. */
  entry: string;
  /** A clause for people: "104.16.132.229 is an address of Cloudflare". */
  reason: string;
}

/** Most lists are numbered by the day, `20260101`; some by the hour, `26010122`. */
function dayOf(version: string): string | undefined {
  if (!/^\d{8}$/.test(version)) return undefined;
  return version.startsWith('20') ? version : `20${version.slice(0, 6)}`;
}

/** True when a list of that version is older than one of the other; versions of ways that are not known are not compared. */
export function isOlderVersion(found: string, held: string): boolean {
  const [foundDay, heldDay] = [dayOf(found), dayOf(held)];
  if (foundDay && heldDay) return foundDay < heldDay;
  return /^\d+$/.test(found) && /^\d+$/.test(held) && Number(found) < Number(held);
}
