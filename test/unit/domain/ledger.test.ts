import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge } from '../../../activities/judge';
import type { AbuseIpDbFacts } from '../../../activities/providers/abuseipdb/schema';
import type { GeoIpFacts } from '../../../activities/providers/geoip/schema';
import type { IocFacts } from '../../../activities/providers/iocs/facts';
import type { VirusTotalFacts } from '../../../activities/providers/virustotal/schema';
import { iocMatch } from '../../../db/ioc-match';
import type { Alert, AlertType } from '../../../domain/alert';
import type { Finding } from '../../../domain/enrichment';
import type { ObservableId } from '../../../domain/observable';
import type { LedgerLine } from '../../../domain/verdict';
import { GUARDS } from '../../support/guards';
import { POLICY, SOURCES } from '../../support/sources';
import { caseOf, NOW, SITE } from './cases';
import { brute } from './plain-alerts';

const ATTACKER = '185.220.101.1';
const ID: ObservableId = `ip:${ATTACKER}`;
/** On no list of those that come with the code. */
const STRANGERS = ['45.155.205.1', '45.155.205.2', '45.155.205.3', '45.155.205.4'];
const daysAgo = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString();

function found(source: string, facts: unknown, observable: ObservableId = ID): Finding {
  const evidence = `1/${source}/${observable}`;
  return { source, observable, state: 'ok', facts, summary: 'found', evidence, until: null, at: NOW };
}

/** Engines' words, an analysis of so many days ago. */
function engines(malicious: number, age: number, observable: ObservableId = ID): Finding {
  const facts: VirusTotalFacts = {
    ...{ malicious, suspicious: 0, answered: 91, total: 91, reputation: 0, simulated: false },
    ...{ analysedAt: daysAgo(age), modifiedAt: daysAgo(age), createdAt: null, asn: null, asOwner: null, country: null },
    ...{ names: [], family: null, threatLabel: null, tags: [] },
  };
  return found('virustotal', facts, observable);
}

function listed(confidence: number, age: number): Finding {
  const dates = { first_seen: daysAgo(age), last_seen: daysAgo(age), expires_at: null };
  const sighting = { source: 'Example feed', confidence, ...dates, tlp: null, tags: [], reference: null };
  const facts: IocFacts = { matches: [iocMatch({ type: 'ip', value: ATTACKER, match: 'exact' }, [sighting])] };
  return found('iocs', facts);
}

function reported(confidence: number, tor: boolean): Finding {
  const facts: AbuseIpDbFacts = {
    ...{ confidence, reports: 40, reporters: 12, lastReportedAt: daysAgo(1), whitelisted: false, tor },
    ...{ countryCode: null, usage: null, isp: null, domain: null, simulated: false },
  };
  return found('abuseipdb', facts);
}

function anonymiser(observable: ObservableId): Finding {
  const facts: GeoIpFacts = {
    ...{ country: null, countryCode: null, city: null, asn: null, asOrg: null, isp: null },
    ...{ hosting: false, proxy: true, mobile: false, simulated: false },
  };
  return found('geoip', facts, observable);
}

/** What the worker's own judgement writes down, with what the real sources read from their facts. */
function judged(alerts: Partial<Alert> | Partial<Alert>[], findings: Finding[], alertType: AlertType = 'brute_force') {
  const evidence = { ...caseOf(alerts), findings, alertType };
  const rules = { policy: POLICY, policyId: 'policy', site: SITE, siteId: 'site' };
  return judge({ providers: SOURCES, lists: GUARDS.current() }, evidence, rules, NOW, '1/score').assessment;
}

const attack = { ...brute, src_ip: ATTACKER };

function lines(ledger: readonly LedgerLine[], rule: string): LedgerLine[] {
  return ledger.filter((line) => line.rule === rule);
}

/** The line of what one source counts for. */
function contribution(ledger: readonly LedgerLine[], source: string): LedgerLine {
  const line = lines(ledger, 'contribution').find(({ of }) => of?.source === source);
  assert.ok(line, `${source} has a line`);
  return line;
}

