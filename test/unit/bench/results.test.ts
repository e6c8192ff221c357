import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOptions } from '../../../bench/options';
import { compare, mostOthersCores, ownCpu, perSecond } from '../../../bench/results';
import type { HistorySummary, MeasuredPhase, Results, Side } from '../../../bench/results';
import { renderResults } from '../../../bench/table';

function phase(side: Side, atOnce: number, ms: number): MeasuredPhase {
  return {
    side,
    atOnce,
    runs: 10,
    elapsedMs: 10 * ms,
    latenciesMs: Array<number>(10).fill(ms),
    launchesMs: Array<number>(10).fill(ms / 10),
    cpuMs: { api: ms, worker: 4 * ms, floor: 3 * ms, temporal: 2 * ms, mysql: ms, simulator: 1, load: 5 },
    othersCores: 0.05,
  };
}

const PHASES = [phase('suite', 1, 100), phase('floor', 1, 50), phase('suite', 1, 300), phase('floor', 1, 70)];

const history: HistorySummary = { events: 26.5, bytes: 7000, counts: { WORKFLOW_TASK_COMPLETED: 2.9 } };

function results(changes: Partial<Results> = {}): Results {
  return {
    at: '2026-11-23T12:00:00.000Z',
    machine: { cpu: 'A CPU', cores: 2, node: 'v20', platform: 'linux x64' },
    plan: parseOptions([]).plan,
    comparisons: [{ ...compare(PHASES, 1), history: { suite: history, floor: history } }],
    post: { requests: 125, p50Ms: 8.25, p95Ms: 12 },
    cache: { alerts: 1000, addresses: 50, requests: { virustotal: 50, geoip: 50 }, perSecond: 12 },
    othersCores: 0.05,
    phases: PHASES,
    ...changes,
  };
}

describe('bench results', () => {
  it('counts runs a second over the whole phase, and one at a time by their latency alone', () => {
    assert.equal(perSecond({ ...phase('suite', 32, 100), elapsedMs: 500 }), 20);
    assert.equal(perSecond({ ...phase('suite', 1, 100), elapsedMs: 99_999 }), 10);
  });

  it('compares the medians over the phases', () => {
    const { suite, floor, ratio } = compare(PHASES, 1);
    assert.deepEqual([suite.phases, suite.runs, suite.p50Ms, floor.p50Ms], [2, 20, 200, 60]);
    assert.equal(ratio.p50, 200 / 60);
    assert.equal(ratio.perSecond, suite.perSecond / floor.perSecond);
  });

  it('counts for each side the processes that work for it', () => {
    const { suite, floor, ratio } = compare(PHASES.slice(0, 2), 1);
    assert.equal(ownCpu(suite, 'suite'), (100 + 400 + 200 + 100) / 10);
    assert.equal(ownCpu(floor, 'floor'), (150 + 100) / 10);
    assert.equal(ratio.cpu, 80 / 25);
  });

  it('shows the ratio first, then every number', () => {
    const text = renderResults(results());
    assert.match(text.split('\n')[0]!, /^1 at once: 0\.\d\d of the floor's throughput, latency 3\.33 times, CPU time/);
    for (const part of ['MySQL', 'load generator', 'suite/floor', '26.5', '7000', '8.25 ms (p50)', 'virustotal 50']) {
      assert.ok(text.includes(part), part);
    }
    assert.ok(text.split('\n').every((line) => line.length <= 120));
  });

  it('says when others kept the machine busy', () => {
    assert.equal(mostOthersCores([...PHASES, { ...phase('suite', 1, 1), othersCores: 0.9 }]), 0.9);
    assert.equal(mostOthersCores(PHASES.map((each) => ({ ...each, othersCores: undefined }))), undefined);
    assert.doesNotMatch(renderResults(results()), /not quiet/);
    assert.match(renderResults(results({ othersCores: 0.9 })), /not quiet: others kept up to 0\.90 cores busy/);
  });

  it('says where CPU time cannot be measured', () => {
    const phases = PHASES.map((each) => ({ ...each, cpuMs: undefined }));
    const comparison = { ...compare(phases, 1), history: { suite: history, floor: history } };
    const text = renderResults(results({ phases, comparisons: [comparison] }));
    assert.match(text, /measured on Linux only/);
    assert.doesNotMatch(text, /NaN|undefined/);
  });
});

describe('bench options', () => {
  it('measures in full unless told to be quick', () => {
    const [full, quick] = [parseOptions([]), parseOptions(['--quick', '--json'])];
    assert.deepEqual(full.plan.cache, { alerts: 1000, addresses: 50 });
    assert.ok(full.plan.one * full.plan.pairs >= 100);
    assert.ok(quick.plan.many < full.plan.many);
    assert.deepEqual([full.json, quick.json], [false, true]);
  });

  it('refuses what it does not know', () => {
    assert.throws(() => parseOptions(['--fast']), /unknown option --fast/);
  });
});
