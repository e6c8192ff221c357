import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { before, describe, it } from 'node:test';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import type { ReplayWorkerOptions } from '@temporalio/worker';
import { PROJECT_ROOT } from '../../config/home';
import { ALERT_TYPES } from '../../domain/alert';
import { RESCORE_WORKFLOW, workflowType } from '../../domain/names';
import { clearText } from '../support/history';
import { quietBundle, quietRuntime } from '../support/system';
import { recordedHistories } from './histories';
import type { RecordedHistory } from './histories';
import { INTEL } from './record-intel';

/** What every playbook goes through. */
const EVERY_TYPE = ['closed', 'escalated', 'upgraded', 'asked-again', 'closed-by-hand', 'long-lived'];
/** Without a person who works on it for long. */
const TYPICAL = ['-closed', '-escalated', '-upgraded', '-asked-again', '-closed-by-hand'];
/** Special paths, which are the same for all of them. */
const SCENARIOS = [
  ...['waited', 'gathered', 'retried', 'restarted', 'superseded', 'handed-over'],
  ...['told', 'repeated', 'repeated-closed', 'cached', 'rescored', 'joined', 'joined-closed'],
  ...['acted', 'gave-up', 'reopened', 'reclassified', 'overdue'],
];

/** Replays histories on a bundle; gives the error of each that does not fit. */
async function replay(
  workflowBundle: ReplayWorkerOptions['workflowBundle'],
  histories: readonly RecordedHistory[],
): Promise<Map<string, Error>> {
  const errors = new Map<string, Error>();
  const given = histories.map(({ name, events }) => ({ workflowId: name, history: { events } }));
  const options: ReplayWorkerOptions = workflowBundle ? { workflowBundle } : {};
  for await (const { workflowId, error } of Worker.runReplayHistories(options, given)) {
    if (error) errors.set(workflowId, error);
  }
  return errors;
}

/** Runs that were begun under recorded code go on under the present one. */
describe('recorded histories', () => {
  const histories = recordedHistories();

  before(() => quietRuntime());

  it('cover every workflow type and every special path', () => {
    const names = histories.map(({ name }) => name);
    for (const type of ALERT_TYPES.map(workflowType)) {
      for (const scenario of EVERY_TYPE) assert.ok(names.includes(`${type}-${scenario}`), `${type} ${scenario}`);
    }
    for (const scenario of SCENARIOS) assert.ok(names.includes(`bruteForcePlaybook-${scenario}`), scenario);
    assert.ok(names.includes(`${RESCORE_WORKFLOW}-applied`));
    for (const name of Object.keys(INTEL)) assert.ok(names.includes(name), name);
    for (const { name, workflowType } of histories) assert.ok(name.startsWith(`${workflowType}-`), name);
    const text = clearText(histories.find(({ name }) => name === 'bruteForcePlaybook-told')?.events ?? []);
    for (const part of ['told-when-ready', 'lookupsReady']) assert.ok(text.includes(part), part);
    const gathered = clearText(histories.find(({ name }) => name === 'bruteForcePlaybook-gathered')?.events ?? []);
    assert.ok(gathered.includes('gathers-answers'), 'the path of the patch is in a history');
    const joined = clearText(histories.find(({ name }) => name === 'bruteForcePlaybook-joined')?.events ?? []);
    assert.ok(joined.includes('gathers-alerts'), 'the path of the patch is in a history');
  });

  it('say nothing of the machine they were recorded on', () => {
    for (const { name, text, events } of histories) {
      const all = text + clearText(events);
      for (const secret of [PROJECT_ROOT, hostname(), process.cwd()].filter((one) => one.length > 3)) {
        assert.ok(!all.includes(secret), `${name}: ${secret}`);
      }
      assert.ok(!/"(?:\/[\w.-]+){2,}\.(?:ts|js)|node_modules|\d+@[\w-]+"/.test(all), name);
      const identities = new Set([...text.matchAll(/"identity":"([^"]*)"/g)].map((match) => match[1]));
      assert.deepEqual([...identities], ['recorded'], name);
    }
  });

  it('of typical incidents stay small: at most 60 events and 60 KB', () => {
    for (const { name, text, events } of histories.filter((one) => TYPICAL.some((each) => one.name.endsWith(each)))) {
      assert.ok(events.length <= 60, `${name}: ${events.length} events`);
      // as JSON with base64 in it, which is more than the server keeps
      assert.ok(text.length <= 60_000, `${name}: ${text.length} bytes`);
    }
  });

  it('replay on the present workflow code', async () => {
    const errors = await replay({ codePath: await quietBundle() }, histories);
    assert.deepEqual(Object.fromEntries(errors), {});
  });

  it('do not replay on code that schedules another step first', async () => {
    const changed = await bundleWorkflowCode({
      workflowsPath: require.resolve('./changed-workflows'),
      logger: new DefaultLogger('ERROR'),
    });
    const concerned = histories.filter(({ workflowType }) => workflowType === 'bruteForcePlaybook');
    const errors = await replay(changed, concerned);
    assert.deepEqual([...errors.keys()].sort(), concerned.map(({ name }) => name).sort());
    for (const error of errors.values()) assert.match(error.message, /nondeterminism/i);
  });
});
