import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { scoredDetail } from '../../activities/assessment';
import { caseUnder } from '../../activities/case';
import { judge } from '../../activities/judge';
import { createVersions } from '../../activities/versions';
import { createSiteSources } from '../../config/site';
import type { IncidentView } from '../../db/views';
import { ALERT_TYPES } from '../../domain/alert';
import { canonicalJson } from '../../domain/canonical-json';
import { DEFAULT_SITE } from '../../domain/site';
import type { Assessment } from '../../domain/verdict';
import { assertAudited, row } from '../support/audit';
import { BENIGN, freshAlert, MALICIOUS } from '../support/samples';
import { POLICY } from '../support/sources';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';

const MOST_EVENTS = 60;
const MOST_BYTES = 60_000;
/** As GeoIP has it of the attacker of the samples. */
const ATTACKER = 'ip:185.220.101.1';
const ATTACKERS_COUNTRY = 'DE';

describe('a round', () => {
  let system: TestSystem;
  let folder: string;
  let clock = 1_700_000_000;

  const siteFile = (text: string): string => {
    const file = join(folder, 'site.yaml');
    writeFileSync(file, text);
    // a new second, so that the change is seen however fast the test is
    utimesSync(file, ++clock, clock);
    return file;
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'soar-depth-'));
    const { site, policy } = createSiteSources(siteFile(''), { base: POLICY });
    system = await createTestSystem(site);
    await system.startWorkers({ policy });
  });
  after(async () => {
    await system.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const play = async (alert: Record<string, unknown>): Promise<IncidentView> => {
    const incident = await system.incident(await system.submit(alert), settled);
    await assertAudited(system, incident);
    return incident;
  };
  const scored = (incident: IncidentView) => scoredDetail(row(incident, '1/score').detail);
  const own = (incident: IncidentView, name: string) =>
    incident.signals.find((signal) => signal.source === 'playbook' && signal.name === name);

  /** What MySQL holds of the round, judged again. */
  async function recomputed(incident: IncidentView, rules = incident.rules!): Promise<Assessment> {
    const known = await createVersions(system.store).recall(rules);
    const recorded = await caseUnder(system.store, incident.id, known.site);
    const { guard_hits: hits, earlier, at } = scored(incident);
    const evidence = { ...recorded, alertType: incident.alert_type, earlier };
    const judged = judge(
      { providers: system.providers(), lists: { hits: () => hits } },
      evidence,
      known,
      at,
      '1/score',
    );
    return judged.assessment;
  }

  it('is judged by the site file of its time, and is recomputed by it after the file has changed', async () => {
    siteFile('many_attempts: 100');
    const guessing = { failed_attempts: 50, src_ip: '103.75.201.4', username: 'reception' };
    const first = await play(freshAlert('brute_force/05', guessing));
    siteFile('many_attempts: 40\npolicy: { caps: { playbook: 3 }, required: { virustotal: none } }');
    const second = await play(freshAlert('brute_force/05', guessing));

    assert.equal(own(first, 'many_attempts'), undefined);
    assert.match(own(second, 'many_attempts')?.sentence ?? '', /^50 failed attempts; 40 are many here$/);
    assert.notEqual(second.rules?.site, first.rules?.site);
    assert.notEqual(second.rules?.policy, first.rules?.policy);
    const { policies } = system.store;
    assert.deepEqual(await policies.get(first.rules!.policy), POLICY);
    assert.deepEqual(await policies.get(first.rules!.site), { ...DEFAULT_SITE, many_attempts: 100 });
    assert.deepEqual(await policies.get(second.rules!.policy), {
      ...POLICY,
      caps: { ...POLICY.caps, playbook: 3 },
      required: { iocs: 'all' },
    });
    assert.deepEqual(await policies.get(second.rules!.site), { ...DEFAULT_SITE, many_attempts: 40 });

    const shown = await system.store.incidents.view(first.id);
    assert.deepEqual(shown?.rules, first.rules);
    const listed = await play(freshAlert('suspicious_ip/05'));
    assert.ok(scored(listed).guard_hits.length > 0, 'the lists know it');
    for (const incident of [first, second, listed]) {
      assert.equal(incident.rules?.policy_version, POLICY.version);
      assert.equal(canonicalJson(await recomputed(incident)), canonicalJson(scored(incident).assessment));
      const { verdict, score } = scored(incident).assessment;
      assert.deepEqual([incident.verdict, incident.score], [verdict, score]);
    }
    const other = await recomputed(first, second.rules!);
    assert.ok(
      other.signals.some(({ name }) => name === 'many_attempts'),
      'the other rules see more in it',
    );
  });

  it('after a malicious one on the same host knows of it, and rests on its own record of it', async () => {
    siteFile('');
    const hostname = 'ws-0777.corp.example';
    const alarm = await play(freshAlert(MALICIOUS, { hostname, timestamp: '2026-11-21T02:00:00Z' }));
    assert.equal(alarm.verdict, 'malicious');
    const incident = await play(freshAlert('malware/05', { hostname, timestamp: '2026-11-21T20:00:00Z' }));
    const signal = incident.signals.find(({ name }) => name === 'earlier_alarm');
    assert.equal(signal?.source, 'earlier');
    assert.equal(signal?.sentence, `Within a day of it, ${hostname} was part of ${alarm.id} (brute force, malicious)`);
    assert.equal(signal.evidence, '1/score');
    const [earlier, ...others] = scored(incident).earlier;
    assert.deepEqual(
      [earlier?.id, earlier?.shares, earlier?.hosts, others],
      [alarm.id, [`host:${hostname}`], [hostname], []],
    );
    assert.ok(
      incident.decision?.recommendations.some((line) => line.includes(alarm.id)),
      'it is to be looked at',
    );
    assert.equal(canonicalJson(await recomputed(incident)), canonicalJson(scored(incident).assessment));

    const dayAfter = await play(freshAlert('malware/05', { hostname, timestamp: '2026-11-22T02:00:01Z' }));
    assert.deepEqual(
      [dayAfter.signals.find(({ name }) => name === 'earlier_alarm'), scored(dayAfter).earlier.map(({ id }) => id)],
      [undefined, [incident.id]],
    );
  });

  it('rests what it says of a country on the row of the answer that names it', async () => {
    siteFile(`countries: { watched: [${ATTACKERS_COUNTRY.toLowerCase()}] }`);
    const incident = await play(freshAlert(MALICIOUS));
    const signal = own(incident, 'watched_country');
    assert.equal(signal?.evidence, `1/geoip/${ATTACKER}`);
    assert.equal(signal.observable, ATTACKER);
    assert.match(signal.sentence, /^185\.220\.101\.1 is in DE, a country that this site watches$/);
    const whole = await system.store.incidents.view(incident.id, { includeRaw: true });
    const { provider, raw } = row(whole!, signal.evidence);
    assert.equal(provider, 'geoip');
    assert.equal((raw?.json as { countryCode?: string }).countryCode, ATTACKERS_COUNTRY);
    assert.ok(
      scored(incident).told.some(({ source, country }) => source === 'geoip' && country === ATTACKERS_COUNTRY),
      'what was told is on record',
    );
  });

  it('gives techniques and due times with its decision, and no due times to what closed itself', async () => {
    siteFile('sla: { high: { acknowledge: 10m, close: 2h } }');
    const [escalated, closed] = [await play(freshAlert(MALICIOUS)), await play(freshAlert(BENIGN))];
    const after = (minutes: number) => new Date(Date.parse(escalated.created_at) + minutes * 60_000).toISOString();
    assert.deepEqual([escalated.severity, escalated.status], ['high', 'escalated']);
    assert.deepEqual(escalated.decision?.techniques, ['T1110.001', 'T1110', 'T1090']);
    assert.deepEqual(escalated.decision.due, { acknowledge: after(10), close: after(120) });
    assert.equal(closed.status, 'closed');
    assert.ok(closed.decision?.techniques?.includes('T1110'), JSON.stringify(closed.decision));
    assert.equal(closed.decision?.due, undefined);
  });

  for (const type of ALERT_TYPES) {
    it(`of ${type} takes at most ${MOST_EVENTS} events and ${MOST_BYTES} bytes`, async () => {
      const incident = await play(freshAlert(`${type}/01`));
      const { historyLength, historySize } = await system.client.workflow.getHandle(incident.id).describe();
      assert.ok(historyLength <= MOST_EVENTS, `${historyLength} events`);
      assert.ok(historySize !== undefined && historySize <= MOST_BYTES, `${historySize} bytes`);
    });
  }
});
