import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { RefusedByRunError } from '../../api/gateway';
import type { ActOrder } from '../../api/gateway';
import { startableOf } from '../../api/reconciler';
import { ActRefusedError } from '../../db/errors';
import type { IncidentView } from '../../db/views';
import type { Act } from '../../domain/acts';
import type { IncidentOutcome } from '../../workflows/messages';
import { assertAudited, row } from '../support/audit';
import { alertOn, awaitsVirusTotal, isFinal } from '../support/questions';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

let system: TestSystem;
let addresses = 0;
/** About which nobody knows anything: the incident stays open. */
const freshAddress = (): string => `62.113.203.${(addresses += 1)}`;
/** Nobody accuses it: the incident closes itself. */
const CLEAN = '81.2.69.142';

before(async () => {
  system = await createTestSystem();
  await system.startWorkers();
});
afterEach(async () => {
  system.simulator.control({ mode: 'ok' });
  await system.forget();
});
after(() => system.close());

let requests = 0;

/** As the API does it. */
async function act(id: string, acts: Act | Act[], more: Partial<ActOrder> = {}): Promise<IncidentView> {
  const startable = startableOf(await system.store.incidents.require(id))!;
  const order = { acts: [acts].flat(), requestId: `request-${(requests += 1)}`, actor: 'ann', ...more };
  await system.gateway.act(startable, order);
  return (await system.store.incidents.view(id))!;
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RefusedByRunError) return error.type;
  assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
  return (error.cause as { type?: string }).type ?? '';
}

const handle = (id: string) => system.client.workflow.getHandle(id);
const outcome = async (id: string) => (await handle(id).result()) as IncidentOutcome;

/** An incident that waits for an analyst. */
async function openIncident(changes: Record<string, unknown> = {}): Promise<IncidentView> {
  const id = await system.submit(alertOn(freshAddress(), { username: 'm.okafor', ...changes }));
  return system.incident(id, (seen) => isFinal(seen) && seen.status !== 'investigating');
}

async function isDescribedAs(id: string, attributes: Record<string, string>): Promise<void> {
  await until(`${id} to be shown as ${JSON.stringify(attributes)}`, async () => {
    const { typedSearchAttributes } = await handle(id).describe();
    const shown = new Map(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, String(value)]));
    return Object.entries(attributes).every(([name, value]) => shown.get(name) === value) ? true : undefined;
  });
}

