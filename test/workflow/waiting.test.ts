import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { startableOf, sweep } from '../../api/reconciler';
import type { ProviderStatus } from '../../db/repositories/quotas';
import { assertAudited, row } from '../support/audit';
import { eventsOf } from '../support/history';
import { holdSlots, limitedProviders } from '../support/quotas';
import { alertOn, answerOf, awaitsVirusTotal, isFinal, sentTo } from '../support/questions';
import { createTestSystem, settled, TEST_KEY } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

const DAY_MS = 86_400_000;
/** Beyond any check of the reconciler that is planned in the ordinary course. */
const LATER_MS = 120_000;

/** What the tests know of VirusTotal's side, and of how it is seen. */
function watch(system: TestSystem) {
  const sent = (address = ''): string[] => sentTo(system, 'virustotal', address);
  const status = async (): Promise<ProviderStatus> =>
    (await system.store.quotas.status()).find(({ name }) => name === 'virustotal')!;
  const restartWorkers = async (given: { day?: number; apiKey?: string }): Promise<void> => {
    await system.stopWorkers();
    const limits = given.day === undefined ? [] : [{ name: 'day', requests: given.day, calendar: 'day' as const }];
    const providers = limitedProviders(system, { virustotal: limits, apiKey: given.apiKey ?? TEST_KEY });
    await system.startWorkers({ providers, providerRetryForMs: 0 });
  };
  return { sent, status, restartWorkers };
}

/** A day that ended in the middle of a test would give its quota back. */
async function awayFromMidnight(): Promise<void> {
  const minute = 60_000;
  await until(
    'midnight to have passed',
    () => (DAY_MS - (Date.now() % DAY_MS) > minute ? true : undefined),
    2 * minute,
  );
}

