import type { Logger } from '../config/logger';
import type { IncidentRow, Store } from '../db/store';
import { ALERT_TYPES } from '../domain/alert';
import { reconcile } from '../domain/reconcile';
import type { RunState } from '../domain/reconcile';
import type { EngineGateway, StartableIncident } from './gateway';
import { keepLooking } from './keep-looking';

export interface ReconcilerDeps {
  store: Pick<Store, 'reconcile'>;
  gateway: EngineGateway;
  logger: Logger;
  clock: () => Date;
  /** Pause between two sweeps, ms. */
  everyMs?: number;
}

const BATCH = 50;
/** Incidents of a batch looked at together. */
const AT_ONCE = 10;
const RETRY_MS = 5000;

/**
 * Compares incidents that are not closed with the engine and mends the difference. Any number of processes may run it:
 * each incident due for a check is taken by one of them, and a start beside an open run is refused by the engine.
 */
export function startReconciler(deps: ReconcilerDeps): { stop(): Promise<void> } {
  return keepLooking({
    async look(stopping) {
      while ((await sweep(deps)) === BATCH && !stopping.aborted);
    },
    everyMs: deps.everyMs ?? 2000,
    onProblem: (err) => deps.logger.warn({ err }, 'reconciler could not look; trying again'),
  });
}

/**
 * One look at the incidents that are due. One that cannot be looked at or mended is left for later and holds up no other.
 * @returns how many were due; 0 while the engine is away
 */
export async function sweep(deps: ReconcilerDeps): Promise<number> {
  if (!(await deps.gateway.ready())) return 0;
  const due = await deps.store.reconcile.due(deps.clock().toISOString(), BATCH);
  for (let start = 0; start < due.length; start += AT_ONCE) {
    await Promise.all(due.slice(start, start + AT_ONCE).map((incident) => look(deps, incident)));
  }
  return due.length;
}

async function look(deps: ReconcilerDeps, incident: IncidentRow): Promise<void> {
  const { store, gateway, logger, clock } = deps;
  const later = (): string => new Date(clock().getTime() + RETRY_MS).toISOString();
  try {
    const run = await gateway.describe(incident.id);
    const now = clock().toISOString();
    if (incident.related?.some(({ relation }) => relation === 'merged_into')) {
      await endMerged(deps, incident, run);
      return;
    }
    const { remedy, checkAt } = reconcile(
      {
        runNo: incident.run_no,
        restarts: incident.restarts,
        updatedAt: incident.updated_at,
        unprocessed: incident.unprocessed,
      },
      run,
      now,
    );
    if (await store.reconcile.take(incident.id, incident.next_check_at, checkAt)) {
      await mend(deps, incident, remedy, now);
    }
  } catch (err) {
    logger.warn({ err, incident: incident.id }, 'reconciler: could not look after it, trying again');
    await store.reconcile.take(incident.id, incident.next_check_at, later());
  }
}

/** Of a merged incident all is over; only its run may not have heard of it. */
async function endMerged(
  { store, gateway, clock }: ReconcilerDeps,
  incident: IncidentRow,
  run: RunState,
): Promise<void> {
  if (run !== 'running') return store.reconcile.rest(incident.id);
  await gateway.cancel(incident);
  await store.reconcile.take(incident.id, incident.next_check_at, new Date(clock().getTime() + RETRY_MS).toISOString());
}

async function mend(
  { store, gateway, logger }: ReconcilerDeps,
  incident: IncidentRow,
  remedy: ReturnType<typeof reconcile>['remedy'],
  now: string,
): Promise<void> {
  const event = { incident: incident.id, restarts: incident.restarts.length };
  const startable = startableOf(incident);
  if (!startable) return;
  if (remedy === 'start') {
    logger.info(event, `reconciler: start ${await gateway.start(startable)}`);
  } else if (remedy === 'restart') {
    const restarted = await gateway.restart(startable);
    if (restarted === 'started') await store.reconcile.noteRestart(incident.id, now);
    logger.warn(event, `reconciler: restart ${restarted}`);
  } else if (remedy === 'tell') {
    logger.debug(event, `reconciler: told of alerts: ${await gateway.alertsJoined(incident.id)}`);
  } else if (remedy === 'give_up') {
    logger.error(event, 'reconciler: restarted too often, waiting for the hour to pass; see soar doctor');
  }
}

/** What the engine is told of an incident; undefined for one that has no playbook. */
export function startableOf(
  incident: Pick<IncidentRow, 'id' | 'alert_type' | 'severity' | 'source' | 'title' | 'status' | 'verdict' | 'score'>,
): StartableIncident | undefined {
  const { alert_type, ...rest } = incident;
  const alertType = ALERT_TYPES.find((type) => type === alert_type);
  return alertType && { ...rest, alertType };
}
