import type { Logger } from '../config/logger';
import type { Store } from '../db/store';
import type { EngineGateway } from './gateway';
import { keepLooking } from './keep-looking';

export interface NoticeKeeperDeps {
  store: Pick<Store, 'notices'>;
  gateway: Pick<EngineGateway, 'ready' | 'notify'>;
  logger: Logger;
  /** Pause between two looks, ms. */
  everyMs?: number;
  /** How long events are gathered for one request, ms; default: the workflow's own. */
  foldMs?: number;
}

const EVERY_MS = 1000;

/**
 * Sees to it that somebody tells what another tool is to be told. It only has the engine look: any number of processes may
 * run it.
 */
export function startNoticeKeeper(deps: NoticeKeeperDeps): { stop(): Promise<void> } {
  return keepLooking({
    look: () => keep(deps),
    everyMs: deps.everyMs ?? EVERY_MS,
    onProblem: (err) => deps.logger.warn({ err }, 'notices could not be looked after; trying again'),
  });
}

/** One look. Nothing is asked of MySQL while the engine is away. */
async function keep({ store, gateway, foldMs }: NoticeKeeperDeps): Promise<void> {
  if (!(await gateway.ready()) || !(await store.notices.anyPending())) return;
  await gateway.notify(foldMs === undefined ? {} : { foldMs });
}
