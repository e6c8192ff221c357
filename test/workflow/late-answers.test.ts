import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Provider } from '../../activities/providers/provider';
import type { IncidentView } from '../../db/views';
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

test('answers that are late one after the other are each asked for once', async () => {
  const held = new Map<string, () => void>();
  const hold = (provider: Provider): Provider => ({
    ...provider,
    async lookup(observable, context) {
      await new Promise<void>((resolve) => held.set(provider.name, resolve));
      return provider.lookup(observable, context);
    },
  });
  await system.stopWorkers();
  await system.startWorkers({
    providers: system.providers().map((one) => (one.where === 'outside' ? hold(one) : one)),
  });
  const id = await system.submit({ ...ALERT, src_ip: '81.2.69.142' });
  const rounds = (incident: IncidentView): number =>
    incident.audit.filter(({ action }) => action === 'conclude').length;
  await system.incident(id, (incident) => rounds(incident) === 1);
  held.get('geoip')?.();
  await system.incident(id, (incident) => rounds(incident) === 2);
  held.get('virustotal')?.();
  const final = await system.incident(id, (incident) => rounds(incident) === 3);
  assert.deepEqual([final.complete, final.verdict_state], [true, 'final']);
  const lookups = final.audit.filter(({ action, provider }) => action === 'lookup' && provider !== 'iocs');
  assert.deepEqual(lookups.map(({ action_key }) => action_key).sort(), [
    '1/geoip/ip:81.2.69.142',
    '1/virustotal/ip:81.2.69.142',
  ]);
});
