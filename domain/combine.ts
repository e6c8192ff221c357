import { normaliseIp } from './network';
import { normaliseLink } from './normalise';
import { parseObservableId, type ObservableId } from './observable';
import type { Policy } from './policy';
import type { Signal } from './signal';
import type { Guard, LedgerLine } from './verdict';

/** Name under which a playbook's own signals stand. */
export const PLAYBOOK_SOURCE = 'playbook';

/** The strongest that one source says of one observable; each of a playbook's own signals is one by itself. */
interface Contribution {
  source: string;
  observable: ObservableId | undefined;
  /** What `observable` leads to, when it is a link. */
  host: ObservableId | undefined;
  /** The signal that speaks. */
  signal: Signal;
  /** Weighted points as a probability, 0–1. */
  weight: number;
}

export interface Combined {
  /** 0–100, whole. */
  score: number;
  ledger: LedgerLine[];
}

const rounded = (value: number) => Math.round(value * 10) / 10;
const points = (probability: number) => rounded(probability * 100);

/** Independent evidence: what is left of doubt is multiplied. */
function noisyOr(probabilities: readonly number[]): number {
  return 1 - probabilities.reduce((doubt, probability) => doubt * (1 - probability), 1);
}

/** Points after the reliability of their source is applied, 0–100. */
export function weightedPoints(signal: Pick<Signal, 'points' | 'reliability'>, policy: Policy): number {
  return Math.min(100, Math.max(0, signal.points)) * policy.reliability[signal.reliability];
}

/** The observable of the host that a link leads to. */
function hostOf(observable: ObservableId | undefined): ObservableId | undefined {
  if (!observable?.startsWith('url:')) return undefined;
  const host = normaliseLink(parseObservableId(observable).value)?.host;
  if (host === undefined) return undefined;
  return normaliseIp(host) === undefined ? `domain:${host}` : `ip:${host}`;
}

/** Whose voice a signal is: of several with one voice only the strongest is heard. */
function voiceOf({ source, observable, name }: Signal): string {
  return [source, observable ?? '', source === PLAYBOOK_SOURCE ? name : ''].join(' ');
}

function contributionsOf(signals: readonly Signal[], policy: Policy): Contribution[] {
  const strongest = new Map<string, Contribution>();
  for (const signal of signals) {
    const { source, observable } = signal;
    const voice = voiceOf(signal);
    const weight = weightedPoints(signal, policy) / 100;
    if (weight > (strongest.get(voice)?.weight ?? -1)) {
      strongest.set(voice, { source, observable, host: hostOf(observable), signal, weight });
    }
  }
  // One order of multiplication, whatever order the sources answered in: floating point is not associative.
  return [...strongest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, contribution]) => contribution);
}

function capOf(observable: ObservableId | undefined, guards: readonly Guard[]): number {
  return Math.min(1, ...guards.filter((guard) => guard.observable === observable).map((guard) => guard.cap / 100));
}

/** A host, and the sources that speak of it and of a link to it: they say one thing twice. */
function doubles(contributions: readonly Contribution[]): { source: string; host: ObservableId }[] {
  const said = new Set(contributions.map(({ source, observable }) => `${source} ${observable ?? ''}`));
  const twice = new Map(
    contributions.flatMap(({ source, host }) => {
      const key = `${source} ${host ?? ''}`;
      return host !== undefined && source !== PLAYBOOK_SOURCE && said.has(key)
        ? [[key, { source, host }] as const]
        : [];
    }),
  );
  return [...twice.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, double]) => double);
}

/**
 * Of what a source says of a host and of the links to it only the stronger side counts: the total is the greatest over
 * all choices of a side, so that no further evidence can lower it. Hosts are independent of each other.
 */
function total(contributions: readonly Contribution[], guards: readonly Guard[]): number {
  const twice = doubles(contributions);
  const hosts = new Set(twice.map(({ host }) => host));
  const hostIn = ({ host, observable }: Contribution) => [host, observable].find((id) => id && hosts.has(id));
  const rest = contributions.filter((one) => hostIn(one) === undefined);
  const perHost = [...hosts].map((host) => {
    const sources = twice.filter((double) => double.host === host).map(({ source }) => source);
    const concerned = contributions.filter((one) => hostIn(one) === host);
    return greatest(concerned, host, sources, guards);
  });
  return noisyOr([all(rest, guards), ...perHost]);
}

