import type { Alert, AlertType } from '../../../domain/alert';
import { assess, type AssessmentInput } from '../../../domain/assess';
import { outsideBudget } from '../../../domain/budget';
import type { Finding, Reading } from '../../../domain/enrichment';
import { extractObservables } from '../../../domain/observables';
import { observableId, type ObservableId } from '../../../domain/observable';
import { playbookFor } from '../../../domain/playbooks';
import type { CaseFacts } from '../../../domain/playbook';
import type { Signal } from '../../../domain/signal';
import { DEFAULT_SITE, type SiteKnowledge } from '../../../domain/site';
import type { Assessment } from '../../../domain/verdict';
import { GUARDS } from '../../support/guards';
import { POLICY, SOURCES } from '../../support/sources';

export const NOW = '2026-11-23T12:00:00.000000Z';

/** A made-up company with something of everything. */
export const SITE: SiteKnowledge = {
  ...DEFAULT_SITE,
  own_ranges: ['10.0.0.0/8', '93.184.216.0/24'],
  own_domains: ['corp.example', 'our-shop.com'],
  critical_hosts: ['dc01.corp.example'],
  admin_pairs: [
    { source: 'jump01', destination: '*', user: 'svc-deploy' },
    { source: '10.0.0.5', destination: '*', user: 'svc-deploy' },
  ],
  known_destinations: ['partner-files.com', '91.198.174.0/24'],
};

export type Answered = AssessmentInput['readings'][number];

export function caseOf(alert: Partial<Alert> | Partial<Alert>[], site: SiteKnowledge = SITE): CaseFacts {
  const alerts = [alert].flat().map((one): Alert => ({ source: 'test', ...one }));
  const observables = alerts.flatMap((one) => extractObservables(one, site));
  return { alerts, observables, findings: [], told: [], earlier: [], site, now: NOW };
}

export function answer(
  source: string,
  observable: string,
  change: Partial<Pick<Finding, 'state' | 'until'>> & Reading = { signals: [] },
): Answered {
  const { state = 'ok', until = null, ...reading } = change;
  const finding: Finding = {
    source,
    observable: observable as ObservableId,
    state,
    facts: null,
    summary: `${source} says ${state}`,
    evidence: `1/${source}/${observable}`,
    until,
    at: NOW,
  };
  return { finding, reading };
}

export function signalOf(source: string, observable: string, points: number, change: Partial<Signal> = {}): Signal {
  return {
    source,
    name: 'engines_malicious',
    level: 'low',
    points,
    reliability: 'A',
    evidence: `1/${source}/${observable}`,
    observable: observable as ObservableId,
    sentence: `${points} points`,
    ...change,
  };
}

export function accuse(source: string, observable: string, points: number, change: Partial<Signal> = {}): Answered {
  return answer(source, observable, { signals: [signalOf(source, observable, points, change)] });
}

export function judge(
  type: AlertType,
  facts: CaseFacts,
  readings: Answered[],
  change: Partial<AssessmentInput> = {},
): Assessment {
  return assess({
    policy: POLICY,
    policyId: 'policy',
    siteId: 'site',
    playbook: playbookFor(type),
    facts,
    readings,
    sources: SOURCES,
    hits: GUARDS.current().hits([...playbookFor(type).observables(facts), ...facts.observables]),
    ownEvidence: '1/score',
    now: NOW,
    ...change,
  });
}

/** The IOC database knows none of what the playbook looks up. */
export function noIocs(type: AlertType, facts: CaseFacts): Answered[] {
  return playbookFor(type)
    .observables(facts)
    .filter((one) => one.type !== 'host' && one.type !== 'user')
    .map((one) => answer('iocs', `${one.type}:${one.value}`, { state: 'not_known', signals: [] }));
}

/** VirusTotal's answer on what no engine objects to. */
export const CLEAN: Reading = { signals: [], clean: '0 of 90 engines object' };

/** VirusTotal shows clean whatever of it is `good` and may be asked; the IOC database knows nothing. */
export function judged(
  type: AlertType,
  alerts: Parameters<typeof caseOf>[0],
  good: (id: string) => boolean = () => true,
): Assessment {
  const facts = caseOf(alerts);
  const { asked } = outsideBudget(playbookFor(type).observables(facts));
  const said = asked
    .filter((one) => !['host', 'user', 'email'].includes(one.type) && one.flags.length === 0)
    .map((one) => {
      const id = observableId(one);
      return answer('virustotal', id, good(id) ? CLEAN : { state: 'not_known', signals: [] });
    });
  return judge(type, facts, [...noIocs(type, facts), ...said]);
}
