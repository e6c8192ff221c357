import type { ObservableId } from './observable';
import type { Policy } from './policy';
import type { Signal } from './signal';
import type { Guard, LedgerLine } from './verdict';

/** Name under which a playbook's own signals stand. */
export const PLAYBOOK_SOURCE = 'playbook';

/** The strongest that one source says of one observable; each of a playbook's own signals is one by itself. */
interface Contribution {
  source: string;
  observable: ObservableId | undefined;
  name: string;
  /** Weighted points as a probability, 0–1. */
  weight: number;
}

export interface Combined {
  /** 0–100, whole. */
  score: number;
  ledger: LedgerLine[];
}

const points = (probability: number) => Math.round(probability * 1000) / 10;

/** Independent evidence: what is left of doubt is multiplied. */
function noisyOr(probabilities: readonly number[]): number {
  return 1 - probabilities.reduce((doubt, probability) => doubt * (1 - probability), 1);
}

/** Points after the reliability of their source is applied, 0–100. */
export function weightedPoints(signal: Pick<Signal, 'points' | 'reliability'>, policy: Policy): number {
  return Math.min(100, Math.max(0, signal.points)) * policy.reliability[signal.reliability];
}

function contributionsOf(signals: readonly Signal[], policy: Policy): Contribution[] {
  const strongest = new Map<string, Contribution>();
  for (const signal of signals) {
    const { source, observable, name } = signal;
    const key = [source, observable ?? '', source === PLAYBOOK_SOURCE ? name : ''].join(' ');
    const weight = weightedPoints(signal, policy) / 100;
    if (weight > (strongest.get(key)?.weight ?? -1)) strongest.set(key, { source, observable, name, weight });
  }
  // One order of multiplication, whatever order the sources answered in: floating point is not associative.
  return [...strongest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, contribution]) => contribution);
}

function capOf(observable: ObservableId | undefined, guards: readonly Guard[]): number {
  return Math.min(1, ...guards.filter((guard) => guard.observable === observable).map((guard) => guard.cap / 100));
}

/** All evidence on one observable, no more than its guards allow; then all observables together. */
function total(contributions: readonly Contribution[], guards: readonly Guard[]): number {
  const observables = [...new Set(contributions.map(({ observable }) => observable))];
  const perObservable = observables.map((observable) => {
    const weights = contributions.filter((one) => one.observable === observable).map(({ weight }) => weight);
    return Math.min(capOf(observable, guards), noisyOr(weights));
  });
  return noisyOr(perObservable);
}

interface Pool {
  title: string;
  cap: number;
  holds: (contribution: Contribution) => boolean;
}

function poolsOf(policy: Policy): Pool[] {
  const { sources, cap } = policy.context;
  return [
    {
      title: 'what the playbook reads from the alerts',
      cap: policy.caps.playbook / 100,
      holds: ({ source }) => source === PLAYBOOK_SOURCE,
    },
    { title: `context (${sources.join(', ')})`, cap: cap / 100, holds: ({ source }) => sources.includes(source) },
  ];
}

/**
 * The total, of which each pool adds no more than its cap. The least of the totals in which a pool is replaced by its
 * cap holds every cap at once, and no further signal can lower it.
 */
function capped(contributions: readonly Contribution[], guards: readonly Guard[], pools: readonly Pool[]): number {
  const [pool, ...others] = pools;
  if (!pool) return total(contributions, guards);
  const without = contributions.filter((one) => !pool.holds(one));
  const all = capped(contributions, guards, others);
  return without.length === contributions.length
    ? all
    : Math.min(all, noisyOr([capped(without, guards, others), pool.cap]));
}

function lineOf({ source, observable, name, weight }: Contribution): LedgerLine {
  const about = observable === undefined ? '' : ` on ${observable}`;
  return {
    rule: 'contribution',
    text: `${source}${about}: ${name} counts ${points(weight)} of 100 after reliability`,
    numbers: { weighted: points(weight) },
  };
}

/** A guard has something to cap only where something was said. */
function guardLines(contributions: readonly Contribution[], guards: readonly Guard[]): LedgerLine[] {
  return guards.flatMap((guard) => {
    const said = contributions.filter((one) => one.observable === guard.observable);
    if (said.length === 0) return [];
    const before = points(noisyOr(said.map(({ weight }) => weight)));
    const effect =
      before > guard.cap ? `cuts ${before} to ${guard.cap}` : `${before} is within its cap of ${guard.cap}`;
    const text = `${guard.reason} (list ${guard.list}, version ${guard.version}): ${effect}`;
    return [{ rule: `guard:${guard.list}`, text, numbers: { before, cap: guard.cap } }];
  });
}

function poolLines(
  contributions: readonly Contribution[],
  guards: readonly Guard[],
  pools: readonly Pool[],
): LedgerLine[] {
  return pools.flatMap((pool) => {
    const before = points(total(contributions.filter(pool.holds), guards));
    const cap = points(pool.cap);
    if (before <= cap) return [];
    const text = `${pool.title} comes to ${before}; together it may count ${cap}`;
    return [{ rule: 'pool', text, numbers: { before, cap } }];
  });
}

/** The score of the signals under the policy, with every step on the way. The order of the signals does not matter. */
export function combine(signals: readonly Signal[], guards: readonly Guard[], policy: Policy): Combined {
  const contributions = contributionsOf(signals, policy);
  const pools = poolsOf(policy);
  const score = Math.round(capped(contributions, guards, pools) * 100);
  const count = contributions.length;
  const sum: LedgerLine = {
    rule: 'noisy_or',
    text:
      count === 0
        ? 'nothing speaks for harm: score 0'
        : `${count} independent contribution(s) combine to ${score} of 100`,
    numbers: { contributions: count, score },
  };
  const ledger = [
    ...contributions.map(lineOf),
    ...guardLines(contributions, guards),
    ...poolLines(contributions, guards, pools),
    sum,
  ];
  return { score, ledger };
}
