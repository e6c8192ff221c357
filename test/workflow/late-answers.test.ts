import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';

let system: TestSystem;

before(async () => {
  system = await createTestSystem();
  await system.startWorkers();
});
after(() => system.close());

const ALERT = { source: 'firewall', alert_type: 'brute_force', severity: 'high', username: 'administrator' };

test('a source that is late does not hold up the first verdict, and upgrades it when it answers', async () => {
  // two attempts that hang until the client gives up: later than a first verdict is due
  system.simulator.control({ provider: 'virustotal', mode: 'hang', times: 2 });
  const id = await system.submit({ ...ALERT, src_ip: '185.220.101.1' });

  const provisional = await system.incident(id, (incident) => incident.verdict_state === 'provisional');
  assert.equal(provisional.complete, false);
  assert.deepEqual(
    provisional.missing.map(({ source, state }) => [source, state]),
    [['virustotal', 'waiting']],
  );

  const final = await system.incident(id, (incident) => incident.verdict_state === 'final');
  assert.equal(final.complete, true);
  assert.deepEqual(
    final.verdict_timeline.map(({ state }) => state),
    ['provisional', 'final'],
  );
  assert.equal(
    final.audit.filter(({ provider, action }) => provider === 'virustotal' && action === 'lookup').length,
    1,
  );
});

test('a run that is lost while an answer is late leaves it to the next run', async () => {
  system.simulator.control({ provider: 'virustotal', mode: 'hang', times: 3 });
  const id = await system.submit({ ...ALERT, src_ip: '193.32.162.157' });
  await system.incident(id, (incident) => incident.verdict_state === 'provisional' && settled(incident));
  await system.connection.workflowService.terminateWorkflowExecution({
    namespace: system.namespace,
    workflowExecution: { workflowId: id },
  });
  system.simulator.control({ mode: 'ok' });

  await system.restart(id);
  const final = await system.incident(id, (incident) => incident.verdict_state === 'final');
  assert.equal(final.enrichments.find(({ source }) => source === 'virustotal')?.state, 'ok');
  assert.equal(final.audit.filter(({ action }) => action === 'claim').length, 2);
});
