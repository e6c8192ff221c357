import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { QuotaLimit } from '../../domain/quota';
import { assertAudited, row } from '../support/audit';
import { eventsOf, scheduled } from '../support/history';
import { changeProvider } from '../support/provider-row';
import { alertOn, answerOf, isFinal, sentTo } from '../support/questions';
import { limitedProviders } from '../support/quotas';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';

/** Longer than the first rest of a source that answers nobody, so that all who wait for its end are up together. */
const RETRY_MS = 7000;
/** Longer than the pause before the first retry, so that this finds no slot. */
const WINDOW_MS = 2000;

/** A source that answers nobody, asked about several addresses at once. */
for (const { held, limits, outcomes, lookups } of [
  { held: 'its quota', limits: [{ name: 'minute', requests: 4, ms: WINDOW_MS }], outcomes: '', lookups: 4 },
  { held: 'each other', limits: [], outcomes: 'xxxx', lookups: 3 },
] satisfies { held: string; limits: QuotaLimit[]; outcomes: string; lookups: number }[]) {
  describe(`lookups that have met an outage, held back by ${held}`, () => {
    let system: TestSystem;
    before(async () => {
      system = await createTestSystem();
      system.simulator.control({ provider: 'virustotal', mode: '500' });
      await system.startWorkers({
        providers: limitedProviders(system, { virustotal: limits }),
        providerRetryForMs: RETRY_MS,
      });
      await changeProvider(system.knex, 'virustotal', () => ({ outcomes }));
    });
    after(() => system.close());

    it('are retried where they are, and have failed when their time is over: their clock is not started anew', async () => {
      const addresses = Array.from({ length: lookups }, (_, index) => `62.113.207.${index}`);
      const ids = await Promise.all(addresses.map((address) => system.submit(alertOn(address))));
      let inPlace = 0;
      for (const [index, id] of ids.entries()) {
        const address = addresses[index]!;
        const incident = await system.incident(id, isFinal);
        assert.equal(answerOf(incident, 'virustotal').state, 'failed');
        const { status, failures, raw_sha256 } = row(incident, `1/virustotal/ip:${address}`);
        assert.equal(status, 'failed');
        assert.ok(failures > 0 && raw_sha256 !== null);
        // one that comes when the outage is known already has met no error yet, and rightly waits
        const waited = incident.audit.some(({ action_key }) => action_key === `1/virustotal/ip:${address}#waiting`);
        const asked = scheduled(await eventsOf(system, id)).filter((name) => name === 'lookupVirustotal');
        if (!waited) assert.equal(asked.length, 1, 'it was scheduled once');
        if (!waited) inPlace += 1;
        assert.ok(sentTo(system, 'virustotal', `/${address}`).length >= 1);
        await assertAudited(system, incident);
      }
      assert.ok(inPlace > 0, 'some were under way together');
    });
  });
}
