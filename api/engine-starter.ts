import type { Logger } from '../config/logger';
import type { EngineGateway, StartableIncident } from './gateway';

export interface EngineStarter {
  /** Asks the engine and returns at once. What does not start now is started by the reconciler. */
  start(incident: StartableIncident): void;
}

/** Starts still under way beyond which further ones are left to the reconciler: a hanging engine must not fill the memory. */
const MAX_UNDER_WAY = 1_000;

export function createEngineStarter(
  gateway: Pick<EngineGateway, 'start'>,
  logger: Logger,
  maxUnderWay = MAX_UNDER_WAY,
): EngineStarter {
  let underWay = 0;

  async function ask(incident: StartableIncident): Promise<void> {
    underWay += 1;
    try {
      const outcome = await gateway.start(incident);
      logger.debug({ incident_id: incident.id, outcome }, 'playbook start asked for');
    } catch (error) {
      logger.warn({ err: error, incident_id: incident.id }, 'playbook not started; the reconciler will');
    } finally {
      underWay -= 1;
    }
  }

  return {
    start(incident) {
      if (underWay >= maxUnderWay) {
        logger.warn({ incident_id: incident.id, under_way: underWay }, 'engine too slow; start left to the reconciler');
        return;
      }
      void ask(incident);
    },
  };
}
