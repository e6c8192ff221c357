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

  it('goes up to the domain that somebody has registered, and no further', async () => {
    await tellIocs(database.knex, [
      ...['evil.co.uk', 'co.uk', 'uk', 'bad.evil.co.uk'].map((value) => entry('domain', value)),
      entry('email', 'boss@evil.co.uk'),
    ]);
    const parents = ['parent_domain bad.evil.co.uk', 'parent_domain evil.co.uk'];
    assert.deepEqual(await lookup('domain', 'a.bad.evil.co.uk'), parents);
    assert.deepEqual(await lookup('domain', 'good.co.uk'), []);
    assert.deepEqual(await lookup('url', 'https://a.bad.evil.co.uk/x'), parents);
    assert.deepEqual(await lookup('email', 'boss@evil.co.uk'), ['exact boss@evil.co.uk', 'url_host evil.co.uk']);
    assert.deepEqual(await lookup('email', 'other@mail.evil.co.uk'), ['parent_domain evil.co.uk']);
    assert.deepEqual(await lookup('domain', 'co.uk'), ['exact co.uk']);
    assert.deepEqual(await lookup('domain', 'localhost'), []);
  });

  it('finds ranges of every length, v4 and v6 apart', async () => {
    const v4 = [8, 9, 15, 16, 17, 24, 30, 31].map((length) => `${length < 16 ? '77.0.0.0' : '77.0.0.0'}/${length}`);
    const v6 = [16, 32, 33, 64, 127].map((length) => `2a02::/${length}`);
    await tellIocs(
      database.knex,
      [...v4, ...v6].map((value) => entry('ip', value)),
    );
    assert.deepEqual(
      await lookup('ip', '77.0.0.1'),
      v4.toReversed().map((value) => `cidr ${value}`),
    );
    assert.deepEqual(
      await lookup('ip', '77.0.0.2'),
      v4
        .slice(0, -1)
        .toReversed()
        .map((value) => `cidr ${value}`),
    );
    assert.deepEqual(await lookup('ip', '77.255.0.1'), ['cidr 77.0.0.0/8']);
    assert.deepEqual(
      await lookup('ip', '2a02::1'),
      v6.toReversed().map((value) => `cidr ${value}`),
    );
    assert.deepEqual(await lookup('ip', '2a02:0:8000::1'), ['cidr 2a02::/32', 'cidr 2a02::/16']);
  });

  it('looks many values up as it does one, in their order, in a few statements', async () => {
    const values: { type: IocType; value: string }[] = [
      { type: 'ip', value: '203.0.113.9' },
      { type: 'domain', value: 'x.drop.evil.example' },
      { type: 'ip', value: '203.0.113.9' },
      { type: 'url', value: 'http://[2001:db8::1]/x' },
      { type: 'email', value: 'a@nowhere.example.org' },
    ];
    const { iocs } = database.store;
    const one = await Promise.all(values.map((value) => iocs.lookup(value)));
    assert.deepEqual(await iocs.lookupMany(values), one);
    assert.deepEqual(await iocs.lookupMany([]), []);
    let statements = 0;
    const note = () => (statements += 1);
    const many = Array.from({ length: 1_000 }, (_, index): { type: IocType; value: string } => ({
      ...{ type: 'ip', value: `2001:db8::${index.toString(16)}` },
    }));
    database.knex.on('query', note);
    const found = await iocs.lookupMany(many);
    database.knex.removeListener('query', note);
    assert.deepEqual([found.length, found[1]?.length], [1_000, 1]);
    assert.ok(statements <= 20, String(statements));
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
    const many = [
      { type: 'ip', value: '185.220.101.1' },
      { type: 'domain', value: 'nowhere.example' },
      { type: 'ip', value: '185.220.101.1' },
    ] as const;
    const both = [second.incidentId, first.incidentId];
    assert.deepEqual(await database.store.iocs.incidentsWithMany(many, 10), [both, [], both]);
    assert.deepEqual(await database.store.iocs.incidentsWithMany(many, 1), [[both[0]], [], [both[0]]]);
    assert.deepEqual(await database.store.iocs.incidentsWithMany([], 1), []);
  });
});
