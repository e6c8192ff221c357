import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { SourceDefaults } from '../../db/ioc-telling';
import { UNDECLARED } from '../../db/ioc-views';
import { tell } from '../../db/repositories/ioc-batch';
import type { ToldCounts } from '../../db/repositories/ioc-batch';
import { shift } from '../../db/time';
import { inTransaction } from '../../db/transaction';
import type { Indicator, IocType } from '../../domain/intel/indicator';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { NOW } from './fixtures';

const DAY_MS = 86_400_000;
const day = (days: number): string => shift(NOW, days * DAY_MS);

interface Saying {
  source?: string;
  importId?: string | null;
  at?: string;
  defaults?: Partial<SourceDefaults>;
}

describe('what a source tells', () => {
  let database: TestDatabase;
  let files = 0;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  /** As one file says it, or (importId null) somebody by hand. */
  const say = (indicators: readonly Indicator[], saying: Saying = {}): Promise<ToldCounts> => {
    const { source = 'feed', importId = `IMP-${++files}`, at = NOW, defaults } = saying;
    const teller = { source, importId, actor: 'ana', at, defaults: { ...UNDECLARED, ...defaults } };
    return inTransaction(database.knex, (trx) => tell(trx, indicators, teller));
  };
  const viewOf = async (value: string, type: IocType = 'domain') => (await database.store.iocs.find(type, value))!;
  const saidOf = async (value: string, source = 'feed') =>
    (await viewOf(value)).sightings.find((sighting) => sighting.source === source)!;
  const tagsOf = async (value: string): Promise<string[]> => {
    const { id } = await viewOf(value);
    return database.knex<{ tag: string; ioc_id: number }>('ioc_tags').where({ ioc_id: id }).orderBy('tag').pluck('tag');
  };
  const domain = (value: string, changes: Partial<Indicator> = {}): Indicator => ({
    type: 'domain',
    value,
    ...changes,
  });
  const counts = (added: number, updated = 0, unchanged = 0, revoked = 0): ToldCounts => ({
    ...{ added, updated, unchanged, revoked },
  });

  it('is added, then unchanged, then updated, and counted so', async () => {
    const told = [domain('a.example', { last_seen: day(-3), tags: ['C2'] }), domain('b.example')];
    assert.deepEqual(await say(told), counts(2));
    assert.deepEqual(await say(told), counts(0, 0, 2));
    assert.deepEqual(await say([domain('a.example', { last_seen: day(-1), tags: ['C2'] })]), counts(0, 1));
    assert.deepEqual(await say([domain('a.example')], { source: 'other' }), counts(0, 1));
    assert.deepEqual(await say([]), counts(0));
    const { sightings, created_by, created_at } = await viewOf('a.example');
    assert.deepEqual([sightings.length, created_by, created_at], [2, 'ana', NOW]);
  });

  it('of one value in one file is told together, however the file is cut', async () => {
    const lines = [
      domain('many.example', { confidence: 40, first_seen: day(-9), last_seen: day(-8), tags: ['x'], tlp: 'green' }),
      domain('many.example', { confidence: 90, last_seen: day(-2), tags: ['y'], tlp: 'amber', reference: 'https://r' }),
      domain('many.example', { confidence: 20, last_seen: day(-5), tags: ['X', 'y'] }),
    ];
    assert.deepEqual(await say(lines), counts(1, 2));
    const whole = await saidOf('many.example');
    assert.deepEqual(
      [whole.confidence, whole.first_seen, whole.last_seen, whole.tags, whole.tlp, whole.reference],
      [90, day(-9), day(-2), ['x', 'y', 'X'], 'amber', 'https://r'],
    );
    assert.deepEqual(await tagsOf('many.example'), ['x', 'y']);
    for (const line of lines) await say([{ ...line, value: 'cut.example' }], { importId: 'IMP-CUT' });
    const { import_id: _one, ...cut } = await saidOf('cut.example');
    const { import_id: _other, ...same } = whole;
    assert.deepEqual(cut, same);
    // the same lines in another file leave it as it is
    await say(lines);
    assert.deepEqual({ ...(await saidOf('many.example')), import_id: '' }, { ...whole, import_id: '' });
  });

  it('is what the last file says; first and last time are those of all', async () => {
    await say([
      domain('then.example', { confidence: 90, tags: ['old', 'kept'], reference: 'https://old', last_seen: day(-1) }),
    ]);
    await say([domain('then.example', { confidence: 30, tags: ['kept', 'new'], last_seen: day(-7) })]);
    const said = await saidOf('then.example');
    assert.deepEqual(
      [said.confidence, said.tags, said.reference, said.first_seen, said.last_seen],
      [30, ['kept', 'new'], null, day(-7), day(-1)],
    );
    assert.deepEqual(await tagsOf('then.example'), ['kept', 'new']);
    await say([domain('then.example', { tags: ['old'] })], { source: 'other' });
    await say([domain('then.example')]);
    assert.deepEqual(await tagsOf('then.example'), ['old']);
  });

  it('without a date was seen when the file came; never in the future', async () => {
    await say([domain('undated.example'), domain('future.example', { first_seen: day(30), last_seen: day(40) })]);
    assert.deepEqual(
      [(await saidOf('undated.example')).last_seen, (await saidOf('future.example')).last_seen],
      [NOW, NOW],
    );
    assert.equal((await saidOf('future.example')).first_seen, NOW);
    await say([domain('dated.example', { first_seen: day(-50) })]);
    assert.equal((await saidOf('dated.example')).last_seen, day(-50));
  });

  it('expires when it says so, else so long after the last sighting as holds of the source', async () => {
    const defaults = { expires_after_days: 10 };
    await say([domain('e1.example', { expires_at: day(3) }), domain('e2.example', { last_seen: day(-4) })], {
      defaults,
    });
    assert.equal((await saidOf('e1.example')).expires_at, day(3));
    assert.equal((await saidOf('e2.example')).expires_at, day(6));
    await say([domain('e2.example', { last_seen: day(-8) })], { defaults });
    assert.equal((await saidOf('e2.example')).expires_at, day(6));
    await say([domain('e1.example')]);
    assert.equal((await saidOf('e1.example')).expires_at, null);
    await say([domain('e3.example')], { defaults: { expires_after_days: 4_000_000_000 } });
    assert.match((await saidOf('e3.example')).expires_at!, /^2126/);
  });

  it('has the confidence, the label and the tags of its source where it says nothing', async () => {
    const defaults = { confidence: 77, tlp: 'amber', tags: ['osint'] } as const;
    await say([domain('plain.example'), domain('own.example', { confidence: 12, tlp: 'red', tags: ['mine'] })], {
      defaults: { ...defaults, tags: [...defaults.tags] },
    });
    const [plain, own] = [await saidOf('plain.example'), await saidOf('own.example')];
    assert.deepEqual([plain.confidence, plain.tlp, plain.tags], [77, 'amber', ['osint']]);
    assert.deepEqual([own.confidence, own.tlp, own.tags], [12, 'red', ['mine', 'osint']]);
  });

  it('can be taken back, and said again', async () => {
    const revoked = domain('back.example', { revoked: true });
    assert.deepEqual(await say([revoked]), counts(0, 0, 0, 1));
    assert.equal(await database.store.iocs.find('domain', 'back.example'), undefined);
    await say([domain('back.example', { confidence: 90 })]);
    await say([domain('back.example', { confidence: 20 })], { source: 'other' });
    assert.deepEqual(await say([revoked], { at: day(1) }), counts(0, 0, 0, 1));
    assert.deepEqual(await say([revoked], { at: day(2) }), counts(0, 0, 1));
    assert.equal((await saidOf('back.example')).revoked_at, day(1));
    const lookup = () => database.store.iocs.lookup({ type: 'domain', value: 'back.example' });
    const [match] = await lookup();
    assert.deepEqual([match?.confidence, match?.sightings.map(({ source }) => source)], [20, ['other']]);
    await say([revoked], { source: 'other' });
    assert.deepEqual(await lookup(), []);
    assert.deepEqual(await say([domain('back.example')]), counts(0, 1));
    assert.equal((await lookup()).length, 1);
  });

  it('stays taken back when an older word of it comes later, and not when a newer one does', async () => {
    const word = (on: string, revoked?: true) =>
      domain('late.example', { last_seen: on, said_at: on, ...(revoked && { revoked }) });
    await say([word(day(-9))]);
    assert.deepEqual(await say([word(day(-3), true)]), counts(0, 0, 0, 1));
    assert.equal((await saidOf('late.example')).revoked_at, day(-3));
    assert.deepEqual(await say([word(day(-5))]), counts(0, 0, 1));
    assert.equal((await saidOf('late.example')).revoked_at, day(-3));
    assert.deepEqual(await say([word(day(-2))]), counts(0, 1));
    assert.equal((await saidOf('late.example')).revoked_at, null);
    await say([word(day(7), true)]);
    assert.equal((await saidOf('late.example')).revoked_at, NOW);
    await say([domain('late.example', { last_seen: day(-30) })]);
    assert.equal((await saidOf('late.example')).revoked_at, null);
  });

  it('holds when one file takes back one word of it and has another one, in whatever order', async () => {
    const told = [
      domain('two.example', { said_at: day(-3), revoked: true }),
      domain('two.example', { last_seen: day(-5), said_at: day(-5) }),
    ];
    for (const order of [told, [...told].reverse(), told]) {
      await say(order);
      assert.equal((await saidOf('two.example')).revoked_at, null);
    }
  });

  it('still holds when the same file says it elsewhere', async () => {
    const told = [domain('both.example'), domain('both.example', { revoked: true })];
    assert.deepEqual(await say(told), counts(1, 0, 1));
    assert.deepEqual(await say([...told].reverse()), counts(0, 1, 0, 1));
    assert.equal((await saidOf('both.example')).revoked_at, null);
  });

  it('by hand keeps what is not said anew', async () => {
    await say([domain('hand.example', { confidence: 90, tags: ['a'], tlp: 'red', expires_at: day(1) })], {
      importId: null,
    });
    await say([domain('hand.example')], { importId: null, at: day(5) });
    const said = await saidOf('hand.example');
    assert.deepEqual(
      [said.confidence, said.tags, said.tlp, said.expires_at, said.last_seen],
      [90, ['a'], 'red', null, day(5)],
    );
    await say([domain('hand.example', { confidence: 10, tags: ['b'] })], { importId: null });
    assert.deepEqual([(await saidOf('hand.example')).confidence, await tagsOf('hand.example')], [10, ['b']]);
  });

  it('may be long, wide and strange', async () => {
    const url = `https://long.example/${'a'.repeat(4_000)}`;
    const tags = [
      '\u{1f98a}'.repeat(120),
      ' spaced ',
      '\ud800lone',
      'x\u0000y',
      'ÄÖ',
      ...Array.from({ length: 80 }, (_, n) => `t${n}`),
    ];
    const strange: Indicator[] = [
      { type: 'url', value: url, reference: `https://r.example/${'\u{1f98a}'.repeat(3_000)}`, tags },
      { type: 'url', value: `${url}b` },
      { type: 'email', value: 'a@x.example ' },
      { type: 'email', value: 'a@x.example' },
      {
        type: 'domain',
        value: 'x\u0000\u202e.example',
        confidence: 250,
        first_seen: 'never',
        expires_at: '0001-01-01',
      },
    ];
    assert.deepEqual(await say(strange), counts(5));
    assert.deepEqual(await say(strange), counts(0, 0, 5));
    const { sightings, value } = await viewOf(url, 'url');
    assert.equal(value, url);
    assert.equal(sightings[0]?.tags.length, 50);
    assert.ok(sightings[0]?.tags.includes('spaced'));
    assert.equal((await viewOf('a@x.example ', 'email')).value, 'a@x.example ');
    assert.equal((await saidOf('x\u0000\u202e.example')).confidence, 100);
    const found = await database.store.iocs.walk({ tag: 'äö', limit: 10 });
    assert.deepEqual(
      found.map((entry) => entry.value),
      [url],
    );
  });

  it('may be a thousand of the longest at once', async () => {
    const told = Array.from({ length: 1_000 }, (_, index) => ({
      ...({ type: 'url', value: `https://l.example/${index}/${'\u{1f98a}'.repeat(2_000)}` } as const),
      ...{ reference: 'r'.repeat(5_000), tags: Array.from({ length: 50 }, (__, tag) => `${tag}${'t'.repeat(200)}`) },
    }));
    assert.deepEqual(await say(told), counts(1_000));
  });
});