describe('lookups that wait for a quota of the day', () => {
  let system: TestSystem;
  let watched: ReturnType<typeof watch>;
  const ids: string[] = [];
  const handle = (id: string) => system.client.workflow.getHandle(id);

  before(async () => {
    await awayFromMidnight();
    system = await createTestSystem();
    watched = watch(system);
    await watched.restartWorkers({ day: 1 });
    await system.incident(await system.submit(alertOn('81.2.69.142')), isFinal);
  });
  after(() => system.close());

  const runIdOf = async (id: string): Promise<string> => (await handle(id).describe()).runId;
  const sweepLater = async (): Promise<void> => {
    const at = Date.now() + LATER_MS;
    const deps = { store: system.store, gateway: system.gateway, logger: pino({ level: 'silent' }) };
    while ((await sweep({ ...deps, clock: () => new Date(at) })) > 0);
  };
  const atRest = (id: string): Promise<true> =>
    until(`${id} to wait for its source`, async () => {
      const { step } = await handle(id).query<{ step: string }>('progress');
      return step.startsWith('waiting for a source') ? true : undefined;
    });

  it('are shown with until when, and why', async () => {
    const midnight = new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS).toISOString();
    for (let index = 0; index < 4; index += 1) ids.push(await system.submit(alertOn(`62.113.200.${index}`)));
    for (const id of ids) {
      const { until: at, summary } = answerOf(await system.incident(id, awaitsVirusTotal), 'virustotal');
      assert.ok(new Date(at!).toISOString() >= midnight);
      assert.match(summary, /its quota of 1 a day is spent/);
      await atRest(id);
    }
    const { windows, waiting, next_slot_at } = await watched.status();
    assert.deepEqual(
      windows.map(({ name, limit, used, left }) => ({ name, limit, used, left })),
      [{ name: 'day', limit: 1, used: 1, left: 0 }],
    );
    for (const at of [windows[0]!.resets_at, next_slot_at]) assert.equal(new Date(at!).toISOString(), midnight);
    assert.equal(waiting.count, ids.length);
    assert.deepEqual(waiting.items.map(({ incident_id }) => incident_id).sort(), [...ids].sort());
    for (const item of waiting.items) assert.match(item.reason, /its quota of 1 a day is spent/);
    assert.equal(waiting.items.filter((item) => new Date(item.until!).toISOString() === midnight).length, 1);
    assert.equal(watched.sent().length, 1);
  });

  it('go on waiting when the run is terminated or lost, or its workers stop, and are not asked meanwhile', async () => {
    const [terminated, lost] = ids as [string, string];
    const runs = new Map(await Promise.all(ids.map(async (id) => [id, await runIdOf(id)] as const)));
    await handle(terminated).terminate('by hand');
    await system.connection.workflowService.deleteWorkflowExecution({
      namespace: system.namespace,
      workflowExecution: { workflowId: lost, runId: runs.get(lost)! },
    });
    await until('the engine to have forgotten the run', async () =>
      (await system.gateway.describe(lost)) === 'unknown' ? true : undefined,
    );
    await watched.restartWorkers({ day: 1 });
    await sweepLater();

    for (const id of ids) {
      await atRest(id);
      assert.equal(answerOf(await system.incident(id, awaitsVirusTotal), 'virustotal').state, 'waiting');
    }
    for (const id of [terminated, lost]) assert.notEqual(await runIdOf(id), runs.get(id));
    assert.equal((await watched.status()).waiting.count, ids.length);
    assert.equal(watched.sent().length, 1);
  });

  it('are answered without waiting for the day to end when the limit is raised', async () => {
    await watched.restartWorkers({ day: 100 });
    for (const [index, id] of ids.entries()) {
      const incident = await system.incident(id, isFinal);
      assert.equal(incident.complete, true);
      assert.equal(answerOf(incident, 'virustotal').state, 'not_known');
      assert.deepEqual(
        incident.audit.filter(({ provider }) => provider === 'virustotal').map(({ action_key }) => action_key),
        [`1/virustotal/ip:62.113.200.${index}#waiting`, `1/virustotal/ip:62.113.200.${index}`],
      );
      assert.equal(watched.sent(`/62.113.200.${index}`).length, 1);
      await assertAudited(system, incident);
    }
    const { windows, waiting } = await watched.status();
    assert.deepEqual([windows[0]?.used, waiting.count], [1 + ids.length, 0]);
  });

  it('begin to wait at once when the limit is lowered: no more is sent', async () => {
    await watched.restartWorkers({ day: 2 });
    const before = watched.sent().length;
    const id = await system.submit(alertOn('62.113.200.77'));
    const { summary } = answerOf(await system.incident(id, awaitsVirusTotal), 'virustotal');
    assert.match(summary, /its quota of 2 a day is spent/);
    assert.equal(watched.sent().length, before);
    assert.equal((await watched.status()).windows[0]?.left, 0);
  });
});

describe('a lookup that must wait', () => {
  const ONE = [{ name: 'minute', requests: 1, ms: 50 }];
  let system: TestSystem;
  let release: () => Promise<void>;

  before(async () => {
    system = await createTestSystem();
  });
  beforeEach(async () => {
    const [, virustotal] = limitedProviders(system, { virustotal: ONE });
    release = await holdSlots(system, virustotal!, 1);
  });
  afterEach(() => system.stopWorkers());
  after(() => system.close());

  it('takes its place in the line although its first attempt was lost', async () => {
    let lost = 0;
    const { quotas } = system.store;
    const admit: typeof quotas.admit = (input) => {
      if (input.provider !== 'virustotal' || lost > 0) return quotas.admit(input);
      lost += 1;
      throw new Error('as when a worker dies');
    };
    const store = { ...system.store, quotas: { ...quotas, admit } };
    await system.startWorkers({ store, providers: limitedProviders(system, { virustotal: ONE, store }) });
    const id = await system.submit(alertOn('62.113.200.1'));
    await system.incident(id, awaitsVirusTotal);
    assert.equal(lost, 1);
    assert.equal((await watch(system).status()).waiting.items[0]?.incident_id, id);
    await release();
    const incident = await system.incident(id, isFinal);
    assert.equal(row(incident, '1/virustotal/ip:62.113.200.1').status, 'ok');
  });

  it('is asked at once when its run is told before it has heard of the refusal', async () => {
    const { actions, quotas } = system.store;
    let told = 0;
    const nudge = quotas.nudge.bind(quotas);
    quotas.nudge = async () => {
      const called = await nudge();
      told += called.length;
      return called;
    };
    const finish: typeof actions.finish = async (input) => {
      const written = await actions.finish(input);
      if (!input.actionKey.endsWith('#waiting')) return written;
      await release();
      await until('the run to be told', async () => {
        const events = await eventsOf(system, input.incidentId!);
        const signals = events.flatMap(
          ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName ?? [],
        );
        return signals.includes('lookupsReady') ? true : undefined;
      });
      return written;
    };
    const store = { ...system.store, actions: { ...actions, finish } };
    await system.startWorkers({ store, providers: limitedProviders(system, { virustotal: ONE, store }) });
    const incident = await system.incident(await system.submit(alertOn('62.113.200.2')), isFinal);
    quotas.nudge = nudge;
    assert.equal(row(incident, '1/virustotal/ip:62.113.200.2').status, 'ok');
    assert.equal(told, 1);
  });
});

