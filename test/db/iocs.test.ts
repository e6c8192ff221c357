import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { NewIoc } from '../support/iocs';
import type { IocType } from '../../domain/intel/indicator';
import type { ObservableType } from '../../domain/observable';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { tellIocs } from '../support/iocs';
import { atOnce, NOW, submission } from './fixtures';

function entry(type: IocType, value: string, changes: Partial<NewIoc['sighting']> = {}): NewIoc {
  const sighting = {
    source: 'test-feed',
    confidence: 80,
    first_seen: NOW,
    last_seen: NOW,
    expires_at: null,
    tlp: null,
    tags: ['example'],
    reference: null,
    ...changes,
  };
  return { type, value, sighting };
}

const ENTRIES: readonly NewIoc[] = [
  entry('ip', '203.0.113.9'),
  entry('ip', '203.0.113.0/24', { confidence: 40 }),
  entry('ip', '203.0.112.0/23', { confidence: 30 }),
  entry('ip', '2001:db8:bad::/48'),
  entry('ip', '2001:db8::1'),
  entry('domain', 'evil.example'),
  entry('domain', 'drop.evil.example'),
  entry('url', 'https://drop.evil.example/a'),
  entry('sha256', 'a'.repeat(64)),
];

describe('iocs.lookup', () => {
  let database: TestDatabase;
  const lookup = async (type: ObservableType, value: string) =>
    (await database.store.iocs.lookup({ type, value })).map((match) => `${match.match} ${match.value}`);

  before(async () => {
    database = await createTestDatabase();
    await tellIocs(database.knex, ENTRIES);
  });
  after(() => database.drop());

  it('finds an address and the ranges that hold it, v4 and v6', async () => {
    assert.deepEqual(await lookup('ip', '203.0.113.9'), [
      'exact 203.0.113.9',
      'cidr 203.0.113.0/24',
      'cidr 203.0.112.0/23',
    ]);
    assert.deepEqual(await lookup('ip', '203.0.112.255'), ['cidr 203.0.112.0/23']);
    assert.deepEqual(await lookup('ip', '203.0.114.0'), []);
    assert.deepEqual(await lookup('ip', '2001:db8::1'), ['exact 2001:db8::1']);
    assert.deepEqual(await lookup('ip', '2001:db8:bad:ffff::5'), ['cidr 2001:db8:bad::/48']);
    assert.deepEqual(await lookup('ip', '2001:db8:bae::5'), []);
    assert.deepEqual(await lookup('ip', '203.0.113.0/24'), ['exact 203.0.113.0/24']);
  });

  it('finds a host, its parent domains and the host of a URL, but never by a top-level domain', async () => {
    assert.deepEqual(await lookup('domain', 'x.drop.evil.example'), [
      'parent_domain drop.evil.example',
      'parent_domain evil.example',
    ]);
    assert.deepEqual(await lookup('domain', 'notevil.example'), []);
    assert.deepEqual(await lookup('url', 'https://drop.evil.example/a'), [
      'exact https://drop.evil.example/a',
      'url_host drop.evil.example',
      'parent_domain evil.example',
    ]);
    assert.deepEqual(await lookup('url', 'http://203.0.113.9:8080/x'), [
      'url_host 203.0.113.9',
      'cidr 203.0.113.0/24',
      'cidr 203.0.112.0/23',
    ]);
    assert.deepEqual(await lookup('url', 'http://[2001:db8::1]/x'), ['url_host 2001:db8::1']);
    await tellIocs(database.knex, [entry('domain', 'example')]);
    assert.deepEqual(await lookup('domain', 'harmless.example'), []);
  });

  it('does not take a value of one type for one of another', async () => {
    assert.deepEqual(await lookup('sha256', 'a'.repeat(64)), [`exact ${'a'.repeat(64)}`]);
    assert.deepEqual(await lookup('sha1', 'a'.repeat(64)), []);
    assert.deepEqual(await lookup('user', 'evil.example'), []);
  });

  it('has one entry per value and a sighting per source, with the best confidence and the last time', async () => {
    const value = 'shared.example';
    await atOnce(6, (index) => tellIocs(database.knex, [entry('domain', value, { source: `feed-${index % 3}` })]));
    await tellIocs(database.knex, [
      entry('domain', value, {
        source: 'feed-9',
        confidence: 95,
        last_seen: '2026-11-24T00:00:00.000001Z',
        expires_at: '2026-12-24T00:00:00.000000Z',
      }),
    ]);
    const [match, ...more] = await database.store.iocs.lookup({ type: 'domain', value });
    assert.deepEqual(more, []);
    assert.equal(match?.sightings.length, 4);
    assert.equal(match?.confidence, 95);
    assert.equal(match?.lastSeen, '2026-11-24T00:00:00.000001Z');
    assert.equal(match?.expiresAt, null);
    assert.deepEqual(match?.sightings[0]?.tags, ['example']);
  });

  it('names the incidents that hold the value, newest first', async () => {
    const first = await database.store.alerts.accept(submission('a'));
    const second = await database.store.alerts.accept(submission('b', { receivedAt: '2026-11-23T13:00:00.000000Z' }));
    const held = (type: ObservableType, limit: number) =>
      database.store.iocs.incidentsWith({ type, value: '185.220.101.1' }, limit);
    assert.deepEqual(await held('ip', 10), [second.incidentId, first.incidentId]);
    assert.deepEqual(await held('ip', 1), [second.incidentId]);
    assert.deepEqual(await held('host', 10), []);
  });
});
