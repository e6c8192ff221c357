import { isSettled } from '../cli/follow';
import { alertAbout, awaitIncident } from './demo-stage';
import type { ActResult, Stage } from './demo-stage';

/** Nobody knows anything about them: their incidents stay open for an analyst. */
const OVERRIDDEN = '62.113.203.77';
const SUPPRESSED = '62.113.203.78';
const OVERDUE = '62.113.203.79';
const KNOWN_FOR_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * What an analyst does: overrides a verdict, says what is known, and comes too late. On a stack that has seen them before,
 * their result is shown.
 */
export const CASEWORK_ACTS = [overrideAct, suppressAct, overdueAct];

async function overrideAct(stage: Stage): Promise<ActResult> {
  const { client, signal } = stage;
  const { incident_id: id } = await client.submit({ body: alertAbout(OVERRIDDEN, 'demo-overridden', {}), signal });
  await awaitIncident(stage, id, isSettled);
  const changes = {
    status: 'acknowledged',
    verdict: 'benign',
    reason: 'A colleague on the road, I have called him',
  } as const;
  const incident = await client.changeIncident(id, { changes, idempotencyKey: 'demo-override' });
  const { override, machine_verdict, verdict, verdict_state, status } = incident;
  return {
    incidentId: id,
    what: 'An analyst overrides the verdict; the machine’s stays beside it',
    before: `${machine_verdict} by the machine`,
    after: `${verdict} (${verdict_state}), ${status}: ${override?.reason}`,
    ok: verdict === 'benign' && verdict_state === 'overridden' && machine_verdict !== null,
  };
}

async function suppressAct({ client, signal }: Stage): Promise<ActResult> {
  const known = {
    alert_type: 'brute_force',
    observable: `ip:${SUPPRESSED}`,
    reason: 'Password audit of the red team, CHG-1042',
    // the same all day, so that a second run asks for the same again
    expires_at: new Date((Math.ceil(Date.now() / DAY_MS) + KNOWN_FOR_DAYS) * DAY_MS).toISOString(),
  } as const;
  const suppression = await client.suppress(known, `demo-suppression-${known.expires_at.slice(0, 10)}`);
  const { incident_id: id } = await client.submit({ body: alertAbout(SUPPRESSED, 'demo-suppressed', {}), signal });
  const { status, resolution, suppressed_by, enrichments } = await client.incident(id, { signal });
  return {
    incidentId: id,
    what: `What is known is closed as it comes (${suppressed_by}: ${suppression.reason})`,
    before: 'nothing looked up',
    after: `${status} as ${resolution}`,
    ok: status === 'closed' && suppressed_by !== null && enrichments.length === 0,
  };
}

async function overdueAct(stage: Stage): Promise<ActResult> {
  const { client, signal } = stage;
  const alert = alertAbout(OVERDUE, 'demo-overdue', { severity: 'low' });
  const { incident_id: id } = await client.submit({ body: alert, signal });
  const incident = await awaitIncident(stage, id, ({ sla }) => sla.breached);
  const { ack_due, breached, escalated_to } = incident.sla;
  return {
    incidentId: id,
    what: 'Nobody takes it up in time (the demo gives a low one ten seconds): it goes to the next level',
    before: `to be acknowledged by ${ack_due?.slice(11, 19)} UTC`,
    after: `overdue, escalated to ${escalated_to}`,
    ok: breached && escalated_to !== null,
  };
}