describe('a key that is refused', () => {
  let system: TestSystem;
  let watched: ReturnType<typeof watch>;
  const asked: string[] = [];

  before(async () => {
    system = await createTestSystem();
    watched = watch(system);
    await watched.restartWorkers({});
  });
  after(() => system.close());

  it('forbidden to ask one thing may ask others', async () => {
    system.simulator.control({ provider: 'virustotal', mode: '403', times: 1 });
    const forbidden = await system.incident(await system.submit(alertOn('62.113.200.1')), isFinal);
    assert.equal(answerOf(forbidden, 'virustotal').state, 'failed');
    const other = await system.incident(await system.submit(alertOn('62.113.200.2')), isFinal);
    assert.equal(answerOf(other, 'virustotal').state, 'not_known');
    assert.equal((await watched.status()).blocked, null);
  });

  it('is sent once; those who come later wait, without a request', async () => {
    system.simulator.control({ provider: 'virustotal', mode: '401' });
    const before = watched.sent().length;
    for (const address of ['81.2.69.142', '62.113.200.4', '62.113.200.5']) {
      const id = await system.submit(alertOn(address));
      const incident = await system.incident(id, settled);
      asked.push(id);
      assert.equal(answerOf(incident, 'virustotal').state, asked.length === 1 ? 'failed' : 'waiting');
      assert.equal(incident.complete, false);
      assert.match(answerOf(incident, 'virustotal').summary, asked.length === 1 ? /401/ : /it has refused the key/);
      assert.equal(watched.sent().length - before, 1);
    }
  });

  it('is shown, with what it was refused by and when it is tried again', async () => {
    const { blocked, last_error, error_rate, configured } = await watched.status();
    assert.equal(configured, true);
    assert.match(blocked!.message, /401/);
    assert.ok(Date.parse(blocked!.probe_at) > Date.parse(blocked!.since));
    assert.equal(last_error?.kind, 'unauthorized');
    assert.ok(error_rate! > 0);
  });

  it('has been replaced: what waits is answered by itself, and what failed when it is repeated', async () => {
    system.simulator.control({ mode: 'ok' });
    await watched.restartWorkers({ apiKey: 'another-key-of-some-length' });
    assert.equal((await watched.status()).blocked, null);
    const [failed = '', ...waiting] = asked;
    const startable = startableOf(await system.store.incidents.require(failed))!;
    await system.gateway.retry(startable, { requestId: 'another key' });
    for (const id of [failed, ...waiting]) {
      const incident = await system.incident(id, (seen) => isFinal(seen) && seen.complete);
      assert.ok(['ok', 'not_known'].includes(answerOf(incident, 'virustotal').state));
      await assertAudited(system, incident);
    }
  });
});
