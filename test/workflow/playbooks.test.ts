import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { IncidentView } from '../../db/views';
import { ALERT_TYPES } from '../../domain/alert';
import { workflowType } from '../../domain/names';
import type { Assessment } from '../../domain/verdict';
import { assertAudited } from '../support/audit';
import { clearText, eventsOf, scheduled, summaryOf } from '../support/history';
import { assertBySchema } from '../support/report-schema';
import { allSamples, demoSite, MALICIOUS, sampleName } from '../support/samples';
import type { Sample } from '../support/samples';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

/** Something every VirusTotal document has, and nothing that we distil from it. */
const VIRUSTOTAL_MARK = 'last_analysis_results';
const PLAIN = sampleName(MALICIOUS);
const MOST_EVENTS = 40;
const MOST_BYTES = 60_000;

describe('playbooks on all samples at once', () => {
  const samples = allSamples();
  const incidents = new Map<string, IncidentView>();
  let system: TestSystem;
  const incidentOf = (name: string): IncidentView => incidents.get(name)!;
  const runOf = (name: string) => system.client.workflow.getHandle(incidentOf(name).id);
  const withStatus = (...statuses: string[]): Sample[] =>
    samples.filter(({ name }) => statuses.includes(incidentOf(name).status));

  before(async () => {
    system = await createTestSystem(demoSite());
    await system.startWorkers();
    await Promise.all(
      samples.map(async ({ name, body }) => {
        const id = await system.submit(body);
        incidents.set(name, await system.incident(id, settled));
      }),
    );
  });
  after(() => system.close());

  for (const { name, type, verdict } of samples) {
    it(`${name} is ${verdict}`, () => {
      const incident = incidentOf(name);
      assert.equal(incident.alert_type, type);
      assert.equal(incident.verdict, verdict, incident.explanation ?? '');
      assert.equal(incident.verdict_state, 'final');
    });
  }

  it('has a malicious and a benign sample for every type', () => {
    for (const type of ALERT_TYPES) {
      const verdicts = samples.filter((one) => one.type === type).map(({ verdict }) => verdict);
      assert.ok(verdicts.includes('malicious') && verdicts.includes('benign'), type);
    }
  });

  it('completes the run of what closed itself', async () => {
    const closed = withStatus('closed');
    assert.ok(closed.length >= ALERT_TYPES.length);
    for (const { name, type } of closed) {
      assert.equal(incidentOf(name).resolution, 'auto_benign');
      const outcome = (await runOf(name).result()) as unknown;
      assert.deepEqual(outcome, { status: 'closed', resolution: 'auto_benign', verdict: 'benign' });
      const run = await runOf(name).describe();
      assert.equal(run.status.name, 'COMPLETED');
      assert.equal(run.type, workflowType(type));
    }
  });

  it('keeps the run of what needs a person, and it tells how far it is', async () => {
    const waiting = withStatus('open', 'escalated');
    assert.equal(waiting.length + withStatus('closed').length, samples.length);
    for (const { name } of waiting) {
      const incident = incidentOf(name);
      assert.equal(incident.resolution, null);
      assert.equal((await runOf(name).describe()).status.name, 'RUNNING');
      assert.deepEqual(await runOf(name).query('progress'), {
        round: 1,
        step: 'waiting for an analyst',
        status: incident.status,
        verdict: incident.verdict,
        score: incident.score,
        explanation: incident.explanation,
      });
    }
  });

  it('audits every step of every incident exactly once, with its raw document', async () => {
    for (const { name } of samples) {
      const incident = incidentOf(name);
      await assertAudited(system, incident);
      const keys = incident.audit.map((row) => row.action_key);
      for (const key of ['claim/1', '1/plan', '1/score', '1/decide', '1/report', '1/conclude']) {
        assert.ok(keys.includes(key), `${name}: ${key}`);
      }
      const answered = incident.enrichments.map(({ source, observable }) => `1/${source}/${observable}`);
      assert.deepEqual(keys.filter((key) => key.includes(':')).sort(), answered.sort());
    }
    assert.deepEqual((await system.store.audit.verify()).problems, []);
  });

  it('stores a report for every incident', async () => {
    for (const { name } of samples) {
      const incident = incidentOf(name);
      const report = await system.store.reports.latest(incident.id);
      assert.ok(report, name);
      assert.match(report.html, /^<!doctype html>/i);
      assert.ok(report.html.includes(incident.id));
      const { assessment } = JSON.parse(report.json) as { assessment: Assessment };
      assert.deepEqual([assessment.verdict, assessment.score], [incident.verdict, incident.score]);
      assertBySchema(report.json);
      assert.ok(report.markdown?.includes(`- **Incident:** \`${incident.id}\``), name);
      const versions = await system.store.reports.versions(incident.id);
      const { author, reason } = versions.at(-1)!;
      assert.deepEqual([author, reason], ['playbook', 'Round 1'], name);
      const { verdict, status } = versions[0]!;
      assert.deepEqual([verdict, status], [incident.verdict, incident.status], name);
    }
  });

  it('takes few events and bytes on the plain path', async () => {
    const { historyLength, historySize } = await runOf(PLAIN).describe();
    assert.ok(historyLength <= MOST_EVENTS, `${historyLength} events`);
    assert.ok(historySize !== undefined && historySize < MOST_BYTES, `${historySize} bytes`);
  });

  it('asks its sources in parallel: all lookups leave with one workflow task', async () => {
    for (const { name } of samples) {
      const tasks = (await eventsOf(system, incidentOf(name).id)).flatMap(
        ({ activityTaskScheduledEventAttributes: activity }) =>
          activity?.activityType?.name?.startsWith('lookup') ? [String(activity.workflowTaskCompletedEventId)] : [],
      );
      assert.ok(new Set(tasks).size <= 1, `${name}: ${tasks.join(', ')}`);
    }
  });

  it('runs inside steps as local activities when all is well, outside lookups on their own queues', async () => {
    const events = await eventsOf(system, incidentOf(PLAIN).id);
    assert.deepEqual(scheduled(events).sort(), ['lookupGeoip', 'lookupVirustotal']);
    const queues = events.flatMap((event) => event.activityTaskScheduledEventAttributes?.taskQueue?.name ?? []);
    assert.deepEqual(queues.sort(), ['geoip', 'virustotal']);
  });

  it('reads like a story: every step in the history has a summary', async () => {
    const events = await eventsOf(system, incidentOf(PLAIN).id);
    const steps = events.filter(
      (event) => event.activityTaskScheduledEventAttributes ?? event.markerRecordedEventAttributes,
    );
    const summaries = steps.map(summaryOf);
    assert.ok(summaries.every(Boolean), JSON.stringify(summaries));
    assert.ok(summaries.includes('ip:185.220.101.1'));
    assert.ok(summaries.some((summary) => summary?.startsWith('escalate: ')));
    assert.equal(summaryOf(events[0]!), incidentOf(PLAIN).title);
  });

  it('keeps raw documents in MySQL and out of the history', async () => {
    const { id } = incidentOf(PLAIN);
    const whole = await system.store.incidents.view(id, { includeRaw: true });
    assert.ok(JSON.stringify(whole?.audit).includes(VIRUSTOTAL_MARK));
    const history = clearText(await eventsOf(system, id));
    assert.ok(history.includes(incidentOf(PLAIN).explanation!));
    assert.ok(!history.includes(VIRUSTOTAL_MARK));
    assert.ok(!history.includes('sslvpn_login_permission_denied'));
  });

  it('is found by verdict, severity, type, source, status and score', async () => {
    const found = async (query: string): Promise<string[]> => {
      const ids: string[] = [];
      for await (const run of system.client.workflow.list({ query })) ids.push(run.workflowId);
      return ids.sort();
    };
    const query =
      'SoarVerdict = "malicious" AND SoarSeverity = "high" AND SoarAlertType = "brute_force" ' +
      'AND SoarSource = "firewall" AND SoarStatus = "escalated" AND SoarScore >= 70';
    const { id } = incidentOf(PLAIN);
    await until('the escalated run to be found', async () => ((await found(query)).includes(id) ? true : undefined));
    const benign = withStatus('closed').map(({ name }) => incidentOf(name).id);
    await until('the closed runs to be found', async () => {
      const closed = await found('SoarStatus = "closed" AND SoarVerdict = "benign" AND ExecutionStatus = "Completed"');
      return closed.join() === benign.sort().join() ? true : undefined;
    });
  });
});
