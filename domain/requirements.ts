import type { Finding, SourceState } from './enrichment';
import { observableId, staysInside, type Observable, type ObservableId, type ObservableType } from './observable';
import type { Policy } from './policy';
import type { Missing } from './verdict';

/** What a source can be asked about at all; hosts and users are known to nobody outside. */
const ASKABLE: readonly ObservableType[] = ['ip', 'domain', 'url', 'md5', 'sha1', 'sha256'];
/** Sources that stay in the house: they are asked about internal observables too, and about addresses of people. */
const INSIDE_SOURCES: readonly string[] = ['iocs'];

/** The source has said what it can. That it knows nothing is an answer, but no evidence of clean. */
const ANSWERED: readonly SourceState[] = ['ok', 'not_known', 'not_applicable', 'not_sent'];
/** May still come. */
const OUTSTANDING: readonly SourceState[] = ['failed', 'waiting'];

export interface Requirements {
  /** What a benign verdict lacks, and what may still come from any source. */
  missing: Missing[];
  /** False while a source failed or is waiting. */
  complete: boolean;
  /** True when every required source has answered. */
  answered: boolean;
}

function missingOf({ source, observable, state, summary, until }: Finding): Missing {
  return { source, observable, state, reason: summary, until };
}

function isAskable(source: string, observable: Observable): boolean {
  if (INSIDE_SOURCES.includes(source)) return ASKABLE.includes(observable.type) || observable.type === 'email';
  return ASKABLE.includes(observable.type) && !staysInside(observable);
}

/** One required answer that is not there, as it stands in the findings, or because nobody has asked yet. */
function lacking(source: string, observable: Observable, findings: readonly Finding[]): Missing | undefined {
  const id = observableId(observable);
  const found = findings.find((finding) => finding.source === source && finding.observable === id);
  if (found) return ANSWERED.includes(found.state) ? undefined : missingOf(found);
  if (!isAskable(source, observable)) return undefined;
  return { source, observable: id, state: 'waiting', reason: 'not asked yet', until: null };
}

function keyOf({ source, observable }: { source: string; observable: ObservableId }): string {
  return `${source} ${observable}`;
}

/** Which answers are outstanding; `planned` is what the playbook looks up, the main observable first. */
export function checkRequirements(
  planned: readonly Observable[],
  findings: readonly Finding[],
  policy: Policy,
): Requirements {
  const required = Object.entries(policy.required).flatMap(([source, scope]) =>
    (scope === 'main' ? planned.slice(0, 1) : planned).flatMap(
      (observable) => lacking(source, observable, findings) ?? [],
    ),
  );
  const outstanding = findings.filter(({ state }) => OUTSTANDING.includes(state)).map(missingOf);
  const byKey = new Map([...required, ...outstanding].map((missing) => [keyOf(missing), missing]));
  const missing = [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  return {
    missing,
    complete: !missing.some(({ state }) => OUTSTANDING.includes(state)),
    answered: required.length === 0,
  };
}
