import { canonicalJson } from './canonical-json';
import { combine, PLAYBOOK_SOURCE, weightedPoints } from './combine';
import type { Finding, Reading } from './enrichment';
import { explain, titleOfSource } from './explain';
import { guardsFor } from './guards';
import { levelOf } from './levels';
import { observableId, type Observable } from './observable';
import type { CaseFacts, Playbook } from './playbook';
import type { Policy } from './policy';
import { checkRequirements, type Requirements } from './requirements';
import type { Signal } from './signal';
import type { Assessment, Guard, LedgerLine, Verdict } from './verdict';

export interface AssessmentInput {
  policy: Policy;
  /** Content hashes of policy and site knowledge. */
  policyId: string;
  siteId: string;
  playbook: Playbook;
  facts: CaseFacts;
  /** Every finding, with what its source's reader makes of it under the policy. */
  readings: { finding: Finding; reading: Reading }[];
  /** `action_key` of the scoring step, on which the playbook's own signals rest. */
  ownEvidence: string;
  /** RFC 3339. */
  now: string;
}

function ownSignals({ playbook, facts, policy, ownEvidence }: AssessmentInput): Signal[] {
  return playbook.signals(facts).map((own) => ({
    ...own,
    source: PLAYBOOK_SOURCE,
    level: levelOf(weightedPoints(own, policy)),
    evidence: ownEvidence,
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

/** All that shows the main observable to be clean. */
function cleanEvidence(input: AssessmentInput, main: Observable | undefined, guards: readonly Guard[]): string[] {
  const own = input.playbook.clean?.(input.facts);
  if (!main) return own === undefined ? [] : [own];
  const id = observableId(main);
  const said = input.readings.flatMap(({ finding, reading }) =>
    finding.state === 'ok' && finding.observable === id && reading.clean !== undefined
      ? [`${titleOfSource(finding.source)}: ${reading.clean}`]
      : [],
  );
  const listed = guards
    .filter((guard) => guard.kind === 'benign' && guard.observable === id)
    .map((guard) => `${guard.reason} (list ${guard.list}, version ${guard.version})`);
  return [...said.sort(), ...listed, ...internalDestination(main), ...(own === undefined ? [] : [own])];
}

function internalDestination(main: Observable): string[] {
  const inside = main.flags.includes('private') || main.flags.includes('own');
  const onlyDestination = main.roles.includes('destination') && !main.roles.includes('source');
  return main.type === 'ip' && inside && onlyDestination
    ? [`the destination ${main.value} is an internal address`]
    : [];
}

function verdictOf(score: number, clean: readonly string[], { answered }: Requirements, policy: Policy): Verdict {
  if (score >= policy.thresholds.malicious) return 'malicious';
  if (score >= policy.thresholds.suspicious) return 'suspicious';
  return answered && clean.length > 0 ? 'benign' : 'unknown';
}

function thresholdLines(score: number, { thresholds }: Policy): LedgerLine[] {
  return (['malicious', 'suspicious'] as const).map((name) => {
    const threshold = thresholds[name];
    const reached = score >= threshold;
    const text = `score ${score} ${reached ? 'reaches' : 'stays below'} ${threshold}, from which it is ${name}`;
    return { rule: `threshold:${name}`, text, numbers: { score, threshold } };
  });
}

function benignLines(clean: readonly string[], { missing, answered }: Requirements): LedgerLine[] {
  const unanswered = missing.map(({ source, observable, state }) => `${source} on ${observable} (${state})`).join(', ');
  return [
    {
      rule: 'required_sources',
      text: answered ? 'every required source has answered' : `a required source has not answered: ${unanswered}`,
      numbers: { missing: missing.length },
    },
    {
      rule: 'evidence_of_clean',
      text: clean.length > 0 ? clean.join('; ') : 'nothing shows the main observable to be clean',
      numbers: { found: clean.length },
    },
  ];
}

/**
 * The machine's judgement of a case: a pure function of the findings, the alerts, the policy and the site knowledge.
 * Sources combine by noisy-or of weighted points; guards cap what is said of the observables they know. Below the
 * suspicious threshold it is benign only if every required source answered and something shows the main observable to
 * be clean; else unknown.
 */
export function assess(input: AssessmentInput): Assessment {
  const { policy, facts, playbook } = input;
  const planned = playbook.observables(facts);
  const signals = sorted([...input.readings.flatMap(({ reading }) => reading.signals), ...ownSignals(input)], policy);
  const guards = guardsFor(distinct([...planned, ...facts.observables]), policy);
  const { score, ledger } = combine(signals, guards, policy);
  const requirements = checkRequirements(
    planned,
    input.readings.map(({ finding }) => finding),
    policy,
  );
  const clean = cleanEvidence(input, planned[0], guards);
  const verdict = verdictOf(score, clean, requirements, policy);
  const { missing, complete } = requirements;
  return {
    verdict,
    score,
    complete,
    missing,
    signals,
    guards,
    clean,
    ledger: [...ledger, ...thresholdLines(score, policy), ...benignLines(clean, requirements)],
    explanation: explain({ verdict, score, signals, guards, clean, missing, main: planned[0] }),
    policy: input.policyId,
    site: input.siteId,
  };
}

function distinct(observables: readonly Observable[]): Observable[] {
  const byId = new Map(observables.map((observable) => [observableId(observable), observable]));
  return [...byId.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, observable]) => observable);
}
