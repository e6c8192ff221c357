import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { IncidentView } from '../../db/views';
import { SEVERITIES } from '../../domain/severity';
import { assertAudited, row } from '../support/audit';
import { startProcess } from '../support/process';
import type { RunningProcess } from '../support/process';
import { alertOn, answerOf, isFinal, sentTo } from '../support/questions';
import { createTestSystem, TEST_KEY } from '../support/system';
import type { TestSystem } from '../support/system';
import { startTemporal } from '../support/temporal-process';
import type { TemporalProcess } from '../support/temporal-process';
import { until } from '../support/until';

const COUNT = 60;
/** A real minute each, and enough of it that the sixty need two. */
const VIRUSTOTAL_PER_MINUTE = 40;
const GEOIP_PER_MINUTE = 45;
/** A slot that died with its process is lost for half a minute and the window. */
const PATIENCE_MS = 240_000;

describe('a quota that is waited for while everything is killed with -9', () => {
  let temporal: TemporalProcess;
  let system: TestSystem;
  let home: string;
  let key: string;
  let api: RunningProcess | undefined;
  let workers: RunningProcess[] = [];

  before(async () => {
    temporal = await startTemporal();
    system = await createTestSystem(undefined, temporal.address);
    home = mkdtempSync(join(tmpdir(), 'soar-crash-'));
    system.simulator.limit({
      virustotal: { perWindow: VIRUSTOTAL_PER_MINUTE },
      geoip: { perWindow: GEOIP_PER_MINUTE },
    });
    ({ key } = await system.store.apiKeys.create('crash-test', 'admin', 'test'));
    api = await startProcess('api/main.ts', environment(), 'api listening');
    await startWorkers();
  });
  after(async () => {
    await Promise.all([...(api ? [api] : []), ...workers].map((process) => process.kill()));
    await system.close();
    await temporal.close();
    rmSync(home, { recursive: true, force: true });
  });

  const environment = (): Record<string, string> => ({
    DATABASE_URL: system.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: system.namespace,
    VIRUSTOTAL_URL: system.simulator.url,
    VIRUSTOTAL_API_KEY: TEST_KEY,
    VIRUSTOTAL_PER_MINUTE: String(VIRUSTOTAL_PER_MINUTE),
    GEOIP_URL: system.simulator.url,
    GEOIP_PER_MINUTE: String(GEOIP_PER_MINUTE),
    SOAR_SIMULATED: '1',
    SOAR_HOME: home,
    PORT: '0',
  });
  async function startWorkers(): Promise<void> {
    const start = () => startProcess('worker/main.ts', environment(), 'worker ready');
    workers = await Promise.all([start(), start()]);
  }
  async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${String(api?.ready.port)}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }
  async function submit(alert: Record<string, unknown>): Promise<string> {
    const response = await post('/alerts', alert);
    assert.equal(response.status, 202);
    return ((await response.json()) as { incident_id: string }).incident_id;
  }
  const viewOf = async (id: string): Promise<IncidentView> => (await system.store.incidents.view(id))!;
  const asked = ({ audit }: IncidentView): number =>
    audit.filter(({ provider, status }) => provider === 'virustotal' && status !== 'waiting').length;

  it('answers all of sixty: nothing is lost, nothing doubled, and no refusal provoked', async () => {
    system.simulator.control({ provider: 'virustotal', mode: 'latency', ms: 300 });
    const ids = new Map<string, string>();
    await Promise.all(
      Array.from({ length: COUNT }, async (_, index) => {
        const address = `62.113.205.${index}`;
        ids.set(await submit(alertOn(address, { severity: SEVERITIES[index % SEVERITIES.length] })), address);
      }),
    );
    await until('some to be asked about', () => (sentTo(system, 'virustotal').length >= 10 ? true : undefined));
    await Promise.all([temporal.kill(), ...workers.map((worker) => worker.kill())]);

    const inHand = new Set<string>();
    for (const [id, address] of ids) if (asked(await viewOf(id)) === 0) inHand.add(address);
    assert.ok(inHand.size > 0, 'killed too late');
    await temporal.start();
    await startWorkers();

    for (const [id, address] of ids) {
      const incident = await until(
        `${id} to be answered`,
        async () => {
          const seen = await viewOf(id);
          return isFinal(seen) ? seen : undefined;
        },
        PATIENCE_MS,
      );
      assert.equal(answerOf(incident, 'virustotal').state, 'not_known');
      assert.equal(answerOf(incident, 'geoip').state, 'ok');
      assert.deepEqual([incident.complete, asked(incident)], [true, 1]);
      const requests = sentTo(system, 'virustotal', `/${address}`).length;
      assert.ok(requests === 1 || (requests === 2 && inHand.has(address)), `${address}: ${requests} requests`);
      await assertAudited(system, incident);
    }
    assert.deepEqual(
      system.simulator.requests().filter(({ status, over }) => status === 429 || over !== undefined),
      [],
    );
    assert.deepEqual((await system.store.audit.verify()).problems, []);
  });

  it('repeats what an analyst wants repeated although the worker dies between question and answer', async () => {
    const address = '62.113.205.200';
    system.simulator.control({ mode: 'ok' });
    system.simulator.control({ provider: 'virustotal', mode: '403', times: 1 });
    const id = await submit(alertOn(address));
    await until(
      'the lookup to have failed',
      async () => {
        const seen = await viewOf(id);
        return isFinal(seen) && answerOf(seen, 'virustotal').state === 'failed' ? true : undefined;
      },
      PATIENCE_MS,
    );
    system.simulator.control({ provider: 'virustotal', path: address, mode: 'hang', times: 1 });
    const retry = () => post(`/incidents/${id}/retry`, {}, { 'idempotency-key': 'after the outage' });
    assert.equal((await retry()).status, 202);
    await until(
      'the question to be put',
      () => (sentTo(system, 'virustotal', `/${address}`).length === 2 ? true : undefined),
      PATIENCE_MS,
    );
    await Promise.all(workers.map((worker) => worker.kill()));
    await startWorkers();
    const incident = await until(
      'the answer',
      async () => {
        const seen = await viewOf(id);
        return isFinal(seen) && seen.complete ? seen : undefined;
      },
      PATIENCE_MS,
    );
    assert.equal(row(incident, `retry/after the outage/virustotal/ip:${address}`).status, 'ok');
    assert.equal((await retry()).status, 202);
    assert.equal(sentTo(system, 'virustotal', `/${address}`).length, 3);
    await assertAudited(system, await viewOf(id));
  });
});
