import type { Finding, Reading } from './enrichment';
import type { ObservableId } from './observable';

/** What kind of network an address is in, as sources say. */
export type NetworkKind = 'hosting' | 'anonymiser' | 'tor';

/** What an observable is, apart from whether it does harm; absent = the source did not say. */
export interface About {
  /** ISO 3166-1 alpha-2. */
  country?: string;
  /** Who runs the network, such as `AS64496 Example Carrier`. */
  network?: string;
  kinds?: NetworkKind[];
  /** When a domain was registered, RFC 3339. */
  registered?: string;
  /** What a file is called by those who know it, such as `emotet`. */
  family?: string;
  /** What kind of malware that is, such as `trojan.emotet/agentb`. */
  label?: string;
}

/** What one source tells of one observable, and the audit row that it rests on. */
export interface Told extends About {
  source: string;
  observable: ObservableId;
  evidence: string;
}

/** In one order, whatever order the sources answered in. */
export function toldBy(readings: readonly { finding: Finding; reading: Reading }[]): Told[] {
  const told = readings.flatMap(({ finding: { source, observable, evidence }, reading: { about } }) =>
    about && Object.keys(about).length > 0 ? [{ ...about, source, observable, evidence }] : [],
  );
  return told.sort((a, b) => compare(a.source, b.source) || compare(a.observable, b.observable));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first source that tells this of the observable. */
export function toldOf<K extends keyof About>(
  told: readonly Told[],
  observable: ObservableId,
  what: K,
): (Told & Required<Pick<About, K>>) | undefined {
  return told.find(
    (one): one is Told & Required<Pick<About, K>> => one.observable === observable && one[what] !== undefined,
  );
}

/** The first source that finds the observable in a network of that kind. */
export function toldKind(told: readonly Told[], observable: ObservableId, kind: NetworkKind): Told | undefined {
  return told.find((one) => one.observable === observable && one.kinds?.includes(kind));
}

/** What a source tells, without what it does not. */
export function aboutFrom(told: { [K in keyof About]: About[K] | null | undefined }): About {
  const isTold = (value: unknown) =>
    value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(told).filter(([, value]) => isTold(value)));
}

/** The kinds of which a source says yes. */
export function kindsOf(said: Partial<Record<NetworkKind, boolean | null>>): NetworkKind[] {
  return (Object.keys(said) as NetworkKind[]).filter((kind) => said[kind]);
}

/** `AS64496 Example Carrier`, as far as it is known. */
export function networkName(asn: number | null, owner: string | null): string | undefined {
  if (asn === null) return owner ?? undefined;
  return `AS${asn}${owner === null ? '' : ` ${owner}`}`;
}
