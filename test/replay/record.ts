/**
 * Records golden histories: `npm run record:histories [SCENARIO|TYPE …]`, with the servers of the tests (`TEST_DATABASE_URL`,
 * `TEST_TEMPORAL_ADDRESS`). An alert type stands for the scenarios that every type has. Add a scenario when a path is added,
 * and record that one only: record all anew only when old runs may be forgotten.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startableOf } from '../../api/reconciler';
import { connect } from '../../db/connect';
import { createStore } from '../../db/store';
import type { Act } from '../../domain/acts';
import { ALERT_TYPES } from '../../domain/alert';
import { RESCORE_WORKFLOW, workflowType } from '../../domain/names';
import { DEFAULT_POLICY, policyWith, type Policy } from '../../domain/policy';
import { startProxy } from '../support/proxy';
import { allSamples, BENIGN, demoSite, freshAlert } from '../support/samples';
import { changeIncident } from '../support/database';
import type { Verdict } from '../../domain/verdict';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';
import { historyFile, HISTORIES } from './histories';
import { INTEL } from './record-intel';

/** @param beginning of the name of the sample that is played */
type Scenario = (system: TestSystem, beginning: string) => Promise<string>;

/** @param runId default: the run that is the last by then */
async function save(system: TestSystem, incidentId: string, name: string, runId?: string): Promise<void> {
  const history = await system.client.workflow.getHandle(incidentId, runId).fetchHistory();
  writeFileSync(join(HISTORIES, `${name}.json`), historyFile(history));
  process.stdout.write(`${name}: ${history.events?.length} events\n`);
}

const ended = (system: TestSystem, id: string): Promise<unknown> => system.client.workflow.getHandle(id).result();

function rounds(audit: readonly { action: string }[]): number {
  return audit.filter(({ action }) => action === 'conclude').length;
}

async function waitsForAnalyst(system: TestSystem, id: string): Promise<void> {
  await until(`${id} to wait for an analyst`, async () => {
    const { step } = await system.client.workflow.getHandle(id).query<{ step: string }>('progress');
    return step === 'waiting for an analyst' ? true : undefined;
  });
}

const closed: Scenario = async (system, beginning) => {
  const id = await system.submit(freshAlert(beginning));
  await ended(system, id);
  return id;
};

const escalated: Scenario = async (system, beginning) => {
  const id = await system.submit(freshAlert(beginning));
  await system.incident(id, settled);
  await waitsForAnalyst(system, id);
  return id;
};

async function closeByHand(system: TestSystem, id: string): Promise<void> {
  await changeIncident(system.knex, id, { status: 'closed', resolution: 'true_positive' });
  await system.client.workflow.getHandle(id).signal('alertsJoined');
  await ended(system, id);
}

const closedByHand: Scenario = async (system, beginning) => {
  const id = await escalated(system, beginning);
  await closeByHand(system, id);
  return id;
};

/** VirusTotal has no slot at first; the verdict is provisional, and its answer upgrades it. */
const upgraded: Scenario = async (system, beginning) => {
  system.simulator.control({ provider: 'virustotal', mode: '429', ms: 1000, times: 1 });
  const id = await system.submit(freshAlert(beginning));
  await system.incident(id, ({ verdict_state, audit }) => verdict_state === 'final' && rounds(audit) > 1);
  await waitsForAnalyst(system, id);
  return id;
};

/** VirusTotal refuses one question for good, and an analyst has it asked again. */
const askedAgain: Scenario = async (system, beginning) => {
  system.simulator.control({ provider: 'virustotal', mode: '403', times: 1 });
  const id = await system.submit(freshAlert(beginning));
  await system.incident(id, settled);
  await waitsForAnalyst(system, id);
  await retry(system, id);
  await system.incident(id, ({ complete, audit }) => complete && rounds(audit) > 1);
  await waitsForAnalyst(system, id);
  return id;
};

const LONG_LIVED_ROUNDS = 6;

/** Open for long: round after round for what joins it, until a person closes it. */
const longLived: Scenario = async (system, beginning) => {
  const id = await escalated(system, beginning);
  for (let round = 2; round <= LONG_LIVED_ROUNDS; round += 1) {
    await system.client.workflow.getHandle(id).signal('alertsJoined');
    await system.incident(id, ({ audit }) => rounds(audit) === round);
    await waitsForAnalyst(system, id);
  }
  await closeByHand(system, id);
  return id;
};

