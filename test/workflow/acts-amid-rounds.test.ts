import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { RefusedByRunError } from '../../api/gateway';
import type { ActOrder } from '../../api/gateway';
import { startableOf, startReconciler } from '../../api/reconciler';
import type { Store } from '../../db/store';
import type { IncidentView } from '../../db/views';
import type { Act } from '../../domain/acts';
import { assertAudited } from '../support/audit';
import { alertOn, isFinal } from '../support/questions';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

const HASH = '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f';
/** Nobody accuses it: the rules close its incident. */
const CLEAN = '81.2.69.142';

let system: TestSystem;
let reconciler: { stop(): Promise<void> };
let addresses = 0;
const freshAddress = (): string => `62.113.207.${(addresses += 1)}`;

/** Holds a step, however often it is tried, until it is opened: for so long that others get in. */
interface Gate {
  reached: Promise<void>;
  open: () => void;
}
const gates = new Map<string, { reach: () => void; opened: Promise<void> }>();

function gate(step: 'plan' | 'score'): Gate {
  let [open, reach] = [() => {}, () => {}];
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  gates.set(step, { reach, opened });
  return {
    reached,
    open() {
      gates.delete(step);
      open();
    },
  };
}

async function pass(step: string): Promise<void> {
  const found = gates.get(step);
  found?.reach();
  await found?.opened;
}

/** A store whose reads for planning and scoring pass a gate, when they have read and before anything is written. */
function gated(store: Store): Store {
  return {
    ...store,
    incidents: {
      ...store.incidents,
      async earlier(incident) {
        const found = await store.incidents.earlier(incident);
        await pass('score');
        return found;
      },
      async unprocessed(id) {
        const found = await store.incidents.unprocessed(id);
        await pass('plan');
        return found;
      },
    },
  };
}

before(async () => {
  system = await createTestSystem();
  await system.startWorkers({ store: gated(system.store), providers: system.providers() });
  const { store, gateway } = system;
  reconciler = startReconciler({
    store,
    gateway,
    logger: pino({ level: 'silent' }),
    clock: () => new Date(),
    everyMs: 500,
  });
});
afterEach(async () => {
  system.simulator.control({ mode: 'ok' });
  await system.forget();
});
after(async () => {
  await reconciler.stop();
  await system.close();
});

let requests = 0;

/** As the API and a patient analyst do it: asked again under its name while the engine does not answer in time. */
async function act(id: string, acts: Act[], more: Partial<ActOrder> = {}): Promise<void> {
  const order = { acts, requestId: `request-${(requests += 1)}`, actor: 'ann', ...more };
  await until('the act to be confirmed', async () => {
    const startable = startableOf(await system.store.incidents.require(id))!;
    try {
      await system.gateway.act(startable, order);
      return true;
    } catch (error) {
      if (error instanceof RefusedByRunError) throw error;
      return undefined;
    }
  });
}

/** Nothing is under way, and nothing left to do. */
async function atRest(id: string): Promise<IncidentView> {
  await until(`${id} to be at rest`, async () => {
    const { round, settled_round, unprocessed, status } = await system.store.incidents.require(id);
    return round === settled_round && unprocessed === 0 && status !== 'investigating' ? true : undefined;
  });
  const seen = await system.incident(id, ({ verdict_state }) => verdict_state === 'final');
  await assertAudited(system, seen);
  return seen;
}

const reclassify = (alert_type: 'brute_force' | 'suspicious_ip' | 'malware'): Act => ({
  act: 'reclassify',
  alert_type,
});

