import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Who } from '../../db/ioc-views';
import { shift } from '../../db/time';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { atOnce, NOW } from './fixtures';

const ANA: Who = { actor: 'ana', at: NOW };
const BEN: Who = { actor: 'ben', at: shift(NOW, 60_000) };

describe('edits of IOCs', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  const add = (value: string, source = 'manual', by = ANA) =>
    database.store.iocs.add({ type: 'domain', value, source, confidence: 80, tags: ['mine'] }, by);
  const audit = async (): Promise<{ action: string; actor: string; summary: string; detail: string }[]> =>
    database.knex('action_log').where({ chain: 'system' }).orderBy('seq', 'desc');
  const whole = async () => assert.deepEqual((await database.store.audit.verify('system')).problems, []);
  const matches = (value: string) => database.store.iocs.lookup({ type: 'domain', value });

  it('add an entry, say who did, and date it anew the second time', async () => {
    const { created, ioc } = await add('added.example');
    assert.deepEqual([created, ioc.created_by, ioc.sightings.length], [true, 'ana', 1]);
    assert.deepEqual([ioc.sightings[0]?.added_by, ioc.sightings[0]?.added_at], ['ana', NOW]);
    const again = await add('added.example', 'manual', BEN);
    assert.deepEqual([again.created, again.ioc.id], [false, ioc.id]);
    assert.deepEqual([again.ioc.sightings[0]?.last_seen, again.ioc.sightings[0]?.added_by], [BEN.at, 'ana']);
    const [row] = await audit();
    assert.deepEqual([row?.action, row?.actor], ['add_ioc', 'ben']);
    assert.match(row?.detail ?? '', /"before":\{/);
    const rows = (await audit()).length;
    await add('added.example', 'manual', BEN);
    assert.equal((await audit()).length, rows);
    await whole();
  });

  it('add the same at once: one entry', async () => {
    const results = await atOnce(6, () => add('at-once.example'));
    assert.equal(results.filter(({ created }) => created).length, 1);
    await whole();
  });

  it('override what sources say, with the name and the reason, and take it back', async () => {
    const { ioc } = await add('over.example');
    const { iocs } = database.store;
    const benign = { verdict: 'benign', reason: 'our own scanner' } as const;
    const first = await iocs.override(ioc.id, benign, BEN);
    assert.equal(first.outcome, 'changed');
    assert.equal((await iocs.override(ioc.id, benign, ANA)).outcome, 'unchanged');
    const said = { ...benign, by: 'ben', at: BEN.at };
    assert.deepEqual((await iocs.get(ioc.id))?.override, said);
    assert.deepEqual((await matches('over.example'))[0]?.override, said);
    await iocs.removeSighting(ioc.id, 'manual', ANA);
    const [match] = await matches('over.example');
    assert.deepEqual([match?.sightings, match?.lastSeen, match?.override], [[], BEN.at, said]);
    assert.equal((await iocs.override(ioc.id, null, ANA)).outcome, 'changed');
    assert.deepEqual(await matches('over.example'), []);
    assert.equal((await iocs.override(0, benign, ANA)).outcome, 'not_found');
    await whole();
  });

  it('remove what one source says, and the entry with the last of them', async () => {
    const { ioc } = await add('twice.example', 'one');
    await add('twice.example', 'two');
    const { iocs } = database.store;
    const one = await iocs.removeSighting(ioc.id, 'one', BEN);
    assert.deepEqual(one.outcome === 'changed' && one.ioc?.sightings.map(({ source }) => source), ['two']);
    assert.equal((await iocs.removeSighting(ioc.id, 'one', BEN)).outcome, 'not_found');
    assert.deepEqual(await iocs.removeSighting(ioc.id, 'two', BEN), { outcome: 'changed', ioc: null });
    assert.equal(await iocs.get(ioc.id), undefined);
    const [row] = await audit();
    assert.equal(row?.action, 'remove_ioc_sighting');
    assert.match(row?.detail ?? '', /"two"/);
    await whole();
  });

  it('remove an entry with all of it, once', async () => {
    const { ioc } = await add('gone.example');
    const removed = await atOnce(3, () => database.store.iocs.remove(ioc.id, ANA));
    assert.deepEqual(removed.filter(Boolean).length, 1);
    assert.deepEqual(await database.knex('ioc_tags').where({ ioc_id: ioc.id }), []);
    assert.deepEqual(await database.knex('ioc_sightings').where({ ioc_id: ioc.id }), []);
    await whole();
  });

  it('remove all that a source has said; what others or an analyst say stays', async () => {
    const { iocs, iocImports } = database.store;
    const options = { format: null, columns: null, type: null, confidence: null, tlp: null };
    const wanted = {
      ...{ source: 'bulk', fileName: null, actor: 'ana', at: NOW },
      options: { ...options, tags: ['bulk'], expires_after_days: null },
    };
    const text = Array.from({ length: 2_300 }, (_, index) => `45.9.${index >> 8}.${index & 255}\n`).join('');
    const file = async function* () {
      yield await Promise.resolve(Buffer.from(text));
    };
    const work = { clock: () => new Date(NOW), warningsOf: (all: readonly unknown[]) => all.map(() => []) };
    const { job } = await iocImports.receive(file(), wanted);
    await iocImports.work(job.id, work);
    await iocs.add({ type: 'ip', value: '45.9.0.1', source: 'other', tags: ['kept'] }, ANA);
    const confirmed = await iocs.find('ip', '45.9.0.2');
    await iocs.override(confirmed!.id, { verdict: 'malicious', reason: 'seen' }, ANA);
    assert.deepEqual(await iocs.removeSource('bulk', BEN), { sightings: 2_300, entries: 2_298 });
    assert.deepEqual(await iocs.removeSource('bulk', BEN), { sightings: 0, entries: 0 });
    assert.deepEqual(
      (await iocs.find('ip', '45.9.0.1'))?.sightings.map(({ source }) => source),
      ['other'],
    );
    assert.deepEqual((await iocs.find('ip', '45.9.0.2'))?.sightings, []);
    assert.equal(await iocs.find('ip', '45.9.0.3'), undefined);
    assert.deepEqual(await iocs.walk({ tag: 'bulk', limit: 5 }), []);
    const rows = (await audit()).filter(({ action }) => action === 'remove_ioc_source_entries');
    assert.deepEqual(
      rows.map(({ detail }) => detail),
      ['{"entries":2298,"sightings":2300,"source":"bulk"}'],
    );
    // the file may be wanted again
    const again = await iocImports.receive(file(), wanted);
    assert.equal(again.repeated, false);
    assert.equal((await iocImports.work(again.job.id, work)).added, 2_298);
    await whole();
  });
});

