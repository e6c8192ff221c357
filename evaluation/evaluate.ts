import { judge, type Rules } from '../activities/judge';
import { sha256 } from '../db/hashes';
import { canonicalJson } from '../domain/canonical-json';
import { decide } from '../domain/decide';
import type { GuardIndex } from '../domain/guard-index';
import type { Decision } from '../domain/incident';
import { actionKey } from '../domain/names';
import { playbookFor } from '../domain/playbooks';
import type { Policy } from '../domain/policy';
import type { SiteKnowledge } from '../domain/site';
import type { Assessment } from '../domain/verdict';
import { findingsOf, providersOf, ROUND } from './ask';
import type { Case } from './case';
import { startLoopback } from './loopback';

/** A case and what the suite makes of it under one policy. */
export interface Judged {
  subject: Case;
  assessment: Assessment;
  decision: Pick<Decision, 'outcome' | 'reason'>;
}

/**
 * Judges every case under the policy as a worker would: sources asked, evidence weighed, rules applied, each by the case's
 * own clock. Needs no server and no database; the sources' services are played on this machine.
 * @throws EvaluationError when a document of a case is none that the service could have sent
 */
export async function evaluate(cases: readonly Case[], policy: Policy, lists: GuardIndex): Promise<Judged[]> {
  const loopback = await startLoopback();
  try {
    const judged: Judged[] = [];
    for (const subject of cases)
      judged.push(await judgeCase(subject, loopback.serving(subject.answers), policy, lists));
    return judged;
  } finally {
    await loopback.close();
  }
}

async function judgeCase(subject: Case, url: string, policy: Policy, lists: GuardIndex): Promise<Judged> {
  const providers = providersOf(subject.answers, url);
  const findings = await findingsOf(subject, providers, lists, policy);
  const { alerts, observables, earlier, now, playbook } = subject;
  const evidence = { alertType: playbook, alerts, observables, findings, earlier };
  const rules = rulesOf(policy, subject.site);
  const { assessment, facts } = judge({ providers, lists }, evidence, rules, now, actionKey(ROUND, 'score'));
  const { outcome, reason } = decide(playbookFor(playbook), facts, assessment);
  return { subject, assessment, decision: { outcome, reason } };
}

function rulesOf(policy: Policy, site: SiteKnowledge): Rules {
  return { policy, policyId: contentId(policy), site, siteId: contentId(site) };
}

/** The id that the database would keep it under. */
export function contentId(content: object): string {
  return sha256(canonicalJson(content)).toString('hex');
}
