import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { pino } from 'pino';
import type { Provider } from '../../activities/providers/provider';
import { createGeoIp } from '../../activities/providers/geoip';
import type { EngineGateway } from '../../api/gateway';
import { createEngineGateway } from '../../api/gateway';
import { startReconciler, sweep } from '../../api/reconciler';
import type { IncidentRow } from '../../db/store';
import { RESTART_LIMIT } from '../../domain/reconcile';
import { assertAudited, row } from '../support/audit';
import { BENIGN, freshAlert } from '../support/samples';
import { createTestSystem, settled, temporalAddress } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

/** Source address of the benign sample. */
const ADDRESS = '81.2.69.142';
const VIRUSTOTAL = `1/virustotal/ip:${ADDRESS}`;
/** Beyond any check that is planned in the ordinary course. */
const LATER_MS = 120_000;
const HOUR_MS = 3_600_000;

describe('the reconciler', () => {
  let system: TestSystem;
  const logger = pino({ level: 'silent' });

  before(async () => {
    system = await createTestSystem();
  });
  afterEach(async () => {
    system.simulator.control({ mode: 'ok' });
    await system.forget();
  });
  after(() => system.close());

  const handle = (id: string) => system.client.workflow.getHandle(id);
  const incidentRow = (id: string): Promise<IncidentRow> => system.store.incidents.require(id);
  /** One sweep as it would be `aheadMs` from now. */
  const sweepAt = (aheadMs: number, gateway: EngineGateway = system.gateway): Promise<number> =>
    sweep({ store: system.store, gateway, logger, clock: () => new Date(Date.now() + aheadMs) });
  /** Sweeps until nothing that was due at that time is left. */
  const sweepAll = async (aheadMs: number, gateway?: EngineGateway): Promise<void> => {
    const at = Date.now() + aheadMs;
    const deps = { store: system.store, gateway: gateway ?? system.gateway, logger, clock: () => new Date(at) };
    while ((await sweep(deps)) > 0);
  };
  const counted = (gateway: EngineGateway, started: string[]): EngineGateway => {
    const count =
      (how: 'start' | 'restart'): EngineGateway['start'] =>
      async (incident) => {
        const outcome = await gateway[how](incident);
        if (outcome === 'started') started.push(incident.id);
        return outcome;
      };
    return { ...gateway, start: count('start'), restart: count('restart') };
  };

  async function deleteRun(id: string): Promise<void> {
    const { runId } = await handle(id).describe();
    await system.connection.workflowService.deleteWorkflowExecution({
      namespace: system.namespace,
      workflowExecution: { workflowId: id, runId },
    });
    await until('the engine to have forgotten the run', async () =>
      (await system.gateway.describe(id)) === 'unknown' ? true : undefined,
    );
  }

  describe('while nobody works', () => {
    it('starts what was lost between commit and engine', async () => {
      const id = await system.accept(freshAlert());
      assert.equal(await system.gateway.describe(id), 'unknown');
      await sweepAll(0);
      assert.equal(await system.gateway.describe(id), 'unknown', 'not due yet');
      await sweepAll(LATER_MS);
      assert.equal(await system.gateway.describe(id), 'running');
      assert.deepEqual((await incidentRow(id)).restarts, []);
    });

    it('leaves a running incident alone, and looks again later', async () => {
      const id = await system.submit(freshAlert());
      const { runId } = await handle(id).describe();
      await sweepAll(LATER_MS);
      assert.equal((await handle(id).describe()).runId, runId);
      const { restarts, next_check_at } = await incidentRow(id);
      assert.deepEqual(restarts, []);
      assert.ok(Date.parse(next_check_at!) > Date.now() + LATER_MS);
    });

    it('starts again what the engine lost before any run took it', async () => {
      const id = await system.submit(freshAlert());
      await deleteRun(id);
      await sweepAll(2 * LATER_MS);
      assert.equal(await system.gateway.describe(id), 'running');
    });

    it('looks at nothing that is closed or has no playbook', async () => {
      const id = await system.accept({ source: 'somewhere', description: 'nothing to recognise here' });
      assert.equal((await incidentRow(id)).alert_type, 'unclassified');
      await sweepAll(3 * LATER_MS);
      assert.equal(await system.gateway.describe(id), 'unknown');
    });

    it('starts each of many exactly once, however many reconcilers run', async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => system.accept(freshAlert(BENIGN))));
      const started: string[] = [];
      const second = createEngineGateway({
        connectionOptions: { address: temporalAddress() },
        namespace: system.namespace,
      });
      try {
        const gateways = [counted(system.gateway, started), counted(second, started)];
        await Promise.all(gateways.map((gateway) => sweepAll(4 * LATER_MS, gateway)));
        assert.deepEqual(started.filter((id) => ids.includes(id)).sort(), [...ids].sort());

        started.length = 0;
        await Promise.all(ids.map((id) => handle(id).terminate('by hand')));
        await Promise.all(gateways.map((gateway) => sweepAll(5 * LATER_MS, gateway)));
        assert.deepEqual(started.filter((id) => ids.includes(id)).sort(), [...ids].sort());
        for (const id of ids) assert.equal((await incidentRow(id)).restarts.length, 1);
      } finally {
        await second.close();
      }
      await Promise.all(ids.map((id) => handle(id).terminate('not needed any more')));
      await system.knex('incidents').whereIn('id', ids).update({ next_check_at: null });
    });

    it('backs off, gives up after five restarts within an hour, says so, and tries again when it has passed', async () => {
      const id = await system.submit(freshAlert());
      const outcomes: string[] = [];
      const gateway = counted(system.gateway, outcomes);
      const pauses: number[] = [];
      let aheadMs = LATER_MS;
      for (let restart = 1; restart <= RESTART_LIMIT; restart += 1) {
        await handle(id).terminate(`by hand, ${restart}`);
        const now = Date.now() + aheadMs;
        await sweepAt(aheadMs, gateway);
        const { next_check_at } = await incidentRow(id);
        pauses.push(Math.round((Date.parse(next_check_at!) - now) / 5000));
        aheadMs += Date.parse(next_check_at!) - now + 1000;
        assert.equal(outcomes.filter((one) => one === id).length, restart);
      }
      assert.deepEqual(pauses, [1, 2, 4, 8, 16]);

      await handle(id).terminate('once more');
      await sweepAt(aheadMs, gateway);
      assert.equal(outcomes.filter((one) => one === id).length, RESTART_LIMIT);
      const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
      assert.deepEqual((await system.store.stats.openCounts(at(aheadMs))).stuck, [id]);

      await sweepAt(aheadMs + HOUR_MS, gateway);
      assert.equal(outcomes.filter((one) => one === id).length, RESTART_LIMIT + 1);
      assert.deepEqual((await system.store.stats.openCounts(at(aheadMs + HOUR_MS))).stuck, []);
    });

    it('lets an incident that the engine gives no answer about hold up no other', async () => {
      const ids = [await system.accept(freshAlert()), await system.accept(freshAlert())];
      const [silent, other] = ids as [string, string];
      const gateway: EngineGateway = {
        ...system.gateway,
        describe: (id) => (id === silent ? Promise.reject(new Error('no answer')) : system.gateway.describe(id)),
      };
      const reconciler = startReconciler({
        store: system.store,
        gateway,
        logger,
        clock: () => new Date(Date.now() + LATER_MS),
        everyMs: 10,
      });
      try {
        await until('the other to be started', async () =>
          (await system.gateway.describe(other)) === 'running' ? true : undefined,
        );
      } finally {
        await reconciler.stop();
      }
      assert.equal(await system.gateway.describe(silent), 'unknown');
    });
  });

  describe('while workers work', () => {
    before(() => {
      const [iocs, virustotal] = system.providers() as [Provider, Provider];
      // gives up what hangs so soon that the end of the tests need not wait for it
      const geoip = createGeoIp({ url: system.simulator.url, timeoutMs: 500 });
      return system.startWorkers({ providers: [iocs, virustotal, geoip] });
    });
    after(() => system.stopWorkers());

    const asked = (): number =>
      system.simulator.requests().filter(({ path }) => path.endsWith(`/ip_addresses/${ADDRESS}`)).length;

    /** An incident in the middle of its first round: VirusTotal has answered, GeoIP hangs. */
    async function half(): Promise<{ id: string; before: number }> {
      const before = asked();
      system.simulator.control({ provider: 'geoip', mode: 'hang' });
      const id = await system.submit(freshAlert(BENIGN));
      await system.incident(id, ({ audit }) => audit.some((one) => one.action_key === VIRUSTOTAL));
      return { id, before };
    }

    async function assertWentOn({ id, before }: { id: string; before: number }): Promise<void> {
      system.simulator.control({ mode: 'ok' });
      await sweepAll(10 * LATER_MS);
      const incident = await system.incident(id, settled);
      await assertAudited(system, incident);
      assert.equal(incident.status, 'closed');
      assert.equal(asked() - before, 1, 'VirusTotal is not asked again');
      assert.notEqual(row(incident, VIRUSTOTAL).workflow_run_id, row(incident, '1/score').workflow_run_id);
      assert.equal(row(incident, 'claim/2').workflow_run_id, row(incident, '1/score').workflow_run_id);
      assert.equal((await incidentRow(id)).restarts.length, 1);
    }

    it('restarts a run that was terminated by hand; it goes on where it was', async () => {
      const begun = await half();
      await handle(begun.id).terminate('by hand');
      await assertWentOn(begun);
    });

    it('restarts a run that the engine lost; it goes on where it was', async () => {
      const begun = await half();
      await deleteRun(begun.id);
      await assertWentOn(begun);
    });

    it('restarts a run that was waiting for an analyst: nothing is done again, and it is found as before', async () => {
      const id = await system.submit(freshAlert());
      const before = await system.incident(id, settled);
      await handle(id).terminate('by hand');
      await sweepAll(20 * LATER_MS);
      await until('the new run to wait', async () => {
        const { step } = await handle(id).query<{ step: string }>('progress');
        return step === 'waiting for an analyst' ? true : undefined;
      });
      const now = (await system.store.incidents.view(id))!;
      await assertAudited(system, now);
      assert.deepEqual(
        now.audit.slice(before.audit.length).map((one) => one.action_key),
        ['claim/2'],
      );
      assert.equal(now.status, before.status);
      const { typedSearchAttributes } = await handle(id).describe();
      const shown = Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
      assert.equal(shown.SoarScore, before.score);
      assert.equal(shown.SoarVerdict, before.verdict);
      assert.equal(shown.SoarStatus, before.status);
    });

    it('restarts nothing that is closed', async () => {
      const id = await system.submit(freshAlert(BENIGN));
      await system.incident(id, ({ status }) => status === 'closed');
      await handle(id).result();
      await sweepAll(30 * LATER_MS);
      assert.equal(await system.gateway.describe(id), 'ended');
      assert.equal((await incidentRow(id)).next_check_at, null);
    });
  });
});
