import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect } from '../../db/connect';
import type { Knex } from '../../db/connect';
import { createStore } from '../../db/store';
import type { IncidentView } from '../../db/views';
import type { Assessment } from '../../domain/verdict';
import { SEVERITIES } from '../../domain/severity';
import type { Severity } from '../../domain/severity';
import { assertAudited } from '../support/audit';
import { eventsOf } from '../support/history';
import type { HistoryEvent } from '../support/history';
import { holdSlots, limitedProviders } from '../support/quotas';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

const COUNT = 60;
/** The real limits of the free plans, by shorter minutes. */
const VIRUSTOTAL = { perWindow: 4, windowMs: 400 };
const GEOIP = { perWindow: 45, windowMs: 2000 };
/** Every event between the end of the round that a lookup was refused in, or of a later one, and its answer. */
const MOST_EVENTS = 30;
/** VirusTotal knows them, and nobody accuses them: only its word makes them benign. */
const KNOWN = ['81.2.69.142', '89.160.20.112', '216.160.83.56', '175.16.199.1'];

interface Asker {
  id: string;
  severity: Severity;
  address: string;
}

/** Addresses of the simulator's free plan, asked about by two processes' worth of workers. */
describe('sixty addresses at once, of mixed severity, under the limits of the free plans', () => {
  let system: TestSystem;
  const pools: Knex[] = [];
  const askers: Asker[] = [];
  const waiting = new Map<string, IncidentView>();
  const answered = new Map<string, IncidentView>();
  /** Who was told that it may ask, in that order, and how many requests VirusTotal had been sent by then. */
  const told: { incidentId: string; after: number }[] = [];
  const grants = [0, 0];
  const shown = new Map<string, unknown>();

  const requests = (provider: string) => system.simulator.requests().filter((request) => request.provider === provider);
  const stateOf = (incident: IncidentView, source: string) =>
    incident.enrichments.find((one) => one.source === source)?.state;
  const isWaiting = (incident: IncidentView): boolean =>
    settled(incident) && stateOf(incident, 'virustotal') === 'waiting' && stateOf(incident, 'geoip') === 'ok';
  const isAnswered = (incident: IncidentView): boolean =>
    incident.verdict_state === 'final' && settled(incident) && incident.audit.at(-1)?.action === 'conclude';
  const searchAttributes = async (id: string): Promise<Record<string, unknown>> => {
    const { typedSearchAttributes } = await system.client.workflow.getHandle(id).describe();
    return Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
  };

  /** One process's workers, with a pool of their own; its grants are counted. */
  async function startProcess(index: number): Promise<void> {
    const knex = connect(system.url);
    pools.push(knex);
    const store = createStore(knex);
    const admit = store.quotas.admit.bind(store.quotas);
    store.quotas.admit = async (input) => {
      const admission = await admit(input);
      if (admission.kind === 'go' && input.provider === 'virustotal') grants[index] = (grants[index] ?? 0) + 1;
      return admission;
    };
    const providers = limitedProviders(system, {
      virustotal: [{ name: 'minute', requests: VIRUSTOTAL.perWindow, ms: VIRUSTOTAL.windowMs }],
      geoip: [{ name: 'minute', requests: GEOIP.perWindow, ms: GEOIP.windowMs }],
      store,
    });
    await system.startWorkers({ store, providers });
  }

  before(async () => {
    system = await createTestSystem();
    system.simulator.limit({ virustotal: VIRUSTOTAL, geoip: GEOIP });
    const nudge = system.store.quotas.nudge.bind(system.store.quotas);
    system.store.quotas.nudge = async () => {
      const called = await nudge();
      const after = requests('virustotal').length;
      for (const { incidentId, source } of called) if (source === 'virustotal') told.push({ incidentId, after });
      return called;
    };
    await Promise.all([startProcess(0), startProcess(1)]);
    const [, virustotal] = limitedProviders(system, {
      virustotal: [{ name: 'minute', requests: VIRUSTOTAL.perWindow, ms: VIRUSTOTAL.windowMs }],
    });
    // so that no slot is free before all have come, and the order is that of sixty
    const release = await holdSlots(system, virustotal!, VIRUSTOTAL.perWindow);
    await Promise.all(
      Array.from({ length: COUNT }, async (_, index) => {
        const severity = SEVERITIES[(index * 7) % SEVERITIES.length]!;
        const address = KNOWN[index] ?? `62.113.200.${index}`;
        const alert = { source: 'fw', alert_id: `${index}`, alert_type: 'brute_force', src_ip: address, severity };
        askers.push({ id: await system.submit(alert), severity, address });
      }),
    );
    for (const { id } of askers) waiting.set(id, await system.incident(id, isWaiting));
    for (const { id } of askers) shown.set(id, await heldBy(id));
    await release();
    for (const { id } of askers) answered.set(id, await system.incident(id, isAnswered));
  });
  after(async () => {
    await system.close();
    await Promise.all(pools.map((pool) => pool.destroy()));
  });

  /** What a waiting run holds of the workers, once it has come to rest. */
  async function heldBy(id: string): Promise<{ pending: number; attributes: Record<string, unknown> }> {
    const handle = system.client.workflow.getHandle(id);
    await until(`${id} to rest`, async () => {
      const { step } = await handle.query<{ step: string }>('progress');
      return step.startsWith('waiting for a source') ? true : undefined;
    });
    const { raw } = await handle.describe();
    return { pending: raw.pendingActivities?.length ?? 0, attributes: await searchAttributes(id) };
  }

  it('provokes no refusal, and sends each question once', () => {
    for (const provider of ['virustotal', 'geoip']) {
      const sent = requests(provider);
      assert.deepEqual(
        sent.filter(({ over, status }) => over !== undefined || status === 429),
        [],
      );
      assert.equal(sent.length, COUNT, provider);
      assert.equal(new Set(sent.map(({ path }) => path)).size, COUNT, provider);
    }
  });

  it('is one quota for all processes', () => {
    assert.equal(grants[0]! + grants[1]!, COUNT);
    assert.ok(grants[0]! > 0 && grants[1]! > 0, grants.join());
  });

  it('gives every incident its answer, and a final, complete verdict', async () => {
    for (const { id } of askers) {
      const incident = answered.get(id)!;
      assert.ok(['ok', 'not_known'].includes(stateOf(incident, 'virustotal')!), id);
      assert.equal(stateOf(incident, 'geoip'), 'ok');
      assert.deepEqual([incident.complete, incident.missing], [true, []]);
      await assertAudited(system, incident);
    }
    assert.deepEqual((await system.store.audit.verify()).problems, []);
  });

  it('has a provisional verdict and a report out while it waits, and holds no worker', () => {
    for (const { id } of askers) {
      const { verdict_state, complete, audit, missing } = waiting.get(id)!;
      assert.deepEqual([verdict_state, complete], ['provisional', false]);
      assert.ok(missing.some(({ source, until: at }) => source === 'virustotal' && at !== null));
      assert.ok(audit.some(({ action }) => action === 'report'));
      assert.equal((shown.get(id) as { pending: number }).pending, 0);
    }
  });

  it('upgrades the verdict: on the timeline, in a new report, and where runs are searched for', async () => {
    for (const { id, address } of askers) {
      const incident = answered.get(id)!;
      const states = incident.verdict_timeline.map(({ state }) => state);
      assert.deepEqual([states[0], states.at(-1)], ['provisional', 'final']);
      const report = (await system.store.reports.latest(id))!;
      assert.ok(report.version > 1);
      const { assessment } = JSON.parse(report.json) as { assessment: Assessment };
      assert.deepEqual([assessment.complete, assessment.verdict], [true, incident.verdict]);
      if (!KNOWN.includes(address)) continue;
      const before = (shown.get(id) as { attributes: Record<string, unknown> }).attributes;
      const now = await searchAttributes(id);
      assert.equal(before.SoarVerdict, waiting.get(id)!.verdict);
      assert.equal(now.SoarVerdict, incident.verdict);
      assert.equal(now.SoarScore, incident.score);
      assert.notEqual(now.SoarVerdict, before.SoarVerdict);
    }
  });

  it('tells them in the order of their severity, each once', () => {
    const order = told.map(({ incidentId }) => askers.find(({ id }) => id === incidentId)!);
    assert.equal(order.length, COUNT);
    assert.equal(new Set(order).size, COUNT);
    const ranks = order.map(({ severity }) => SEVERITIES.indexOf(severity));
    assert.deepEqual(
      ranks,
      ranks.toSorted((a, b) => b - a),
    );
  });

  it('asks about the critical first: nobody before a more severe one that was not told yet', () => {
    const order = requests('virustotal').map(({ path }) => askers.find(({ address }) => path.endsWith(`/${address}`))!);
    order.forEach(({ severity, address }, place) => {
      for (const worse of order.slice(place + 1)) {
        if (SEVERITIES.indexOf(worse.severity) <= SEVERITIES.indexOf(severity)) continue;
        const { after: toldAt } = told.find(({ incidentId }) => incidentId === worse.id)!;
        assert.ok(toldAt <= place, `${address} (${severity}) before ${worse.address} (${worse.severity})`);
      }
    });
    const quarter = COUNT / SEVERITIES.length;
    const inPlace = order.filter(
      ({ severity }, place) => SEVERITIES.indexOf(severity) === SEVERITIES.length - 1 - Math.floor(place / quarter),
    );
    assert.ok(inPlace.length > COUNT / 2, `only ${inPlace.length} of ${COUNT} among their like`);
  });

  it('costs a run few events, however many windows it waits through', async () => {
    const sent = requests('virustotal').map(({ path }) => path);
    const last = askers.find(({ address }) => sent.at(-1)!.endsWith(`/${address}`))!;
    assert.ok(sent.length > 10 * VIRUSTOTAL.perWindow);
    const events = await eventsOf(system, last.id);
    const lookups = lookupsOf(events, 'lookupVirustotal');
    assert.equal(lookups.length, 2, 'asked once, told once');
    // an answer of the other source may have opened a round meanwhile
    const rests = events.findLastIndex(
      ({ markerRecordedEventAttributes }, at) => at < lookups[1]! && markerRecordedEventAttributes,
    );
    assert.ok(rests > lookups[0]!, 'a round has ended since');
    assert.ok(lookups[1]! - rests < MOST_EVENTS, `${lookups[1]! - rests} events`);
  });
});

/** Where in a history lookups of that name ended. */
function lookupsOf(events: readonly HistoryEvent[], name: string): number[] {
  const ids = events.flatMap(({ eventId, activityTaskScheduledEventAttributes: activity }) =>
    activity?.activityType?.name === name ? [String(eventId)] : [],
  );
  return events.flatMap(({ activityTaskCompletedEventAttributes: completed }, index) =>
    completed && ids.includes(String(completed.scheduledEventId)) ? [index] : [],
  );
}
