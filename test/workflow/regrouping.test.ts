import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { readAlert } from '../../api/accept-alert';
import { startableOf, sweep } from '../../api/reconciler';
import type { IncidentView } from '../../db/views';
import { DEFAULT_SITE } from '../../domain/site';
import type { Progress } from '../../workflows/messages';
import { assertAudited, row } from '../support/audit';
import { alertOn, sentTo } from '../support/questions';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

const WINDOW_MS = 2 * 3_600_000;
const MINUTE_MS = 60_000;

function rounds({ audit }: Pick<IncidentView, 'audit'>): number {
  return audit.filter(({ action }) => action === 'conclude').length;
}

describe('grouping by hand, with runs', () => {
  let system: TestSystem;
  let requests = 0;

  before(async () => {
    system = await createTestSystem(undefined, undefined, { correlationWindowMs: WINDOW_MS });
    await system.startWorkers();
  });
  after(() => system.close());

  const handle = (id: string) => system.client.workflow.getHandle(id);
  const startable = async (id: string) => startableOf(await system.store.incidents.require(id))!;
  const by = { reason: 'test', actor: 'ann' };
  const now = () => new Date().toISOString();
  const merge = (id: string, into: string) => system.store.regrouping.merge({ id, into, ...by, at: now() });
  async function split(id: string, alertIds: string[]): Promise<string> {
    const read: Parameters<TestSystem['store']['regrouping']['split']>[0]['read'] = (alert) =>
      readAlert(alert, DEFAULT_SITE, WINDOW_MS);
    const requestId = `request-${(requests += 1)}`;
    const outcome = await system.store.regrouping.split({ id, alertIds, requestId, read, ...by, at: now() });
    assert.ok(!('refused' in outcome));
    return outcome.incident.id;
  }
  /** What the reconciler does, as often as it takes. */
  async function reconciled(what: string, done: () => Promise<boolean>): Promise<void> {
    const deps = { store: system.store, gateway: system.gateway, logger: pino({ level: 'silent' }) };
    let ahead = MINUTE_MS;
    await until(what, async () => {
      if (await done()) return true;
      const at = Date.now() + (ahead += MINUTE_MS);
      await sweep({ ...deps, clock: () => new Date(at) });
      return undefined;
    });
  }
  async function escalated(address: string, changes: Record<string, unknown> = {}): Promise<string> {
    const id = await system.submit(alertOn(address, changes));
    await system.incident(id, settled);
    await until(`${id} to wait`, async () =>
      (await handle(id).query<Progress>('progress')).step === 'waiting for an analyst' ? true : undefined,
    );
    return id;
  }
  const hasEnded = async (id: string) => (await system.gateway.describe(id)) === 'ended';

  it('merged: the run of the one ends, the other has one more round with all of it, and asks only what is new', async () => {
    const [a, b] = ['185.220.101.11', '185.220.101.12'];
    const [source, target] = [await escalated(a), await escalated(b)];
    const asked = sentTo(system, 'virustotal').length;
    await merge(source, target);
    await system.gateway.cancel({ id: source });
    await system.gateway.rouse(await startable(target));
    await until('the run of the duplicate to end', async () => ((await hasEnded(source)) ? true : undefined));
    const incident = await system.incident(target, (one) => rounds(one) === 2);
    await assertAudited(system, incident);
    assert.deepEqual([incident.alert_count, incident.alerts.length], [2, 2]);
    assert.deepEqual(
      incident.audit
        .filter(({ action_key }) => action_key.startsWith('2/'))
        .flatMap(({ observable }) => observable ?? []),
      incident.audit
        .filter(({ action_key }) => action_key.startsWith('2/'))
        .flatMap(({ observable }) => (observable ? [`ip:${a}`] : [])),
    );
    assert.equal(sentTo(system, 'virustotal').length, asked, 'its answer is still fresh');
    assert.deepEqual(
      (await system.store.incidents.earlier(await system.store.incidents.require(target))).map(({ id }) => id),
      [],
    );
    const { status, resolution } = await system.store.incidents.require(source);
    assert.deepEqual([status, resolution], ['closed', 'duplicate']);
    await assertAudited(system, (await system.store.incidents.view(source))!);
  });

  it('merged, and the engine was not told: the reconciler sees to both', async () => {
    const [source, target] = [await escalated('185.220.101.13'), await escalated('185.220.101.14')];
    await merge(source, target);
    await reconciled('both to be seen to', async () => {
      const incident = (await system.store.incidents.view(target))!;
      const { next_check_at } = await system.store.incidents.require(source);
      return rounds(incident) === 2 && next_check_at === null && (await hasEnded(source));
    });
  });

  it('merged while a round is under way: it writes no more', async () => {
    const target = await escalated('185.220.101.15');
    system.simulator.control({ provider: 'virustotal', mode: 'hang' });
    const source = await system.submit(alertOn('185.220.101.16'));
    await until('the question to be sent', () =>
      sentTo(system, 'virustotal', '185.220.101.16').length > 0 ? true : undefined,
    );
    await merge(source, target);
    system.simulator.control({ provider: 'virustotal', mode: 'ok' });
    await system.gateway.cancel({ id: source });
    await until('the run to end', async () => ((await hasEnded(source)) ? true : undefined));
    await system.gateway.rouse(await startable(target));
    await system.incident(target, (one) => rounds(one) === 2);
    const view = (await system.store.incidents.view(source))!;
    assert.equal(view.audit.at(-1)?.action, 'merge');
    assert.equal(view.status, 'closed');
  });

  it('split: both are judged anew, each with what is its own', async () => {
    const address = '185.220.101.17';
    const id = await escalated(address, { username: 'ann' });
    const joined = await system.take(
      alertOn(address, { username: 'administrator', outcome: 'success', failed_attempts: 30 }),
    );
    await system.gateway.rouse(await startable(id));
    const before = await system.incident(id, (one) => rounds(one) === 2);
    assert.match(JSON.stringify(before.signals), /administrator/);
    const opened = await split(id, [joined.alertId]);
    await system.gateway.start(await startable(opened));
    await system.gateway.replace(await startable(id));
    const left = await system.incident(id, (one) => rounds(one) === 3);
    const fresh = await system.incident(opened, settled);
    for (const one of [left, fresh]) await assertAudited(system, one);
    assert.doesNotMatch(JSON.stringify(left.signals), /administrator was/);
    assert.match(JSON.stringify(fresh.signals), /administrator/);
    assert.deepEqual([left.alert_count, fresh.alert_count], [1, 1]);
    assert.equal(row(left, '3/plan').status, 'ok');
    assert.equal((await system.store.incidents.require(id)).unprocessed, 0);
  });

  it('split, and the engine was not told: the reconciler sees to both', async () => {
    const address = '185.220.101.18';
    const id = await escalated(address);
    const joined = await system.take(alertOn(address, { username: 'x' }));
    const opened = await split(id, [joined.alertId]);
    await reconciled('both to be judged', async () => {
      const [left, fresh] = [(await system.store.incidents.view(id))!, (await system.store.incidents.view(opened))!];
      return rounds(left) === 2 && settled(fresh);
    });
    assert.equal((await system.store.incidents.require(id)).unprocessed, 0);
  });
});