describe('an incident in the hands of an analyst', () => {
  it('is acknowledged, held, resumed, closed and reopened, each with who, why and a report', async () => {
    const { id, status } = await openIncident();
    const reports = async () => (await system.store.reports.latest(id))?.version ?? 0;
    const first = await reports();

    const acknowledged = await act(id, { act: 'acknowledge' });
    assert.deepEqual([acknowledged.status, acknowledged.status_by], ['acknowledged', 'ann']);
    assert.ok(acknowledged.sla.acknowledged_at);
    await isDescribedAs(id, { SoarStatus: 'acknowledged' });

    const end = new Date(Date.now() + 86_400_000).toISOString();
    const held = await act(id, { act: 'hold', until: end }, { reason: 'waits for the customer' });
    assert.deepEqual([held.status, held.hold?.reason, held.sla.paused], ['on_hold', 'waits for the customer', true]);
    assert.equal(Date.parse(held.hold?.until ?? ''), Date.parse(end));

    const resumed = await act(id, { act: 'resume' }, { actor: 'ben' });
    assert.deepEqual([resumed.status, resumed.status_by, resumed.hold], ['acknowledged', 'ben', null]);

    const closed = await act(id, { act: 'close', resolution: 'false_positive' }, { reason: 'a pentest' });
    assert.deepEqual([closed.status, closed.resolution], ['closed', 'false_positive']);
    assert.ok(closed.closed_at);
    assert.deepEqual(await outcome(id), { status: 'closed', resolution: 'false_positive', verdict: closed.verdict });
    assert.equal(await reports(), first + 4);
    const report = JSON.parse((await system.store.reports.latest(id))!.json) as { standing: unknown };
    assert.deepEqual(report.standing, { status: 'closed', resolution: 'false_positive' });

    const reopened = await act(id, { act: 'reopen' }, { ifVersion: closed.version, reason: 'seen again' });
    assert.deepEqual([reopened.status, reopened.resolution, reopened.status_by], ['open', null, 'ann']);
    assert.equal((await handle(id).describe()).status.name, 'RUNNING');

    assert.deepEqual(
      reopened.audit
        .filter(({ action_key }) => /^act\/[^/]*$/.test(action_key))
        .map(({ action, actor, summary }) => [action, actor, summary]),
      [
        ['acknowledge', 'ann', 'ann acknowledged it'],
        ['hold', 'ann', `ann put it on hold until ${held.hold?.until}: waits for the customer`],
        ['resume', 'ben', 'ben resumed it'],
        ['close', 'ann', 'ann closed it as false_positive: a pentest'],
        ['reopen', 'ann', 'ann reopened it: seen again'],
      ],
    );
    assert.equal(status, 'open');
    await assertAudited(system, reopened);
  });

  it('keeps what the analyst did against every later round', async () => {
    const { id } = await openIncident();
    await act(
      id,
      [
        { act: 'overrideVerdict', verdict: 'malicious' },
        { act: 'setSeverity', severity: 'critical' },
        { act: 'acknowledge' },
      ],
      { reason: 'I know this one' },
    );
    await handle(id).signal('alertsJoined');
    const seen = await system.incident(id, (one) => one.audit.at(-1)?.action_key === '2/conclude');
    assert.deepEqual(
      [seen.verdict, seen.verdict_state, seen.severity, seen.status],
      ['malicious', 'overridden', 'critical', 'acknowledged'],
    );
    assert.deepEqual(
      [seen.override?.by, seen.override?.reason, seen.machine_verdict],
      ['ann', 'I know this one', 'unknown'],
    );
    assert.deepEqual(seen.verdict_timeline.at(-1), {
      ...{ at: seen.override?.at, verdict: 'malicious', state: 'overridden', score: seen.score },
      ...{ by: 'ann', reason: 'I know this one' },
    });
    await isDescribedAs(id, { SoarVerdict: 'malicious', SoarSeverity: 'critical' });
    await assertAudited(system, seen);
  });

  it('that is in hand is not escalated, but marked, and the machine’s verdict stands beside', async () => {
    system.simulator.control({ provider: 'virustotal', mode: 'latency', ms: 3_000 });
    const id = await system.submit(alertOn('185.220.101.1'));
    await system.incident(id, ({ audit }) => audit.some(({ action_key }) => action_key === '1/plan'));
    const wish: Act[] = [{ act: 'overrideVerdict', verdict: 'benign' }, { act: 'acknowledge' }];
    await act(id, wish, { reason: 'our own exit node' });
    const seen = await system.incident(id, ({ audit }) => audit.at(-1)?.action_key === '1/conclude');
    assert.deepEqual([seen.status, seen.verdict, seen.machine_verdict], ['acknowledged', 'benign', 'malicious']);
    assert.match(seen.flagged ?? '', /would be escalated by what has come since it was taken in hand/);
    assert.deepEqual(
      seen.verdict_timeline.map(({ verdict, in_force }) => [verdict, in_force ?? true]),
      [
        ['benign', true],
        ['malicious', false],
      ],
    );
    assert.equal(
      (await act(id, [{ act: 'hold', until: new Date(Date.now() + 60_000).toISOString() }], { reason: 'r' })).flagged,
      null,
    );
  });

  it('goes on in the other playbook with its evidence when it is reclassified, even amid a round', async () => {
    const address = freshAddress();
    system.simulator.control({ provider: 'virustotal', mode: 'latency', ms: 3_000 });
    const id = await system.submit(alertOn(address));
    await system.incident(id, ({ audit }) => audit.some(({ action_key }) => action_key === '1/plan'));
    const moved = await act(id, { act: 'reclassify', alert_type: 'suspicious_ip' }, { reason: 'no login at all' });
    assert.equal(moved.alert_type, 'suspicious_ip');
    system.simulator.control({ mode: 'ok' });
    const seen = await system.incident(id, isFinal);
    assert.equal(seen.audit.at(-1)?.action_key, '2/conclude');
    assert.match(seen.classification.reasons.join(), /ann says so: no login at all/);
    assert.ok(!seen.audit.some(({ action_key }) => action_key === '1/conclude'), 'the round before is left');
    const described = await handle(id).describe();
    assert.equal(described.type, 'suspiciousIpPlaybook');
    await isDescribedAs(id, { SoarAlertType: 'suspicious_ip' });
    await assertAudited(system, seen);

    const back = await act(id, { act: 'reclassify', alert_type: 'brute_force' });
    assert.equal(back.status, 'investigating');
    const again = await system.incident(id, (one) => isFinal(one) && one.audit.at(-1)?.action_key === '3/conclude');
    assert.ok(again.enrichments.length >= seen.enrichments.length, 'evidence stays');
    await assertAudited(system, again);
  });

  it('is closed while lookups wait: they are given up, and the report says so', async () => {
    system.simulator.control({ provider: 'virustotal', mode: '429', ms: 3_600_000 });
    const id = await system.submit(alertOn(freshAddress()));
    await system.incident(id, awaitsVirusTotal);
    const closed = await act(id, { act: 'close', resolution: 'true_positive' });
    assert.equal((await outcome(id)).status, 'closed');
    const lookup = closed.enrichments.find(({ source }) => source === 'virustotal');
    assert.equal(lookup?.state, 'failed');
    assert.match(lookup.summary, /not waited for any more: ann closed/);
    assert.match(row(closed, closed.audit.at(-2)!.action_key).summary, /1 lookup is not waited for any more/);
    assert.match((await system.store.reports.latest(id))!.html, /not waited for any more/);
    await assertAudited(system, closed);
  });

  it('is closed while its first lookups are under way, and its run ends', async () => {
    system.simulator.control({ provider: 'virustotal', mode: 'latency', ms: 20_000 });
    const id = await system.submit(alertOn(freshAddress()));
    await until('VirusTotal to be asked', () => (system.simulator.requests().length > 0 ? true : undefined));
    await system.incident(id, ({ audit }) => audit.some(({ action_key }) => action_key === '1/plan'));
    await act(id, { act: 'close', resolution: 'duplicate' });
    assert.deepEqual((await outcome(id)).resolution, 'duplicate');
    const seen = (await system.store.incidents.view(id))!;
    assert.deepEqual([seen.status, seen.resolution, seen.status_by], ['closed', 'duplicate', 'ann']);
    await assertAudited(system, seen);
  });
});

