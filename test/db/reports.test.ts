import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { JsonReport } from '../../activities/report/json';
import { renewReport } from '../../activities/report';
import type { IncidentRow, Store } from '../../db/store';
import { shift } from '../../db/time';
import type { Act } from '../../domain/acts';
import { clocksBy } from '../../domain/service-level';
import { DEFAULT_SITE } from '../../domain/site';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { assertBySchema } from '../support/report-schema';
import { SOURCES } from '../support/sources';
import { HOSTILE, hostileAssessment } from '../unit/report/hostile';
import { NOW, step, submission } from './fixtures';

const LATER = shift(NOW, 60_000);
const LOOKUP = { source: 'virustotal', observable: 'ip:185.220.101.1', actionKey: '1/virustotal' } as const;

describe('a report beside an act', () => {
  let database: TestDatabase;
  let store: Store;
  before(async () => {
    database = await createTestDatabase();
    ({ store } = database);
  });
  after(() => database.drop());

  /** An incident whose first round has judged it malicious and escalated it, while VirusTotal is waited for. */
  async function judged(name: string): Promise<string> {
    const { incidentId: id } = await store.alerts.accept(submission(name, { title: HOSTILE.mention }));
    const assessment = { ...hostileAssessment(), version: '7' };
    const decision = {
      ...({ outcome: 'escalate', status: 'escalated', resolution: null, reason: 'The verdict is malicious' } as const),
      recommendations: [`Block it ${HOSTILE.markdown}`],
    };
    const verdict: Partial<IncidentRow> = {
      score_key: '1/score',
      verdict: 'malicious',
      verdict_state: 'provisional',
      score: 92,
    };
    await store.actions.finish(
      step(id, '1/score', {
        action: 'score',
        body: { summary: 'Malicious', detail: { assessment }, changes: verdict },
      }),
    );
    const sla = clocksBy(DEFAULT_SITE, null);
    const changes: Partial<IncidentRow> = { decision, sla, status: 'escalated' };
    await store.actions.finish(
      step(id, '1/decide', { action: 'decide', body: { summary: 'escalate', detail: { decision }, changes } }),
    );
    await database.knex.transaction((trx) =>
      store.enrichments.upsert(trx, id, {
        ...LOOKUP,
        state: 'waiting',
        until: LATER,
        summary: 'quota',
        facts: null,
        at: NOW,
      }),
    );
    return id;
  }

  async function act(incidentId: string, requestId: string, acts: Act[], reason = 'seen before'): Promise<void> {
    const deps = {
      store,
      clock: () => new Date(LATER),
      providers: SOURCES,
      simulated: true,
      publicUrl: 'http://soar.test',
    };
    const by = { incidentId, actor: 'ana', at: LATER };
    await new MockActivityEnvironment().run(() =>
      store.acts.perform({
        ...{ ...by, requestId, request: { acts, reason } },
        within: (trx, key) => renewReport(deps, { ...by, key }, trx),
      }),
    );
  }

  const latest = async (id: string) => {
    const { json, markdown, html } = (await store.reports.latest(id))!;
    assertBySchema(json);
    return { html, markdown: markdown!, report: JSON.parse(json) as JsonReport };
  };

  it('is renewed with each change, and tells whose and why; every version stays and fits the audit chain', async () => {
    const id = await judged('renewed');
    await act(id, 'one', [{ act: 'acknowledge' }]);
    await act(id, 'two', [{ act: 'overrideVerdict', verdict: 'benign' }], 'a known pentest');
    await act(id, 'three', [{ act: 'hold', until: '2026-12-24T08:00:00Z' }], 'waits for the owner');
    const versions = await store.reports.versions(id);
    assert.deepEqual(
      versions.map(({ version, author, reason, verdict, status, policy, policy_version }) => [
        ...[version, author, reason, verdict, status, policy, policy_version],
      ]),
      [
        [
          3,
          'ana',
          'ana put it on hold until 2026-12-24T08:00:00Z: waits for the owner',
          'benign',
          'on_hold',
          'a'.repeat(64),
          '7',
        ],
        [2, 'ana', 'ana overrode the verdict: benign: a known pentest', 'benign', 'acknowledged', 'a'.repeat(64), '7'],
        [1, 'ana', 'ana acknowledged it: seen before', 'malicious', 'acknowledged', 'a'.repeat(64), '7'],
      ],
    );
    const { audit } = (await store.incidents.view(id))!;
    for (const { audit_head } of versions) {
      const row = audit.find(({ seq }) => seq === audit_head.seq);
      assert.equal(row?.hash, audit_head.hash);
      assert.match(row?.action_key ?? '', /^act\/\w+$/);
      const next = audit.find(({ seq }) => seq === audit_head.seq + 1);
      assert.equal(next?.action_key, `${row?.action_key}/report`);
    }
    assert.deepEqual((await store.audit.verify(id)).problems, []);
    const { report, html, markdown } = await latest(id);
    assert.equal(report.report.author, 'ana');
    assert.deepEqual(report.standing, { status: 'on_hold', resolution: null });
    assert.equal(report.incident.hold?.reason, 'waits for the owner');
    assert.match(html, /On hold until 2026-12-24 08:00:00 UTC/);
    assert.match(html, /<dt>Close by<\/dt><dd><bdi>2026-\S+ \S+ UTC, moves while it is on hold/);
    assert.match(
      markdown,
      /^- \*\*Status:\*\* On hold until 2026-12-24 08:00:00 UTC \(ana, .*\): waits for the owner$/m,
    );
  });

  it('says which lookups closing by hand has given up', async () => {
    const id = await judged('closed');
    await act(id, 'close', [{ act: 'close', resolution: 'false_positive' }]);
    const { report, html, markdown } = await latest(id);
    assert.deepEqual(report.given_up, ['virustotal/ip:185.220.101.1']);
    assert.match(html, /Not waited for any more: VirusTotal for <bdi class="code">ip:185\.220\.101\.1</);
    assert.match(markdown, /^- \*\*Not waited for any more:\*\* VirusTotal for `ip:185\.220\.101\.1`$/m);
    assert.match(markdown, /^- \*\*Status:\*\* Closed by an analyst: false positive \(ana, .*\): seen before$/m);
    await act(id, 'reopen', [{ act: 'reopen' }]);
    assert.deepEqual((await latest(id)).report.given_up, []);
  });

  it('is written once, though the act is asked for again', async () => {
    const id = await judged('again');
    for (let time = 0; time < 2; time += 1) await act(id, 'same', [{ act: 'acknowledge' }]);
    await act(id, 'other', [{ act: 'acknowledge' }]);
    assert.equal((await store.reports.versions(id)).length, 1);
  });

  it('is not written of what was never judged, nor of what was judged and not decided; the act is done', async () => {
    const { incidentId: id } = await store.alerts.accept(submission('early'));
    await act(id, 'early', [{ act: 'acknowledge' }]);
    const body = {
      summary: 'Malicious',
      detail: { assessment: hostileAssessment() },
      changes: { score_key: '1/score' },
    };
    await store.actions.finish(step(id, '1/score', { action: 'score', body }));
    await act(id, 'late', [{ act: 'setSeverity', severity: 'low' }]);
    assert.deepEqual(await store.reports.versions(id), []);
    const { status, severity } = (await store.incidents.get(id))!;
    assert.deepEqual([status, severity], ['acknowledged', 'low']);
  });
});
