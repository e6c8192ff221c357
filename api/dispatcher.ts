import type { Logger } from '../config/logger';
import type { Nudged } from '../db/repositories/quotas';
import type { Store } from '../db/store';
import { lookupName } from '../domain/lookup-name';
import type { EngineGateway } from './gateway';
import { keepLooking } from './keep-looking';

export interface DispatcherDeps {
  store: Pick<Store, 'quotas' | 'reconcile'>;
  gateway: Pick<EngineGateway, 'lookupsReady' | 'ready'>;
  logger: Logger;
  /** Pause between two looks, ms. */
  everyMs?: number;
}

const EVERY_MS = 1000;
/** For some time after somebody was told: where one is asked at a time, the next one's turn comes with the answer. */
const SOON_MS = 100;
const SOON_LOOKS = 20;

/**
 * Tells the runs whose lookups wait that their source may be asked now: the most severe first, as many as the quota allows
 * at that moment. Any number of processes may run it; the selection is made under the source's lock. A run that does not
 * hear of it asks by itself, only later; one that is gone is left to the reconciler, which is told to look.
 */
export function startDispatcher(deps: DispatcherDeps): { stop(): Promise<void> } {
  const everyMs = deps.everyMs ?? EVERY_MS;
  let soon = 0;
  return keepLooking({
    async look() {
      soon = (await dispatch(deps)) ? SOON_LOOKS : soon - 1;
      return soon > 0 ? Math.min(everyMs, SOON_MS) : everyMs;
    },
    everyMs,
    onProblem: (err) => deps.logger.warn({ err }, 'dispatcher could not look; trying again'),
  });
}

/**
 * One look at what waits; none while the engine is away, since who was told and does not ask loses its place.
 * @returns true when somebody was told
 */
async function dispatch({ store, gateway, logger }: DispatcherDeps): Promise<boolean> {
  if (!(await gateway.ready())) return false;
  const waiting = new Map<string, Nudged[]>();
  for (const nudged of await store.quotas.nudge()) {
    waiting.set(nudged.incidentId, [...(waiting.get(nudged.incidentId) ?? []), nudged]);
  }
  const unheard: Nudged[] = [];
  await Promise.all(
    [...waiting].map(async ([incidentId, nudged]) => {
      try {
        const open = await gateway.lookupsReady(incidentId, nudged.map(lookupName));
        if (!open) await store.reconcile.hasten(incidentId, new Date().toISOString());
      } catch (err) {
        logger.warn({ err, incident: incidentId }, 'dispatcher: the run could not be told');
        unheard.push(...nudged);
      }
    }),
  );
  // with the engine there it is the run that cannot be told: it counts as told, or it would be the first in line for ever
  if (unheard.length > 0 && !(await gateway.ready())) await store.quotas.recall(unheard);
  return waiting.size > 0;
}
