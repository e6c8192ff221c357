import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { IncidentView } from '../../db/views';
import { DEFAULT_SITE } from '../../domain/site';
import { assertAudited } from '../support/audit';
import { scheduled, eventsOf } from '../support/history';
import { freshAlert } from '../support/samples';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';

const OWN_RANGE = '93.184.216.0/24';
const OWN_ADDRESS = '93.184.216.34';
const PUBLIC_ADDRESS = '185.220.101.1';

/** What stays in the house stays in the house: held against what the simulator was asked. */
describe('the gate to outside sources', () => {
  let system: TestSystem;
  const asked = (): string[] => system.simulator.requests().map(({ path }) => path);
  const askedSince = async (alert: Record<string, unknown>): Promise<{ incident: IncidentView; asked: string[] }> => {
    await system.forget();
    const before = asked().length;
    const incident = await system.incident(await system.submit(alert), settled);
    await assertAudited(system, incident);
    return { incident, asked: asked().slice(before) };
  };
  const stateOf = (incident: IncidentView, source: string): string | undefined =>
    incident.enrichments.find((one) => one.source === source)?.state;

  before(async () => {
    system = await createTestSystem({
      current: () => ({ ...DEFAULT_SITE, own_ranges: [OWN_RANGE], own_domains: ['corp.example'] }),
    });
    await system.startWorkers();
  });
  after(() => system.close());

  it('lets a public address out, and only that', async () => {
    const { asked: paths } = await askedSince(freshAlert());
    assert.equal(paths.length, 2);
    assert.ok(paths.every((path) => path.includes(PUBLIC_ADDRESS)));
  });

  for (const tlp of ['red', 'amber+strict']) {
    it(`asks nobody about a TLP:${tlp} alert`, async () => {
      const { incident, asked: paths } = await askedSince(freshAlert(undefined, { tlp }));
      assert.deepEqual(paths, []);
      assert.equal(stateOf(incident, 'virustotal'), 'not_sent');
      assert.equal(stateOf(incident, 'geoip'), 'not_sent');
      assert.equal(stateOf(incident, 'iocs'), 'ok');
      assert.deepEqual(scheduled(await eventsOf(system, incident.id)), []);
      assert.notEqual(incident.verdict, 'benign');
    });
  }

  it('lets TLP:amber out', async () => {
    const { asked: paths } = await askedSince(freshAlert(undefined, { tlp: 'amber' }));
    assert.equal(paths.length, 2);
  });

  it('asks nobody about a private address', async () => {
    const alert = freshAlert(undefined, { src_ip: '192.168.7.9', raw_log: 'denied 192.168.7.9' });
    const { incident, asked: paths } = await askedSince(alert);
    assert.deepEqual(paths, []);
    assert.equal(stateOf(incident, 'virustotal'), 'not_applicable');
  });

  it('asks about what the text names beyond a private address, and not about the address', async () => {
    const alert = freshAlert(undefined, { src_ip: '192.168.7.9', raw_log: `192.168.7.9 for ${PUBLIC_ADDRESS}` });
    const { asked: paths } = await askedSince(alert);
    assert.equal(paths.length, 2);
    assert.ok(paths.every((path) => path.includes(PUBLIC_ADDRESS)));
  });

  it('asks nobody about an own public address, by whatever field it comes', async () => {
    const { incident, asked: paths } = await askedSince(
      freshAlert(undefined, {
        alert_type: 'suspicious_ip',
        src_ip: OWN_ADDRESS,
        dest_ip: PUBLIC_ADDRESS,
        direction: 'outbound',
        description: `${OWN_ADDRESS} again`,
      }),
    );
    assert.ok(paths.length > 0);
    assert.ok(
      paths.every((path) => path.includes(PUBLIC_ADDRESS)),
      paths.join(),
    );
    const own = incident.enrichments.filter(({ observable }) => observable === `ip:${OWN_ADDRESS}`);
    assert.deepEqual(own.map(({ source, state }) => [source, state]).sort(), [
      ['geoip', 'not_sent'],
      ['iocs', 'not_known'],
      ['virustotal', 'not_sent'],
    ]);
  });

  it('asks nobody about an own domain, nor about a URL on it', async () => {
    const { asked: paths } = await askedSince(
      freshAlert('phishing/01', {
        url: 'https://intranet.corp.example/login',
        urls: ['https://intranet.corp.example/login?next=1'],
        domain: 'intranet.corp.example',
        email_from: 'it@corp.example',
        reply_to: 'it@corp.example',
      }),
    );
    const urls = paths.flatMap((path) => /\/urls\/([\w-]+)/.exec(path)?.[1] ?? []);
    const decoded = [...paths, ...urls.map((id) => Buffer.from(id, 'base64url').toString('utf8'))];
    assert.ok(!decoded.some((text) => text.includes('corp.example')), decoded.join());
  });

  it('asks our own database, and nobody else, about what only the texts name', async () => {
    const { incident, asked: paths } = await askedSince(
      freshAlert('suspicious_ip/04', { title: 'DNS tunnelling to update-cdn-service.top' }),
    );
    assert.equal(stateOfOne(incident, 'iocs', 'domain:update-cdn-service.top'), 'ok');
    assert.equal(stateOfOne(incident, 'virustotal', 'domain:update-cdn-service.top'), undefined);
    assert.ok(!paths.some((path) => path.includes('update-cdn-service')));
    assert.ok(['suspicious', 'malicious'].includes(incident.verdict), incident.explanation ?? '');
  });
});

function stateOfOne({ enrichments }: IncidentView, source: string, observable: string): string | undefined {
  return enrichments.find((one) => one.source === source && one.observable === observable)?.state;
}