/** What every playbook goes through, and on which of its samples. */
const EVERY_TYPE: Record<string, { verdict: Verdict; scenario: Scenario }> = {
  closed: { verdict: 'benign', scenario: closed },
  escalated: { verdict: 'malicious', scenario: escalated },
  upgraded: { verdict: 'malicious', scenario: upgraded },
  'asked-again': { verdict: 'malicious', scenario: askedAgain },
  'closed-by-hand': { verdict: 'malicious', scenario: closedByHand },
  'long-lived': { verdict: 'malicious', scenario: longLived },
};

const waited: Scenario = async (system) => {
  system.simulator.control({ provider: 'virustotal', mode: '429', ms: 1000, times: 1 });
  const id = await system.submit(freshAlert(BENIGN));
  await ended(system, id);
  return id;
};

/** One source answers while another still refuses: more answers are waited for before the next round. */
const gathered: Scenario = async (system) => {
  system.simulator.control({ provider: 'virustotal', mode: '429', ms: 1000, times: 1 });
  system.simulator.control({ provider: 'geoip', mode: '429', ms: 6000, times: 1 });
  const id = await system.submit(freshAlert());
  await system.incident(id, ({ verdict_state, audit }) => verdict_state === 'final' && rounds(audit) > 1);
  await waitsForAnalyst(system, id);
  return id;
};

const retried: Scenario = async (system) => {
  system.simulator.control({ provider: 'virustotal', mode: '500', times: 1 });
  const id = await system.submit(freshAlert(BENIGN));
  await ended(system, id);
  return id;
};

const restarted: Scenario = async (system) => {
  system.simulator.control({ provider: 'geoip', mode: 'hang' });
  const id = await system.submit(freshAlert(BENIGN));
  await system.incident(id, ({ audit }) => audit.some((one) => one.provider === 'virustotal'));
  await system.client.workflow.getHandle(id).terminate('by hand');
  system.simulator.control({ mode: 'ok' });
  await system.gateway.restart(startableOf(await system.store.incidents.require(id))!);
  await ended(system, id);
  return id;
};

const superseded: Scenario = async (system) => {
  const id = await system.submit(freshAlert());
  await system.incident(id, settled);
  await waitsForAnalyst(system, id);
  await system.store.incidents.claim(id, 'another-run', new Date().toISOString());
  await system.client.workflow.getHandle(id).signal('alertsJoined');
  await ended(system, id);
  return id;
};

/** Refused for an hour, and told before that the source is ready. */
const told: Scenario = async (system) => {
  system.simulator.control({ provider: 'virustotal', mode: '429', ms: 3_600_000, times: 1 });
  const id = await system.submit(freshAlert(BENIGN));
  await until(`${id} to wait for its source`, async () => {
    const { step } = await system.client.workflow.getHandle(id).query<{ step: string }>('progress');
    return step.startsWith('waiting for a source') ? true : undefined;
  });
  await system.forget();
  await ended(system, id);
  return id;
};

/** An incident that waits for an analyst, since VirusTotal could not be asked. */
async function halfAnswered(system: TestSystem): Promise<string> {
  system.simulator.control({ provider: 'virustotal', mode: '403', times: 1 });
  const id = await system.submit(freshAlert(BENIGN));
  await system.incident(id, settled);
  await waitsForAnalyst(system, id);
  return id;
}

async function retry(system: TestSystem, id: string): Promise<void> {
  await system.gateway.retry(startableOf(await system.store.incidents.require(id))!, { requestId: 'again' });
}

const repeated: Scenario = async (system) => {
  const id = await halfAnswered(system);
  await retry(system, id);
  await ended(system, id);
  return id;
};

/** By a run of its own, after the incident was closed by hand. */
const repeatedClosed: Scenario = async (system) => {
  const id = await halfAnswered(system);
  const changes = { status: 'closed', resolution: 'false_positive' } as const;
  await changeIncident(system.knex, id, changes);
  await system.client.workflow.getHandle(id).signal('alertsJoined');
  await ended(system, id);
  await retry(system, id);
  await ended(system, id);
  return id;
};

const cached: Scenario = async (system) => {
  await ended(system, await system.submit(freshAlert(BENIGN)));
  const id = await system.submit(freshAlert(BENIGN));
  await ended(system, id);
  return id;
};

