import { setTimeout as sleep } from 'node:timers/promises';
import type { ActivityDeps } from '../activities/deps';
import { databaseErrorText } from '../db/errors';

const LONGEST_PAUSE_MS = 30_000;

/**
 * Tells everybody what the outside sources are and how often they may be asked, by way of the database: the API shows it,
 * and wakes what waits when a limit was raised or a key was replaced. Tried until the database takes it.
 */
export async function registerProviders(
  { store, providers, logger }: Pick<ActivityDeps, 'store' | 'providers' | 'logger'>,
  stopping?: AbortSignal,
): Promise<void> {
  const outside = providers.filter(({ where }) => where === 'outside');
  const inside = providers.filter(({ where }) => where === 'inside');
  for (let pauseMs = 500; !stopping?.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      for (const { name, title, looksUp, limits, configured, setting, credential } of outside) {
        const lost = await store.quotas.register({
          name,
          title,
          where: 'outside',
          looksUp: [...looksUp],
          limits: [...limits],
          configured,
          setting: setting ?? null,
          credential: credential ?? null,
        });
        if (lost) {
          logger.warn(
            { provider: name, setting },
            'was set up by another worker, or before, and is not set up in this one',
          );
        }
      }
      await store.quotas.retire(inside.map(({ name }) => name));
      return;
    } catch (error) {
      logger.warn({ reason: databaseErrorText(error) ?? String(error) }, 'providers are not registered yet');
      await sleep(pauseMs, undefined, stopping ? { signal: stopping } : {}).catch(() => {});
    }
  }
}
