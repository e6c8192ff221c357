import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { startDispatcher } from '../../../api/dispatcher';
import type { DispatcherDeps } from '../../../api/dispatcher';
import type { Nudged } from '../../../db/repositories/quotas';
import { until } from '../../support/until';

const waiter = (incidentId: string, address = '192.0.2.1', source = 'virustotal'): Nudged => ({
  incidentId,
  source,
  observable: `ip:${address}`,
});

interface World {
  /** Whether the engine serves, each time it is asked; after the last one it does. */
  ready?: boolean[];
  /** Chosen at the first look; after that nobody is. */
  waiting: Nudged[];
  /** The first look fails, and the next one is taken for it. */
  stumbles?: boolean;
  /** How a run takes the signal: it hears it, is gone, or cannot be reached. Default: it hears it. */
  runs?: Record<string, 'open' | 'gone' | 'unreachable'>;
}

/** What the dispatcher does until it has looked once more after it chose somebody. */
async function watch({ ready = [], waiting, stumbles = false, runs = {} }: World) {
  const did = {
    /** Selections that were made while the engine did not serve. */
    chosenBlindly: 0,
    signals: [] as { incidentId: string; lookups: readonly string[] }[],
    hastened: [] as string[],
    recalled: [] as Nudged[],
    warnings: 0,
  };
  let serves = true;
  let looks = stumbles ? -1 : 0;
  const queue = [...ready];
  const quotas: Partial<DispatcherDeps['store']['quotas']> = {
    nudge() {
      looks += 1;
      if (!serves) did.chosenBlindly += 1;
      if (looks < 1) return Promise.reject(new Error('the database is away'));
      return Promise.resolve(looks === 1 ? waiting : []);
    },
    recall: (nudged) => Promise.resolve(void did.recalled.push(...nudged)),
  };
  const reconcile: Partial<DispatcherDeps['store']['reconcile']> = {
    hasten: (id) => Promise.resolve(void did.hastened.push(id)),
  };
  const gateway: DispatcherDeps['gateway'] = {
    ready: () => Promise.resolve((serves = queue.shift() ?? true)),
    lookupsReady(incidentId, lookups) {
      did.signals.push({ incidentId, lookups });
      const run = runs[incidentId] ?? 'open';
      return run === 'unreachable' ? Promise.reject(new Error('no answer')) : Promise.resolve(run === 'open');
    },
  };
  const logger = pino({ level: 'warn' }, { write: () => void (did.warnings += 1) });
  const store = { quotas, reconcile } as DispatcherDeps['store'];
  const dispatcher = startDispatcher({ store, gateway, logger, everyMs: 1 });
  try {
    await until('two looks', () => (looks >= 2 ? true : undefined));
  } finally {
    await dispatcher.stop();
  }
  return did;
}

describe('the dispatcher', () => {
  it('chooses nobody while the engine is away: who is told and does not ask would lose its place', async () => {
    const { chosenBlindly, signals } = await watch({ ready: [false, false, false], waiting: [waiter('INC-A')] });
    assert.equal(chosenBlindly, 0);
    assert.deepEqual(signals, [{ incidentId: 'INC-A', lookups: ['virustotal/ip:192.0.2.1'] }]);
  });

  it('tells a run of all its lookups by one signal', async () => {
    const { signals } = await watch({
      waiting: [waiter('INC-A'), waiter('INC-B'), waiter('INC-A', '192.0.2.2'), waiter('INC-A', '192.0.2.1', 'geoip')],
    });
    assert.deepEqual(signals, [
      { incidentId: 'INC-A', lookups: ['virustotal/ip:192.0.2.1', 'virustotal/ip:192.0.2.2', 'geoip/ip:192.0.2.1'] },
      { incidentId: 'INC-B', lookups: ['virustotal/ip:192.0.2.1'] },
    ]);
  });

  it('leaves a run that is gone to the reconciler, which is to look at once', async () => {
    const { hastened, recalled, warnings } = await watch({
      waiting: [waiter('INC-A'), waiter('INC-B')],
      runs: { 'INC-B': 'gone' },
    });
    assert.deepEqual([hastened, recalled, warnings], [['INC-B'], [], 0]);
  });

  it('takes it back from those who could not be told when the engine is gone: they keep their places', async () => {
    const waiting = [waiter('INC-A'), waiter('INC-A', '192.0.2.2'), waiter('INC-B'), waiter('INC-C')];
    const { recalled, hastened, warnings } = await watch({
      ready: [true, false],
      waiting,
      runs: { 'INC-A': 'unreachable', 'INC-C': 'unreachable' },
    });
    const [a, again, , c] = waiting;
    assert.deepEqual([recalled, hastened, warnings], [[a, again, c], [], 2]);
  });

  it('takes it back from nobody while the engine is there: a run that cannot be told would be the first for ever', async () => {
    for (const others of [[], [waiter('INC-B')]]) {
      const { recalled, warnings } = await watch({
        waiting: [waiter('INC-A'), ...others],
        runs: { 'INC-A': 'unreachable' },
      });
      assert.deepEqual([recalled, warnings], [[], 1]);
    }
  });

  it('goes on after a look that failed', async () => {
    const { signals, warnings } = await watch({ stumbles: true, waiting: [waiter('INC-A')] });
    assert.deepEqual([signals.length, warnings], [1, 1]);
  });
});
