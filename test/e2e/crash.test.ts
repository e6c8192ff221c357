import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Transaction } from '../../db/store';
import type { IncidentView } from '../../db/views';
import { assertAudited } from '../support/audit';
import { startProcess } from '../support/process';
import type { RunningProcess } from '../support/process';
import { createTestSystem, processEnvironment, settled, temporalAddress } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

const ALERT = {
  source: 'crash-test',
  alert_type: 'brute_force',
  severity: 'high',
  username: 'root',
  outcome: 'failure',
};
/** Where each incident is when the worker dies. */
const IN_CLAIM = '81.2.69.142';
const ASKING = '185.220.101.1';
const ANSWER_IN_HAND = '193.32.162.157';
const PLAIN = '45.155.205.233';
const CROWD = 12;

describe('processes killed with -9', () => {
  let system: TestSystem;
  let home: string;
  let worker: RunningProcess | undefined;
  const apis: RunningProcess[] = [];

  before(async () => {
    system = await createTestSystem();
    home = mkdtempSync(join(tmpdir(), 'soar-crash-'));
  });
  after(async () => {
    await worker?.kill();
    await Promise.all(apis.map((api) => api.kill()));
    await system.close();
    rmSync(home, { recursive: true, force: true });
  });

  const environment = (changes: Record<string, string> = {}): Record<string, string> => ({
    ...processEnvironment(system, { address: temporalAddress(), home }),
    ...changes,
  });
  async function startWorker(): Promise<void> {
    worker = await startProcess('worker/main.ts', environment(), 'worker ready');
  }
  async function killWorker(): Promise<void> {
    await worker?.kill();
    worker = undefined;
  }
  const requestsFor = (address: string) =>
    system.simulator.requests().filter(({ path }) => path.endsWith(`/ip_addresses/${address}`));
  const viewOf = async (id: string): Promise<IncidentView> => (await system.store.incidents.view(id))!;

  /** Holds an incident's lock, so that its next write stands still, until the answer is called. */
  async function lock(id: string): Promise<() => Promise<void>> {
    const trx: Transaction = await system.knex.transaction();
    await trx('audit_chains').where({ name: id }).forUpdate().select('seq');
    return async () => {
      await trx.rollback();
    };
  }

  /** How many sessions of this database stand before a lock. */
  async function blocked(): Promise<number> {
    const [rows] = (await system.knex.raw(
      `SELECT COUNT(*) AS n FROM information_schema.innodb_trx t
       JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
       WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()`,
    )) as [{ n: number }[]];
    return Number(rows[0]?.n);
  }

  async function finished(id: string): Promise<IncidentView> {
    const incident = await system.incident(id, (seen) => settled(seen) && seen.verdict_state === 'final');
    await until(`${id} to be at rest`, async () => {
      const last = (await viewOf(id)).audit.at(-1);
      return last?.action === 'conclude' ? true : undefined;
    });
    await assertAudited(system, await viewOf(id));
    return incident;
  }

  const lookups = ({ audit }: IncidentView, provider: string): number =>
    audit.filter((one) => one.provider === provider && one.action === 'lookup' && one.status !== 'waiting').length;

  it('a worker: in the claim, while a provider is asked, and with the answer in hand', async () => {
    const { simulator } = system;
    simulator.control({ provider: 'virustotal', path: ASKING, mode: 'hang', times: 1 });
    simulator.control({ provider: 'virustotal', path: ANSWER_IN_HAND, mode: 'latency', ms: 2000, times: 1 });
    const [claiming, asking, holding] = (await Promise.all(
      [IN_CLAIM, ASKING, ANSWER_IN_HAND].map((src_ip) => system.accept({ ...ALERT, alert_id: src_ip, src_ip })),
    )) as [string, string, string];
    const unlockClaim = await lock(claiming);
    await startWorker();
    await Promise.all([claiming, asking, holding].map((id) => system.start(id)));

    await until('both providers to be asked', () =>
      requestsFor(ASKING).length === 1 && requestsFor(ANSWER_IN_HAND).length === 1 ? true : undefined,
    );
    // the other answers of that incident are on record, so that only VirusTotal's meets the lock
    await system.incident(holding, ({ enrichments }) => enrichments.length === 2);
    const unlockAnswer = await lock(holding);
    await until('the answer to be in hand', () => (requestsFor(ANSWER_IN_HAND)[0]?.status === 200 ? true : undefined));
    await until('claim and answer to stand before their locks', async () =>
      (await blocked()) >= 2 ? true : undefined,
    );
    await killWorker();
    await Promise.all([unlockClaim(), unlockAnswer()]);
    assert.deepEqual(
      (await viewOf(claiming)).audit.map((one) => one.action),
      ['accept'],
    );
    assert.equal(lookups(await viewOf(asking), 'virustotal'), 0);
    assert.equal(lookups(await viewOf(holding), 'virustotal'), 0);

    await startWorker();
    for (const [id, address, requests] of [
      [claiming, IN_CLAIM, 1],
      [asking, ASKING, 2],
      // it was kept for all who ask the same before the incident's own row was written
      [holding, ANSWER_IN_HAND, 1],
    ] as const) {
      const incident = await finished(id);
      assert.equal(incident.complete, true);
      assert.equal(lookups(incident, 'virustotal'), 1);
      assert.equal(requestsFor(address).length, requests, address);
      assert.equal(incident.audit.filter(({ action }) => action === 'claim').length, 1);
    }
  });

  it('a worker: twice, wherever a crowd of incidents happens to be', async () => {
    const ids = await Promise.all(
      Array.from({ length: CROWD }, (_, index) =>
        system.submit({ ...ALERT, alert_id: `crowd-${index}`, src_ip: PLAIN, tlp: index % 2 ? 'red' : 'clear' }),
      ),
    );
    const rows = async (): Promise<number> => {
      const [found] = await system.knex('action_log').whereIn('incident_id', ids).count({ rows: '*' });
      return Number(found?.rows);
    };
    for (const enough of [30, 70]) {
      await until(`${enough} audit rows`, async () => ((await rows()) >= enough ? true : undefined));
      await killWorker();
      assert.ok(
        (await Promise.all(ids.map(viewOf))).some((incident) => !settled(incident)),
        'killed too late',
      );
      await startWorker();
    }
    for (const id of ids) assert.equal(lookups(await finished(id), 'virustotal'), 1);
    assert.deepEqual((await system.store.audit.verify()).problems, []);
  });

  it('a worker ends by itself when it is asked to', async () => {
    const code = await worker?.stop();
    worker = undefined;
    assert.equal(code, 0);
  });

  it('an API: right after the 202, before the engine has heard; another one starts the playbook', async () => {
    const { key } = await system.store.apiKeys.create('crash-test', 'admin', 'test');
    const deaf = await startProcess(
      'api/main.ts',
      environment({ TEMPORAL_ADDRESS: `127.0.0.1:${await closedPort()}` }),
      'api listening',
    );
    apis.push(deaf);
    const body = { ...ALERT, alert_id: 'accepted-and-killed', src_ip: PLAIN };
    const post = async (api: RunningProcess): Promise<Response> =>
      fetch(`http://127.0.0.1:${String(api.ready.port)}/api/v1/alerts`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const answer = await post(deaf);
    assert.equal(answer.status, 202);
    const { incident_id: id } = (await answer.json()) as { incident_id: string };
    await deaf.kill();
    assert.equal(await system.gateway.describe(id), 'unknown');
    assert.equal((await viewOf(id)).status, 'new');

    await startWorker();
    const api = await startProcess('api/main.ts', environment(), 'api listening');
    apis.push(api);
    const again = await post(api);
    assert.equal(again.status, 200);
    assert.equal(((await again.json()) as { incident_id: string }).incident_id, id);
    const incident = await finished(id);
    assert.equal(incident.audit.filter(({ action }) => action === 'claim').length, 1);
    assert.equal(await api.stop(), 0);
  });
});

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
