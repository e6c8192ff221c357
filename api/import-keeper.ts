import type { Logger } from '../config/logger';
import type { Store } from '../db/store';
import type { EngineGateway } from './gateway';
import { keepLooking } from './keep-looking';

export interface ImportKeeperDeps {
  store: Pick<Store, 'iocImports'>;
  gateway: Pick<EngineGateway, 'ready' | 'importIocs'>;
  logger: Logger;
  clock: () => Date;
  /** Pause between two looks, ms. */
  everyMs?: number;
}

const EVERY_MS = 1000;
/** Started in one look; the others follow with the next one. */
const MOST_AT_ONCE = 20;

/**
 * Sees to it that every import that was taken in has a run, also when the engine was away or has lost it. A start may be
 * repeated, so any number of processes may run it.
 */
export function startImportKeeper(deps: ImportKeeperDeps): { stop(): Promise<void> } {
  return keepLooking({
    look: () => keep(deps),
    everyMs: deps.everyMs ?? EVERY_MS,
    onProblem: (err) => deps.logger.warn({ err }, 'imports could not be looked after; trying again'),
  });
}

/** One look. Nothing is asked of MySQL while the engine is away. */
async function keep({ store, gateway, logger, clock }: ImportKeeperDeps): Promise<void> {
  if (!(await gateway.ready())) return;
  const now = clock().toISOString();
  for (const { id, requested_by: requestedBy } of await store.iocImports.due(now, MOST_AT_ONCE)) {
    try {
      await gateway.importIocs({ id, requestedBy });
      await store.iocImports.checkAgain(id, now);
    } catch (err) {
      logger.warn({ err, import: id }, 'the run of an import could not be started; trying again');
    }
  }
}
