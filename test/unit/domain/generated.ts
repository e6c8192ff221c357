import fc from 'fast-check';
import { judge, type Evidence, type Judgement, type Rules } from '../../../activities/judge';
import type { Provider } from '../../../activities/providers/provider';
import type { About } from '../../../domain/about';
import { ALERT_TYPES, type Alert, type AlertType } from '../../../domain/alert';
import type { EarlierIncident } from '../../../domain/earlier';
import { SOURCE_STATES, type Finding, type Reading } from '../../../domain/enrichment';
import type { GuardHit } from '../../../domain/guard-list';
import { RESOLUTIONS } from '../../../domain/incident';
import { levelOf } from '../../../domain/levels';
import { observableId, staysInside, type Observable } from '../../../domain/observable';
import { extractObservables } from '../../../domain/observables';
import type { Policy } from '../../../domain/policy';
import { withChanges } from '../../../domain/policy-changes';
import { RELIABILITIES, type Reliability } from '../../../domain/signal';
import type { SiteKnowledge, WorkingHours } from '../../../domain/site';
import { VERDICTS } from '../../../domain/verdict';
import { GUARDS } from '../../support/guards';
import { POLICY, SOURCES } from '../../support/sources';
import { NOW, SITE } from './cases';

/** What a source that is made for these tests has on record: what it says, before a policy reads it. */
export interface Said {
  signals: { name: string; points: number; reliability: Reliability }[];
  about?: About;
  clean?: string;
}

/** All that a judgement rests on. */
export interface Generated {
  evidence: Evidence;
  rules: Rules;
  hits: GuardHit[];
}

/** The real sources, but for what they say: that stands in the finding as it is. */
const PROVIDERS: readonly Provider[] = SOURCES.map((source) => ({
  ...source,
  read: (facts: unknown, { observable, evidence }): Reading => {
    const { signals, about, clean } = facts as Said;
    return {
      signals: signals.map((signal) => ({
        ...signal,
        ...{ source: source.name, observable, evidence, level: levelOf(signal.points) },
        sentence: `${signal.name} makes ${signal.points} points`,
      })),
      ...(about ? { about } : {}),
      ...(clean === undefined ? {} : { clean }),
    };
  },
}));

export function judged({ evidence, rules, hits }: Generated): Judgement {
  return judge({ providers: PROVIDERS, lists: { hits: () => hits } }, evidence, rules, NOW, '1/score');
}

const maybe = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });

