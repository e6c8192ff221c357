import type { Logger } from '../config/logger';
import type { EngineGateway, StartableIncident } from './gateway';

export interface EngineStarter {
  /** Asks the engine and returns at once. What does not start now is started by the reconciler. */
  start(incident: StartableIncident): void;
  /** Has the run told that alerts have joined, and returns at once. What is not told now the reconciler tells. */
  rouse(incident: StartableIncident): void;
  /** Has the run replaced by a new one, and returns at once; else the reconciler does. */
  replace(incident: StartableIncident): void;
  /** Has the run ended, and returns at once; else the reconciler does. */
  cancel(incident: StartableIncident): void;
}

/** Starts still under way beyond which further ones are left to the reconciler: a hanging engine must not fill the memory. */
const MAX_UNDER_WAY = 1_000;

const PAST = { start: 'started', rouse: 'told', replace: 'replaced', cancel: 'ended' } as const;
type Act = keyof typeof PAST;

export function createEngineStarter(
  gateway: Pick<EngineGateway, Act>,
  logger: Logger,
  maxUnderWay = MAX_UNDER_WAY,
): EngineStarter {
  let underWay = 0;
  const starting = new Set<string>();

  async function ask(what: Act, incident: StartableIncident): Promise<void> {
    underWay += 1;
    if (what === 'start') starting.add(incident.id);
    try {
      const outcome = await gateway[what](incident);
      logger.debug({ incident_id: incident.id, outcome }, `playbook ${what} asked for`);
    } catch (error) {
      logger.warn({ err: error, incident_id: incident.id }, `playbook not ${PAST[what]}; the reconciler will`);
    } finally {
      underWay -= 1;
      if (what === 'start') starting.delete(incident.id);
    }
  }

  /** What is being asked for already is not asked for again: two hundred copies of an alert are one start. */
  function once(what: Act, incident: StartableIncident): void {
    if (what === 'start' && starting.has(incident.id)) return;
    if (underWay >= maxUnderWay) {
      logger.warn({ incident_id: incident.id, under_way: underWay }, `engine too slow; ${what} left to the reconciler`);
      return;
    }
    void ask(what, incident);
  }

  return {
    start: (incident) => once('start', incident),
    rouse: (incident) => once('rouse', incident),
    replace: (incident) => once('replace', incident),
    cancel: (incident) => once('cancel', incident),
  };
}
