import { parse } from 'tldts';

/** Longest host name there is (RFC 1035). */
const LONGEST_NAME = 253;

/** Exact texts, or host names with all that lies below them. */
export interface NameSet {
  /** The nearest entry that is the name or one of its parents. */
  holding(name: string): string | undefined;
}

/** @param below false for a list that is matched by the exact text only */
export function createNameSet(entries: readonly string[], below: boolean): NameSet {
  const names = new Set(entries);
  return {
    holding(name) {
      if (name.length > LONGEST_NAME) return undefined;
      for (let rest = name; ; rest = rest.slice(rest.indexOf('.') + 1)) {
        if (names.has(rest)) return rest;
        if (!below || !rest.includes('.')) return undefined;
      }
    },
  };
}

/** True when the entry is the name itself, or the name is its `www.`. */
export function isItself(name: string, entry: string): boolean {
  return name === entry || name === `www.${entry}`;
}

/**
 * True when somebody else than the owner of `entry` may hold the name: between the two lies a suffix below which anybody
 * can register, such as `co.uk` and, by the private part of the Public Suffix List, `pages.dev` or `s3.amazonaws.com`.
 */
export function isAboveOwner(name: string, entry: string): boolean {
  const { publicSuffix } = parse(name, { allowPrivateDomains: true, validateHostname: false });
  return publicSuffix !== null && (publicSuffix === entry || publicSuffix.endsWith(`.${entry}`));
}

/** True when the registries of the Internet themselves give out names below it: `com`, `co.uk`. */
export function isRegistrySuffix(name: string): boolean {
  const { publicSuffix, isIcann } = parse(name, { validateHostname: false });
  return publicSuffix === name && (isIcann === true || !name.includes('.'));
}
