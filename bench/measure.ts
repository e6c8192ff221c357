import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bring-up';
import { FLOOR_QUEUE } from './bring-up';
import { usedBetween } from './cpu';
import type { CpuMeter } from './cpu';
import { differencesOf, fetchHistory, typicalCounts } from './histories';
import type { History } from './histories';
import { scriptOf } from './floor/script';
import { runLoad } from './load';
import type { Target } from './load';
import type { CacheResult, HistorySummary, MeasuredPhase, Side } from './results';
import { mean } from './statistics';
import { floorTarget, suiteTarget } from './targets';

/** Both things that are put under load, and how what they use is measured. */
export interface Contest {
  targets: Record<Side, Target>;
  meter: CpuMeter;
  signal: AbortSignal;
}

/** What a run leaves to be done after its end is seen, and what shows up in `/proc` with a tick's delay, ms. */
const SETTLE_MS = 500;
/** Histories looked at on either side. */
const HISTORIES = 50;

/** Plays one alert, and makes a floor that takes the same steps. */
export async function prepareContest(bench: Bench, nextNumber: () => number, signal: AbortSignal): Promise<Contest> {
  const suite = suiteTarget({ ...bench, nextNumber });
  const { ids } = await runLoad(suite, { runs: 1, atOnce: 1, signal });
  await sleep(SETTLE_MS);
  const { events } = await fetchHistory(bench.client, ids[0] ?? '');
  const script = scriptOf(events, (queue) => `bench-${queue}`);
  const queues = script.lookups.flatMap(({ queue }) => queue ?? []);
  const endedUrl = await bench.startFloor([...new Set(queues)]);
  const floor = floorTarget({ client: bench.client, queue: FLOOR_QUEUE, script, endedUrl, nextNumber });
  return { targets: { suite, floor }, meter: bench.cpuMeter(), signal };
}

export interface PhaseOptions {
  side: Side;
  runs: number;
  atOnce: number;
}

/** One phase of load with what every process used. @returns the ids of its runs too */
export async function measurePhase(
  { targets, meter, signal }: Contest,
  { side, runs, atOnce }: PhaseOptions,
): Promise<{ phase: MeasuredPhase; ids: string[] }> {
  const before = meter.read();
  const { ids, ...measured } = await runLoad(targets[side], { runs, atOnce, signal });
  await sleep(SETTLE_MS, undefined, { signal });
  const after = meter.read();
  const used = before && after && usedBetween(before, after);
  return { phase: { side, atOnce, cpuMs: used?.processes, othersCores: used?.othersCores, ...measured }, ids };
}

/**
 * Looks at what runs of both sides left in the engine.
 * @throws Error naming each type of event that the floor has more or less of: then it is no floor for this suite
 */
export async function compareHistories(
  { client }: Pick<Bench, 'client'>,
  ids: Record<Side, string[]>,
): Promise<Record<Side, HistorySummary>> {
  const suite = summariseHistories(await historiesOf(client, ids.suite));
  const floor = summariseHistories(await historiesOf(client, ids.floor));
  const differences = differencesOf(suite.counts, floor.counts);
  if (differences.length > 0) {
    throw new Error(`the floor does not take the steps of the suite:\n  ${differences.join('\n  ')}`);
  }
  return { suite, floor };
}

function historiesOf(client: Bench['client'], ids: string[]): Promise<History[]> {
  return Promise.all(ids.slice(-HISTORIES).map((id) => fetchHistory(client, id)));
}

function summariseHistories(histories: readonly History[]): HistorySummary {
  return {
    events: mean(histories.map(({ events }) => events.length)),
    bytes: mean(histories.map(({ bytes }) => bytes)),
    counts: typicalCounts(histories.map(({ counts }) => counts)),
  };
}

export interface CacheOptions {
  alerts: number;
  addresses: number;
  atOnce: number;
  nextNumber: () => number;
  signal: AbortSignal;
}

/**
 * Many alerts over few addresses: how many requests reach each provider.
 * @throws Error when a provider was not asked exactly once about each address
 */
export async function measureCache(bench: Bench, options: CacheOptions): Promise<CacheResult> {
  const { alerts, addresses, atOnce, nextNumber, signal } = options;
  const target = suiteTarget({ ...bench, nextNumber, addresses });
  const before = await requestsAt(bench.simulatorUrl);
  const phase = await runLoad(target, { runs: alerts, atOnce, signal });
  target.close();
  const after = await requestsAt(bench.simulatorUrl);
  const requests = Object.fromEntries(
    Object.entries(after).map(([provider, count]) => [provider, count - (before[provider] ?? 0)]),
  );
  const wrong = Object.entries(requests).filter(([, count]) => count !== addresses);
  if (wrong.length > 0) {
    const counts = wrong.map(([provider, count]) => `${provider} ${count}`).join(', ');
    throw new Error(
      `${alerts} alerts over ${addresses} addresses are to cost ${addresses} requests each, not ${counts}`,
    );
  }
  return { alerts, addresses, requests, perSecond: (alerts * 1000) / phase.elapsedMs };
}

async function requestsAt(simulatorUrl: string): Promise<Record<string, number>> {
  const seen = (await (await fetch(`${simulatorUrl}/_control/requests`)).json()) as { provider: string | null }[];
  const counts: Record<string, number> = {};
  for (const { provider } of seen) if (provider !== null) counts[provider] = (counts[provider] ?? 0) + 1;
  return counts;
}
