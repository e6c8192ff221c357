import type { Logger } from '../config/logger';
import type { Store } from '../db/store';
import type { EngineGateway } from './gateway';
import { keepLooking } from './keep-looking';

export interface RescoreKeeperDeps {
  store: Pick<Store, 'rescores' | 'rescoreChanges' | 'reconcile'>;
  gateway: Pick<EngineGateway, 'ready' | 'rescore' | 'rescored'>;
  logger: Logger;
  clock: () => Date;
  /** Pause between two looks, ms. */
  everyMs?: number;
}

const EVERY_MS = 1000;
/** Told in one look; the others follow with the next one. */
const MOST_AT_ONCE = 100;

/**
 * Sees to it that what re-scorings have put into MySQL reaches the engine: jobs have a run, also when the engine was away
 * or has lost it, and the runs of incidents that were re-scored are told. Both may be done twice, so any number of
 * processes may run it.
 */
export function startRescoreKeeper(deps: RescoreKeeperDeps): { stop(): Promise<void> } {
  return keepLooking({
    look: () => keep(deps),
    everyMs: deps.everyMs ?? EVERY_MS,
    onProblem: (err) => deps.logger.warn({ err }, 're-scorings could not be looked after; trying again'),
  });
}

/** One look. Nothing is asked of MySQL while the engine is away. */
async function keep(deps: RescoreKeeperDeps): Promise<void> {
  if (!(await deps.gateway.ready())) return;
  await Promise.all([keepJobs(deps), tellRuns(deps)]);
}

async function keepJobs({ store, gateway, logger, clock }: RescoreKeeperDeps): Promise<void> {
  const now = clock().toISOString();
  for (const { id, requested_by: requestedBy } of await store.rescores.due(now, MOST_AT_ONCE)) {
    try {
      await gateway.rescore({ id, requestedBy });
      await store.rescores.checkAgain(id, now);
    } catch (err) {
      logger.warn({ err, rescore: id }, 'the run of a re-scoring could not be told; trying again');
    }
  }
}

/** A run that is gone has nothing to be told: a new one begins with what MySQL says. */
async function tellRuns({ store, gateway, logger, clock }: RescoreKeeperDeps): Promise<void> {
  const now = clock().toISOString();
  const changes = await store.rescoreChanges.toTell(now, MOST_AT_ONCE);
  await Promise.all(
    changes.map(async (change) => {
      try {
        if (!(await gateway.rescored(change.incident_id))) await store.reconcile.hasten(change.incident_id, now);
        await store.rescoreChanges.told(change);
      } catch (err) {
        logger.warn({ err, incident: change.incident_id }, 'a run could not be told of its re-scoring; trying again');
        await store.rescoreChanges.tellAgain(change, now);
      }
    }),
  );
}

/**
 * Asks the engine to go on with a job, and does not wait for it: what does not reach it now is seen to by the keeper.
 */
export function goOn(
  { gateway, logger }: Pick<RescoreKeeperDeps, 'logger'> & { gateway: Pick<EngineGateway, 'rescore'> },
  job: { id: string; requested_by: string },
): void {
  gateway.rescore({ id: job.id, requestedBy: job.requested_by }).catch((err: unknown) => {
    logger.warn({ err, rescore: job.id }, 're-scoring not started; it is tried again');
  });
}
