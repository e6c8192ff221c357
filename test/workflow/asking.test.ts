import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import type { JsonReport } from '../../activities/report/json';
import { createGeoIp } from '../../activities/providers/geoip';
import { createIocs } from '../../activities/providers/iocs';
import { createVirusTotal } from '../../activities/providers/virustotal';
import type { ProviderStatus } from '../../db/repositories/quotas';
import type { IncidentView } from '../../db/views';
import { DEFAULT_SITE } from '../../domain/site';
import type { Limits } from '../../stack/simulator/server';
import { assertAudited, row } from '../support/audit';
import { eventsOf } from '../support/history';
import type { HistoryEvent } from '../support/history';
import { changeProvider } from '../support/provider-row';
import { alertOn, answerOf, awaitsVirusTotal, isFinal, sentTo } from '../support/questions';
import { holdSlots, limitedProviders } from '../support/quotas';
import { createTestSystem, settled, TEST_KEY } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

const LONG_AGO = '2026-01-01T00:00:00.000Z';

let system: TestSystem;
let ownRanges: string[] = [];
/** Ever more of them, so that no test finds the answers of another. */
let addresses = 0;
const freshAddress = (): string => `62.113.205.${(addresses += 1)}`;

/** For each group a system of its own: what is left waiting in one would take its turn in the next. */
async function begin(options: { dispatcher?: boolean } = {}): Promise<void> {
  system = await createTestSystem({ current: () => ({ ...DEFAULT_SITE, own_ranges: ownRanges }) }, undefined, options);
}

const play = async (alert: Record<string, unknown>, wanted = isFinal): Promise<IncidentView> =>
  system.incident(await system.submit(alert), wanted);
const sent = (address = ''): string[] => sentTo(system, 'virustotal', address);
const statusOf = async (name: string): Promise<ProviderStatus> =>
  (await system.store.quotas.status()).find((provider) => provider.name === name)!;
const waitRow = ({ audit }: IncidentView, key: string) =>
  audit.find(({ action_key }) => action_key === `${key}#waiting`);
const signals = (events: readonly HistoryEvent[]) =>
  events.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName ?? []);
/** Queues on which VirusTotal was asked. */
const queues = (events: readonly HistoryEvent[]) =>
  events
    .flatMap(({ activityTaskScheduledEventAttributes: activity }) => activity ?? [])
    .filter(({ activityType }) => activityType?.name === 'lookupVirustotal')
    .map(({ taskQueue }) => taskQueue?.name);

describe('a source that says how much is left of its quota', () => {
  const MINUTE = { perWindow: 1, windowMs: 60_000 };
  /** That minute is over, there and here. */
  const letMinutePass = async (limits: Limits): Promise<void> => {
    system.simulator.limit(limits);
    await changeProvider(system.knex, 'geoip', ({ state }) => ({ state: { ...state, told: null } }));
  };
  before(async () => {
    await begin();
    await system.startWorkers();
  });
  after(() => system.close());

  it('is obeyed although we count no limit of it ourselves', async () => {
    const [first, second] = [freshAddress(), freshAddress()];
    system.simulator.limit({ geoip: MINUTE });
    await play(alertOn(first));
    const { windows, told } = await statusOf('geoip');
    assert.deepEqual([windows, told?.left], [[], 0]);

    const awaitsGeoIp = (incident: IncidentView) =>
      settled(incident) && answerOf(incident, 'geoip').state === 'waiting';
    const waiting = await play(alertOn(second), awaitsGeoIp);
    const { until: at, summary } = answerOf(waiting, 'geoip');
    assert.match(summary, /it says that nothing of its quota is left/);
    assert.equal(Date.parse(at!), Date.parse(told!.until));
    assert.deepEqual(sentTo(system, 'geoip', second), []);

    await letMinutePass({ geoip: MINUTE });
    const incident = await system.incident(waiting.id, isFinal);
    assert.equal(answerOf(incident, 'geoip').state, 'ok');
    assert.ok(waitRow(incident, `1/geoip/ip:${second}`), 'its wait is on record');
    assert.deepEqual(
      system.simulator.requests().filter(({ over, status }) => over !== undefined || status === 429),
      [],
    );
    await assertAudited(system, incident);
  });
});

