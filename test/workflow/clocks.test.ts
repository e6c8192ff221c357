import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ActOrder } from '../../api/gateway';
import { startableOf } from '../../api/reconciler';
import type { IncidentView } from '../../db/views';
import type { Act } from '../../domain/acts';
import { DEFAULT_SITE } from '../../domain/site';
import type { SiteKnowledge } from '../../domain/site';
import { assertAudited } from '../support/audit';
import { eventsOf, summaryOf } from '../support/history';
import { alertOn, isFinal } from '../support/questions';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

/** What takes hours on a site takes seconds here; the clocks themselves are real. */
const SECOND = 1 / 60;
/** Longer than these tests; reminders come after three seconds of it. */
const NEVER = 5;
const SITE: SiteKnowledge = {
  ...DEFAULT_SITE,
  sla: {
    critical: { acknowledge: 2 * SECOND, close: 4 * SECOND },
    high: { acknowledge: 2 * SECOND, close: NEVER },
    medium: { acknowledge: NEVER, close: 3 * SECOND },
    low: { acknowledge: NEVER, close: NEVER },
  },
  sla_reminder_percent: 1,
  escalation_levels: ['tier 2', 'incident lead'],
};

let system: TestSystem;
let addresses = 0;

before(async () => {
  system = await createTestSystem({ current: () => SITE });
  await system.startWorkers();
});
after(() => system.close());

let requests = 0;

async function act(id: string, acts: Act[], more: Partial<ActOrder> = {}): Promise<IncidentView> {
  const startable = startableOf(await system.store.incidents.require(id))!;
  await system.gateway.act(startable, { acts, requestId: `request-${(requests += 1)}`, actor: 'ann', ...more });
  return (await system.store.incidents.view(id))!;
}

/** About an address that nobody knows: it stays open. */
function submit(severity: string): Promise<string> {
  return system.submit(alertOn(`62.113.205.${(addresses += 1)}`, { severity, username: 'm.okafor' }));
}

const told = ({ audit }: IncidentView) =>
  audit
    .filter(({ action }) => action.startsWith('sla_'))
    .map(({ action, detail }) => [action, (detail as { clock: string }).clock]);

const breachesOf = (seen: IncidentView) =>
  told(seen).flatMap(([action, clock]) => (action === 'sla_breach' && clock ? [clock] : []));

const progress = async (id: string) => system.client.workflow.getHandle(id).query<{ step: string }>('progress');

