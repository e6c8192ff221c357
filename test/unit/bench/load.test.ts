import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressOf, alertBody, MOST_ALERTS } from '../../../bench/alerts';
import { runLoad } from '../../../bench/load';
import type { Target } from '../../../bench/load';
import { isPublicIp } from '../../../domain/network';

/** Ends every run at the first look, and counts how many were ever under way. */
function eager(): Target & { most: number } {
  let next = 0;
  const target = {
    most: 0,
    launch: () => Promise.resolve({ id: String(next++), at: Date.now() - 40, tookMs: 2 }),
    ended(ids: readonly string[]) {
      target.most = Math.max(target.most, ids.length);
      return Promise.resolve(new Map(ids.map((id) => [id, Date.now()])));
    },
  };
  return target;
}

const signal = new AbortController().signal;

describe('bench load', () => {
  it('keeps as many runs under way as asked for, and no more', async () => {
    const target = eager();
    const phase = await runLoad(target, { runs: 7, atOnce: 3, signal });
    assert.equal(target.most, 3);
    assert.deepEqual(phase.ids, ['0', '1', '2', '3', '4', '5', '6']);
    assert.equal(phase.latenciesMs.length, 7);
    assert.ok(phase.latenciesMs.every((ms) => ms >= 40));
    assert.deepEqual(new Set(phase.launchesMs), new Set([2]));
  });

  it('gives up when nothing ends any more', async () => {
    const stuck: Target = { ...eager(), ended: () => Promise.resolve(new Map()) };
    await assert.rejects(runLoad(stuck, { runs: 1, atOnce: 1, signal, patienceMs: 1 }), /nothing has ended/);
  });

  it('stops when it is told to', async () => {
    const stopped = AbortSignal.abort(new Error('Ctrl-C'));
    await assert.rejects(runLoad(eager(), { runs: 1, atOnce: 1, signal: stopped }), /Ctrl-C/);
  });
});

describe('bench alerts', () => {
  it('have addresses of their own, all public', () => {
    const addresses = Array.from({ length: MOST_ALERTS }, (_, number) => addressOf(number));
    assert.equal(new Set(addresses).size, MOST_ALERTS);
    assert.ok([0, 255, 256, 65_535, 65_536, MOST_ALERTS - 1].every((number) => isPublicIp(addressOf(number))));
  });

  it('are different alerts even from one address', () => {
    const [one, other] = [1, 2].map((number) => JSON.parse(alertBody(number, '26.0.0.1', new Date(0))));
    assert.notEqual(one.alert_id, other.alert_id);
    assert.equal(one.src_ip, other.src_ip);
  });
});
