import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { sweep } from '../../api/reconciler';
import type { Accepted } from '../../db/store';
import type { IncidentView } from '../../db/views';
import type { Progress } from '../../workflows/messages';
import { assertAudited, row } from '../support/audit';
import { changeIncident } from '../support/database';
import { eventsOf } from '../support/history';
import { alertOn, sentTo } from '../support/questions';
import { BENIGN, freshAlert } from '../support/samples';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

const HOUR_MS = 3_600_000;
const logger = pino({ level: 'silent' });

function rounds({ audit }: Pick<IncidentView, 'audit'>): number {
  return audit.filter(({ action }) => action === 'conclude').length;
}

/** Keys of the lookups of a round. */
function lookedUp({ audit }: IncidentView, round: number): string[] {
  return audit
    .filter(({ action, action_key }) => action === 'lookup' && action_key.startsWith(`${round}/`))
    .map(({ action_key }) => action_key)
    .sort();
}

describe('alerts that join', () => {
  let system: TestSystem;

  before(async () => {
    system = await createTestSystem(undefined, undefined, { correlationWindowMs: 2 * HOUR_MS });
    await system.startWorkers();
  });
  after(() => system.close());

  const handle = (id: string) => system.client.workflow.getHandle(id);
  const incidentRow = (id: string) => system.store.incidents.require(id);
  const sweepAt = async (aheadMs: number): Promise<void> => {
    const at = Date.now() + aheadMs;
    while ((await sweep({ store: system.store, gateway: system.gateway, logger, clock: () => new Date(at) })) > 0);
  };
  const waits = (id: string) =>
    until(`${id} to wait for an analyst`, async () => {
      const { step } = await handle(id).query<Progress>('progress');
      return step === 'waiting for an analyst' ? true : undefined;
    });
  const ended = (id: string) =>
    until(`the run of ${id} to end`, async () => ((await system.gateway.describe(id)) === 'ended' ? true : undefined));
  const runsOf = async (id: string): Promise<number> => {
    let count = 0;
    for await (const run of system.client.workflow.list({ query: `WorkflowId = "${id}"` })) count += run ? 1 : 0;
    return count;
  };

  async function escalated(address: string): Promise<string> {
    const id = await system.submit(alertOn(address));
    await system.incident(id, settled);
    await waits(id);
    return id;
  }

  async function closedItself(changes: Record<string, unknown> = {}): Promise<string> {
    const id = await system.submit(freshAlert(BENIGN, changes));
    const { status, resolution } = await system.incident(id, (one) => one.status === 'closed');
    assert.deepEqual([status, resolution], ['closed', 'auto_benign']);
    await ended(id);
    return id;
  }

  it('start a further round, which looks up only what is new', async () => {
    const address = '185.220.101.2';
    const id = await escalated(address);
    const before = sentTo(system, 'virustotal').length;
    assert.equal(await system.submit(alertOn(address, { src_hostname: 'exit.relays.example.com' })), id);
    const incident = await system.incident(id, (one) => rounds(one) === 2);
    await assertAudited(system, incident);
    assert.deepEqual(
      lookedUp(incident, 2).map((key) => key.split('/')[2]),
      lookedUp(incident, 2).map(() => 'domain:exit.relays.example.com'),
    );
    assert.ok(lookedUp(incident, 2).length > 0);
    assert.deepEqual(
      sentTo(system, 'virustotal')
        .slice(before)
        .filter((path) => path.includes(address)),
      [],
      'the address is not asked about again',
    );
    assert.equal((await incidentRow(id)).unprocessed, 0);
  });

  it('have our own database asked again where an analyst has said something since', async () => {
    const address = '185.220.101.8';
    const id = await escalated(address);
    const by = { actor: 'ana', at: new Date().toISOString() };
    const { ioc } = await system.store.iocs.add({ type: 'ip', value: address, source: 'analyst' }, by);
    await system.store.iocs.override(ioc.id, { verdict: 'malicious', reason: 'C2' }, by);
    await system.submit(alertOn(address));
    const confirmed = await system.incident(id, (one) => rounds(one) === 2);
    assert.deepEqual(lookedUp(confirmed, 2), [`2/iocs/ip:${address}`]);
    assert.match(confirmed.explanation ?? '', /Confirmed malicious by ana/);
    await system.submit(alertOn(address));
    assert.deepEqual(lookedUp(await system.incident(id, (one) => rounds(one) === 3), 3), [], 'it has nothing to add');
  });

  it('of one storm cost a handful of rounds, one lookup for each observable, and a small history', async () => {
    const address = '185.220.101.3';
    const storm = 300;
    const accepted: Accepted[] = [];
    const told: Promise<unknown>[] = [];
    const first = await system.take(alertOn(address));
    told.push(system.start(first.incidentId));
    for (let n = 1; n < storm; n += 20) {
      const batch = await Promise.all(
        Array.from({ length: Math.min(20, storm - n) }, () => system.take(alertOn(address, { username: 'root' }))),
      );
      accepted.push(...batch);
      for (const one of batch) if (one.rouse) told.push(system.gateway.alertsJoined(one.incidentId));
    }
    await Promise.all(told);
    const id = first.incidentId;
    assert.ok(accepted.every(({ incidentId, correlated }) => incidentId === id && correlated));
    await until(`${id} to have looked at all`, async () =>
      (await incidentRow(id)).unprocessed === 0 ? true : undefined,
    );
    await waits(id);
    const incident = (await system.store.incidents.view(id))!;
    assert.equal(incident.alert_count, storm);
    assert.ok(rounds(incident) <= 8, `${rounds(incident)} rounds`);
    const asked = incident.audit
      .filter(({ action }) => action === 'lookup')
      .map(({ provider, observable }) => `${provider}/${observable}`);
    assert.deepEqual([...new Set(asked)], asked);
    assert.deepEqual((await system.store.audit.verify(id)).problems, []);
    assert.equal(await runsOf(id), 1);
    assert.ok((await eventsOf(system, id)).length < 60 * rounds(incident));
    const { html } = (await system.store.reports.latest(id))!;
    assert.match(html, /300 alerts: the first and the last of them/);
  });

  it('are only counted by one that closed itself, when they say nothing new; else it has one more round', async () => {
    // without a number: a few that count failures may add up to many
    const same = { failed_attempts: null };
    const id = await closedItself(same);
    const counted = await system.take(freshAlert(BENIGN, same));
    assert.deepEqual([counted.incidentId, counted.rouse], [id, false]);
    await sweepAt(HOUR_MS);
    assert.equal(await runsOf(id), 1);

    assert.equal(await system.submit(freshAlert(BENIGN, { ...same, username: 'n.other' })), id);
    const incident = await system.incident(id, (one) => rounds(one) === 2);
    await ended(id);
    assert.deepEqual([incident.status, incident.resolution, incident.alert_count], ['closed', 'auto_benign', 3]);
    assert.deepEqual(lookedUp(incident, 2), [], 'an account is asked of nobody');
    const { unprocessed, next_check_at } = await incidentRow(id);
    assert.deepEqual([unprocessed, next_check_at], [0, null]);
    await assertAudited(system, incident);
  });

  it('open again one that closed itself, when what they say does not let it close', async () => {
    const address = '89.160.20.112';
    const id = await closedItself({ src_ip: address });
    assert.equal(
      await system.submit(freshAlert(BENIGN, { src_ip: address, outcome: 'success', failed_attempts: 9 })),
      id,
    );
    const incident = await system.incident(id, (one) => rounds(one) === 2 && one.status !== 'closed');
    assert.equal(incident.resolution, null);
    assert.deepEqual((row(incident, '2/decide').detail as { reopened: unknown }).reopened, { from: 'auto_benign' });
    await waits(id);
    assert.ok((await incidentRow(id)).next_check_at);
  });

  for (const change of [
    { status: 'acknowledged' },
    { status: 'on_hold' },
    { status: 'closed', resolution: 'true_positive' },
  ] as const) {
    it(`undo nothing that an analyst did: ${change.status}`, async () => {
      const address = { acknowledged: '185.220.101.4', on_hold: '185.220.101.5', closed: '185.220.101.6' }[
        change.status
      ];
      const id = await escalated(address);
      const joined = await system.take(alertOn(address, { severity: 'critical', username: 'administrator' }));
      assert.deepEqual([joined.incidentId, joined.rouse], [id, true]);
      await changeIncident(system.knex, id, change);
      await system.gateway.alertsJoined(id);
      const incident = await system.incident(id, (one) => rounds(one) === 2);
      assert.equal(incident.status, change.status);
      assert.equal(incident.resolution, 'resolution' in change ? change.resolution : null);
      assert.equal(incident.severity, 'critical');
      if (change.status === 'closed') {
        await ended(id);
        const next = await system.take(alertOn(address));
        assert.notEqual(next.incidentId, id);
        assert.equal(next.follows, id);
      }
    });
  }

  it('of which the run has not heard are told by the reconciler', async () => {
    const address = '185.220.101.7';
    const id = await escalated(address);
    assert.equal((await system.take(alertOn(address))).rouse, true);
    await sweepAt(60_000);
    await system.incident(id, (one) => rounds(one) === 2);
    assert.equal(await runsOf(id), 1);
    assert.deepEqual((await incidentRow(id)).restarts, []);
  });

  it('start a closed one again by the reconciler, where the API could not', async () => {
    const address = '216.160.83.56';
    const id = await closedItself({ src_ip: address });
    assert.equal((await system.take(freshAlert(BENIGN, { src_ip: address, username: 'q.new' }))).rouse, true);
    await sweepAt(60_000);
    await system.incident(id, (one) => rounds(one) === 2);
    await ended(id);
    assert.equal((await incidentRow(id)).unprocessed, 0);
  });

  it('while a round closes the incident keep it from closing until they were looked at', async () => {
    const address = '175.16.199.1';
    system.simulator.control({ provider: 'virustotal', mode: 'hang' });
    const id = await system.submit(freshAlert(BENIGN, { src_ip: address }));
    await until('the question to be sent', () => (sentTo(system, 'virustotal', address).length > 0 ? true : undefined));
    const joined = await system.take(freshAlert(BENIGN, { src_ip: address, username: 'r.late' }));
    assert.deepEqual([joined.incidentId, joined.rouse], [id, false]);
    system.simulator.control({ provider: 'virustotal', mode: 'ok' });
    const incident = await system.incident(id, (one) => one.status === 'closed');
    await ended(id);
    assert.ok(rounds(incident) >= 2);
    assert.equal((await incidentRow(id)).unprocessed, 0);
    assert.equal((row(incident, '1/conclude').detail as { unprocessed: number }).unprocessed, 1);
  });
});