describe('a walk over IOCs', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
    for (let index = 0; index < 12; index += 1) {
      const type = index % 2 === 0 ? 'domain' : 'email';
      const value = index % 2 === 0 ? `w${index}.example` : `w@w${index}.example`;
      const source = index % 3 === 0 ? 'three' : 'other';
      const { ioc } = await database.store.iocs.add({ type, value, source, tags: [index < 6 ? 'Low' : 'high'] }, ANA);
      if (index % 4 === 0) await database.store.iocs.override(ioc.id, { verdict: 'benign', reason: 'ours' }, ANA);
    }
  });
  after(() => database.drop());

  const CASES = {
    'no filter': [{}, 12],
    'a type': [{ type: 'email' }, 6],
    'a source': [{ source: 'three' }, 4],
    'a tag': [{ tag: 'LOW' }, 6],
    'a type and a source': [{ type: 'domain', source: 'three' }, 2],
    'all of them': [{ type: 'domain', source: 'three', tag: 'low' }, 1],
    'a verdict': [{ verdict: 'benign' }, 3],
    'a verdict and all of them': [{ verdict: 'benign', type: 'domain', source: 'three', tag: 'low' }, 1],
    'the other verdict': [{ verdict: 'malicious' }, 0],
    nothing: [{ tag: 'none' }, 0],
  } as const;
  for (const [name, [filter, expected]] of Object.entries(CASES)) {
    it(`meets each once, newest first: ${name}`, async () => {
      const met: number[] = [];
      for (let below: number | undefined; ;) {
        const page = await database.store.iocs.walk({ ...filter, below, limit: 2 });
        met.push(...page.map(({ id }) => id));
        below = page.at(-1)?.id;
        if (page.length < 2) break;
      }
      assert.equal(met.length, expected);
      assert.deepEqual(
        met,
        [...new Set(met)].sort((a, b) => b - a),
      );
    });
  }
});