describe('what is not sent', () => {
  const ONE = [{ name: 'minute', requests: 1, ms: 50 }];
  const providers = () => limitedProviders(system, { virustotal: ONE });
  before(async () => {
    await begin();
    await system.startWorkers({ providers: providers() });
  });
  after(() => system.close());

  /** The reason stands in the audit and in the report, for people and for programs. */
  async function assertSaysWhy(incident: IncidentView, address: string, reason: string): Promise<void> {
    const summary = `Not sent to VirusTotal: ${reason}`;
    const recorded = row(incident, `1/virustotal/ip:${address}`);
    assert.deepEqual([recorded.status, recorded.summary], ['skipped', summary]);
    assert.deepEqual(
      [answerOf(incident, 'virustotal').state, answerOf(incident, 'virustotal').summary],
      ['not_sent', summary],
    );
    const { html, json } = (await system.store.reports.latest(incident.id))!;
    const reported = (JSON.parse(json) as JsonReport).incident;
    assert.equal(answerOf(reported, 'virustotal').summary, summary);
    assert.ok(html.includes(summary), 'people are told why');
    assert.deepEqual(sent(address), []);
    await assertAudited(system, incident);
  }

  it('is what has become the site’s own while it waited: the gate is passed again before it is sent', async () => {
    const address = freshAddress();
    const [, virustotal] = providers();
    const release = await holdSlots(system, virustotal!, 1);
    const { id } = await play(alertOn(address), awaitsVirusTotal);
    ownRanges = [`${address}/32`];
    try {
      await release();
      const incident = await system.incident(id, isFinal);
      assert.ok(waitRow(incident, `1/virustotal/ip:${address}`), 'its wait is on record');
      await assertSaysWhy(incident, address, 'it belongs to this site');
    } finally {
      ownRanges = [];
    }
  });

  it('is what an alert forbids to share', async () => {
    const address = freshAddress();
    await assertSaysWhy(await play(alertOn(address, { tlp: 'red' })), address, 'the alert is TLP:RED');
  });
});

describe('a refused key', () => {
  const waiting: string[] = [];
  /** Runs that were told that they may ask. */
  const told: string[] = [];

  before(async () => {
    await begin();
    await system.startWorkers();
    const { quotas } = system.store;
    const nudge = quotas.nudge.bind(quotas);
    quotas.nudge = async () => {
      const called = await nudge();
      told.push(...called.map(({ incidentId }) => incidentId));
      return called;
    };
    system.simulator.control({ provider: 'virustotal', mode: '401' });
    await play(alertOn(freshAddress()));
    for (let count = 0; count < 3; count += 1) waiting.push((await play(alertOn(freshAddress()), awaitsVirusTotal)).id);
  });
  after(() => system.close());

  const view = async (id: string): Promise<IncidentView> => (await system.store.incidents.view(id))!;
  /** The quarter of an hour is over after which it may be tried. */
  const letProbe = (): Promise<void> =>
    changeProvider(system.knex, 'virustotal', ({ blocked }) => ({
      blocked: blocked && { ...blocked, probe_at: LONG_AGO },
    }));

  it('is tried by one of those that wait, by each in turn, and they go on waiting when it is refused again', async () => {
    const before = sent().length;
    for (let probes = 1; probes <= 2; probes += 1) {
      const since = new Map<string, string>();
      for (const id of waiting) since.set(id, answerOf(await view(id), 'virustotal').at);
      await letProbe();
      const probing = await until('somebody to be told', () => told[probes - 1]);
      await until('it to wait again', async () =>
        answerOf(await view(probing), 'virustotal').at === since.get(probing) ? undefined : true,
      );
      assert.deepEqual([told.length, sent().length - before], [probes, probes]);
      const { blocked } = await statusOf('virustotal');
      assert.ok(Date.parse(blocked!.probe_at) > Date.now(), 'the next one is far');
    }
    assert.equal(new Set(told).size, 2);
    for (const id of waiting) {
      const incident = await view(id);
      assert.equal(answerOf(incident, 'virustotal').state, 'waiting');
      assert.deepEqual(
        incident.audit.filter(({ provider }) => provider === 'virustotal').map(({ status }) => status),
        ['waiting'],
      );
      assert.deepEqual(signals(await eventsOf(system, id)), told.includes(id) ? ['lookupsReady'] : []);
    }
  });

  it('that turns out to be good again is found out by one, and all are answered', async () => {
    const before = sent().length;
    system.simulator.control({ mode: 'ok' });
    await letProbe();
    for (const id of waiting) {
      const incident = await system.incident(id, isFinal);
      assert.deepEqual([answerOf(incident, 'virustotal').state, incident.complete], ['not_known', true]);
      await assertAudited(system, incident);
    }
    assert.equal(sent().length - before, waiting.length);
    assert.equal((await statusOf('virustotal')).blocked, null);
  });
});

