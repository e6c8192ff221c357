import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Provider } from '../../activities/providers/provider';
import { connect } from '../../db/connect';
import type { Knex } from '../../db/connect';
import { createStore } from '../../db/store';
import type { Store } from '../../db/store';
import type { IncidentView } from '../../db/views';
import { assertAudited, row } from '../support/audit';
import { eventsOf, scheduled } from '../support/history';
import { alertOn, answerOf, isFinal, sentTo } from '../support/questions';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

const CROWD = 30;
/** Ever more of them, so that no test finds the answers of another. */
let addresses = 0;
const freshAddress = (): string => `62.113.201.${(addresses += 1)}`;

let system: TestSystem;
const pools: Knex[] = [];
before(async () => {
  system = await createTestSystem();
});
after(async () => {
  await system.close();
  await Promise.all(pools.map((pool) => pool.destroy()));
});

/** As in another process: a pool of its own. */
function anotherStore(): Store {
  const knex = connect(system.url);
  pools.push(knex);
  return createStore(knex);
}

/** The providers with something changed about VirusTotal. */
function withVirusTotal(changes: (virustotal: Provider) => Partial<Provider>, store = system.store): Provider[] {
  return system
    .providers({ store })
    .map((provider) => (provider.name === 'virustotal' ? { ...provider, ...changes(provider) } : provider));
}

const play = async (address: string): Promise<IncidentView> =>
  system.incident(await system.submit(alertOn(address)), isFinal);
const playCrowd = async (address: string, size = CROWD): Promise<IncidentView[]> => {
  const ids = await Promise.all(Array.from({ length: size }, () => system.submit(alertOn(address))));
  return Promise.all(ids.map((id) => system.incident(id, isFinal)));
};

describe('an answer that many incidents want', () => {
  before(async () => {
    await system.startWorkers();
    const store = anotherStore();
    await system.startWorkers({ store, providers: system.providers({ store }) });
  });
  after(() => system.stopWorkers());
  afterEach(() => system.simulator.control({ mode: 'ok' }));

  it('is asked for once by thirty at once on two processes; each has it on record with the document', async () => {
    const address = '81.2.69.142';
    system.simulator.control({ provider: 'virustotal', mode: 'latency', ms: 500 });
    const crowd = await playCrowd(address);
    for (const provider of ['virustotal', 'geoip']) {
      assert.equal(sentTo(system, provider, address).length, 1, provider);
      const rows = crowd.map((incident) => row(incident, `1/${provider}/ip:${address}`));
      assert.equal(new Set(rows.map(({ raw_sha256 }) => raw_sha256)).size, 1);
      const cached = rows.filter(({ detail }) => (detail as { cached?: { answered_at: string } }).cached?.answered_at);
      assert.equal(cached.length, CROWD - 1, 'all but the one that asked say when the answer came');
      for (const { summary } of cached) assert.match(summary, /\(answer of \d{4}-\d\d-\d\d \d\d:\d\d UTC\)$/);
    }
    for (const incident of crowd) {
      await assertAudited(system, incident);
      assert.equal(incident.verdict, 'benign');
    }
  });

  it('is taken from our own database while it is fresh: no activity leaves for it', async () => {
    const address = freshAddress();
    const first = await play(address);
    const second = await play(address);
    assert.deepEqual(scheduled(await eventsOf(system, first.id)).sort(), ['lookupGeoip', 'lookupVirustotal']);
    assert.deepEqual(scheduled(await eventsOf(system, second.id)), []);
    assert.equal(sentTo(system, 'virustotal', address).length, 1);
    assert.equal(
      answerOf(second, 'virustotal').at,
      (row(second, `1/virustotal/ip:${address}`).detail as { cached: { answered_at: string } }).cached.answered_at,
      'as old as it is',
    );
    await assertAudited(system, second);
  });
});

describe('an answer that has been given', () => {
  afterEach(() => system.stopWorkers());

  it('is asked for again when it is no longer fresh, by its kind', async () => {
    const SHORT_MS = 300;
    const providers = withVirusTotal(() => ({ freshFor: (_type, state) => (state === 'ok' ? 3_600_000 : SHORT_MS) }));
    await system.startWorkers({ providers });
    const [known, unknown] = ['89.160.20.112', freshAddress()] as const;
    for (const address of [known, unknown]) await play(address);
    await until('the shorter one to be stale', async () => {
      const [answer] = await system
        .knex('answers')
        .where({ provider: 'virustotal', observable: `ip:${unknown}` })
        .whereRaw('fresh_until < UTC_TIMESTAMP(6)');
      return answer ? true : undefined;
    });
    for (const address of [known, unknown]) await assertAudited(system, await play(address));
    assert.equal(sentTo(system, 'virustotal', known).length, 1);
    assert.equal(sentTo(system, 'virustotal', unknown).length, 2);
    assert.equal(sentTo(system, 'geoip', unknown).length, 1, 'each source has its own');
  });

  it('is not served to others where it may not be', async () => {
    await system.startWorkers({ providers: withVirusTotal(() => ({ freshFor: () => 0 })) });
    const address = freshAddress();
    for (let times = 1; times <= 2; times += 1) {
      const incident = await play(address);
      assert.equal(sentTo(system, 'virustotal', address).length, times);
      assert.equal((row(incident, `1/virustotal/ip:${address}`).detail as { cached?: unknown }).cached, undefined);
    }
  });
});