function greatest(
  contributions: readonly Contribution[],
  host: ObservableId,
  sources: readonly string[],
  guards: readonly Guard[],
): number {
  const [source, ...others] = sources;
  if (source === undefined) return all(contributions, guards);
  const without = (dropped: (one: Contribution) => boolean) =>
    greatest(
      contributions.filter((one) => one.source !== source || !dropped(one)),
      host,
      others,
      guards,
    );
  return Math.max(
    without(({ observable }) => observable === host),
    without(({ observable }) => observable !== host),
  );
}

/** All evidence on one observable, no more than its guards allow; then all observables together. */
function all(contributions: readonly Contribution[], guards: readonly Guard[]): number {
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

function aboutOf({ observable }: Signal): string {
  return observable === undefined ? '' : ` on ${observable}`;
}

/** Points, reliability and what comes of them; with what the points were reckoned from. */
function contributionLine({ signal, weight }: Contribution, policy: Policy): LedgerLine {
  const { source, name, reliability } = signal;
  const counted = rounded(signal.points);
  const factor = policy.reliability[reliability];
  return {
    rule: 'contribution',
    text: `${source}${aboutOf(signal)}: ${name}, ${counted} points × ${factor} (reliability ${reliability}) = ${points(weight)}`,
    numbers: { ...signal.numbers, points: counted, reliability: factor, weighted: points(weight) },
    of: { name, source, ...(signal.observable === undefined ? {} : { observable: signal.observable }) },
  };
}

/** What a source says beside its strongest word. */
function unheardLines(
  signals: readonly Signal[],
  contributions: readonly Contribution[],
  policy: Policy,
): LedgerLine[] {
  const heard = new Map(contributions.map((one) => [voiceOf(one.signal), one.signal]));
  return signals.flatMap((signal) => {
    const louder = heard.get(voiceOf(signal));
    if (louder === undefined || louder === signal) return [];
    const weighted = rounded(weightedPoints(signal, policy));
    const text = `${signal.source}${aboutOf(signal)}: ${signal.name} (${weighted}) adds nothing to ${louder.name} of the same source`;
    return [{ rule: 'one_voice', text, numbers: { weighted } }];
  });
}

function doubleLines(contributions: readonly Contribution[]): LedgerLine[] {
  return doubles(contributions).map(({ source, host }) => {
    const said = contributions.filter((one) => one.source === source);
    const ofHost = points(noisyOr(said.filter((one) => one.observable === host).map(({ weight }) => weight)));
    const ofLinks = points(noisyOr(said.filter((one) => one.host === host).map(({ weight }) => weight)));
    const text = `${source} speaks of ${host} (${ofHost}) and of links to it (${ofLinks}): only the stronger counts`;
    return { rule: 'link_and_host', text, numbers: { host: ofHost, links: ofLinks } };
  });
}

/** A guard has something to cap only where something was said. */
function guardLines(contributions: readonly Contribution[], guards: readonly Guard[]): LedgerLine[] {
  return guards.flatMap((guard) => {
    const said = contributions.filter((one) => one.observable === guard.observable);
    if (said.length === 0) return [];
    const before = points(noisyOr(said.map(({ weight }) => weight)));
    if (guard.kind === 'marks') {
      return [
        {
          rule: `guard:${guard.list}`,
          text: `${guard.reason} (list ${guard.list}, version ${guard.version})`,
          numbers: {},
        },
      ];
    }
    const effect =
      before > guard.cap ? `cuts ${before} to ${guard.cap}` : `${before} is within its cap of ${guard.cap}`;
    const text = `${guard.reason} (list ${guard.list}, version ${guard.version}): ${effect}`;
    const of = { name: guard.list, observable: guard.observable };
    return [{ rule: `guard:${guard.list}`, text, numbers: { before, cap: guard.cap }, of }];
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
    return [{ rule: 'pool', text, numbers: { before, cap }, of: { name: pool.title } }];
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
    text: count === 0 ? 'nothing speaks for harm: score 0' : `${count} contribution(s) combine to ${score} of 100`,
    numbers: { contributions: count, score },
  };
  const ledger = [
    ...contributions.map((one) => contributionLine(one, policy)),
    ...unheardLines(signals, contributions, policy),
    ...doubleLines(contributions),
    ...guardLines(contributions, guards),
    ...poolLines(contributions, guards, pools),
    sum,
  ];
  return { score, ledger };
}
