import type { Told } from '../../../domain/about';
import type { Alert, AlertType } from '../../../domain/alert';
import { outsideBudget } from '../../../domain/budget';
import { decide } from '../../../domain/decide';
import type { EarlierIncident } from '../../../domain/earlier';
import type { Decision } from '../../../domain/incident';
import { observableId } from '../../../domain/observable';
import { playbookFor } from '../../../domain/playbooks';
import type { SiteKnowledge } from '../../../domain/site';
import type { Assessment } from '../../../domain/verdict';
import { answer, caseOf, CLEAN, judge, noIocs, SITE, type Answered } from './cases';

/** A site that trusts: what one who knows its rules would hide behind. */
export const TRUSTING: SiteKnowledge = {
  ...SITE,
  own_domains: ['corp.example', 'our-shop.com'],
  known_destinations: ['contoso-partner.com'],
  known_scanners: [
    { range: '10.0.9.0/24', name: 'scanner' },
    { range: '93.158.2.0/24', name: 'testers' },
  ],
  admin_pairs: [
    { source: '10.0.0.5', destination: '*', user: 'svc-deploy' },
    { source: '10.0.0.6', destination: 'dc01', user: 'svc-deploy' },
  ],
};

export interface Beside {
  /** What VirusTotal has never seen. */
  unknown?: string[];
  site?: SiteKnowledge;
  earlier?: EarlierIncident[];
  told?: Told[];
  /** Answers instead of those that speak for it. */
  said?: Answered[];
}

/** As far as sources know, all of it is clean. */
export function judgedBySilence(
  type: AlertType,
  alerts: Partial<Alert> | Partial<Alert>[],
  { unknown = [], site = TRUSTING, earlier = [], told = [], said = [] }: Beside = {},
): { assessment: Assessment; decision: Decision } {
  const facts = { ...caseOf(alerts, site), earlier, told };
  const playbook = playbookFor(type);
  const clean = outsideBudget(playbook.observables(facts))
    .asked.filter((one) => !['host', 'user', 'email'].includes(one.type) && one.flags.length === 0)
    .map((one) => {
      const known = !unknown.includes(one.value);
      return answer('virustotal', observableId(one), known ? CLEAN : { state: 'not_known', signals: [] });
    });
  const instead = new Set(said.map(({ finding }) => `${finding.source} ${finding.observable}`));
  const others = [...noIocs(type, facts), ...clean].filter(
    ({ finding }) => !instead.has(`${finding.source} ${finding.observable}`),
  );
  const assessment = judge(type, facts, [...others, ...said]);
  return { assessment, decision: decide(playbook, facts, assessment) };
}

/** What becomes of it. */
export function outcomeOf(
  type: AlertType,
  alerts: Partial<Alert> | Partial<Alert>[],
  beside: Beside = {},
): Decision['outcome'] {
  return judgedBySilence(type, alerts, beside).decision.outcome;
}
