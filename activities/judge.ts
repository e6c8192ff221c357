import { toldBy } from '../domain/about';
import type { IncidentRow } from '../db/store';
import { assess } from '../domain/assess';
import { decide } from '../domain/decide';
import { latestFirst } from '../domain/earlier';
import type { Finding, Reading } from '../domain/enrichment';
import type { GuardIndex } from '../domain/guard-index';
import type { GuardHit } from '../domain/guard-list';
import type { Decision } from '../domain/incident';
import { observableId } from '../domain/observable';
import { playbookFor } from '../domain/playbooks';
import type { CaseFacts } from '../domain/playbook';
import type { Policy } from '../domain/policy';
import { dueBy } from '../domain/service-level';
import type { SiteKnowledge } from '../domain/site';
import type { Assessment } from '../domain/verdict';
import type { Provider } from './providers/provider';

/** All of an incident that its verdict rests on, as it is stored. */
export interface Evidence extends Pick<CaseFacts, 'alerts' | 'observables' | 'findings' | 'earlier'> {
  alertType: string;
}

/** By what a round is judged: content, and content hashes. */
export interface Rules {
  policy: Policy;
  policyId: string;
  site: SiteKnowledge;
  siteId: string;
}

export interface Judgement {
  assessment: Assessment;
  /** What the playbook's rules are asked about; the findings' meaning is in it. */
  facts: CaseFacts;
  /** What the warning lists know of the observables. */
  hits: GuardHit[];
}

export interface Judge {
  providers: readonly Provider[];
  /** What warning lists know: those in force, or what a round found in them. */
  lists: Pick<GuardIndex, 'hits'>;
}

/**
 * The machine's judgement of a case under given rules: the one that a round's scoring step makes, that re-scoring makes
 * again, and that `soar eval` measures. It asks nobody: sources are only read.
 * @param at RFC 3339: the clock of the judgement
 * @param ownEvidence action key of the step that makes it
 */
export function judge(
  { providers, lists }: Judge,
  { alertType, ...evidence }: Evidence,
  rules: Rules,
  at: string,
  ownEvidence: string,
): Judgement {
  const playbook = playbookFor(alertType);
  const findings = ownFindings(evidence);
  const readings = readAll(providers, findings, rules.policy, at);
  const earlier = latestFirst(evidence.earlier);
  const facts: CaseFacts = { ...evidence, findings, earlier, told: toldBy(readings), site: rules.site, now: at };
  const hits = lists.hits([...playbook.observables(facts), ...facts.observables]);
  const { policy, policyId, siteId } = rules;
  const assessment = assess({
    policy,
    policyId,
    siteId,
    playbook,
    facts,
    hits,
    readings,
    sources: providers,
    ownEvidence,
    now: at,
  });
  return { assessment, facts, hits };
}

/** Without those about what the incident does not name any more: alerts that named it may have been split off. */
export function ownFindings({ observables, findings }: Pick<CaseFacts, 'observables' | 'findings'>): Finding[] {
  const named = new Set(observables.map(observableId));
  return findings.filter(({ observable }) => named.has(observable));
}

/** What is decided on a judgement, and by when people are to see to it: by a round as by a re-scoring. */
export function decisionOn(
  incident: Pick<IncidentRow, 'alert_type' | 'severity' | 'created_at' | 'paused_ms'>,
  facts: CaseFacts,
  assessment: Assessment,
): Decision {
  const ruled = decide(playbookFor(incident.alert_type), facts, assessment);
  return { ...ruled, ...dueBy(facts.site, incident, ruled) };
}

/** What each answer means under the policy. */
function readAll(
  providers: readonly Provider[],
  findings: readonly Finding[],
  policy: Policy,
  now: string,
): { finding: Finding; reading: Reading }[] {
  return findings.map((finding) => {
    const provider = providers.find(({ name }) => name === finding.source);
    if (!provider || finding.state !== 'ok') return { finding, reading: { signals: [] } };
    const { observable, evidence } = finding;
    // a policy that was pinned before a number was added goes on with its default
    const own = { ...(provider.policy as object), ...(policy.sources[provider.name] as object | undefined) };
    return { finding, reading: provider.read(finding.facts, { observable, evidence, policy, own, now }) };
  });
}
