import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ProviderProfile } from '../../db/repositories/quotas';
import type { IncidentView } from '../../db/views';
import { SEVERITIES } from '../../domain/severity';
import { assertAudited, row } from '../support/audit';
import { startProcess } from '../support/process';
import type { RunningProcess } from '../support/process';
import { alertOn, answerOf, awaitsVirusTotal, isFinal, sentTo } from '../support/questions';
import { holdSlots, limitedProviders } from '../support/quotas';
import { createTestSystem, processEnvironment } from '../support/system';
import type { TestSystem } from '../support/system';
import { startTemporal } from '../support/temporal-process';
import type { TemporalProcess } from '../support/temporal-process';
import { until } from '../support/until';

const COUNT = 60;
/** The real limits of the free plans, by shorter minutes: sixty need fifteen of them. */
const VIRUSTOTAL = { perWindow: 4, windowMs: 2000 };
const GEOIP = { perWindow: 45, windowMs: 2000 };
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
    system.simulator.limit({ virustotal: VIRUSTOTAL, geoip: GEOIP });
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
    ...processEnvironment(system, { address: temporal.address, home }),
    VIRUSTOTAL_PER_MINUTE: String(VIRUSTOTAL.perWindow),
    GEOIP_PER_MINUTE: String(GEOIP.perWindow),
  });
  async function startWorkers(): Promise<void> {
    const start = () => startProcess('worker/main.ts', environment(), 'worker ready');
    workers = await Promise.all([start(), start()]);
  }
  /** Shortens the minutes that the workers have registered: what was registered last holds for all. */
  async function shortenMinutes(): Promise<void> {
    const rows = (await system.knex('quotas').whereNotNull('profile')) as { profile: string }[];
    for (const { profile } of rows) {
      const known = JSON.parse(profile) as ProviderProfile;
      const scaled = { virustotal: VIRUSTOTAL, geoip: GEOIP }[known.name];
      const limits = known.limits.map((limit) => ('ms' in limit && scaled ? { ...limit, ms: scaled.windowMs } : limit));
      if (JSON.stringify(limits) !== JSON.stringify(known.limits)) {
        await system.store.quotas.register({ ...known, limits });
      }
    }
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

  it('answers all of sixty, critical first: nothing is lost, nothing doubled, and no refusal provoked', async () => {
    const asker = limitedProviders(system, { virustotal: [{ name: 'minute', requests: 4, ms: VIRUSTOTAL.windowMs }] });
    // so that no slot is free before all have come, and the order is that of sixty
    const release = await holdSlots(
      system,
      asker.find(({ name }) => name === 'virustotal')!,
      VIRUSTOTAL.perWindow,
    );
    const askers = await Promise.all(
      Array.from({ length: COUNT }, async (_, index) => {
        const [address, rank] = [`62.113.205.${index}`, (index * 7) % SEVERITIES.length];
        return { address, rank, id: await submit(alertOn(address, { severity: SEVERITIES[rank] })) };
      }),
    );
    const awaited = async (id: string): Promise<true | undefined> =>
      awaitsVirusTotal(await viewOf(id)) ? true : undefined;
    for (const { id } of askers) await until(`${id} to wait`, () => awaited(id), PATIENCE_MS);
    await shortenMinutes();
    await release();
    const requests = () => sentTo(system, 'virustotal');
    await until(
      'some to be asked about',
      () => (requests().length >= 3 * VIRUSTOTAL.perWindow ? true : undefined),
      PATIENCE_MS,
    );
    await Promise.all([temporal.kill(), ...workers.map((worker) => worker.kill())]);

    // told that it is their turn, or asked, without an answer on record: they may be asked again, and out of their turn
    const struck = new Set<string>();
    for (const { id, address } of askers) {
      const [{ told }] = await system
        .knex('enrichments')
        .where({ incident_id: id, source: 'virustotal' })
        .select({ told: 'nudged_at' });
      const sent = sentTo(system, 'virustotal', `/${address}`).length > 0;
      if (asked(await viewOf(id)) === 0 && (told !== null || sent)) struck.add(address);
    }
    const before = requests().length;
    assert.ok(before < COUNT / 2, 'killed too late');
    await temporal.start();
    await startWorkers();

    for (const { id, address } of askers) {
      const incident = await until(
        `${id} to be answered`,
        async () => {
          // each of the workers registers its own once more
          await shortenMinutes();
          const seen = await viewOf(id);
          return isFinal(seen) ? seen : undefined;
        },
        PATIENCE_MS,
      );
      assert.equal(answerOf(incident, 'virustotal').state, 'not_known');
      assert.equal(answerOf(incident, 'geoip').state, 'ok');
      assert.deepEqual([incident.complete, asked(incident)], [true, 1]);
      const sent = sentTo(system, 'virustotal', `/${address}`).length;
      assert.ok(sent === 1 || (sent === 2 && struck.has(address)), `${address}: ${sent} requests`);
      await assertAudited(system, incident);
    }
    assert.deepEqual(
      system.simulator.requests().filter(({ status, over }) => status === 429 || over !== undefined),
      [],
    );
    const order = requests().flatMap((path) => askers.filter(({ address }) => path.endsWith(`/${address}`)));
    const inTurn = order.filter(({ address }) => !struck.has(address));
    for (const [place, { rank, address }] of inTurn.entries()) {
      // those of one window are asked at once, by whichever process is quicker
      const overtaken = inTurn.slice(place + VIRUSTOTAL.perWindow).find((later) => later.rank > rank);
      assert.equal(overtaken, undefined, `${address} (${SEVERITIES[rank]}) before ${overtaken?.address}`);
    }
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
        await shortenMinutes();
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
        await shortenMinutes();
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
