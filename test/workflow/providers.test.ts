import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { createGeoIp } from '../../activities/providers/geoip';
import { createIocs } from '../../activities/providers/iocs';
import { createVirusTotal } from '../../activities/providers/virustotal';
import type { Provider } from '../../activities/providers/provider';
import type { AuditView, IncidentView } from '../../db/views';
import type { Rule } from '../../stack/simulator/server';
import type { Assessment } from '../../domain/verdict';
import { assertAudited, row } from '../support/audit';
import { BENIGN, freshAlert, MALICIOUS } from '../support/samples';
import { createTestSystem, settled, TEST_KEY } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

/** Source address of the benign sample: what the tests ask about. */
const ADDRESS = '81.2.69.142';
const OBSERVABLE = `ip:${ADDRESS}`;
const VIRUSTOTAL = `1/virustotal/${OBSERVABLE}`;
const GEOIP = `1/geoip/${OBSERVABLE}`;
const TIMEOUT_MS = 400;

describe('providers in trouble', () => {
  let system: TestSystem;
  const asked = (provider: string): number =>
    system.simulator.requests().filter((request) => request.provider === provider).length;
  const stateOf = (incident: IncidentView, source: string): string | undefined =>
    incident.enrichments.find((one) => one.source === source)?.state;

  /** Plays one benign alert under a rule. */
  async function play(
    rule: Rule | undefined,
    wanted = settled,
  ): Promise<{ incident: IncidentView; virustotal: number; geoip: number }> {
    const [virustotal, geoip] = [asked('virustotal'), asked('geoip')];
    await system.forget();
    if (rule) system.simulator.control(rule);
    const incident = await system.incident(await system.submit(freshAlert(BENIGN)), wanted);
    await assertAudited(system, incident);
    return { incident, virustotal: asked('virustotal') - virustotal, geoip: asked('geoip') - geoip };
  }

  async function rawOf(incident: IncidentView, key: string): Promise<AuditView['raw']> {
    const whole = await system.store.incidents.view(incident.id, { includeRaw: true });
    return row(whole!, key).raw;
  }

  async function reports(incident: IncidentView): Promise<Assessment[]> {
    const rows: { json: string }[] = await system
      .knex('reports')
      .select('json')
      .where({ incident_id: incident.id })
      .orderBy('version');
    return rows.map(({ json }) => (JSON.parse(json) as { assessment: Assessment }).assessment);
  }

  function assertGoesOnWithout(incident: IncidentView, source: string): void {
    assert.equal(incident.complete, false);
    assert.notEqual(incident.verdict, 'benign');
    assert.equal(incident.status, 'open');
    assert.ok(incident.missing.some((one) => one.source === source && one.observable === OBSERVABLE));
  }

  /** Workers whose providers are given up after `providerRetryForMs`, and that wait `TIMEOUT_MS` for an answer. */
  async function impatientWorkers(providerRetryForMs: number): Promise<void> {
    const { url } = system.simulator;
    await system.startWorkers({
      providerRetryForMs,
      providers: [
        createIocs(system.store.iocs),
        createVirusTotal({ apiKey: TEST_KEY, url, timeoutMs: TIMEOUT_MS }),
        createGeoIp({ url, timeoutMs: TIMEOUT_MS }),
      ],
    });
  }

  before(async () => {
    system = await createTestSystem();
  });
  afterEach(() => system.simulator.control({ mode: 'ok' }));
  after(() => system.close());

  describe('that are given up at once', () => {
    before(() => impatientWorkers(0));
    after(() => system.stopWorkers());

    it('asks each source exactly once when all is well', async () => {
      const { incident, virustotal, geoip } = await play(undefined);
      assert.deepEqual({ virustotal, geoip }, { virustotal: 1, geoip: 1 });
      assert.equal(incident.verdict, 'benign');
      assert.equal(incident.complete, true);
      assert.equal(row(incident, VIRUSTOTAL).failures, 0);
    });

    for (const mode of ['401', '403'] as const) {
      it(`records ${mode} as failed with the document, and asks no second time`, async () => {
        const { incident, virustotal } = await play({ provider: 'virustotal', mode });
        assert.equal(virustotal, 1);
        const failed = row(incident, VIRUSTOTAL);
        assert.equal(failed.status, 'failed');
        assert.match(failed.summary, new RegExp(mode));
        assert.deepEqual((failed.detail as { error: { http_status: number } }).error.http_status, Number(mode));
        const raw = await rawOf(incident, VIRUSTOTAL);
        assert.match(JSON.stringify(raw?.json), /error/);
        assertGoesOnWithout(incident, 'virustotal');
      });
    }

    it('takes 404 for not known, which is no evidence of clean', async () => {
      const { incident, virustotal } = await play({ provider: 'virustotal', mode: '404' });
      assert.equal(virustotal, 1);
      assert.equal(row(incident, VIRUSTOTAL).status, 'ok');
      assert.equal(stateOf(incident, 'virustotal'), 'not_known');
      assert.equal(incident.verdict, 'unknown');
      assert.equal(incident.status, 'open');
      assert.ok(await rawOf(incident, VIRUSTOTAL));
    });

    it('keeps the exact bytes of a 502 page', async () => {
      const { incident } = await play({ provider: 'virustotal', mode: '502_html' });
      assert.equal(row(incident, VIRUSTOTAL).status, 'failed');
      const raw = await rawOf(incident, VIRUSTOTAL);
      assert.match(raw?.media_type ?? '', /^text\/html/);
      assert.match(raw?.text ?? '', /^<!DOCTYPE html>\n[^]*502[^]*That is an error\.<\/ins>\n$/);
      assertGoesOnWithout(incident, 'virustotal');
    });

    it('keeps garbage, and takes it for no answer', async () => {
      const { incident } = await play({ provider: 'virustotal', mode: 'garbage' });
      assert.equal(row(incident, VIRUSTOTAL).status, 'failed');
      assert.equal((await rawOf(incident, VIRUSTOTAL))?.text, '{"data": {"id": 7, "attr');
      assertGoesOnWithout(incident, 'virustotal');
    });

    it('takes an empty answer for no answer', async () => {
      const { incident } = await play({ provider: 'virustotal', mode: 'empty' });
      assert.equal(row(incident, VIRUSTOTAL).status, 'failed');
      assertGoesOnWithout(incident, 'virustotal');
    });

    it('gives a silent provider up after its time limit', async () => {
      const { incident } = await play({ provider: 'virustotal', mode: 'hang' });
      const failed = row(incident, VIRUSTOTAL);
      assert.equal(failed.status, 'failed');
      assert.equal((failed.detail as { error: { kind: string } }).error.kind, 'timeout');
      assert.equal(failed.raw_sha256, null);
      assertGoesOnWithout(incident, 'virustotal');
    });

    it('reaches its verdict without GeoIP, which is not required', async () => {
      const { incident } = await play({ provider: 'geoip', mode: '500' });
      assert.equal(row(incident, GEOIP).status, 'failed');
      assert.equal(incident.verdict, 'benign');
      assert.equal(stateOf(incident, 'geoip'), 'failed');
    });

    it('still calls malicious what other sources accuse', async () => {
      await system.forget();
      system.simulator.control({ provider: 'virustotal', mode: '500' });
      const incident = await system.incident(await system.submit(freshAlert(MALICIOUS)), settled);
      assert.equal(incident.complete, false);
      assert.ok(['malicious', 'suspicious'].includes(incident.verdict));
      assert.equal(incident.status, 'escalated');
    });
  });

  describe('that recover', () => {
    before(() => impatientWorkers(15 * 60_000));
    after(() => system.stopWorkers());

    for (const mode of ['500', '502_html', 'garbage', 'empty', 'hang'] as const) {
      it(`asks again after ${mode} and counts the failure in the row`, async () => {
        const { incident, virustotal } = await play({ provider: 'virustotal', mode, times: 1 });
        assert.equal(virustotal, 2);
        const answered = row(incident, VIRUSTOTAL);
        assert.equal(answered.status, 'ok');
        assert.equal(answered.failures, 1);
        assert.equal(incident.verdict, 'benign');
        assert.equal(incident.complete, true);
      });
    }

    it('waits out a 429: provisional verdict and report at once, the final one after', async () => {
      const final = (incident: IncidentView) => incident.verdict_state === 'final';
      const { incident, virustotal } = await play(
        { provider: 'virustotal', mode: '429', ms: 1000, times: 2 },
        (seen) => final(seen) && seen.status === 'closed',
      );
      assert.equal(virustotal, 3);
      const waits = incident.audit.filter((one) => one.action_key.endsWith('#waiting'));
      assert.deepEqual(
        waits.map((one) => [one.action_key, one.status]),
        [[`${VIRUSTOTAL}#waiting`, 'waiting']],
      );
      assert.ok(waits[0]?.raw_sha256, 'the refusal is kept');
      const answered = row(incident, VIRUSTOTAL);
      assert.equal(answered.status, 'ok');
      assert.equal(answered.failures, 0);
      assert.deepEqual(
        incident.verdict_timeline.map(({ verdict, state }) => [verdict, state]),
        [
          ['unknown', 'provisional'],
          ['benign', 'final'],
        ],
      );
      const [first, ...later] = await reports(incident);
      assert.equal(first?.complete, false);
      const missing = first?.missing.find((one) => one.source === 'virustotal');
      assert.equal(missing?.state, 'waiting');
      assert.ok(Date.parse(missing?.until ?? '') > Date.parse(waits[0].at));
      assert.equal(later.at(-1)?.complete, true);
      assert.equal(incident.resolution, 'auto_benign');
    });

    it('shows until when it waits while it waits', async () => {
      const waiting = (incident: IncidentView) => settled(incident) && stateOf(incident, 'virustotal') === 'waiting';
      const { incident, virustotal } = await play({ provider: 'virustotal', mode: '429', ms: 3_600_000 }, waiting);
      assert.equal(virustotal, 1);
      assert.equal(incident.verdict_state, 'provisional');
      assert.equal(incident.status, 'open');
      assert.ok(incident.enrichments.find(({ source }) => source === 'virustotal')?.until);
      const progress = await system.client.workflow.getHandle(incident.id).query<{ step: string }>('progress');
      assert.match(progress.step, /^waiting for a source/);
      const { pendingActivities } = (await system.client.workflow.getHandle(incident.id).describe()).raw;
      assert.deepEqual(pendingActivities ?? [], [], 'no worker slot is held');
    });
  });

  describe('that ask for patience', () => {
    it('gives up in time a provider that says to come back tomorrow', async () => {
      const server = createServer((_request, response) => {
        response.writeHead(503, { 'retry-after': '86400', 'content-type': 'text/plain' }).end('maintenance');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const virustotal = createVirusTotal({ apiKey: TEST_KEY, url });
        const geoip = createGeoIp({ url: system.simulator.url });
        await system.startWorkers({
          providerRetryForMs: 1500,
          providers: [createIocs(system.store.iocs), virustotal, geoip],
        });
        const { incident } = await play(undefined);
        assert.equal(row(incident, VIRUSTOTAL).status, 'failed');
        assertGoesOnWithout(incident, 'virustotal');
      } finally {
        await system.stopWorkers();
        server.closeAllConnections();
        server.close();
      }
    });
  });

  describe('that refuse first and are late then', () => {
    let answer = (): void => {};
    after(async () => {
      answer();
      await system.stopWorkers();
    });

    it('are waited for quietly, without round after round', async () => {
      const [iocs, virustotal, geoip] = system.providers() as [Provider, Provider, Provider];
      let refusals = 0;
      const answered = new Promise<void>((resolve) => (answer = resolve));
      const late: Provider = {
        ...virustotal,
        async lookup(observable, context) {
          refusals += 1;
          if (refusals === 1) return { state: 'waiting', until: context.now(), summary: 'not now' };
          await answered;
          return virustotal.lookup(observable, context);
        },
      };
      await system.forget();
      await system.startWorkers({ providers: [iocs, late, geoip] });
      const id = await system.submit(freshAlert(BENIGN));
      await until('the run to wait for the late answer', async () => {
        const { step } = await system.client.workflow.getHandle(id).query<{ step: string }>('progress');
        return step === 'waiting for late answers' ? true : undefined;
      });
      answer();
      const incident = await system.incident(id, ({ status }) => status === 'closed');
      await assertAudited(system, incident);
      assert.equal(incident.audit.filter(({ action }) => action === 'plan').length, 2);
      assert.equal(row(incident, VIRUSTOTAL).status, 'ok');
    });
  });

  describe('without a VirusTotal key', () => {
    before(() => system.startWorkers({ providers: system.providers({ variables: { VIRUSTOTAL_API_KEY: '' } }) }));
    after(() => system.stopWorkers());

    it('says so, asks nothing, and does not call anything benign', async () => {
      const { incident, virustotal } = await play(undefined);
      assert.equal(virustotal, 0);
      const skipped = row(incident, VIRUSTOTAL);
      assert.equal(skipped.status, 'skipped');
      assert.match(skipped.summary, /VIRUSTOTAL_API_KEY/);
      assert.equal(stateOf(incident, 'virustotal'), 'not_configured');
      assert.equal(incident.verdict, 'unknown');
      assert.equal(incident.verdict_state, 'final');
      assert.match(incident.explanation ?? '', /VirusTotal/);
    });
  });
});
