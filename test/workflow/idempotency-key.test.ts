import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startApi } from '../db/api-server';
import type { Retry, TestApi } from '../db/api-server';
import { assertAudited } from '../support/audit';
import { alertOn, answerOf, isFinal, sentTo } from '../support/questions';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';

/** The longest that is taken. */
const LONGEST = 255;

describe('the longest Idempotency-Key of a retry, all of it to be escaped', () => {
  let system: TestSystem;
  let api: TestApi;
  let key: string;

  before(async () => {
    system = await createTestSystem();
    const { store, gateway } = system;
    api = await startApi({ store, gateway });
    ({ key } = await store.apiKeys.create('ann', 'admin', 'test'));
    await system.startWorkers({ providerRetryForMs: 0 });
  });
  after(async () => {
    await api.stop();
    await system.close();
  });

  for (const [index, [character, escaped]] of [
    ['/', '%2F'],
    ['%', '%25'],
  ].entries()) {
    it(`is taken by the run, which does it once (${character})`, async () => {
      const address = `62.113.206.${index + 1}`;
      system.simulator.control({ provider: 'virustotal', mode: '500' });
      const { id } = await system.incident(await system.submit(alertOn(address)), isFinal);
      system.simulator.control({ mode: 'ok' });

      const name = character!.repeat(LONGEST);
      const post = () =>
        api.call<Retry>('POST', `/api/v1/incidents/${id}/retry`, {
          body: {},
          key,
          headers: { 'idempotency-key': name },
        });
      const retried = [{ source: 'virustotal', observable: `ip:${address}`, state: 'failed' }];
      for (const { status, json } of await Promise.all([post(), post()])) {
        assert.deepEqual([status, json.retried], [202, retried]);
      }
      const incident = await system.incident(id, (seen) => isFinal(seen) && seen.complete);
      assert.equal(answerOf(incident, 'virustotal').state, 'not_known');

      // asked for by whomever: it is on record
      const request = { requestId: escaped!.repeat(LONGEST) };
      const update = system.client.workflow.getHandle(id).executeUpdate('retryEnrichment', { args: [request] });
      assert.deepEqual(await update, retried);
      assert.deepEqual((await post()).json.retried, retried);
      const after = (await system.store.incidents.view(id))!;
      assert.equal(after.audit.filter(({ action }) => action === 'retry').length, 1);
      assert.equal(sentTo(system, 'virustotal', address).length, 2);
      await assertAudited(system, after);
    });
  }
});