describe('the clocks of an incident', () => {
  it('run out, and escalate level by level, each once', async () => {
    const id = await submit('critical');
    const seen = await system.incident(id, ({ sla }) => sla.breaches.close !== undefined);
    assert.deepEqual(breachesOf(seen), ['acknowledge', 'close']);
    const breaches = seen.audit.filter(({ action }) => action === 'sla_breach');
    assert.deepEqual(
      breaches.map(({ detail }) => (detail as { escalated_to: string }).escalated_to),
      ['tier 2', 'incident lead'],
    );
    assert.deepEqual([seen.sla.breached, seen.sla.escalated_to], [true, 'incident lead']);
    assert.equal(Date.parse(seen.sla.ack_due!) - Date.parse(seen.created_at), 2000);
    for (const { at, detail } of breaches) assert.ok(at >= (detail as { due: string }).due, 'not before it is due');
    await assertAudited(system, seen);
    const timers = (await eventsOf(system, id)).flatMap((event) => summaryOf(event) ?? []);
    assert.ok(timers.some((summary) => /^(Reminder|Due): to be (acknowledged|closed) by /.test(summary)));
  });

  it('remind once of each, before it is due', async () => {
    const id = await submit('low');
    const seen = await system.incident(id, (one) => told(one).length === 2);
    assert.deepEqual(told(seen), [
      ['sla_reminder', 'acknowledge'],
      ['sla_reminder', 'close'],
    ]);
    assert.equal(seen.sla.breached, false);
    await assertAudited(system, seen);
  });

  it('say nothing of what was done in time, and stand while it is on hold', async () => {
    const id = await submit('high');
    await system.incident(id, isFinal);
    const acknowledged = await act(id, [{ act: 'acknowledge' }]);
    assert.deepEqual([acknowledged.sla.breached, acknowledged.sla.paused], [false, false]);
    const other = await submit('critical');
    await system.incident(other, isFinal);
    const held = await act(other, [{ act: 'hold', until: new Date(Date.now() + 3_600_000).toISOString() }], {
      reason: 'r',
    });
    const witness = await submit('critical');
    await system.incident(witness, ({ sla }) => sla.breaches.close !== undefined);
    for (const one of [id, other]) {
      const seen = (await system.store.incidents.view(one))!;
      assert.deepEqual(breachesOf(seen), [], 'others have run out meanwhile');
    }
    const resumed = await act(other, [{ act: 'resume' }]);
    const moved = Date.parse(resumed.sla.close_due!) - Date.parse(held.sla.close_due!);
    const stood = Date.parse(resumed.audit.at(-2)!.at) - Date.parse(held.audit.at(-2)!.at);
    assert.ok(Math.abs(moved - stood) <= 1, `${moved} ms for ${stood} ms on hold`);
    const late = await system.incident(other, ({ sla }) => sla.breaches.close !== undefined);
    assert.equal(late.sla.breaches.acknowledge, undefined, 'whoever puts it on hold has taken it up');
    await assertAudited(system, late);
  });

  it('follow the severity, and end a hold that is over', async () => {
    const id = await submit('low');
    const low = await system.incident(id, isFinal);
    assert.equal(Date.parse(low.sla.close_due!) - Date.parse(low.created_at), NEVER * 60_000);
    await act(id, [{ act: 'setSeverity', severity: 'medium' }]);
    const late = await system.incident(id, ({ sla }) => sla.breaches.close !== undefined);
    assert.equal(late.sla.breaches.acknowledge, undefined);
    const end = new Date(Date.now() + 1500).toISOString();
    const before = (await system.store.reports.latest(id))!.version;
    await act(id, [{ act: 'hold', until: end }], { reason: 'a short one' });
    const over = await system.incident(id, ({ status }) => status === 'acknowledged');
    const [row] = over.audit.filter(({ action }) => action === 'hold_over');
    assert.ok(row && row.at >= end);
    assert.equal(row.summary, 'The hold is over, of ann: a short one');
    assert.deepEqual(
      [over.hold, over.status_by, (await system.store.reports.latest(id))!.version],
      [null, 'ann', before + 2],
    );
    await assertAudited(system, over);
  });

  it('are tended once the worker is back, when it was away', async () => {
    const id = await submit('critical');
    await system.incident(id, isFinal);
    await system.stopWorkers();
    const { close_due } = (await system.store.incidents.view(id))!.sla;
    await until('all to be overdue', () => (new Date().toISOString() > close_due! ? true : undefined));
    await system.startWorkers();
    const seen = await system.incident(id, ({ sla }) => sla.breaches.close !== undefined);
    assert.deepEqual(breachesOf(seen), ['acknowledge', 'close']);
    await assertAudited(system, seen);
  });
});

describe('an act that comes too late', () => {
  it('hides no breach: that is noted first', async () => {
    const id = await submit('critical');
    const open = await system.incident(id, isFinal);
    await system.stopWorkers();
    await until('it to be overdue', () => (new Date().toISOString() > open.sla.ack_due! ? true : undefined));
    const order = { requestId: 'too late' };
    await assert.rejects(act(id, [{ act: 'acknowledge' }], order));
    await system.startWorkers();
    const seen = await act(id, [{ act: 'acknowledge' }], order);
    assert.equal(seen.status, 'acknowledged');
    assert.ok(seen.sla.breaches.acknowledge);
    const rows = seen.audit.map(({ action }) => action);
    assert.ok(rows.indexOf('sla_breach') < rows.indexOf('acknowledge'));
    await assertAudited(system, seen);
  });
});

describe('a run that waits for months', () => {
  /** From 4 MiB on the server suggests to continue as new. */
  const BALLAST = 'x'.repeat(80_000);

  it('continues as new with acts in flight: none is lost, none is done twice, and the clocks go on', async () => {
    const id = await submit('low');
    await system.incident(id, isFinal);
    const handle = system.client.workflow.getHandle(id);
    const { runId } = await handle.describe();
    const acts: Promise<IncidentView>[] = [];
    for (let sent = 0; sent < 60; sent += 10) {
      acts.push(
        act(id, [{ act: 'setSeverity', severity: sent % 20 === 0 ? 'high' : 'low' }], {
          requestId: `in flight ${sent}`,
        }),
      );
      await Promise.all(Array.from({ length: 10 }, () => handle.signal('rescored', BALLAST)));
    }
    await Promise.all(acts);
    await until('the run to continue as new', async () =>
      (await handle.describe()).runId === runId ? undefined : true,
    );
    const held = await act(id, [{ act: 'hold', until: new Date(Date.now() + 2000).toISOString() }], { reason: 'r' });
    const done = held.audit.filter(({ action }) => action === 'set_severity');
    assert.equal(new Set(done.map(({ action_key }) => action_key)).size, done.length);
    const over = await system.incident(id, ({ status }) => status === 'acknowledged');
    assert.equal(
      over.audit.filter(({ action }) => action === 'claim').length,
      1,
      'one claim for the whole chain of runs',
    );
    await assertAudited(system, over);
    assert.match((await progress(id)).step, /waiting/);
  });
});