describe('the ledger says of a contribution', () => {
  it('how many engines, which band, what the source is believed, in numbers and in words', () => {
    const { text, numbers, of } = contribution(judged(attack, [engines(12, 1)]).ledger, 'virustotal');
    assert.deepEqual(of, { name: 'engines_malicious', source: 'virustotal', observable: ID });
    assert.deepEqual(numbers, {
      ...{ malicious: 12, suspicious: 0, answered: 91, band_from: 10 },
      ...{ points: 65, reliability: 1, weighted: 65 },
    });
    assert.equal(text, `virustotal on ${ID}: engines_malicious, 65 points × 1 (reliability A) = 65`);
  });

  it('what the reliability of its source leaves of it', () => {
    const { text, numbers } = contribution(judged(attack, [listed(80, 0)]).ledger, 'iocs');
    assert.deepEqual([numbers['points'], numbers['reliability'], numbers['weighted']], [80, 0.9, 72]);
    assert.match(text, /80 points × 0\.9 \(reliability B\) = 72$/);
    const reports = contribution(judged(attack, [reported(100, false)]).ledger, 'abuseipdb');
    const factor = POLICY.reliability.C;
    assert.equal(reports.numbers['reliability'], factor);
    assert.equal(reports.numbers['weighted'], Math.round((reports.numbers['points'] ?? NaN) * factor * 10) / 10);
    assert.ok(reports.text.includes(`× ${factor} (reliability C) = ${reports.numbers['weighted']}`), reports.text);
  });

  it('what age leaves of an entry of the IOC database', () => {
    // 90 · (1 − (30/120)^½) = 45
    const { numbers, text, of } = contribution(judged(attack, [listed(90, 30)]).ledger, 'iocs');
    assert.equal(of?.name, 'ioc_match');
    assert.deepEqual([numbers['confidence'], numbers['decayed'], numbers['age_days']], [90, 45, 30]);
    assert.deepEqual([numbers['points'], numbers['weighted']], [45, 40.5]);
    assert.match(text, /45 points/);
  });

  it('that an entry of the IOC database is past its time', () => {
    const { numbers, of } = contribution(judged(attack, [listed(90, 119)]).ledger, 'iocs');
    assert.equal(of?.name, 'ioc_expired');
    const { confidence, decayed, age_days, points, weighted } = numbers;
    assert.deepEqual([confidence, decayed, age_days, points, weighted], [90, 0, 119, 0, 0]);
  });

  it('that an analysis is stale, how old it is, and what that leaves', () => {
    const { numbers } = contribution(judged(attack, [engines(12, 120)]).ledger, 'virustotal');
    assert.deepEqual([numbers['age_days'], numbers['stale_factor'], numbers['points']], [120, 0.5, 32.5]);
    const fresh = contribution(judged(attack, [engines(12, 90)]).ledger, 'virustotal');
    assert.deepEqual([fresh.numbers['age_days'], fresh.numbers['stale_factor']], [undefined, undefined]);
  });
});

