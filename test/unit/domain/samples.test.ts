import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { VIRUSTOTAL_POLICY } from '../../../activities/providers/virustotal/policy';
import { readVirusTotal } from '../../../activities/providers/virustotal/signals';
import type { VirusTotalFacts } from '../../../activities/providers/virustotal/schema';
import { classify } from '../../../domain/classify';
import { decide } from '../../../domain/decide';
import { parseSubmission } from '../../../domain/formats';
import { withheld } from '../../../domain/gate';
import { observableId, type Observable } from '../../../domain/observable';
import { playbookFor } from '../../../domain/playbooks';
import type { CaseFacts } from '../../../domain/playbook';
import { DEFAULT_POLICY } from '../../../domain/policy';
import type { SiteKnowledge } from '../../../domain/site';
import { accuse, answer, caseOf, judge, NOW, SITE, type Answered } from './cases';

const SAMPLES = path.join(__dirname, '../../../samples');
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(SAMPLES, file), 'utf8'));

interface Known {
  id?: string;
  of?: string;
  malicious?: number;
  suspicious?: number;
  engines?: number;
  unknown?: boolean;
}

const known = new Map(
  (read('providers/virustotal.json') as Known[]).map((one) => [
    one.id ??
      createHash('sha256')
        .update(one.of ?? '')
        .digest('hex'),
    one,
  ]),
);
const site: SiteKnowledge = {
  ...SITE,
  own_ranges: ['10.0.0.0/8'],
  own_domains: ['corp.example'],
  critical_hosts: ['dc01.corp.example', 'fs02.corp.example'],
  admin_pairs: [{ source: '10.0.0.5', destination: '*', user: 'svc-deploy' }],
  known_destinations: ['contoso-partner.com'],
};
/** What `expected.json` says the local IOC database knows, without which the verdict would be another. */
const SEEDED = [
  '185.220.101.1',
  '193.32.162.157',
  '91.240.118.172',
  'exfil-drop.xyz',
  createHash('sha256').update('soar-sample-lockbit').digest('hex'),
];

function askVirusTotal(observable: Observable, facts: CaseFacts): Answered {
  const id = observableId(observable);
  const held = withheld(observable, facts.alerts);
  if (held) return answer('virustotal', id, { state: held.state, signals: [] });
  const entry = known.get(observable.value);
  if (!entry || entry.unknown) return answer('virustotal', id, { state: 'not_known', signals: [] });
  const said = { malicious: entry.malicious ?? 0, suspicious: entry.suspicious ?? 0, answered: entry.engines ?? 0 };
  const answered = {
    ...said,
    total: 95,
    analysedAt: NOW,
    modifiedAt: NOW,
    threatLabel: null,
    family: null,
    tags: [],
    country: null,
    asn: null,
    asOwner: null,
    createdAt: null,
    simulated: true,
  };
  const context = {
    observable: id,
    evidence: `1/virustotal/${id}`,
    policy: DEFAULT_POLICY,
    own: VIRUSTOTAL_POLICY,
    now: NOW,
  };
  return answer('virustotal', id, readVirusTotal(answered as unknown as VirusTotalFacts, context));
}

function askIocs(observable: Observable): Answered {
  const id = observableId(observable);
  if (SEEDED.includes(observable.value)) return accuse('iocs', id, 90, { reliability: 'B' });
  return answer('iocs', id, { state: 'not_known', signals: [] });
}

const expected = read('alerts/expected.json') as Record<string, { type: string; verdict: string }>;

for (const folder of readdirSync(path.join(SAMPLES, 'alerts')).filter((name) => !name.includes('.'))) {
  for (const file of readdirSync(path.join(SAMPLES, 'alerts', folder)).map((name) => `${folder}/${name}`)) {
    test(`sample ${file} gets its expected verdict`, () => {
      const wanted = expected[file];
      assert.ok(wanted, 'expected.json names it');
      const [parsed] = parseSubmission({ body: read(`alerts/${file}`), receivedAt: NOW });
      assert.ok(parsed);
      assert.equal(parsed.format, 'canonical');
      const type = classify(parsed.alert).alert_type;
      assert.equal(type, wanted.type);
      const facts = caseOf(parsed.alert, site);
      const planned = playbookFor(type)
        .observables(facts)
        .filter((one) => one.type !== 'host' && one.type !== 'user');
      const readings = planned.flatMap((one) => [askIocs(one), askVirusTotal(one, facts)]);
      const assessment = judge(playbookFor(type).type, facts, readings);
      assert.equal(assessment.verdict, wanted.verdict, JSON.stringify(assessment, null, 2));
      const { outcome, reason } = decide(playbookFor(type), facts, assessment);
      assert.equal(outcome === 'close', wanted.verdict === 'benign', reason);
    });
  }
}