describe('an act', () => {
  it('comes from the Temporal UI as well, and is recorded as such', async () => {
    const { id } = await openIncident();
    const acted = await handle(id).executeUpdate('acknowledge', {});
    assert.equal((acted as { status: string }).status, 'acknowledged');
    await handle(id).executeUpdate('close', { args: [{ resolution: 'true_positive', reason: 'it is true' }] });
    const seen = (await system.store.incidents.view(id))!;
    assert.deepEqual(
      seen.audit.filter(({ action }) => action === 'acknowledge' || action === 'close').map(({ actor }) => actor),
      ['Temporal UI', 'Temporal UI'],
    );
    await assertAudited(system, seen);
  });

  it('is refused where it cannot be read, or makes no sense, and leaves nothing', async () => {
    const { id, audit } = await openIncident();
    const ask = (name: string, message?: unknown) => refusal(handle(id).executeUpdate(name, { args: [message] }));
    assert.equal(await ask('close', {}), 'InvalidRequest');
    assert.equal(await ask('close', { resolution: 'auto_benign' }), 'InvalidRequest');
    assert.equal(await ask('hold', { until: 'tomorrow', reason: 'x' }), 'InvalidRequest');
    assert.equal(await ask('hold', { until: '2020-01-01T00:00:00Z', reason: 'x' }), 'InvalidRequest');
    assert.equal(await ask('overrideVerdict', { verdict: 'benign' }), 'InvalidRequest');
    assert.equal(await ask('change', { acts: [] }), 'InvalidRequest');
    assert.equal(await ask('change', { acts: [{ act: 'explode' }] }), 'InvalidRequest');
    assert.equal(await ask('acknowledge', 'now'), 'InvalidRequest');
    assert.equal(await ask('resume'), 'NotAllowed');
    assert.equal((await system.store.incidents.view(id))?.audit.length, audit.length);
    await act(id, { act: 'close', resolution: 'true_positive' });
    assert.equal(await refusal(act(id, { act: 'acknowledge' })), 'NotAllowed');
    assert.equal(await refusal(act(id, { act: 'close', resolution: 'false_positive' })), 'NotAllowed');
  });

  it('is done once under one name, also by the run after', async () => {
    const { id } = await openIncident();
    const close = { requestId: 'once', reason: 'done' };
    await act(id, { act: 'close', resolution: 'true_positive' }, close);
    await outcome(id);
    const again = await act(id, { act: 'close', resolution: 'true_positive' }, close);
    assert.equal(again.audit.filter(({ action }) => action === 'close').length, 1);
    const { acts } = system.store;
    assert.equal(
      await acts.isDone(id, 'once', { acts: [{ act: 'close', resolution: 'true_positive' }], reason: 'done' }),
      true,
    );
    assert.equal(await acts.isDone(id, 'twice', { acts: [{ act: 'reopen' }] }), false);
    await assert.rejects(acts.isDone(id, 'once', { acts: [{ act: 'reopen' }], reason: 'done' }), ActRefusedError);
    await assertAudited(system, again);
  });

  it('of two analysts at once is done for one, and the other is told', async () => {
    const { id, version } = await openIncident();
    const race = (actor: string, resolution: 'true_positive' | 'false_positive', ifVersion?: number) =>
      act(id, { act: 'close', resolution }, ifVersion === undefined ? { actor } : { actor, ifVersion }).then(
        () => 'done',
        (error: unknown) => (error as RefusedByRunError).type,
      );
    const closes = await Promise.all([race('ann', 'true_positive'), race('ben', 'false_positive')]);
    assert.deepEqual(closes.sort(), ['NotAllowed', 'done']);
    const other = await openIncident();
    const seen = await Promise.all([
      act(other.id, { act: 'setSeverity', severity: 'low' }, { ifVersion: other.version }).then(() => 'done', typeOf),
      act(other.id, { act: 'setSeverity', severity: 'critical' }, { actor: 'ben', ifVersion: other.version }).then(
        () => 'done',
        typeOf,
      ),
    ]);
    assert.deepEqual(seen.sort(), ['VersionMismatch', 'done']);
    assert.ok(version > 0);
  });

  it('waits for a worker, and is done once when one is back', async () => {
    const { id } = await openIncident();
    await system.stopWorkers();
    const asked = { requestId: 'nobody is there' };
    await assert.rejects(act(id, { act: 'acknowledge' }, asked), (error) => !(error instanceof RefusedByRunError));
    await system.startWorkers();
    const seen = await act(id, { act: 'acknowledge' }, asked);
    assert.equal(seen.status, 'acknowledged');
    assert.equal(seen.audit.filter(({ action }) => action === 'acknowledge').length, 1);
    await assertAudited(system, seen);
  });

  it('on an incident that closed itself starts a new run for it', async () => {
    const id = await system.submit(alertOn(CLEAN, { severity: 'low', username: 'm.okafor' }));
    const closed = await system.incident(id, ({ status }) => status === 'closed');
    await outcome(id);
    assert.equal(await refusal(act(id, { act: 'acknowledge' })), 'NotAllowed');
    await outcome(id);
    const now = (await system.store.incidents.require(id)).version;
    const reopened = await act(id, [{ act: 'reopen' }, { act: 'acknowledge' }], { ifVersion: now });
    assert.deepEqual([reopened.status, reopened.verdict], ['acknowledged', closed.verdict]);
    await handle(id).signal('alertsJoined');
    const later = await system.incident(id, ({ audit }) => audit.at(-1)?.action_key === '2/conclude');
    assert.equal(later.status, 'acknowledged');
    await assertAudited(system, later);
  });
});

const typeOf = (error: unknown): string => (error as RefusedByRunError).type;
