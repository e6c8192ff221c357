import { setTimeout as sleep } from 'node:timers/promises';
import type { Incident, SoarClient } from '../cli/client';

/** What the acts need of the running demo. */
export interface Stage {
  client: Pick<SoarClient, 'submit' | 'incident' | 'retry' | 'changeIncident' | 'suppress' | 'iocs'>;
  simulatorUrl: string;
  /** Shows a line as soon as there is something to see. */
  say: (line: string) => void;
  signal: AbortSignal;
}

/** How one act went. */
export interface ActResult {
  incidentId: string;
  what: string;
  before: string;
  after: string;
  ok: boolean;
}

export const VERDICT_WITHIN_MS = 120_000;
/** Pause between two looks. */
export const LOOK_MS = 200;

/** One alert about an address; on a stack that has seen it before it is known again. */
export function alertAbout(address: string, alertId: string, changes: Record<string, unknown>): string {
  return JSON.stringify({
    source: 'vpn-gateway',
    alert_id: alertId,
    alert_type: 'brute_force',
    severity: 'high',
    title: `Password guessing from ${address}`,
    src_ip: address,
    dest_ip: '10.0.1.20',
    hostname: 'vpn01.corp.example',
    username: 'm.keller',
    outcome: 'failure',
    direction: 'inbound',
    ...changes,
  });
}

/** Waits until an incident is as wanted, but not for ever. @returns it as it was seen last */
export async function awaitIncident(
  { client, signal }: Pick<Stage, 'client' | 'signal'>,
  id: string,
  isSo: (incident: Incident) => boolean,
): Promise<Incident> {
  const deadline = Date.now() + VERDICT_WITHIN_MS;
  for (;;) {
    const incident = await client.incident(id, { signal });
    if (isSo(incident) || Date.now() > deadline) return incident;
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** Plays one act after another, and shows how each went. @returns true when all of them went well */
export async function play(stage: Stage, acts: readonly ((stage: Stage) => Promise<ActResult>)[]): Promise<boolean> {
  const results: ActResult[] = [];
  for (const act of acts) {
    const result = await act(stage);
    stage.say(linesOf(result));
    results.push(result);
  }
  return results.every(({ ok }) => ok);
}

/** What happened, and what came of it. */
function linesOf({ ok, incidentId, what, before, after }: ActResult): string {
  return `${ok ? '✓' : '✗'} ${incidentId}  ${what}\n                  ${before}  →  ${after}`;
}