async function recordHandedOver(system: TestSystem): Promise<void> {
  const url = new URL(system.url);
  const proxy = await startProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  const knex = connect(url.toString());
  await system.startWorkers({ store: createStore(knex) });
  proxy.cut();
  const id = await system.submit(freshAlert(BENIGN));
  await until('the step to be handed over', async () => {
    const { raw } = await system.client.workflow.getHandle(id).describe();
    return raw.pendingActivities?.length ? true : undefined;
  });
  proxy.restore();
  await ended(system, id);
  await system.stopWorkers();
  await save(system, id, 'bruteForcePlaybook-handed-over');
  await knex.destroy();
  await proxy.close();
}

/** Open by strict rules; re-scored by those of the day it closes, and its run ends. Both runs are kept. */
async function recordRescored(system: TestSystem): Promise<void> {
  const rules = policyWith(DEFAULT_POLICY, system.providers());
  let policy: Policy = { ...rules, required: { ...rules.required, nobody: 'main' } };
  await system.startWorkers({ policy: { current: () => policy } });
  await system.forget();
  const id = await system.submit(freshAlert(BENIGN));
  await system.incident(id, settled);
  await waitsForAnalyst(system, id);
  policy = rules;
  const at = new Date().toISOString();
  const job = await system.store.rescores.create({ requestedBy: 'ann', filter: { q: id }, reopen: false, at });
  await system.gateway.rescore({ id: job.id, requestedBy: 'ann' });
  await until('what would change', async () =>
    (await system.store.rescores.get(job.id))?.state === 'compared' ? true : undefined,
  );
  await system.store.rescores.requestApply(job.id, { actor: 'ann', reopen: undefined, at: new Date().toISOString() });
  await system.gateway.rescore({ id: job.id, requestedBy: 'ann' });
  await Promise.all([ended(system, job.id), ended(system, id)]);
  await system.stopWorkers();
  await save(system, id, 'bruteForcePlaybook-rescored');
  await save(system, job.id, `${RESCORE_WORKFLOW}-applied`);
}

/** Alerts join in the middle of the first round, and again while the run waits; each time they are gathered. */
const joined: Scenario = async (system) => {
  const sent = () => system.simulator.requests().filter(({ provider }) => provider === 'virustotal').length;
  const before = sent();
  system.simulator.control({ provider: 'virustotal', mode: 'hang' });
  const id = await system.submit(freshAlert());
  await until('the question to be sent', () => (sent() > before ? true : undefined));
  await system.submit(freshAlert());
  system.simulator.control({ mode: 'ok' });
  await system.incident(id, ({ audit }) => rounds(audit) === 2);
  await waitsForAnalyst(system, id);
  await system.submit(freshAlert());
  await system.incident(id, ({ audit }) => rounds(audit) === 3);
  await waitsForAnalyst(system, id);
  return id;
};

/** An alert that says something new joins one that has closed itself: a run of its own plays one more round. */
const joinedClosed: Scenario = async (system) => {
  const id = await system.submit(freshAlert(BENIGN));
  await ended(system, id);
  await system.submit(freshAlert(BENIGN, { username: 'n.other' }));
  await ended(system, id);
  return id;
};

async function act(system: TestSystem, id: string, acts: Act[]): Promise<void> {
  const startable = startableOf(await system.store.incidents.require(id))!;
  const requestId = acts.map((one) => one.act).join('-');
  await system.gateway.act(startable, { acts, requestId, actor: 'ann', reason: 'for the record' });
}

const acknowledged = ({ status }: { status: string }): boolean => status === 'acknowledged';

/** Taken up, held until the hold is over, its verdict overridden, and closed. */
const acted: Scenario = async (system) => {
  const id = await halfAnswered(system);
  await act(system, id, [{ act: 'acknowledge' }]);
  await act(system, id, [{ act: 'hold', until: new Date(Date.now() + 2000).toISOString() }]);
  await system.incident(id, acknowledged);
  await act(system, id, [
    { act: 'overrideVerdict', verdict: 'benign' },
    { act: 'setSeverity', severity: 'low' },
  ]);
  await act(system, id, [{ act: 'close', resolution: 'benign_true_positive' }]);
  await ended(system, id);
  return id;
};

/** Closed while VirusTotal is being asked, which is given up. */
const gaveUp: Scenario = async (system) => {
  system.simulator.control({ provider: 'virustotal', mode: 'latency', ms: 10_000 });
  const id = await system.submit(freshAlert());
  await system.incident(id, ({ audit }) => audit.some(({ action_key }) => action_key === '1/plan'));
  await act(system, id, [{ act: 'close', resolution: 'duplicate' }]);
  await ended(system, id);
  return id;
};