describe('an outage', () => {
  /** So many failures in a row that the next one makes it rest for longer than this test takes. */
  const EARLIER = 8;
  const RETRY_MS = 1500;
  const [MET, SPARED] = [freshAddress(), freshAddress()];
  let met: string;
  let spared: string;

  before(async () => {
    await begin();
    await system.startWorkers({ providerRetryForMs: RETRY_MS });
    await changeProvider(system.knex, 'virustotal', () => ({
      outcomes: 'x'.repeat(EARLIER),
      last_error: { at: LONG_AGO, kind: 'unavailable', message: 'away', http_status: 503 },
    }));
    system.simulator.control({ provider: 'virustotal', mode: '500' });
    met = await system.submit(alertOn(MET));
    await until('VirusTotal to be left alone', async () => (await statusOf('virustotal')).silent ?? undefined);
    spared = await system.submit(alertOn(SPARED));
  });
  after(() => system.close());

  it('that a lookup has met fails it when its time is over, by the last error and its document, without another request', async () => {
    const incident = await system.incident(met, isFinal);
    const key = `1/virustotal/ip:${MET}`;
    const whole = (await system.store.incidents.view(met, { includeRaw: true }))!;
    const { status, failures, detail, raw } = row(whole, key);
    assert.equal(status, 'failed');
    assert.ok(failures > 0, 'it was retried in place');
    assert.equal(waitRow(incident, key), undefined);
    const { error } = detail as { error: { kind: string; http_status: number } };
    assert.deepEqual([error.kind, error.http_status], ['unavailable', 503]);
    assert.match(JSON.stringify(raw?.json), /TransientError/);
    assert.equal(sent(MET).length, 1);
    await assertAudited(system, incident);
  });

  it('that a lookup has not met lets it wait, and it is answered when the source is', async () => {
    const waiting = await system.incident(spared, awaitsVirusTotal);
    assert.match(answerOf(waiting, 'virustotal').summary, new RegExp(`it has failed ${EARLIER + 1} times in a row`));
    assert.deepEqual(sent(SPARED), []);
    system.simulator.control({ mode: 'ok' });
    await changeProvider(system.knex, 'virustotal', ({ last_error }) => ({
      last_error: last_error && { ...last_error, at: LONG_AGO },
    }));
    const incident = await system.incident(spared, isFinal);
    assert.equal(row(incident, `1/virustotal/ip:${SPARED}`).status, 'ok');
    assert.equal(sent(SPARED).length, 1);
    await assertAudited(system, incident);
  });
});

describe('a request whose answer another incident waits for too', () => {
  const RETRY_AFTER_S = 600;
  let requests = 0;
  let answer = (): void => {};
  const server = createServer((_request, response) => {
    requests += 1;
    const body = `maintenance, ticket ${requests}`;
    answer = () =>
      response.writeHead(503, { 'retry-after': String(RETRY_AFTER_S), 'content-type': 'text/plain' }).end(body);
  });
  /** Incidents that found another one asking. */
  const following = new Set<string>();

  before(async () => {
    await begin();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await system.stopWorkers();
    await system.forget();
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await system.close();
  });

  /** Two incidents want to know the same, and one request fails for both. */
  async function failTogether(providerRetryForMs: number): Promise<[string, string]> {
    const { quotas, iocs } = system.store;
    const admit: typeof quotas.admit = async (input) => {
      const admission = await quotas.admit(input);
      if (admission.kind === 'underway' && input.provider === 'virustotal') following.add(input.incidentId);
      return admission;
    };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await system.startWorkers({
      store: { ...system.store, quotas: { ...quotas, admit } },
      providers: [
        createIocs(iocs),
        createVirusTotal({ apiKey: TEST_KEY, url }),
        createGeoIp({ url: system.simulator.url }),
      ],
      providerRetryForMs,
    });
    const address = freshAddress();
    const before = requests;
    const asking = await system.submit(alertOn(address));
    await until('it to be asked', () => (requests > before ? true : undefined));
    const follower = await system.submit(alertOn(address));
    await until('the other one to wait for it', () => (following.has(follower) ? true : undefined));
    answer();
    return [asking, follower];
  }

  it('fails for both, each with the document on its own record', async () => {
    const incidents: IncidentView[] = [];
    for (const id of await failTogether(0)) incidents.push(await system.incident(id, isFinal));
    assert.equal(requests, 1);
    const rows = incidents.map(({ audit }) => audit.find(({ provider }) => provider === 'virustotal')!);
    for (const { status, detail, raw_sha256 } of rows) {
      assert.deepEqual([status, (detail as { error: { http_status: number } }).error.http_status], ['failed', 503]);
      assert.match(raw_sha256 ?? 'none', /^[0-9a-f]{64}$/);
    }
    assert.equal(rows[1]!.raw_sha256, rows[0]!.raw_sha256);
    for (const incident of incidents) await assertAudited(system, incident);
  });

  it('is repeated for neither before the source wants to be asked again', async () => {
    const before = requests;
    for (const id of await failTogether(15 * 60_000)) {
      const retryIn = await until('its lookup to have failed', async () => {
        const { raw } = await system.client.workflow.getHandle(id).describe();
        const lookup = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'lookupVirustotal');
        return lookup?.lastFailure ? Number(lookup.currentRetryInterval?.seconds) : undefined;
      });
      assert.ok(retryIn > RETRY_AFTER_S / 2, `${retryIn} s`);
    }
    assert.equal(requests - before, 1);
  });
});

