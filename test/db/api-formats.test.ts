import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PROJECT_ROOT } from '../../config/home';
import type { BatchAnswer } from '../../api/schemas/submission';
import { FORMATS } from '../../domain/formats';
import { pointers, startApi, type Incident, type Submission, type TestApi } from './api-server';

const sample = (path: string): Buffer => readFileSync(join(PROJECT_ROOT, 'samples', 'formats', path));

describe('source documents', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  const post = <T = Submission>(raw: string | Buffer, type = 'application/json', query = '') =>
    api.call<T>('POST', `/api/v1/alerts${query}`, { raw, headers: { 'content-type': type } });

  it('are recognised; the answer says what was read from where, and what was left over', async () => {
    const { status, json } = await post(sample('suricata/trojan-beacon.json'));
    assert.equal(status, 202);
    assert.equal(json.format, 'suricata');
    assert.equal(json.alert_type, 'malware');
    assert.equal(json.severity, 'high');
    assert.ok(json.classification.confidence < 1 && json.classification.reasons.length > 0);
    assert.deepEqual(json.fields.src_ip, ['/src_ip']);
    assert.deepEqual(json.fields.rule_name, ['/alert/signature']);
    assert.ok(json.left_over.includes('/flow_id'));
    assert.ok(!json.left_over.includes('/src_ip'));

    const { json: incident } = await api.call<Incident>('GET', `/api/v1/incidents/${json.incident_id}?include=raw`);
    assert.equal(incident.source, 'suricata');
    assert.deepEqual(incident.alerts[0]?.raw?.json, JSON.parse(sample('suricata/trojan-beacon.json').toString()));
    assert.match(incident.alerts[0]?.raw_sha256 ?? '', /^[0-9a-f]{64}$/);
  });

  it('may be lines of text, and mails', async () => {
    const line = await post(sample('fortigate/virus.log'), 'text/plain');
    assert.equal(line.json.format, 'fortigate');
    const mail = await post(sample('rfc822/report.eml'), 'message/rfc822');
    assert.equal(mail.json.format, 'rfc822');
    assert.equal(mail.json.alert_type, 'phishing');
    const { json: incident } = await api.call<Incident>('GET', `/api/v1/incidents/${mail.json.incident_id}`);
    const attachment = incident.observables.find(({ type }) => type === 'sha256');
    assert.ok(attachment?.roles.includes('attachment'), JSON.stringify(attachment));
  });

  it('that hold several alerts are answered as a batch, and known again', async () => {
    const first = await post<BatchAnswer>(sample('alertmanager/group.json'));
    assert.equal(first.status, 200);
    assert.deepEqual([first.json.accepted, first.json.failed], [2, 0]);
    const again = await post<BatchAnswer>(sample('alertmanager/group.json'));
    assert.deepEqual([again.json.accepted, again.json.duplicates], [0, 2]);
  });

  it('can be named where their shape is mistaken', async () => {
    const body = sample('ecs/alert.json');
    assert.equal((await post(body, 'application/json', '?format=generic')).json.format, 'generic');
    const wrong = await post(body, 'application/json', '?format=suricata');
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /is no document of the format suricata/);
    const unknown = await post(body, 'application/json', '?format=nosuch');
    assert.equal(unknown.status, 422);
    assert.deepEqual(pointers(unknown), ['']);
    assert.match(unknown.text, /there is none named nosuch; GET \/formats lists them/);
  });

  it('whose ids name more than one alert are told apart by what they say', async () => {
    const hit = JSON.parse(sample('zeek/intel-domain.json').toString()) as object;
    const one = await post(JSON.stringify(hit));
    const same = await post(JSON.stringify(hit));
    const other = await post(JSON.stringify({ ...hit, 'seen.indicator': 'other.invented-stealer.example' }));
    assert.deepEqual([one.json.duplicate, same.json.duplicate, other.json.duplicate], [false, true, false]);
    assert.equal(same.json.alert_id, one.json.alert_id);
    assert.equal(other.json.source_alert_id, one.json.source_alert_id);
    assert.notEqual(other.json.alert_id, one.json.alert_id);
  });

  it('that nothing is recognised in are kept for an analyst', async () => {
    const { status, json } = await post('{"zzz": {"yyy": [1, 2]}}');
    assert.equal(status, 202);
    assert.deepEqual([json.format, json.alert_type, json.status], ['unrecognised', 'unclassified', 'open']);
  });

  it('GET /formats lists what is understood', async () => {
    const { json } = await api.call<{ items: { name: string }[] }>('GET', '/api/v1/formats');
    assert.deepEqual(
      json.items.map(({ name }) => name),
      FORMATS.map(({ name }) => name),
    );
  });
});
