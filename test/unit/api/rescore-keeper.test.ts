import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { startRescoreKeeper } from '../../../api/rescore-keeper';
import type { RescoreKeeperDeps } from '../../../api/rescore-keeper';
import type { RescoreRow } from '../../../db/store';
import { until } from '../../support/until';

interface World {
  /** Whether the engine serves, each time it is asked; after the last one it does. */
  ready?: boolean[];
  jobs?: string[];
  changes?: string[];
  /** How a run takes the signal: it hears it, is gone, or cannot be reached. Default: it hears it. */
  runs?: Record<string, 'open' | 'gone' | 'unreachable'>;
}

/** What the keeper does until it has looked twice. */
async function watch({ ready = [], jobs = [], changes = [], runs = {} }: World) {
  const did = {
    asked: 0,
    told: [] as string[],
    again: [] as string[],
    hastened: [] as string[],
    jobs: [] as string[],
    kept: [] as string[],
    warnings: 0,
  };
  const queue = [...ready];
  let looks = 0;
  const once = <T>(items: T[]): T[] => (looks === 0 ? items : []);
  const rescores: Partial<RescoreKeeperDeps['store']['rescores']> = {
    due: () => {
      did.asked += 1;
      return Promise.resolve(once(jobs).map((id) => ({ id, requested_by: 'ann' }) as RescoreRow));
    },
    checkAgain: (id) => Promise.resolve(void did.kept.push(id)),
  };
  const rescoreChanges: Partial<RescoreKeeperDeps['store']['rescoreChanges']> = {
    toTell: () => {
      const due = once(changes).map((incident_id) => ({ rescore_id: 'RSC-A', incident_id }));
      looks += 1;
      return Promise.resolve(due);
    },
    told: ({ incident_id }) => Promise.resolve(void did.told.push(incident_id)),
    tellAgain: ({ incident_id }) => Promise.resolve(void did.again.push(incident_id)),
  };
  const reconcile: Partial<RescoreKeeperDeps['store']['reconcile']> = {
    hasten: (id) => Promise.resolve(void did.hastened.push(id)),
  };
  const stateOf = (id: string) => runs[id] ?? 'open';
  const refused = new Error('no answer');
  const gateway: RescoreKeeperDeps['gateway'] = {
    ready: () => Promise.resolve(queue.shift() ?? true),
    rescore: ({ id }) => {
      did.jobs.push(id);
      return stateOf(id) === 'unreachable' ? Promise.reject(refused) : Promise.resolve();
    },
    rescored: (id) =>
      stateOf(id) === 'unreachable' ? Promise.reject(refused) : Promise.resolve(stateOf(id) === 'open'),
  };
  const logger = pino({ level: 'warn' }, { write: () => void (did.warnings += 1) });
  const store = { rescores, rescoreChanges, reconcile } as RescoreKeeperDeps['store'];
  const keeper = startRescoreKeeper({ store, gateway, logger, clock: () => new Date(), everyMs: 1 });
  try {
    await until('two looks', () => (looks >= 2 ? true : undefined));
  } finally {
    await keeper.stop();
  }
  return did;
}

describe('the keeper of re-scorings', () => {
  it('has every job that is due go on, and one that could not be told stays due', async () => {
    const { jobs, kept, warnings } = await watch({
      jobs: ['RSC-A', 'RSC-B', 'RSC-C'],
      runs: { 'RSC-B': 'unreachable' },
    });
    assert.deepEqual([jobs, kept, warnings], [['RSC-A', 'RSC-B', 'RSC-C'], ['RSC-A', 'RSC-C'], 1]);
  });

  it('tells the runs of incidents that were re-scored; one that is gone is looked after', async () => {
    const { told, hastened, again } = await watch({ changes: ['INC-A', 'INC-B'], runs: { 'INC-B': 'gone' } });
    assert.deepEqual([told.sort(), hastened, again], [['INC-A', 'INC-B'], ['INC-B'], []]);
  });

  it('tells one again later that could not be told, and holds up no other', async () => {
    const { told, again, warnings } = await watch({ changes: ['INC-A', 'INC-B'], runs: { 'INC-A': 'unreachable' } });
    assert.deepEqual([told, again, warnings], [['INC-B'], ['INC-A'], 1]);
  });

  it('does not look while the engine is away', async () => {
    const { asked, told } = await watch({ ready: [false, false, false], changes: ['INC-A'] });
    assert.deepEqual([asked >= 2, told], [true, ['INC-A']]);
  });
});
