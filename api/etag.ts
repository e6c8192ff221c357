/** `"7"` for version 7. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** What a conditional header names: any version, or some. */
export type VersionCondition = 'any' | readonly number[];

/**
 * Reads `If-Match` or `If-None-Match`. Tags that are no versions are left out: they match nothing. Weak tags count like
 * strong ones, since proxies weaken ours when they compress.
 */
export function versionsOf(header: string): VersionCondition {
  if (header.trim() === '*') return 'any';
  return header.split(',').flatMap((tag) => {
    const version = /^\s*(?:W\/)?"?(\d{1,15})"?\s*$/.exec(tag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
}

export function includesVersion(condition: VersionCondition, version: number): boolean {
  return condition === 'any' || condition.includes(version);
}
