import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SEARCH_ATTRIBUTES } from '../../domain/names';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

let system: TestSystem;

before(async () => {
  system = await createTestSystem();
  await system.startWorkers();
});
after(() => system.close());

const ALERT = { source: 'firewall', alert_type: 'brute_force', severity: 'high', src_ip: '185.220.101.1' };

test('an engine that has lost its search attributes gets them again, without a restart of the API', async () => {
  await system.incident(await system.submit({ ...ALERT, alert_id: 'before' }), settled);
  const { operatorService } = system.connection;
  await operatorService.removeSearchAttributes({
    namespace: system.namespace,
    searchAttributes: Object.values(SEARCH_ATTRIBUTES),
  });

  const id = await until('the start that the engine refused at first', async () => {
    const accepted = await system.accept({ ...ALERT, alert_id: `after-${Date.now()}` });
    await system.start(accepted);
    return accepted;
  });
  const incident = await system.incident(id, settled);
  assert.equal(incident.verdict, 'malicious');
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace: system.namespace });
  for (const name of Object.values(SEARCH_ATTRIBUTES)) assert.ok(customAttributes?.[name] !== undefined, name);
});
