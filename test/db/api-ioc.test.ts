import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { IocType } from '../../domain/intel/indicator';
import { tellIocs } from '../support/iocs';
import { pointers, startApi, type IocAnswer, type TestApi } from './api-server';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-23T12:00:00Z');
const SHA256 = '1f2ab4c9d8e7f60512233445566778899aabbccddeeff0011223344556677889';
const daysAgo = (days: number) => new Date(NOW - days * DAY_MS).toISOString();

describe('GET /api/v1/ioc/lookup', () => {
  let api: TestApi;
  before(async () => {
    api = await startApi({ clock: () => new Date(NOW) });
    const entry = (type: IocType, value: string, confidence: number, lastSeen: string) => ({
      type,
      value,
      sighting: {
        source: 'example-feed',
        confidence,
        first_seen: daysAgo(300),
        last_seen: lastSeen,
        expires_at: null,
        tlp: 'clear',
        tags: ['tor-exit'],
        reference: 'https://feed.example.test/1',
      },
    });
    await tellIocs(api.database.knex, [
      entry('ip', '185.220.101.1', 90, daysAgo(0)),
      entry('ip', '185.220.101.0/24', 60, daysAgo(30)),
      entry('ip', '198.51.100.9', 80, daysAgo(250)),
      entry('domain', 'evil.test', 75, daysAgo(1)),
    ]);
  });
  after(() => api.stop());

  const lookup = (type: string, value: string) =>
    api.call<IocAnswer>('GET', `/api/v1/ioc/lookup?type=${type}&value=${encodeURIComponent(value)}`);

  it('finds an address and the range it lies in, with what age has left of the confidence', async () => {
    const { json, status } = await lookup('ip', '185.220.101.1');
    assert.equal(status, 200);
    assert.deepEqual([json.found, json.confidence, json.sources], [true, 90, ['example-feed']]);
    const [exact, range] = json.matches;
    assert.deepEqual([exact?.match, exact?.confidence, exact?.expired], ['exact', 90, false]);
    assert.deepEqual([range?.match, range?.base_confidence, range?.confidence], ['cidr', 60, 30]);
  });

  it('reads defanged and otherwise spelled values', async () => {
    assert.equal((await lookup('ip', '185[.]220[.]101[.]1')).json.value, '185.220.101.1');
    assert.equal((await lookup('ip', '::ffff:185.220.101.1')).json.found, true);
    const parent = (await lookup('domain', 'LOGIN.Evil[.]test.')).json;
    assert.deepEqual(
      [parent.value, parent.found, parent.matches[0]?.match],
      ['login.evil.test', true, 'parent_domain'],
    );
    assert.equal((await lookup('url', 'hxxps://login.evil.test/a?b')).json.found, true);
  });

  it('says when an entry has expired, and when nothing is known', async () => {
    const { json } = await lookup('ip', '198.51.100.9');
    assert.deepEqual([json.found, json.confidence, json.matches[0]?.expired], [true, 0, true]);
    const unknown = (await lookup('sha256', SHA256)).json;
    assert.deepEqual([unknown.found, unknown.confidence, unknown.matches, unknown.incidents], [false, 0, [], []]);
  });

  it('names the warning lists and the incidents that hold the value', async () => {
    const { json: accepted } = await api.submit({ source: 'fw', alert_type: 'suspicious_ip', dest_ip: '8.8.8.8' });
    const { json } = await lookup('ip', '8.8.8.8');
    assert.deepEqual(json.incidents, [accepted.incident_id]);
    assert.equal(json.warning_lists[0]?.kind, 'benign');
    assert.equal((await lookup('ip', '10.1.2.3')).json.warning_lists[0]?.kind, 'shared');
  });

  it('422 for a type or value that is none', async () => {
    assert.deepEqual(pointers(await api.call('GET', '/api/v1/ioc/lookup')), ['?value']);
    assert.deepEqual(pointers(await lookup('host', 'x')), ['?type']);
    assert.deepEqual(pointers(await lookup('ip', '300.1.1.1')), ['?value']);
    assert.deepEqual(pointers(await lookup('md5', SHA256)), ['?value']);
    assert.deepEqual(pointers(await api.call('GET', '/api/v1/ioc/lookup?type=ip&value=1.1.1.1&x=1')), ['?x']);
  });
});
