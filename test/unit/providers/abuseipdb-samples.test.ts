import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createAbuseIpDb } from '../../../activities/providers/abuseipdb';
import { createGeoIp } from '../../../activities/providers/geoip';
import type { Provider } from '../../../activities/providers/provider';
import { createVirusTotal } from '../../../activities/providers/virustotal';
import { parseSubmission } from '../../../domain/formats';
import { withheld } from '../../../domain/gate';
import { observableId, type Observable } from '../../../domain/observable';
import { playbookFor } from '../../../domain/playbooks';
import { DEFAULT_POLICY } from '../../../domain/policy';
import type { CaseFacts } from '../../../domain/playbook';
import { startSimulator, type Simulator } from '../../../stack/simulator/server';
import { allSamples, demoSite } from '../../support/samples';
import { accuse, answer, caseOf, judge, NOW, type Answered } from '../domain/cases';
import { context } from './serve';

/** What the local IOC database of the demo knows. */
const SEEDED = [
  '185.220.101.1',
  '193.32.162.157',
  '91.240.118.172',
  'exfil-drop.xyz',
  createHash('sha256').update('soar-sample-lockbit').digest('hex'),
];

let simulator: Simulator;
let providers: Provider[];
before(async () => {
  simulator = await startSimulator({ now: () => new Date(NOW) });
  const { url } = simulator;
  const all = [createVirusTotal({ apiKey: 'any', url }), createGeoIp({ url }), createAbuseIpDb({ apiKey: 'any', url })];
  providers = all;
});
after(() => simulator.close());

async function ask(provider: Provider, observable: Observable, { alerts }: CaseFacts): Promise<Answered> {
  const id = observableId(observable);
  const held = withheld(observable, alerts);
  if (held) return answer(provider.name, id, { state: held.state, signals: [] });
  const said = await provider.lookup(observable, context(NOW));
  if (said.state !== 'ok') return answer(provider.name, id, { state: said.state, signals: [] });
  const evidence = `1/${provider.name}/${id}`;
  const own = provider.policy;
  const reading = provider.read(said.facts, { observable: id, evidence, policy: DEFAULT_POLICY, own, now: NOW });
  return answer(provider.name, id, reading);
}

test('with AbuseIPDB beside the others every sample keeps its expected verdict', async () => {
  const site = demoSite().current();
  const counted: string[] = [];
  for (const { name, body, type, verdict } of allSamples()) {
    const [parsed] = parseSubmission({ body, receivedAt: NOW });
    assert.ok(parsed, name);
    const facts = caseOf(parsed.alert, site);
    const planned = playbookFor(type).observables(facts);
    const readings: Answered[] = [];
    for (const observable of planned) {
      const id = observableId(observable);
      const known = SEEDED.includes(observable.value);
      const asked = providers.filter(({ looksUp }) => looksUp.includes(observable.type));
      if (asked.length > 0 || observable.type === 'email') {
        readings.push(
          known
            ? accuse('iocs', id, 90, { reliability: 'B' })
            : answer('iocs', id, { state: 'not_known', signals: [] }),
        );
      }
      for (const provider of asked) readings.push(await ask(provider, observable, facts));
    }
    const assessment = judge(type, facts, readings);
    assert.equal(assessment.verdict, verdict, `${name}: ${JSON.stringify(assessment.ledger, null, 2)}`);
    if (assessment.signals.some(({ source }) => source === 'abuseipdb')) counted.push(name);
  }
  assert.ok(counted.length >= 10, 'the documents have something to say of the samples');
});
