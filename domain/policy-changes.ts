import { isObject } from './is-object';
import type { Policy } from './policy';
import { RELIABILITIES } from './signal';

/** What a site wants otherwise than the default policy: any part of it, as deep as needed; lists are given whole. */
export type PolicyChanges = Readonly<Record<string, unknown>>;

export interface PolicyProblem {
  /** `thresholds.malicious` */
  path: string;
  detail: string;
}

/**
 * The policy with the changes in it.
 * @param knowsSources false where the numbers of the sources are not at hand: their part is then taken as it is
 */
export function withChanges(
  policy: Policy,
  changes: PolicyChanges,
  knowsSources = true,
): { policy: Policy; problems: PolicyProblem[] } {
  const problems: PolicyProblem[] = [];
  if ('version' in changes) problems.push({ path: 'version', detail: 'is the code’s to say' });
  if (knowsSources) problems.push(...unknownSources(policy, changes));
  const changed = merge(policy, changes, [], problems, knowsSources) as Policy;
  problems.push(...contradictions(changed));
  const required = Object.fromEntries(Object.entries(changed.required).filter(([, scope]) => isScope(scope)));
  return { policy: { ...changed, required }, problems };
}

/** Keys that anybody may add: which sources are required. */
const OPEN: readonly string[] = ['required'];

function merge(
  base: unknown,
  change: unknown,
  path: string[],
  problems: PolicyProblem[],
  knowsSources: boolean,
): unknown {
  const problem = (detail: string): unknown => {
    problems.push({ path: path.join('.'), detail });
    return base;
  };
  const isSources = path[0] === 'sources';
  if (base === undefined) {
    if (path.length === 2 && OPEN.includes(path[0] ?? '')) return change;
    if (isSources && !knowsSources) return change;
    return problem('is no part of the policy');
  }
  if (isObject(base)) {
    if (!isObject(change)) return problem('is not a table of keys and values');
    const merged = Object.entries(change).map(([key, value]) => [
      key,
      merge(Object.hasOwn(base, key) ? base[key] : undefined, value, [...path, key], problems, knowsSources),
    ]);
    return { ...base, ...(Object.fromEntries(merged.filter(([, value]) => value !== undefined)) as object) };
  }
  if (Array.isArray(base)) {
    if (!Array.isArray(change) || !change.every((one) => sameShape(base[0], one))) {
      return problem('is not a list of the same kind');
    }
    return isInOrder(change)
      ? change
      : problem('must go from the least `from` to the greatest, with points from 0 to 100');
  }
  if (typeof base !== typeof change) return problem(`is not a ${typeof base}`);
  if (typeof change === 'number' && !isAmount(change)) return problem('is negative');
  if (path.at(-1)?.endsWith('_factor') && !((change as number) <= 1)) return problem('is a factor from 0 to 1');
  return change;
}

function isAmount(value: unknown): boolean {
  return typeof value !== 'number' || (value >= 0 && Number.isFinite(value));
}

/** Bands of points: the last one that is reached counts. */
function isInOrder(list: readonly unknown[]): boolean {
  const bands = list.filter(
    (one): one is { from: number; points: number } => isObject(one) && 'from' in one && 'points' in one,
  );
  return bands.every(({ from, points }, index) => points <= 100 && from > (bands[index - 1]?.from ?? -1));
}

/** A source that there is not would never answer, and nothing be benign again. */
function unknownSources(policy: Policy, { required }: PolicyChanges): PolicyProblem[] {
  const known = [...new Set([...Object.keys(policy.sources), ...Object.keys(policy.required)])];
  return Object.keys(isObject(required) ? required : {})
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: `required.${name}`, detail: `there is no source of that name, but ${known.join(', ')}` }));
}

/** Of a list whose entries are not known, anything is taken. */
function sameShape(example: unknown, value: unknown): boolean {
  if (!isAmount(value)) return false;
  if (example === undefined) return true;
  if (!isObject(example)) return typeof example === typeof value;
  if (!isObject(value)) return false;
  const keys = Object.keys(example);
  return keys.length === Object.keys(value).length && keys.every((key) => sameShape(example[key], value[key]));
}

/** `none` takes a source off the required ones. */
const SCOPES = ['all', 'main', 'none'];

function isScope(scope: string): scope is Policy['required'][string] {
  return scope === 'all' || scope === 'main';
}

/** Of a reliability that there is not the weight is no number, and such a source would not be heard. */
function unweighted(sources: Policy['sources']): PolicyProblem[] {
  return Object.entries(sources)
    .filter(
      ([, own]) =>
        isObject(own) && own.reliability !== undefined && !RELIABILITIES.some((letter) => letter === own.reliability),
    )
    .map(([name]) => ({ path: `sources.${name}.reliability`, detail: `is one of ${RELIABILITIES.join(', ')}` }));
}

function contradictions(policy: Policy): PolicyProblem[] {
  const { thresholds, reliability, decay, required, caps, context, sources } = policy;
  const inOrder =
    thresholds.suspicious > 0 && thresholds.suspicious < thresholds.malicious && thresholds.malicious <= 100;
  const outside = (value: number, most: number) => !(value >= 0 && value <= most);
  return [
    ...(inOrder ? [] : [{ path: 'thresholds', detail: 'must be 0 < suspicious < malicious <= 100' }]),
    ...Object.entries(reliability)
      .filter(([, weight]) => outside(weight, 1))
      .map(([letter]) => ({ path: `reliability.${letter}`, detail: 'is a weight from 0 to 1' })),
    ...(['network', 'phishing_url'] as const)
      .filter((model) => !(decay[model].tau_days > 0 && decay[model].delta > 0))
      .map((model) => ({ path: `decay.${model}`, detail: 'tau_days and delta must be more than 0' })),
    ...Object.entries(required)
      .filter(([, scope]) => !SCOPES.includes(scope))
      .map(([source]) => ({ path: `required.${source}`, detail: `is one of ${SCOPES.join(', ')}` })),
    ...Object.entries({ ...caps, context: context.cap })
      .filter(([, cap]) => outside(cap, 100))
      .map(([name]) => ({ path: name === 'context' ? 'context.cap' : `caps.${name}`, detail: 'is from 0 to 100' })),
    ...(outside(decay.expired_below, 100) ? [{ path: 'decay.expired_below', detail: 'is from 0 to 100' }] : []),
    ...unweighted(sources),
  ];
}
