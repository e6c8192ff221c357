import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { parseSite, policyOf, SITE_KEYS } from '../config/site';
import { isObject } from '../domain/is-object';
import { DEFAULT_POLICY, policyWith, type Policy } from '../domain/policy';
import type { PolicyChanges } from '../domain/policy-changes';
import { providersOf } from './ask';
import { EvaluationError } from './errors';

/** A policy to measure. */
export interface NamedPolicy {
  /** `default`, or the file that its changes stand in. */
  name: string;
  policy: Policy;
}

/** The default policy with the numbers of every source in it, as workers have it. */
export function wholeDefaultPolicy(): Policy {
  const sources = providersOf({ virustotal: {}, geoip: {}, abuseipdb: undefined, iocs: [] }, 'http://localhost');
  return policyWith(DEFAULT_POLICY, sources);
}

/** Names the default policy where a file could be named. */
export const DEFAULT_NAME = 'default';

/**
 * The default policy, or the one that a file makes of it: a site file (its `policy`, if it has one), or a file of policy
 * changes alone. A file with any key of a site file is one.
 * @throws EvaluationError naming every part of the file that cannot be so
 */
export function readPolicy(name: string): NamedPolicy {
  const base = wholeDefaultPolicy();
  if (name === DEFAULT_NAME) return { name, policy: base };
  try {
    return { name, policy: policyOf(base, changesIn(name), name) };
  } catch (error) {
    const problems = error instanceof Error && 'problems' in error ? (error.problems as string[]) : undefined;
    const told = problems ?? [error instanceof Error ? error.message : String(error)];
    throw new EvaluationError(told.map((problem) => `${name}: ${problem}`));
  }
}

function changesIn(file: string): PolicyChanges {
  const document: unknown = parse(readFileSync(file, 'utf8')) ?? {};
  if (!isObject(document)) throw new Error('is not a table of keys and values');
  const isSiteFile = Object.keys(document).some((key) => SITE_KEYS.includes(key));
  return isSiteFile ? parseSite(document, file).policy : document;
}