describe('the ledger says of what adds up', () => {
  it('that a source has one voice, and what of it goes unheard', () => {
    const { ledger } = judged(attack, [reported(100, true)]);
    assert.equal(contribution(ledger, 'abuseipdb').of?.name, 'abuse_reports');
    const [line, ...more] = lines(ledger, 'one_voice');
    assert.equal(more.length, 0);
    const { tor_points } = POLICY.sources['abuseipdb'] as { tor_points: number };
    assert.deepEqual(line?.numbers, { weighted: Math.round(tor_points * POLICY.reliability.C * 10) / 10 });
    const weighted = line.numbers['weighted'];
    assert.equal(
      line.text,
      `abuseipdb on ${ID}: tor_exit (${weighted}) adds nothing to abuse_reports of the same source`,
    );
    assert.deepEqual(lines(judged(attack, [reported(100, false)]).ledger, 'one_voice'), []);
  });

  it('what context may count in all', () => {
    const alerts = STRANGERS.map((src_ip) => ({ ...brute, src_ip }));
    const { ledger } = judged(
      alerts,
      STRANGERS.map((one) => anonymiser(`ip:${one}`)),
    );
    const line = lines(ledger, 'pool').find(({ of }) => of?.name.startsWith('context'));
    // 1 − (1 − 10 · 0.6 / 100)⁴
    assert.deepEqual(line?.numbers, { before: 21.9, cap: 20 });
    assert.equal(line.text, 'context (geoip) comes to 21.9; together it may count 20');
    const fewer = judged(alerts, [anonymiser('ip:45.155.205.1')]);
    assert.deepEqual(lines(fewer.ledger, 'pool'), []);
  });

  it('what the playbook reads from the alerts may count in all', () => {
    const worst: Partial<Alert> = { ...attack, username: 'root', failed_attempts: 5000, outcome: 'success' };
    const { ledger, score } = judged(worst, []);
    const [line] = lines(ledger, 'pool');
    assert.equal(line?.numbers['cap'], 60);
    assert.ok((line.numbers['before'] ?? 0) > 60, line.text);
    assert.match(line.text, /^what the playbook reads from the alerts comes to [\d.]+; together it may count 60$/);
    assert.equal(score, 60);
  });

  it('how many contributions there are, and what they come to', () => {
    const { ledger, score } = judged(attack, [engines(5, 1), listed(80, 0)]);
    const count = lines(ledger, 'contribution').length;
    const [line] = lines(ledger, 'noisy_or');
    assert.deepEqual(line?.numbers, { contributions: count, score });
    assert.equal(line.text, `${count} contribution(s) combine to ${score} of 100`);
  });
});

describe('the ledger says of the limits', () => {
  it('what a warning list cuts, its version, and from what to what', () => {
    const resolver = { src_ip: '10.0.0.5', dest_ip: '1.1.1.1', bytes_out: 10 };
    const guards = (malicious: number) =>
      lines(judged(resolver, [engines(malicious, 1, 'ip:1.1.1.1')], 'data_exfil').ledger, 'guard:public-dns');
    const version = GUARDS.current().lists.find(({ name }) => name === 'public-dns')?.version ?? '';
    const [cut, ...more] = guards(5);
    assert.equal(more.length, 0);
    assert.deepEqual(cut?.numbers, { before: 45, cap: 15 });
    assert.deepEqual(cut.of, { name: 'public-dns', observable: 'ip:1.1.1.1' });
    assert.ok(cut.text.endsWith(`(list public-dns, version ${version}): cuts 45 to 15`), cut.text);
    const [within] = guards(1);
    assert.deepEqual(within?.numbers, { before: 10, cap: 15 });
    assert.match(within.text, /: 10 is within its cap of 15$/);
    assert.deepEqual(guards(0), [], 'there is nothing to cap');
  });

  it('which thresholds the score reaches, and which it does not', () => {
    const thresholds = (findings: Finding[]) => {
      const { ledger, score, verdict } = judged(attack, findings);
      const [malicious, suspicious] = ['threshold:malicious', 'threshold:suspicious'].map((rule) =>
        lines(ledger, rule),
      );
      assert.deepEqual(malicious?.[0]?.numbers, { score, threshold: 70 });
      assert.deepEqual(suspicious?.[0]?.numbers, { score, threshold: 30 });
      return { verdict, texts: [malicious, suspicious].map((found) => found?.[0]?.text.replace(/\d+/, 'n')) };
    };
    assert.deepEqual(thresholds([engines(60, 1), listed(95, 0)]), {
      verdict: 'malicious',
      texts: ['score n reaches 70, from which it is malicious', 'score n reaches 30, from which it is suspicious'],
    });
    assert.deepEqual(thresholds([engines(5, 1)]), {
      verdict: 'suspicious',
      texts: ['score n stays below 70, from which it is malicious', 'score n reaches 30, from which it is suspicious'],
    });
    assert.deepEqual(thresholds([]), {
      verdict: 'unknown',
      texts: [
        'score n stays below 70, from which it is malicious',
        'score n stays below 30, from which it is suspicious',
      ],
    });
  });
});
