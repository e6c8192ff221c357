import { canonicalJson } from './canonical-json';
import { cleanness, mustBeClean, type Cleanness } from './clean';
import { combine, PLAYBOOK_SOURCE, weightedPoints } from './combine';
import type { Finding, Reading } from './enrichment';
import { explain } from './explain';
import type { GuardHit } from './guard-list';
import { guardsFor, siteGuards } from './guards';
import { levelOf } from './levels';
import { observableId, type Observable } from './observable';
import { extractionCut, MOST_OBSERVABLES } from './observables';
import type { CaseFacts, Playbook } from './playbook';
import type { Policy } from './policy';
import { checkRequirements, type Requirements } from './requirements';
import type { Signal } from './signal';
import type { SourceProfile } from './source';
import type { Assessment, LedgerLine, Missing, Verdict } from './verdict';

export interface AssessmentInput {
  policy: Policy;
  /** Content hashes of policy and site knowledge. */
  policyId: string;
  siteId: string;
  playbook: Playbook;
  facts: CaseFacts;
  /** Every finding, with what its source's reader makes of it under the policy. */
  readings: { finding: Finding; reading: Reading }[];
  /** What the lists in force know of the observables. */
  hits: readonly GuardHit[];
  /** Every source there is, asked or not. */
  sources: readonly SourceProfile[];
  /** `action_key` of the scoring step, on which the playbook's own signals rest. */
  ownEvidence: string;
  /** RFC 3339. */
  now: string;
}

function ownSignals({ playbook, facts, policy, ownEvidence }: AssessmentInput): Signal[] {
  return playbook.signals(facts).map((own) => ({
    evidence: ownEvidence,
    source: PLAYBOOK_SOURCE,
    ...own,
    level: levelOf(weightedPoints(own, policy)),
  }));
}

/** Strongest first; all ties broken, so that the same evidence in another order gives the same assessment. */
function sorted(signals: readonly Signal[], policy: Policy): Signal[] {
  const keyed = signals.map((signal) => ({
    signal,
    weight: weightedPoints(signal, policy),
    key: canonicalJson(signal),
  }));
  return keyed.sort((a, b) => b.weight - a.weight || (a.key < b.key ? -1 : 1)).map(({ signal }) => signal);
}

function verdictOf(score: number, isClean: boolean, policy: Policy): Verdict {
  if (score >= policy.thresholds.malicious) return 'malicious';
  if (score >= policy.thresholds.suspicious) return 'suspicious';
  return isClean ? 'benign' : 'unknown';
}

function thresholdLines(score: number, { thresholds }: Policy): LedgerLine[] {
  return (['malicious', 'suspicious'] as const).map((name) => {
    const threshold = thresholds[name];
    const reached = score >= threshold;
    const text = `score ${score} ${reached ? 'reaches' : 'stays below'} ${threshold}, from which it is ${name}`;
    return { rule: `threshold:${name}`, text, numbers: { score, threshold } };
  });
}

function requiredText({ missing, blocking, answered, given }: Requirements): string {
  const list = (some: readonly Missing[]) =>
    some.map(({ source, observable, state }) => `${source} on ${observable} (${state})`).join(', ');
  if (!answered) return `a required source has not answered: ${list(blocking)}`;
  const unasked = missing.filter(({ state }) => state === 'not_sent');
  const aside = unasked.length > 0 ? `; not asked: ${list(unasked)}` : '';
  return given === 0 ? `there was nothing to ask about${aside}` : `every required source asked has answered${aside}`;
}

function benignLines(
  { evidence, unshown }: Cleanness,
  requirements: Requirements,
  cut: string | undefined,
): LedgerLine[] {
  const lacking = unshown.map(observableId).join(', ');
  const nothing = lacking === '' ? 'there is nothing that could be shown to be clean' : '';
  const open = lacking === '' ? '' : `nothing shows ${lacking} to be clean`;
  return [
    {
      rule: 'required_sources',
      text: requiredText(requirements),
      numbers: { missing: requirements.blocking.length, answers: requirements.given },
    },
    {
      rule: 'evidence_of_clean',
      text: [...evidence, open].filter((text) => text !== '').join('; ') || nothing,
      numbers: { found: evidence.length, lacking: unshown.length },
    },
    ...(cut === undefined
      ? []
      : [{ rule: 'observables_cut', text: `${cut}: not benign`, numbers: { most: MOST_OBSERVABLES } }]),
  ];
}

/**
 * The machine's judgement of a case: a pure function of the findings, the alerts, the policy and the site knowledge.
 * Sources combine by noisy-or of weighted points; guards cap what is said of the observables they know. Below the
 * suspicious threshold it is benign only if every required source answered, nothing was left out, and each observable
 * that the playbook names is shown clean; else unknown.
 */
export function assess(input: AssessmentInput): Assessment {
  const { policy, facts, playbook, sources } = input;
  const planned = playbook.observables(facts);
  const signals = sorted([...input.readings.flatMap(({ reading }) => reading.signals), ...ownSignals(input)], policy);
  const seen = distinct([...planned, ...facts.observables]);
  const guards = [
    ...guardsFor(input.hits, seen, policy),
    ...siteGuards(seen, policy, { site: facts.site, siteId: input.siteId }),
  ];
  const { score, ledger } = combine(signals, guards, policy);
  const findings = input.readings.map(({ finding }) => finding);
  const must = mustBeClean(playbook, facts);
  const main = must.length > 0 ? must : planned.slice(0, 1);
  const requirements = checkRequirements(planned, main, findings, policy, sources);
  const clean = cleanness(input, guards);
  const cut = extractionCut(facts.alerts, facts.observables);
  const verdict = verdictOf(score, clean.shown && requirements.answered && cut === undefined, policy);
  const { missing, complete } = requirements;
  const { evidence, unshown } = clean;
  const nothingAsked = requirements.given === 0 && missing.length === 0;
  const told = { verdict, score, signals, guards, clean: evidence, missing };
  return {
    verdict,
    score,
    complete,
    missing,
    signals,
    guards,
    clean: evidence,
    ledger: [...ledger, ...thresholdLines(score, policy), ...benignLines(clean, requirements, cut)],
    explanation: explain({ ...told, main: planned[0], unshown, nothingAsked, cut, sources }),
    version: policy.version,
    policy: input.policyId,
    site: input.siteId,
  };
}

function distinct(observables: readonly Observable[]): Observable[] {
  const byId = new Map(observables.map((observable) => [observableId(observable), observable]));
  return [...byId.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, observable]) => observable);
}