describe('an act amid a round', () => {
  it('there and back in one request: the playbook judges anew', async () => {
    const id = await system.submit(alertOn(freshAddress()));
    await system.incident(id, isFinal);
    await act(id, [reclassify('suspicious_ip'), reclassify('brute_force')]);
    const seen = await atRest(id);
    assert.equal(seen.alert_type, 'brute_force');
    assert.match(seen.audit.at(-1)!.action_key, /^[23]\/conclude$/);
  });

  it('there and back while a later round is scored: the last playbook judges', async () => {
    const id = await system.submit(alertOn(freshAddress()));
    await system.incident(id, isFinal);
    const scoring = gate('score');
    await system.client.workflow.getHandle(id).signal('alertsJoined');
    await scoring.reached;
    await act(id, [reclassify('suspicious_ip')]);
    await act(id, [reclassify('brute_force')]);
    scoring.open();
    const seen = await atRest(id);
    assert.equal(seen.alert_type, 'brute_force');
  });

  it('another type while the round is planned: the plan of the playbook before is not adopted', async () => {
    const planning = gate('plan');
    const id = await system.submit(alertOn(freshAddress(), { file_hash: HASH }));
    await planning.reached;
    await act(id, [reclassify('malware')]);
    planning.open();
    const seen = await atRest(id);
    assert.ok(
      seen.enrichments.some(({ observable }) => observable === `sha256:${HASH}`),
      'the file is asked about',
    );
    assert.deepEqual(
      seen.missing.filter(({ state }) => state === 'waiting'),
      [],
    );
  });

  it('closed and reopened while its first round is scored: it is judged, by the same run', async () => {
    const scoring = gate('score');
    const id = await system.submit(alertOn(freshAddress()));
    await scoring.reached;
    await act(id, [{ act: 'close', resolution: 'false_positive' }]);
    await act(id, [{ act: 'reopen' }]);
    scoring.open();
    const seen = await atRest(id);
    assert.deepEqual([seen.status, seen.verdict_state], ['open', 'final']);
    assert.equal(seen.audit.filter(({ action }) => action === 'claim').length, 1);
  });

  it('what an analyst takes up, or opens again, has clocks, even if the rules would close it', async () => {
    const scoring = gate('score');
    const id = await system.submit(alertOn(CLEAN, { severity: 'low', username: 'm.okafor' }));
    await scoring.reached;
    await act(id, [{ act: 'acknowledge' }]);
    scoring.open();
    const taken = await atRest(id);
    assert.deepEqual([taken.status, taken.decision?.outcome], ['acknowledged', 'close']);
    assert.ok(taken.sla.close_due);

    const other = await system.submit(alertOn(CLEAN, { severity: 'low', username: 'm.okafor' }));
    const closed = await system.incident(other, ({ status }) => status === 'closed');
    assert.equal(closed.sla.close_due, null, 'due to nobody');
    await act(other, [{ act: 'reopen' }]);
    const reopened = (await system.store.incidents.view(other))!;
    assert.ok(reopened.sla.close_due && reopened.sla.ack_due);
  });

  it('a refusal of the source that comes after the close: nothing waits', async () => {
    system.simulator.control({ provider: 'virustotal', mode: '429', ms: 3_600_000 });
    const id = await system.submit(alertOn(freshAddress()));
    await system.incident(id, ({ enrichments }) => enrichments.some(({ state }) => state === 'waiting'));
    const waiting = (await system.knex('enrichments').where({ incident_id: id, state: 'waiting' }).first()) as Record<
      string,
      unknown
    >;
    await act(id, [{ act: 'close', resolution: 'true_positive' }]);
    const at = new Date().toISOString();
    const change = {
      ...({ source: 'virustotal', state: 'waiting', until: at, summary: 'late', facts: null, at } as const),
      ...{ observable: waiting['observable'] as never, actionKey: String(waiting['action_key']) },
    };
    await system.knex.transaction((trx) => system.store.enrichments.upsert(trx, id, change));
    assert.equal(
      (await system.store.incidents.view(id))!.enrichments.some(({ state }) => state === 'waiting'),
      false,
    );
  });

  it('refused once, the same name serves for another try; two wishes under one name are one and a refusal', async () => {
    const id = await system.submit(alertOn(freshAddress(), { username: 'm.okafor' }));
    const { version } = await system.incident(id, (seen) => isFinal(seen) && seen.status === 'open');
    const wish = { requestId: 'my wish' };
    await assert.rejects(
      act(id, [{ act: 'setSeverity', severity: 'low' }], { ...wish, ifVersion: version - 1 }),
      isOf('VersionMismatch'),
    );
    await act(id, [{ act: 'setSeverity', severity: 'low' }], { ...wish, ifVersion: version });
    const both = await Promise.allSettled([
      act(id, [{ act: 'acknowledge' }], { requestId: 'one name' }),
      act(id, [{ act: 'close', resolution: 'duplicate' }], { requestId: 'one name', actor: 'ben' }),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const seen = (await system.store.incidents.view(id))!;
    assert.equal(seen.severity, 'low');
    await assertAudited(system, seen);
  });
});

const isOf = (type: string) => (error: unknown) => error instanceof RefusedByRunError && error.type === type;

it('a reopened incident without a playbook is nobody’s to look after', async () => {
  const id = await system.accept({ source: 'fw', alert_id: 'nothing-known', message: 'x', alert_type: 'unclassified' });
  const perform = (requestId: string, acts: Act[]) =>
    system.store.acts.perform({
      incidentId: id,
      requestId,
      request: { acts },
      actor: 'ann',
      at: new Date().toISOString(),
    });
  await perform('c', [{ act: 'close', resolution: 'false_positive' }]);
  const { status, next_check_at, round } = await perform('r', [{ act: 'reopen' }]);
  assert.deepEqual([status, next_check_at, round], ['open', null, 0]);
});
