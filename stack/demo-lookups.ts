import type { Incident } from '../cli/client';
import { followToVerdict, isSettled } from '../cli/follow';
import { alertAbout, awaitIncident, VERDICT_WITHIN_MS } from './demo-stage';
import type { ActResult, Stage } from './demo-stage';
import type { Rule } from './simulator/server';

/** Long enough for everybody to see that it waits. */
const REFUSED_MS = 4_000;

const WAITING = '162.247.74.27';
const FAILING = '216.160.83.61';

/**
 * What a SOC meets every day: a provider that refuses for now, whose answer upgrades the verdict when it comes; and one that
 * fails for good, until somebody asks again. On a stack that has seen them before, their result is shown.
 */
export const LOOKUP_ACTS = [quotaAct, failureAct];

async function quotaAct(stage: Stage): Promise<ActResult> {
  const { client, signal } = stage;
  await order(stage, { provider: 'virustotal', path: WAITING, mode: '429', ms: REFUSED_MS, times: 1 });
  const { incident_id: id } = await client.submit({
    body: alertAbout(WAITING, 'demo-waiting', { failed_attempts: 31 }),
    signal,
  });
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
  const { incident_id: id } = await client.submit({
    body: alertAbout(FAILING, 'demo-retried', { failed_attempts: 6 }),
    signal,
  });
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
function completed(stage: Stage, id: string): Promise<Incident> {
  const rounds = ({ audit }: Incident) => audit.filter(({ action }) => action === 'conclude').length;
  return awaitIncident(stage, id, (incident) => incident.complete && rounds(incident) > 1);
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
