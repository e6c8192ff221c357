import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { busyTicksOf, createCpuMeter, ticksOf, usedBetween } from '../../../bench/cpu';

const stat = (command: string): string =>
  `4242 (${command}) S 1 4242 4242 0 -1 4194560 9000 120 3 0 250 50 7 3 20 0 12 0 99000 1073741824 9000 18446744073709551615`;

describe('bench CPU times', () => {
  it('adds the times of a process and of the children it has waited for', () => {
    assert.equal(ticksOf(stat('node')), 310);
  });

  it('is not misled by a command that holds spaces and parentheses', () => {
    assert.equal(ticksOf(stat('my (odd) S 1 2 3')), 310);
  });

  it('refuses what is no such text', () => {
    assert.throws(() => ticksOf(''), /not the text/);
    assert.throws(() => ticksOf('4242 (node) S 1'), /not the text/);
  });

  it('knows how long the whole machine was busy, without its idle time', () => {
    assert.equal(busyTicksOf('cpu  100 20 30 9000 500 4 6 40 7 8\ncpu0 1 2 3 4 5 6 7 8 9 10\n'), 200);
    assert.throws(() => busyTicksOf('intr 1 2 3'), /not the text/);
    assert.throws(() => busyTicksOf('cpu  1 2'), /not the text/);
  });

  it('gives what was used between two readings, and nothing for a process that came later', () => {
    const before = { processes: { api: 100, gone: 5 }, machineMs: 1000, at: 0 };
    const after = { processes: { api: 130, floor: 40 }, machineMs: 1530, at: 1000 };
    assert.deepEqual(usedBetween(before, after), { processes: { api: 30, floor: 0 }, othersCores: 0.5 });
  });

  it('measures living processes on Linux, and says elsewhere that it cannot', () => {
    const reading = createCpuMeter({ own: process.pid, none: 2 ** 22 + 1 }).read();
    if (process.platform !== 'linux') return assert.equal(reading, undefined);
    assert.ok(reading && reading.processes.own! > 0 && reading.processes.load! > 0);
    assert.equal(reading.processes.none, 0);
    assert.ok(reading.machineMs > 0);
  });
});