const HASHES = [`${'a'.repeat(63)}b`, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'];
const ADDRESSES = [
  '185.220.101.1',
  '45.155.205.233',
  '1.1.1.1',
  '62.113.203.9',
  '93.184.216.7',
  '10.0.0.5',
  '10.0.0.9',
];

const alert: fc.Arbitrary<Alert> = fc
  .record({
    source: fc.constant('test'),
    src_ip: maybe(ADDRESSES),
    dest_ip: maybe(ADDRESSES),
    domain: maybe(['evil.com', 'google.com', 'content.dropbox.com', 'partner-files.com']),
    url: maybe(['https://evil.com/x', 'https://paypa1.com/a', 'http://45.155.205.233/z']),
    file_hash: maybe(HASHES),
    hostname: maybe(['ws1', 'DC01.corp.example']),
    username: maybe(['root', 'bob', 'CORP\\svc-deploy']),
    email_from: maybe(['a@paypa1.com', 'b@sender.com']),
    reply_to: maybe(['c@other.net']),
    timestamp: maybe(['2026-11-23T09:00:00Z', '2026-11-21T02:00:00Z']),
    outcome: maybe(['success', 'failure', 'blocked', 'allowed'] as const),
    direction: maybe(['inbound', 'outbound'] as const),
    executed: maybe([true, false]),
    clicked: maybe([true, false]),
    dest_port: maybe([443, 4444]),
    process: maybe(['psexesvc.exe', 'rclone.exe', 'chrome.exe']),
    parent_process: maybe(['winword.exe']),
    description: maybe(['mimikatz was seen', 'wrong password for bob', 'from 185.220.101.1']),
    failed_attempts: maybe([0, 3, 30, 900]),
    bytes_out: maybe([10, 200_000_000, 5_000_000_000]),
    mitre: maybe([['T1110.001']]),
  })
  .map(
    (fields) =>
      Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as unknown as Alert,
  );

const about: fc.Arbitrary<About> = fc.record(
  {
    country: fc.constantFrom('DE', 'IR', 'BR'),
    network: fc.constant('AS64496 Example Carrier'),
    kinds: fc.subarray(['hosting', 'tor', 'anonymiser'] as const).map((kinds) => [...kinds]),
    registered: fc.constantFrom('2026-11-20T00:00:00Z', '2019-01-01T00:00:00Z'),
    label: fc.constantFrom('trojan.emotet/agentb', 'pua.toolbar'),
  },
  { requiredKeys: [] },
);

export const spoken: fc.Arbitrary<Said['signals'][number]> = fc.record({
  name: fc.constantFrom('engines_malicious', 'listed', 'reports'),
  points: fc.integer({ min: 0, max: 100 }),
  reliability: fc.constantFrom(...RELIABILITIES),
});

interface Answer {
  state: Finding['state'] | 'absent';
  said: Said;
}
const quiet: fc.Arbitrary<Answer> = fc.constant({ state: 'ok', said: { signals: [], clean: 'nothing found' } });
const silent: fc.Arbitrary<Answer> = fc.record({
  state: fc.constantFrom(...SOURCE_STATES, 'absent' as const),
  said: fc.constant({ signals: [] }),
});
const accusing: fc.Arbitrary<Answer> = fc.record({
  state: fc.constant('ok' as const),
  said: fc.record({ signals: fc.array(spoken, { minLength: 1, maxLength: 3 }) }),
});
const telling: fc.Arbitrary<Answer> = fc.record({
  state: fc.constant('ok' as const),
  said: fc.record({ signals: fc.constant([]), about, clean: fc.constant('nothing found') }),
});
/** Quiet ones are the more interesting: most combinations of the others are bad in any case. */
const answers = fc.oneof(
  fc.array(fc.oneof({ arbitrary: quiet, weight: 9 }, telling, silent, accusing), { minLength: 1, maxLength: 24 }),
  fc.array(fc.oneof(quiet, telling, silent, accusing), { minLength: 1, maxLength: 24 }),
);

/** One answer after the other, for every source and all that it may be asked about. */
function findingsOf(observables: readonly Observable[], given: readonly Answer[]): Finding[] {
  const pairs = observables.flatMap((one) =>
    SOURCES.filter(({ looksUp, where }) => looksUp.includes(one.type) && (where === 'inside' || !staysInside(one))).map(
      ({ name }) => ({ source: name, observable: observableId(one) }),
    ),
  );
  return pairs.flatMap(({ source, observable }, index): Finding[] => {
    const { state, said } = given[index % given.length] ?? { state: 'absent', said: { signals: [] } };
    if (state === 'absent' || (source === 'iocs' && state === 'not_sent')) return [];
    const facts = state === 'ok' ? said : null;
    const evidence = `1/${source}/${observable}`;
    return [{ source, observable, state, facts, summary: `${source}: ${state}`, evidence, until: null, at: NOW }];
  });
}

/** Others that share something of what the alerts name. */
export function earlierIn(observables: readonly Observable[]): fc.Arbitrary<EarlierIncident> {
  const ids = observables.map(observableId);
  return fc.record({
    id: fc.integer({ min: 1, max: 99 }).map((number) => `INC-${number}`),
    alert_type: fc.constantFrom(...ALERT_TYPES),
    verdict: fc.constantFrom(...VERDICTS),
    resolution: fc.constantFrom(null, ...RESOLUTIONS),
    at: fc.constantFrom('2026-11-23T08:00:00.000000Z', '2026-11-23T09:00:00.000000Z'),
    shares: ids.length === 0 ? fc.constant([]) : fc.subarray(ids, { minLength: 1, maxLength: Math.min(3, ids.length) }),
    hosts: fc.subarray(['ws1', 'ws2', 'ws3', 'ws4', 'ws5']),
  });
}

const site: fc.Arbitrary<SiteKnowledge> = fc
  .record({
    countries: fc.record({ expected: fc.subarray(['DE', 'BR']), watched: fc.subarray(['IR', 'BR']) }),
    known_scanners: fc.subarray([
      { range: '62.113.203.0/24', name: 'tester' },
      { range: '10.0.0.9', name: 'own' },
    ]),
    risky_users: fc.subarray(['bob']),
    working_hours: fc.option(
      fc.constant<WorkingHours>({ timezone: 'Europe/Berlin', days: ['mon', 'tue'], from: '07:00', to: '19:00' }),
    ),
  })
  .map((change) => ({ ...SITE, ...change }));

/** What a site file may make of the policy. */
const policy: fc.Arbitrary<Policy> = fc
  .record(
    {
      thresholds: fc.record({
        suspicious: fc.integer({ min: 10, max: 50 }),
        malicious: fc.integer({ min: 65, max: 100 }),
      }),
      caps: fc.record({ benign: fc.nat(100), shared: fc.nat(100), playbook: fc.nat(100) }),
      reliability: fc.record({ A: fc.constantFrom(1, 0.5), F: fc.constantFrom(0, 0.2) }),
      required: fc.constantFrom({ virustotal: 'none' }, { virustotal: 'all' }, { abuseipdb: 'main' }),
      context: fc.record({ cap: fc.nat(100) }),
      guards: fc.record({ contradicted_from: fc.nat(100) }),
    },
    { requiredKeys: [] },
  )
  .map((changes) => withChanges(POLICY, changes).policy);

const listed = fc.record({
  kind: fc.constantFrom('benign' as const, 'shared' as const, 'marks' as const),
  list: fc.constantFrom('one-list', 'other-list'),
});

/** @param rules `default`: by the policy that is in force without a site file */
export function cases(rules: 'any' | 'default' = 'any'): fc.Arbitrary<Generated> {
  const given = {
    ...{ type: fc.constantFrom<AlertType>(...ALERT_TYPES), alerts: fc.array(alert, { minLength: 1, maxLength: 3 }) },
    ...{ answers, site, policy: rules === 'any' ? fc.oneof(fc.constant(POLICY), policy) : fc.constant(POLICY) },
    lists: fc.array(fc.option(listed, { nil: undefined }), { minLength: 1, maxLength: 8 }),
  };
  return fc.record(given).chain(({ type, alerts, answers: said, site: known, policy: ruling, lists }) => {
    const found = alerts.flatMap((one) => extractObservables(one, known));
    // as the database keeps them: each once, with all its roles
    const byId = new Map<string, Observable>();
    for (const one of found) {
      const roles = [...new Set([...(byId.get(observableId(one))?.roles ?? []), ...one.roles])];
      byId.set(observableId(one), { ...one, roles });
    }
    const observables = [...byId.values()];
    const own = observables.flatMap((one, index): GuardHit[] => {
      const hit = lists[index % lists.length];
      const id = observableId(one);
      return hit ? [{ ...hit, observable: id, version: '1', entry: one.value, reason: `${one.value} is known` }] : [];
    });
    return fc.uniqueArray(earlierIn(observables), { maxLength: 4, selector: ({ id }) => id }).map((earlier) => ({
      evidence: { alertType: type, alerts, observables, findings: findingsOf(observables, said), earlier },
      rules: { policy: ruling, policyId: 'policy', site: known, siteId: 'site' },
      hits: [...GUARDS.current().hits(observables), ...own],
    }));
  });
}
