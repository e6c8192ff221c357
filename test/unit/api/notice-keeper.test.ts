import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { startNoticeKeeper } from '../../../api/notice-keeper';
import type { NoticeKeeperDeps } from '../../../api/notice-keeper';
import { until } from '../../support/until';

interface World {
  /** Whether the engine serves, each time it is asked; after the last one it does. */
  ready?: boolean[];
  /** Whether something is to be told, each time that is asked; after the last one there is not. */
  pending?: boolean[];
  unreachable?: boolean;
  foldMs?: number;
}

/** What the keeper does until it has asked MySQL once more than told. */
async function watch({ ready = [], pending = [], unreachable = false, foldMs }: World) {
  const did = { looks: 0, asked: 0, notified: [] as object[], warnings: 0 };
  const readiness = [...ready];
  const answers = [...pending];
  const notices: Partial<NoticeKeeperDeps['store']['notices']> = {
    anyPending: () => {
      did.asked += 1;
      return Promise.resolve(answers.shift() ?? false);
    },
  };
  const gateway: NoticeKeeperDeps['gateway'] = {
    ready: () => {
      did.looks += 1;
      return Promise.resolve(readiness.shift() ?? true);
    },
    notify: (input = {}) => {
      did.notified.push(input);
      return unreachable ? Promise.reject(new Error('no answer')) : Promise.resolve();
    },
  };
  const keeper = startNoticeKeeper({
    store: { notices } as NoticeKeeperDeps['store'],
    gateway,
    logger: pino({ level: 'warn' }, { write: () => void (did.warnings += 1) }),
    everyMs: 1,
    ...(foldMs === undefined ? {} : { foldMs }),
  });
  try {
    await until('it to have looked', () => (did.asked > pending.length ? true : undefined));
  } finally {
    await keeper.stop();
  }
  return did;
}

describe('the keeper of notices', () => {
  it('has the engine tell while there is something to tell, and leaves it in peace when not', async () => {
    const { notified } = await watch({ pending: [true, true, false] });
    assert.deepEqual(notified, [{}, {}]);
  });

  it('hands on how long events are gathered, where somebody says', async () => {
    assert.deepEqual((await watch({ pending: [true], foldMs: 7 })).notified, [{ foldMs: 7 }]);
  });

  it('asks MySQL nothing while the engine is away', async () => {
    const { looks, asked, notified } = await watch({ ready: [false, false, false], pending: [true] });
    assert.equal(looks, asked + 3);
    assert.equal(notified.length, 1);
  });

  it('tries again when the engine could not be told', async () => {
    const { notified, warnings } = await watch({ pending: [true, true], unreachable: true });
    assert.deepEqual([notified.length, warnings], [2, 2]);
  });
});
