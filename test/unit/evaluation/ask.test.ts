import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { IocFacts } from '../../../activities/providers/iocs/facts';
import type { VirusTotalFacts } from '../../../activities/providers/virustotal/schema';
import type { Finding } from '../../../domain/enrichment';
import { findingsOf, providersOf } from '../../../evaluation/ask';
import { EvaluationError } from '../../../evaluation/errors';
import { startLoopback } from '../../../evaluation/loopback';
import { GUARDS } from '../../support/guards';
import { POLICY } from '../../support/sources';
import { ADDRESS, caseWith, onAddress } from './fixture';

const ID = `ip:${ADDRESS}`;

async function ask(t: TestContext, change: Record<string, unknown>): Promise<Map<string, Finding>> {
  const loopback = await startLoopback();
  t.after(() => loopback.close());
  const subject = caseWith(change);
  const providers = providersOf(subject.answers, loopback.serving(subject.answers));
  const findings = await findingsOf(subject, providers, GUARDS.current(), POLICY);
  return new Map(findings.map((finding) => [`${finding.source}/${finding.observable}`, finding]));
}

const stateOf = (found: Map<string, Finding>, name: string) => found.get(`${name}/${ID}`)?.state;
const alert = (fields: object) => ({ alerts: [{ source: 'x', alert_type: 'suspicious_ip', ...fields }] });

describe('the sources of a case', () => {
  it('answer through their own clients, as the services do', async (t) => {
    const geoip = { status: 'success', query: ADDRESS, countryCode: 'US', country: 'United States', hosting: true };
    const abuse = { data: { ipAddress: ADDRESS, abuseConfidenceScore: 80, totalReports: 12, isWhitelisted: false } };
    const found = await ask(t, {
      virustotal: { [ID]: onAddress(7) },
      geoip: { [ID]: geoip },
      abuseipdb: { [ID]: abuse },
    });
    const virustotal = found.get(`virustotal/${ID}`);
    assert.equal((virustotal?.facts as VirusTotalFacts).malicious, 7);
    assert.equal(virustotal?.evidence, `1/virustotal/${ID}`);
    assert.equal(virustotal?.at, '2026-11-18T10:00:00.000000Z');
    assert.deepEqual([stateOf(found, 'geoip'), stateOf(found, 'abuseipdb')], ['ok', 'ok']);
    assert.equal(stateOf(found, 'iocs'), 'not_known');
  });

  it('of which nothing is written down: unknown to VirusTotal, GeoIP failed, AbuseIPDB not set up', async (t) => {
    const found = await ask(t, { virustotal: {} });
    assert.equal(stateOf(found, 'virustotal'), 'not_known');
    assert.match(found.get(`virustotal/${ID}`)?.summary ?? '', /has never seen it/);
    assert.equal(stateOf(found, 'geoip'), 'failed');
    assert.match(found.get(`geoip/${ID}`)?.summary ?? '', /answered 503/);
    assert.equal(stateOf(found, 'abuseipdb'), undefined, 'not required, so not named');
  });

  it('are down, or let wait until a time', async (t) => {
    const waiting = { [ID]: 'waiting' };
    const found = await ask(t, { virustotal: waiting, geoip: waiting, abuseipdb: waiting });
    for (const source of ['virustotal', 'geoip', 'abuseipdb']) {
      assert.deepEqual([source, stateOf(found, source)], [source, 'waiting']);
      assert.equal(found.get(`${source}/${ID}`)?.until, '2026-11-18T11:00:00.000Z', source);
    }
    const down = await ask(t, { virustotal: { [ID]: 'failed' }, abuseipdb: { [ID]: 'failed' } });
    assert.deepEqual([stateOf(down, 'virustotal'), stateOf(down, 'abuseipdb')], ['failed', 'failed']);
  });

  it('have no key', async (t) => {
    const found = await ask(t, { virustotal: 'not_configured' });
    assert.equal(stateOf(found, 'virustotal'), 'not_configured');
    assert.match(found.get(`virustotal/${ID}`)?.summary ?? '', /VIRUSTOTAL_API_KEY/);
  });

  it('know addresses by their ranges, hosts by their parents, and links by their hosts', async (t) => {
    const entry = { source: 'feed', confidence: 80, last_seen: '2026-11-17T00:00:00Z' };
    const iocs = [
      { ...entry, type: 'ip', value: '93.184.216.0/24' },
      { ...entry, type: 'ip', value: '93.184.216.0/24', source: 'other', confidence: 90 },
      { ...entry, type: 'domain', value: 'bad-parent.com' },
    ];
    const range = await ask(t, { iocs });
    const facts = range.get(`iocs/${ID}`)?.facts as IocFacts;
    assert.deepEqual(
      facts.matches.map(({ match, value, confidence, sightings }) => [match, value, confidence, sightings.length]),
      [['cidr', '93.184.216.0/24', 90, 2]],
    );
    const url = 'https://cdn.bad-parent.com/x';
    const link = await ask(t, { iocs, alerts: [{ source: 'm', alert_type: 'phishing', url }] });
    const parent = link.get('iocs/domain:cdn.bad-parent.com')?.facts as IocFacts;
    assert.deepEqual(
      parent.matches.map(({ match, value }) => [match, value]),
      [['parent_domain', 'bad-parent.com']],
    );
    assert.equal(link.get(`iocs/url:${url}`)?.state, 'ok');
  });

  it('are not asked what may not leave the house', async (t) => {
    const inside = await ask(t, alert({ src_ip: '10.1.2.3', dest_ip: '185.199.220.9', tlp: 'green' }));
    assert.equal(inside.get('virustotal/ip:10.1.2.3')?.state, 'not_applicable');
    assert.equal(inside.get('virustotal/ip:185.199.220.9')?.state, 'not_sent');
    const red = await ask(t, alert({ src_ip: ADDRESS, tlp: 'red' }));
    assert.equal(stateOf(red, 'virustotal'), 'not_sent');
    assert.equal(stateOf(red, 'iocs'), 'not_known', 'our own database is asked all the same');
  });

  it('send what they could not have sent: the case is refused by name', async (t) => {
    await assert.rejects(ask(t, { virustotal: { [ID]: onAddress(1, '8.8.4.4') } }), (error: unknown) => {
      assert.ok(error instanceof EvaluationError);
      assert.match(error.problems.join(), /mine\.yaml: made-up: virustotal\.ip:93\.184\.216\.34: .*another question/);
      return true;
    });
  });
});
