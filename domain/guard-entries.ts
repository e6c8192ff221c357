import type { GuardMatch } from './guard-list';
import { isRegistrySuffix } from './guard-names';
import { normaliseHostname } from './hostnames';
import { normaliseCidr, normaliseIp } from './network';
import { normaliseHash } from './normalise';

/** Shortest prefixes taken: a wider entry is a mistake, and would cap what is said of half the Internet. */
const WIDEST = { v4: 8, v6: 16 } as const;

export interface NormalisedEntries {
  /** Each once; addresses by number, names by letter. */
  entries: string[];
  /** Entries that no observable can be: other hashes, top-level domains, mistakes. */
  leftOut: number;
}

function range(text: string): string | undefined {
  const normal = normaliseIp(text) ?? normaliseCidr(text);
  const bits = normal?.split('/')[1];
  const widest = normal?.includes(':') ? WIDEST.v6 : WIDEST.v4;
  return bits !== undefined && Number(bits) < widest ? undefined : normal;
}

/** MISP lists write `.example.com` for the name and all below it. */
function name(text: string): string | undefined {
  const normal = normaliseHostname(text.trim().replace(/^(?:\*?\.)/, ''));
  return normal === undefined || !normal.includes('.') || isRegistrySuffix(normal) ? undefined : normal;
}

/** No address: the fuzzy hash of the empty file, `3::`, would be one. */
function exact(text: string): string | undefined {
  return normaliseHash(text)?.value ?? name(text);
}

const SPELLINGS: Record<GuardMatch, (text: string) => string | undefined> = {
  cidr: range,
  hostname: name,
  substring: name,
  string: exact,
};

/** Sorts as people read addresses: 9.0.0.0 before 10.0.0.0, IPv4 before IPv6. */
function sortKey(entry: string): string {
  if (!/^[\d.]+(?:\/\d+)?$/.test(entry)) return entry.includes(':') ? `1 ${entry}` : `2 ${entry}`;
  return `0 ${entry.replace(/\d+/g, (digits) => digits.padStart(3, '0'))}`;
}

/** The entries of a MISP warning list in the one spelling that observables have. */
export function normaliseEntries(match: GuardMatch, raw: readonly string[]): NormalisedEntries {
  const spelled = raw.map(SPELLINGS[match]);
  const known = new Set(spelled.filter((entry) => entry !== undefined));
  const keyed = [...known].map((entry) => ({ entry, key: sortKey(entry) }));
  return {
    entries: keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ entry }) => entry),
    leftOut: spelled.filter((entry) => entry === undefined).length,
  };
}
