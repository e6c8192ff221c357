import { setTimeout as sleep } from 'node:timers/promises';
import type { Incident, SoarClient } from '../cli/client';
import { followToVerdict, isSettled } from '../cli/follow';
import type { Rule } from './simulator/server';

/** What the acts need of the running demo. */
export interface Stage {
  client: Pick<SoarClient, 'submit' | 'incident' | 'retry'>;
  simulatorUrl: string;
  /** Shows a line as soon as there is something to see. */
  say: (line: string) => void;
  signal: AbortSignal;
}

/** How one act went. */
interface ActResult {
  incidentId: string;
  what: string;
  before: string;
  after: string;
  ok: boolean;
}

/** Long enough for everybody to see that it waits. */
const REFUSED_MS = 4_000;
const VERDICT_WITHIN_MS = 120_000;
const LOOK_MS = 200;

const WAITING = '162.247.74.27';
const FAILING = '216.160.83.61';

function alertAbout(address: string, alertId: string, failedAttempts: number): string {
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
    failed_attempts: failedAttempts,
    outcome: 'failure',
    direction: 'inbound',
  });
}

/**
 * Plays what a SOC meets every day: a provider that refuses for now, whose answer upgrades the verdict when it comes; and
 * one that fails for good, until somebody asks again. On a stack that has seen them before, their result is shown.
 * @returns true when each verdict was upgraded in the end
 */
export async function playActs(stage: Stage): Promise<boolean> {
  const results: ActResult[] = [];
  for (const act of [quotaAct, failureAct]) {
    const result = await act(stage);
    stage.say(linesOf(result));
    results.push(result);
  }
  return results.every(({ ok }) => ok);
}

async function quotaAct(stage: Stage): Promise<ActResult> {
  const { client, signal } = stage;
  await order(stage, { provider: 'virustotal', path: WAITING, mode: '429', ms: REFUSED_MS, times: 1 });
  const { incident_id: id } = await client.submit({ body: alertAbout(WAITING, 'demo-waiting', 31), signal });
  const follow = { client, incidentId: id, timeoutMs: VERDICT_WITHIN_MS, signal };
  const first = await followToVerdict({ ...follow, isOver: (seen) => waits(seen) || isSettled(seen) });
  if (waits(first)) stage.say(waitingLine(first));
  const incident = await followToVerdict(follow);
  const waited = incident.audit.find(({ status, provider }) => status === 'waiting' && provider === 'virustotal');
  return {
    incidentId: id,
    what: 'VirusTotal refuses for now (429): the lookup waits, and its answer upgrades the verdict',
    before: verdictAt(incident, 0),
    after: `${verdictAt(incident, -1)}, ${incident.status}`,
    ok: waited !== undefined && incident.complete && incident.verdict_timeline.length > 1,
  };
}

/** A first verdict is out, and one of its sources still waits. */
function waits({ audit, missing }: Incident): boolean {
  return audit.at(-1)?.action === 'conclude' && missing.some(({ state }) => state === 'waiting');
}

function waitingLine({ id, missing, verdict, verdict_state }: Incident): string {
  const [lookup] = missing.filter(({ state }) => state === 'waiting');
  const until = lookup?.until ? ` until ${lookup.until.slice(11, 19)} UTC` : '';
  return `… ${id}  waits for ${lookup?.source}${until}; so far it is ${verdict} (${verdict_state})`;
}

async function failureAct(stage: Stage): Promise<ActResult> {
  const { client, signal } = stage;
  const failed = ({ enrichments }: Incident) => enrichments.find(({ state }) => state === 'failed');
  await order(stage, { provider: 'virustotal', path: FAILING, mode: '403' });
  const { incident_id: id } = await client.submit({ body: alertAbout(FAILING, 'demo-retried', 6), signal });
  const first = await followToVerdict({ client, incidentId: id, timeoutMs: VERDICT_WITHIN_MS, signal });
  await order(stage, { provider: 'virustotal', path: FAILING, mode: 'ok' });
  const retried = failed(first) !== undefined;
  if (retried) await client.retry(id, { idempotencyKey: 'demo-retry' });
  const incident = retried ? await completed(stage, id) : first;
  const asked = incident.audit.find(({ action }) => action === 'retry');
  return {
    incidentId: id,
    what: 'VirusTotal refuses the question (403): the lookup failed, and was retried by hand',
    before: verdictAt(incident, 0),
    after: `${verdictAt(incident, -1)}, ${incident.status}`,
    ok: asked !== undefined && incident.complete && failed(incident) === undefined,
  };
}

/** Waits until the repeated lookup has upgraded the verdict and its round is over. */
async function completed({ client, signal }: Stage, id: string): Promise<Incident> {
  const deadline = Date.now() + VERDICT_WITHIN_MS;
  for (;;) {
    const incident = await client.incident(id, { signal });
    const rounds = incident.audit.filter(({ action }) => action === 'conclude').length;
    if ((incident.complete && rounds > 1) || Date.now() > deadline) return incident;
    await sleep(LOOK_MS, undefined, { signal });
  }
}

function verdictAt({ verdict_timeline }: Incident, index: number): string {
  const change = verdict_timeline.at(index);
  return change ? `${change.verdict} (${change.state}, score ${change.score})` : 'none';
}

async function order({ simulatorUrl, signal }: Stage, rule: Rule): Promise<void> {
  const response = await fetch(`${simulatorUrl}/_control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(rule),
    signal,
  });
  if (!response.ok) throw new Error(`The simulator refuses: ${await response.text()}`);
}

/** What happened, and what became of the verdict. */
function linesOf({ ok, incidentId, what, before, after }: ActResult): string {
  return `${ok ? '✓' : '✗'} ${incidentId}  ${what}\n                  ${before}  →  ${after}`;
}
