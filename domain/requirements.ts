import { outsideBudget, MOST_ASKED_OUTSIDE } from './budget';
import type { Finding, SourceState } from './enrichment';
import { observableId, staysInside, type Observable, type ObservableId } from './observable';
import type { Policy } from './policy';
import type { SourceProfile } from './source';
import type { Missing } from './verdict';

/** The source has said what it can. That it knows nothing is an answer, but no evidence of clean. */
const ANSWERED: readonly SourceState[] = ['ok', 'not_known'];
/** May still come. */
const OUTSTANDING: readonly SourceState[] = ['failed', 'waiting'];
const CUT_REASON = `more than ${MOST_ASKED_OUTSIDE} observables: not asked`;

export interface Requirements {
  /** What a benign verdict lacks, what required sources were not asked, and what may still come from any source. */
  missing: Missing[];
  /** The part of `missing` that keeps the verdict from being benign. */
  blocking: Missing[];
  /** False while a source failed or is waiting. */
  complete: boolean;
  /** True when no required answer is lacking that could be there. */
  answered: boolean;
  /** Answers that required sources gave. */
  given: number;
}

function missingOf({ source, observable, state, summary, until }: Finding): Missing {
  return { source, observable, state, reason: summary, until };
}

/** A source that stays in the house is asked about internal things too. */
function isAskable({ looksUp, where }: SourceProfile, observable: Observable): boolean {
  return looksUp.includes(observable.type) && (where === 'inside' || !staysInside(observable));
}

/** What a required source owes on one observable. */
interface Due {
  found: Finding | undefined;
  missing: Missing | undefined;
  blocks: boolean;
}

const NOT_ASKED = {
  cut: { state: 'not_sent', reason: CUT_REASON },
  yet: { state: 'waiting', reason: 'not asked yet' },
  nobody: { state: 'not_configured', reason: 'there is no source of that name' },
} as const;

/** @param source undefined when the policy requires one that there is not: its answer can only be missed */
function dueOf(
  name: string,
  source: SourceProfile | undefined,
  observable: Observable,
  findings: readonly Finding[],
  cut: boolean,
): Due {
  const id = observableId(observable);
  const found = findings.find((finding) => finding.source === name && finding.observable === id);
  if (found) {
    if (ANSWERED.includes(found.state)) return { found, missing: undefined, blocks: false };
    // Nothing outside can be asked of what is the site's own: its answer is not lacking, but none was given either.
    const inapplicable = found.state === 'not_applicable' || (found.state === 'not_sent' && staysInside(observable));
    const missing = found.state === 'not_applicable' ? undefined : missingOf(found);
    return { found, missing, blocks: !inapplicable };
  }
  if (source && !isAskable(source, observable)) return { found, missing: undefined, blocks: false };
  const unasked = NOT_ASKED[cut ? 'cut' : source ? 'yet' : 'nobody'];
  return { found, missing: { source: name, observable: id, ...unasked, until: null }, blocks: true };
}

function keyOf({ source, observable }: { source: string; observable: ObservableId }): string {
  return `${source} ${observable}`;
}

function sorted(missing: readonly Missing[]): Missing[] {
  const byKey = new Map(missing.map((one) => [keyOf(one), one]));
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/**
 * Which answers are outstanding. `planned` is what the playbook looks up, `main` what must be shown clean. Of what is
 * cut from the lookups, every required source outside owes an answer that nobody will ask for.
 */
export function checkRequirements(
  planned: readonly Observable[],
  main: readonly Observable[],
  findings: readonly Finding[],
  policy: Policy,
  sources: readonly SourceProfile[],
): Requirements {
  const cut = outsideBudget(planned).cut;
  const dues = Object.entries(policy.required).flatMap(([name, scope]) => {
    const source = sources.find((each) => each.name === name);
    const beyond = source?.where === 'inside' ? [] : cut;
    const wanted = scope === 'main' ? [...new Set([...main, ...beyond])] : planned;
    return wanted.map((observable) => dueOf(name, source, observable, findings, beyond.includes(observable)));
  });
  const lacking = (only: readonly Due[]) => only.flatMap(({ missing }) => missing ?? []);
  const outstanding = findings.filter(({ state }) => OUTSTANDING.includes(state)).map(missingOf);
  const missing = sorted([...lacking(dues), ...outstanding]);
  const blocking = sorted(lacking(dues.filter(({ blocks }) => blocks)));
  return {
    missing,
    blocking,
    complete: !missing.some(({ state }) => OUTSTANDING.includes(state)),
    answered: blocking.length === 0,
    given: dues.filter(({ found }) => found && ANSWERED.includes(found.state)).length,
  };
}
