import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { createClient, type RescoreAnswer } from '../../cli/client';
import { runProgram } from '../../cli/program';
import { DEFAULT_POLICY, policyWith, type Policy } from '../../domain/policy';
import { startApi, type TestApi } from '../db/api-server';
import { alertOn, isFinal } from '../support/questions';
import { freshAlert } from '../support/samples';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';
import { sessionWith } from '../unit/cli/session-double';

let system: TestSystem;
let api: TestApi;
let key: string;
let policy: Policy;

before(async () => {
  system = await createTestSystem();
  const { store, gateway } = system;
  api = await startApi({ store, gateway });
  ({ key } = await store.apiKeys.create('carla', 'admin', 'test'));
  policy = policyWith(DEFAULT_POLICY, system.providers());
  await system.startWorkers({ policy: { current: () => policy } });
});
after(async () => {
  await api.stop();
  await system.close();
});

/** `soar …` on a terminal, or with `--json`. */
async function soar(...argv: string[]): Promise<{ exit: number; text: string; data: unknown[] }> {
  const { session, lines, data } = sessionWith(api.url, { json: argv.includes('--json') });
  const client = () => Promise.resolve(createClient({ url: api.url, apiKey: key }));
  const exit = await runProgram(argv, () => ({ ...session, client }));
  return { exit, text: lines.join('\n'), data };
}

it('the command, the calls, the workflow and the database together: compare, look, apply, look again', async () => {
  const { id } = await system.incident(await system.submit(freshAlert()), isFinal);
  await system.incident(await system.submit(alertOn('62.113.204.1')), isFinal);
  assert.match((await soar('rescore')).text, /compared: 2 incidents compared, none comes out differently$/);

  policy = { ...policy, thresholds: { ...policy.thresholds, malicious: 99 } };
  const shown = await soar('rescore', '--verdict', 'malicious');
  assert.equal(shown.exit, 0);
  assert.match(shown.text, new RegExp(`^${id} +brute_force +malicious → suspicious +\\d+ +escalate`, 'm'));
  assert.match(shown.text, /^ {4}Malicious from 99 \(was 70\)\.$/m);
  assert.equal((await system.store.incidents.require(id)).verdict, 'malicious');

  const [, job = ''] = /soar rescore --apply (RSC-\w+)$/m.exec(shown.text) ?? [];
  const applied = await soar('rescore', '--apply', job);
  assert.match(applied.text, /^1 applied, 0 left as they were\.$/m);
  const incident = (await system.store.incidents.view(id))!;
  assert.deepEqual([incident.verdict, incident.verdict_timeline.at(-1)?.by], ['suspicious', 'carla']);

  const again = (await soar('rescore', job, '--json')).data as [RescoreAnswer];
  assert.deepEqual([again[0].state, again[0].applied_by, again[0].changes.length], ['applied', 'carla', 1]);
});
