import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { row } from '../support/audit';
import { writeMmdb } from '../support/mmdb';
import { alertOn, answerOf, isFinal, sentTo } from '../support/questions';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';

describe('GeoIP from the user’s own databases', () => {
  let system: TestSystem;
  let folder: string;
  let file: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'soar-mmdb-'));
    file = join(folder, 'country.mmdb');
    const record = { country: { iso_code: 'NL', names: { en: 'Netherlands' } } };
    const networks = { '62.113.0.0/16': record };
    writeFileSync(file, writeMmdb({ type: 'GeoLite2-Country', built: '2026-11-01T00:00:00Z', networks }));
    system = await createTestSystem();
  });
  after(async () => {
    await system.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (variables: Record<string, string>): Promise<void> =>
    system.startWorkers({
      providers: system.providers({ variables: { GEOIP_MMDB: file, ...variables } }),
      providerRetryForMs: 0,
    });
  const play = async (address: string) => {
    const incident = await system.incident(await system.submit(alertOn(address)), isFinal);
    assert.deepEqual((await system.store.audit.verify(incident.id)).problems, []);
    return incident;
  };

  it('stand in for ip-api.com when that does not answer, and say that they do', async () => {
    await start({});
    try {
      system.simulator.control({ provider: 'geoip', mode: '502_html' });
      const incident = await play('62.113.204.1');
      assert.equal(sentTo(system, 'geoip', '/62.113.204.1').length, 1);
      const { state, summary } = answerOf(incident, 'geoip');
      assert.equal(state, 'ok');
      assert.match(summary, /NL|Netherlands/);
      assert.match(summary, /502/);
      const { detail } = row(incident, '1/geoip/ip:62.113.204.1');
      assert.match(JSON.stringify(detail), /"http_status":502/);
      assert.equal(incident.complete, true);
      // what they do not know is missed as before
      assert.equal(answerOf(await play('81.2.69.142'), 'geoip').state, 'failed');
    } finally {
      system.simulator.control({ mode: 'ok' });
      await system.stopWorkers();
    }
  });

  it('stand in for it while it refuses', async () => {
    await start({});
    try {
      system.simulator.control({ provider: 'geoip', mode: '429', ms: 3_600_000, times: 1 });
      for (const address of ['62.113.204.2', '62.113.204.3']) {
        const incident = await play(address);
        assert.equal(answerOf(incident, 'geoip').state, 'ok');
        assert.equal(incident.verdict_timeline.filter(({ state }) => state === 'provisional').length, 0);
      }
      assert.equal(sentTo(system, 'geoip').filter((path) => /204\.[23]/.test(path)).length, 1);
    } finally {
      system.simulator.control({ mode: 'ok' });
      await system.forget();
      await system.stopWorkers();
    }
  });

  it('are all that is asked with GEOIP_PROVIDER=mmdb', async () => {
    await start({ GEOIP_PROVIDER: 'mmdb' });
    try {
      const incident = await play('62.113.204.4');
      assert.equal(answerOf(incident, 'geoip').state, 'ok');
      assert.deepEqual(sentTo(system, 'geoip', '/62.113.204.4'), []);
    } finally {
      await system.stopWorkers();
    }
  });
});
