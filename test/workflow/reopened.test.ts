import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JsonReport } from '../../activities/report/json';
import { RESOLUTION_WORDS } from '../../activities/report/words';
import { startableOf } from '../../api/reconciler';
import type { IncidentRow } from '../../db/store';
import type { IncidentView } from '../../db/views';
import type { Resolution } from '../../domain/incident';
import type { IncidentOutcome } from '../../workflows/messages';
import { assertAudited, row } from '../support/audit';
import { changeIncident } from '../support/database';
import { alertOn, answerOf } from '../support/questions';
import { rumours, startRumourMill } from '../support/rumours';
import type { RumourMill } from '../support/rumours';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

/** VirusTotal knows them, and nobody accuses them: that closes an incident, whatever an optional source would have said. */
const CLEAN = ['81.2.69.142', '89.160.20.112', '216.160.83.56', '175.16.199.1', '2.125.160.216'];

interface Case {
  what: string;
  change: Partial<IncidentRow>;
  shown: { status: string; resolution: Resolution; verdict: string };
}

describe('an incident that closed itself without the answer of an optional source', () => {
  let system: TestSystem;
  let mill: RumourMill;
  const left = [...CLEAN];
  const stayed: { id: string; resolution: Resolution }[] = [];

  before(async () => {
    [system, mill] = await Promise.all([createTestSystem(), startRumourMill()]);
    const settings = { RUMOURS_URL: mill.url, RUMOURS_PER_MINUTE: 0 };
    const own = rumours.create(settings, { store: system.store, simulated: false });
    await system.startWorkers({ providers: [...system.providers(), own], providerRetryForMs: 0 });
  });
  after(async () => {
    await system.close();
    await mill.close();
  });

  const handle = (id: string) => system.client.workflow.getHandle(id);
  const reportOf = async (id: string): Promise<JsonReport> =>
    JSON.parse((await system.store.reports.latest(id))!.json) as JsonReport;
  const endOf = async (id: string): Promise<IncidentOutcome> => {
    await until(`the run of ${id} to end`, async () =>
      (await system.gateway.describe(id)) === 'ended' ? true : undefined,
    );
    return handle(id).result() as Promise<IncidentOutcome>;
  };
  /** What the first screen of the report says of the incident's status. */
  const statusInReport = async (id: string): Promise<string | undefined> =>
    /Status after this round: ([^<]*)</.exec((await system.store.reports.latest(id))!.html)?.[1];

  /** Its source failed, it closed itself, and its run has ended; what that source would have said is told from now on. */
  async function closedItself(tellers: number): Promise<IncidentView> {
    const address = left.shift()!;
    mill.answerWith(500);
    const id = await system.submit(alertOn(address, { severity: 'low', username: 'm.okafor' }));
    assert.equal((await endOf(id)).resolution, 'auto_benign');
    const incident = (await system.store.incidents.view(id))!;
    const { status, resolution, verdict, complete } = incident;
    assert.deepEqual([status, resolution, verdict, complete], ['closed', 'auto_benign', 'benign', false]);
    assert.equal(answerOf(incident, 'rumours').state, 'failed');
    mill.spread(address, tellers);
    mill.answerWith(200);
    return incident;
  }

  /** The incident after the round that the retried answer brought. */
  async function retried(id: string, change?: Partial<IncidentRow>): Promise<IncidentView> {
    if (change) await changeIncident(system.knex, id, change);
    const startable = startableOf(await system.store.incidents.require(id))!;
    await system.gateway.retry(startable, { requestId: 'days after' });
    const incident = await system.incident(id, (seen) => seen.audit.at(-1)!.action_key === '2/conclude');
    assert.deepEqual([answerOf(incident, 'rumours').state, incident.complete], ['ok', true]);
    await assertAudited(system, incident);
    return incident;
  }

  for (const [tellers, verdict, status, outcome] of [
    [8, 'malicious', 'escalated', 'escalate'],
    [5, 'suspicious', 'open', 'open'],
  ] as const) {
    it(`is ${status} again when that answer makes it ${verdict}, and its run goes on`, async () => {
      const before = await closedItself(tellers);
      const incident = await retried(before.id);
      assert.equal(incident.verdict_state, 'final');
      assert.deepEqual([incident.verdict, incident.status, incident.resolution], [verdict, status, null]);
      assert.deepEqual(
        incident.verdict_timeline.map((change) => change.verdict),
        ['benign', verdict],
      );
      const { detail } = row(incident, '2/decide');
      assert.deepEqual((detail as { reopened: unknown }).reopened, { from: 'auto_benign' });

      const report = await reportOf(before.id);
      assert.equal(report.report.version, 2);
      assert.deepEqual(
        [report.decision.outcome, report.decision.status, report.decision.resolution],
        [outcome, status, null],
      );
      assert.deepEqual(
        [report.incident.status, report.incident.resolution, report.incident.verdict],
        [status, null, verdict],
      );
      assert.equal(await statusInReport(before.id), status);

      const run = await handle(before.id).describe();
      assert.equal(run.status.name, 'RUNNING');
      assert.ok((await system.store.incidents.require(before.id)).next_check_at, 'it is looked after');
    });
  }

  for (const { what, change, shown } of [
    {
      what: 'an analyst has closed it',
      change: { resolution: 'false_positive' },
      shown: { status: 'closed', resolution: 'false_positive', verdict: 'malicious' },
    },
    {
      what: 'an analyst has overridden its verdict',
      change: {
        verdict_state: 'overridden',
        verdict_override: { verdict: 'benign', reason: 'our own scanner', by: 'ann', at: '2026-11-23T12:00:00.000Z' },
      },
      shown: { status: 'closed', resolution: 'auto_benign', verdict: 'benign' },
    },
  ] satisfies Case[]) {
    it(`stays closed, whatever that answer says, when ${what}`, async () => {
      const incident = await retried((await closedItself(8)).id, change);
      const { status, resolution, verdict, machine_verdict: machine } = incident;
      assert.deepEqual([{ status, resolution, verdict }, machine], [shown, 'malicious']);
      assert.equal((row(incident, '2/decide').detail as { reopened?: unknown }).reopened, undefined);
      const outcome = await endOf(incident.id);
      assert.deepEqual([outcome.status, outcome.resolution], ['closed', shown.resolution]);
      stayed.push({ id: incident.id, resolution: shown.resolution });
    });
  }

  it('that stays closed is not said to be escalated: its report gives the status that it keeps', async () => {
    assert.equal(stayed.length, 2);
    for (const { id, resolution } of stayed) {
      assert.equal(await statusInReport(id), `closed (${RESOLUTION_WORDS[resolution]})`);
    }
  });
});