/** Opened again by a run of its own, after it had closed itself. */
const reopened: Scenario = async (system) => {
  const id = await system.submit(freshAlert(BENIGN));
  await ended(system, id);
  await act(system, id, [{ act: 'reopen' }, { act: 'acknowledge' }]);
  await act(system, id, [{ act: 'close', resolution: 'true_positive' }]);
  await ended(system, id);
  return id;
};

/** Amid its first round it is given to another playbook. Both runs are kept. */
async function recordReclassified(system: TestSystem): Promise<void> {
  await system.forget();
  system.simulator.control({ provider: 'virustotal', mode: 'latency', ms: 5_000 });
  const id = await system.submit(freshAlert());
  await system.incident(id, ({ audit }) => audit.some(({ action_key }) => action_key === '1/plan'));
  const { runId } = await system.client.workflow.getHandle(id).describe();
  await act(system, id, [{ act: 'reclassify', alert_type: 'suspicious_ip' }]);
  system.simulator.control({ mode: 'ok' });
  await system.incident(id, ({ audit }) => rounds(audit) === 1);
  await waitsForAnalyst(system, id);
  await save(system, id, 'bruteForcePlaybook-reclassified', runId);
  await save(system, id, 'suspiciousIpPlaybook-reclassified');
}

/** Both clocks remind and run out, and another tool is told. */
async function recordOverdue(): Promise<void> {
  const site = demoSite().current();
  const level = { acknowledge: 4 / 60, close: 8 / 60 };
  const sla = { low: level, medium: level, high: level, critical: level };
  const system = await createTestSystem({ current: () => ({ ...site, sla, sla_reminder_percent: 1 }) });
  try {
    await system.startWorkers();
    const id = await system.submit(freshAlert());
    await system.incident(id, (seen) => seen.sla.breaches.close !== undefined);
    await waitsForAnalyst(system, id);
    await save(system, id, 'bruteForcePlaybook-overdue');
  } finally {
    await system.close();
  }
}

const JOINING: Record<string, Scenario> = { joined, 'joined-closed': joinedClosed };
const WINDOW_MS = 2 * 3_600_000;

/** On a system of its own: everywhere else each alert has its own incident. */
async function recordJoining(names: readonly string[]): Promise<void> {
  const system = await createTestSystem(demoSite(), undefined, { correlationWindowMs: WINDOW_MS });
  try {
    await system.startWorkers();
    for (const name of names) {
      const scenario = JOINING[name];
      if (scenario) await play(system, workflowType('brute_force'), name, scenario, BENIGN);
    }
  } finally {
    await system.close();
  }
}

async function play(
  system: TestSystem,
  type: string,
  name: string,
  scenario: Scenario,
  beginning: string,
): Promise<void> {
  await system.forget();
  await save(system, await scenario(system, beginning), `${type}-${name}`);
  system.simulator.control({ mode: 'ok' });
}

const SCENARIOS: Record<string, Scenario> = {
  waited,
  gathered,
  retried,
  restarted,
  superseded,
  told,
  repeated,
  'repeated-closed': repeatedClosed,
  cached,
  acted,
  'gave-up': gaveUp,
  reopened,
};

/** @param only the scenarios, or types, to record; none = all */
async function record(only: readonly string[]): Promise<void> {
  const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
  mkdirSync(HISTORIES, { recursive: true });
  const joining = Object.keys(JOINING).filter(wanted);
  if (joining.length > 0) await recordJoining(joining);
  if (wanted('overdue')) await recordOverdue();
  const system = await createTestSystem(demoSite());
  try {
    await system.startWorkers();
    for (const [name, { verdict, scenario }] of Object.entries(EVERY_TYPE)) {
      for (const type of ALERT_TYPES.filter((each) => wanted(name) || only.includes(each))) {
        const sample = allSamples().find((one) => one.type === type && one.verdict === verdict);
        if (sample) await play(system, workflowType(type), name, scenario, sample.name);
      }
    }
    for (const [name, scenario] of Object.entries(SCENARIOS).filter(([each]) => wanted(each))) {
      await play(system, workflowType('brute_force'), name, scenario, BENIGN);
    }
    if (wanted('reclassified')) await recordReclassified(system);
    for (const [name, scenario] of Object.entries(INTEL).filter(([each]) => wanted(each))) {
      await save(system, await scenario(system), name);
    }
    await system.stopWorkers();
    if (wanted('handed-over')) await recordHandedOver(system);
    if (wanted('rescored')) await recordRescored(system);
  } finally {
    await system.close();
  }
}

record(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