describe('an answer that was fresh when the round was planned, and is not when it is looked up', () => {
  before(() => begin());
  after(() => system.close());

  it('is asked for again on the queue of its source, not where the steps run', async () => {
    const address = freshAddress();
    await system.startWorkers();
    const first = await play(alertOn(address));
    assert.deepEqual(queues(await eventsOf(system, first.id)), ['virustotal']);
    await system.stopWorkers();

    const { answers } = system.store;
    const fresh: typeof answers.fresh = async (...asked) => {
      const found = await answers.fresh(...asked);
      const expired = { fresh_until: system.knex.raw('UTC_TIMESTAMP(6)') };
      await system.knex('answers').where({ provider: 'virustotal' }).update(expired);
      return found;
    };
    await system.startWorkers({ store: { ...system.store, answers: { ...answers, fresh } } });
    const incident = await play(alertOn(address));
    const key = `1/virustotal/ip:${address}`;
    const { lookups } = (row(incident, '1/plan').detail as { result: { lookups: { key: string; queue: unknown }[] } })
      .result;
    assert.equal(lookups.find((lookup) => lookup.key === key)!.queue, null, 'it was to be taken from our own database');
    assert.match(waitRow(incident, key)!.summary, /its answer is no longer fresh/);
    assert.equal(row(incident, key).status, 'ok');
    assert.equal((row(incident, key).detail as { cached?: unknown }).cached, undefined);
    assert.deepEqual(queues(await eventsOf(system, incident.id)), ['virustotal']);
    assert.equal(sent(address).length, 2);
    await assertAudited(system, incident);
  });
});

describe('a key that is taken away', () => {
  before(() => begin());
  after(() => system.close());

  it('does not end what waits: that is asked when a worker has a key again', async () => {
    const address = freshAddress();
    system.simulator.control({ provider: 'virustotal', mode: '429', ms: 600_000, times: 1 });
    await system.startWorkers();
    const id = await system.submit(alertOn(address));
    await system.incident(id, awaitsVirusTotal);
    await system.stopWorkers();
    await system.startWorkers({ providers: system.providers({ variables: { VIRUSTOTAL_API_KEY: '' } }) });
    await system.client.workflow.getHandle(id).signal('lookupsReady', [`virustotal/ip:${address}`]);
    const still = await system.incident(id, (seen) => /not set up/.test(answerOf(seen, 'virustotal').summary));
    assert.deepEqual([answerOf(still, 'virustotal').state, still.verdict_state], ['waiting', 'provisional']);
    await system.stopWorkers();
    await system.startWorkers();
    const incident = await system.incident(id, isFinal);
    assert.deepEqual([answerOf(incident, 'virustotal').state, incident.complete], ['not_known', true]);
    await assertAudited(system, incident);
  });
});

describe('without a dispatcher', () => {
  before(async () => {
    await begin({ dispatcher: false });
    await system.startWorkers();
  });
  after(() => system.close());

  it('a run that takes a wait up asks by itself, at the time that it was given', async () => {
    const address = freshAddress();
    system.simulator.control({ provider: 'virustotal', mode: '429', ms: 2000, times: 1 });
    const id = await system.submit(alertOn(address));
    const waiting = await system.incident(id, awaitsVirusTotal);
    assert.notEqual(answerOf(waiting, 'virustotal').until, null);
    await system.client.workflow.getHandle(id).terminate('by hand');
    await system.restart(id);
    const incident = await system.incident(id, isFinal);
    assert.deepEqual([answerOf(incident, 'virustotal').state, incident.complete], ['not_known', true]);
    assert.equal(incident.audit.filter(({ action }) => action === 'claim').length, 2);
    const events = await eventsOf(system, id);
    assert.deepEqual([signals(events), queues(events)], [[], ['virustotal']]);
    assert.equal(sent(address).length, 2);
    await assertAudited(system, incident);
  });
});
