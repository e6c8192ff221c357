import { attemptOf } from './action';
import type { ActInput, Standing } from './contract';
import type { ActivityDeps } from './deps';
import { renewReport } from './report';
import { standingOf } from './standing';
import { tendClocks } from './tend-clocks';

/**
 * Does what an analyst asks for, all of it or nothing: the change, its row of the audit and the new report in one
 * transaction. What the clocks have to say by then is said before: an act that comes too late hides no breach. Repeated, it
 * is not done again; what is returned is how the incident stands now.
 */
export async function act(deps: ActivityDeps, input: ActInput): Promise<Standing> {
  const { incidentId, requestId, actor, request, ifVersion, pending, runNo, round, failures } = input;
  await tendClocks(deps, input);
  const at = deps.clock().toISOString();
  const run = { runNo, round, ...attemptOf(failures) };
  const incident = await deps.store.acts.perform({
    ...{ incidentId, requestId, actor, request, ifVersion, pending, run, at },
    within: (trx, key) => renewReport(deps, { incidentId, runNo, key, actor, at }, trx),
  });
  return standingOf(incident);
}
