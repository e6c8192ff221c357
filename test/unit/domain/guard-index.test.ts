import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { normaliseEntries } from '../../../domain/guard-entries';
import { createGuardIndex } from '../../../domain/guard-index';
import type { GuardList, GuardMatch } from '../../../domain/guard-list';
import { createNameSet } from '../../../domain/guard-names';
import { createRangeSet } from '../../../domain/guard-ranges';
import { isWithin } from '../../../domain/hostnames';
import { normaliseCidr, normaliseIp, rangeHolding } from '../../../domain/network';
import type { Observable, ObservableType } from '../../../domain/observable';

function listOf(change: Partial<GuardList>): GuardList {
  return {
    name: 'test',
    version: '1',
    title: 'Test',
    kind: 'shared',
    says: 'on the list',
    match: 'hostname',
    attributes: ['ALL'],
    entries: [],
    ...change,
  };
}

function hitsOf(lists: Partial<GuardList>[], type: ObservableType, value: string, change: Partial<Observable> = {}) {
  const index = createGuardIndex(lists.map(listOf));
  return index.hits([{ type, value, roles: [], flags: [], ...change }]).map(({ list, kind }) => `${list} ${kind}`);
}

describe('entries', () => {
  const cases: [GuardMatch, string[], string[]][] = [
    ['cidr', ['10.0.0.7/8', '9.1.1.1/32', 'FE80::/10', '2001:DB8::', 'x'], ['9.1.1.1', '10.0.0.0/8', '2001:db8::']],
    ['cidr', ['0.0.0.0/0', '0.0.0.0/1', '8.0.0.0/7', '2000::/3', '17.0.0.0/8'], ['17.0.0.0/8']],
    [
      'hostname',
      ['.Duckdns.ORG', '*.a.com', 'b.com.', 'a.com', 'com', '.co.uk', 'a b.com'],
      ['a.com', 'b.com', 'duckdns.org'],
    ],
    ['substring', ['mcafee.com', 'just text'], ['mcafee.com']],
    ['string', ['3::', 'D41D8CD98F00B204E9800998ECF8427E', 'x'.repeat(128)], ['d41d8cd98f00b204e9800998ecf8427e']],
  ];
  for (const [match, raw, expected] of cases) {
    test(`${match}: ${raw.join(' ').slice(0, 60)}`, () => {
      const { entries, leftOut } = normaliseEntries(match, raw);
      assert.deepEqual([...entries].sort(), [...expected].sort());
      assert.ok(leftOut >= 1);
      assert.deepEqual(normaliseEntries(match, entries), { entries, leftOut: 0 });
    });
  }
});

describe('matching', () => {
  test('a string list by the exact text, the others by the parents of a name', () => {
    for (const match of ['hostname', 'substring'] as const) {
      assert.deepEqual(hitsOf([{ match, entries: ['mcafee.com'] }], 'domain', 'a.b.mcafee.com'), ['test shared']);
      assert.deepEqual(hitsOf([{ match, entries: ['mcafee.com'] }], 'domain', 'mcafee.com.evil.ru'), []);
    }
    assert.deepEqual(hitsOf([{ match: 'string', entries: ['a.com'] }], 'domain', 'a.com'), ['test shared']);
    assert.deepEqual(hitsOf([{ match: 'string', entries: ['a.com'] }], 'domain', 'b.a.com'), []);
  });

  test('a list is about its attribute types only', () => {
    const sources = { match: 'cidr' as const, entries: ['192.0.2.0/24'], attributes: ['ip-src'] };
    assert.deepEqual(hitsOf([sources], 'ip', '192.0.2.1', { roles: ['source'] }), ['test shared']);
    assert.deepEqual(hitsOf([sources], 'ip', '192.0.2.1', { roles: ['destination'] }), []);
    assert.deepEqual(hitsOf([sources], 'ip', '192.0.2.1', { roles: ['mentioned'] }), ['test shared']);
    const mail = { kind: 'marks' as const, entries: ['a.com'], attributes: ['email-src'] };
    assert.deepEqual(hitsOf([mail], 'email', 'x@a.com', { roles: ['sender'] }), ['test marks']);
    assert.deepEqual(hitsOf([mail], 'email', 'x@a.com', { roles: ['recipient'] }), []);
    assert.deepEqual(hitsOf([mail], 'domain', 'a.com'), []);
    assert.deepEqual(hitsOf([{ entries: ['a.com'], attributes: ['domain|ip'] }], 'domain', 'a.com'), ['test shared']);
    const hash = { match: 'string' as const, entries: ['0123456789abcdef'.repeat(2)], attributes: ['filename|md5'] };
    assert.deepEqual(hitsOf([hash], 'md5', '0123456789abcdef'.repeat(2)), ['test shared']);
    assert.deepEqual(hitsOf([hash], 'sha1', '0123456789abcdef'.repeat(2)), []);
  });

  test('evidence of clean is for the entry itself; below it lies a cap', () => {
    const top = [{ name: 'top', kind: 'benign' as const, entries: ['shop.com'] }];
    assert.deepEqual(hitsOf(top, 'domain', 'shop.com'), ['top benign']);
    assert.deepEqual(hitsOf(top, 'domain', 'www.shop.com'), ['top benign']);
    assert.deepEqual(hitsOf(top, 'domain', 'www.a.shop.com'), ['top shared']);
  });

  test('what leads anywhere lifts every cap by name, on it and below it', () => {
    const lists = [
      { name: 'top', kind: 'benign' as const, entries: ['short.com'] },
      { name: 'caps', kind: 'shared' as const, entries: ['short.com'] },
      { name: 'lifts', kind: 'lifts' as const, entries: ['short.com'] },
    ];
    assert.deepEqual(hitsOf(lists, 'domain', 'short.com'), ['lifts marks']);
    assert.deepEqual(hitsOf(lists, 'domain', 'a.short.com'), ['lifts marks']);
    assert.deepEqual(hitsOf(lists, 'url', 'https://short.com/'), ['lifts marks']);
  });

  test('an entry below which anybody registers says nothing of what they register', () => {
    const top = [{ name: 'top', kind: 'benign' as const, entries: ['github.io', 'amazonaws.com'] }];
    assert.deepEqual(hitsOf(top, 'domain', 'github.io'), ['top shared']);
    assert.deepEqual(hitsOf(top, 'domain', 'evil.github.io'), []);
    assert.deepEqual(hitsOf(top, 'domain', 'evil.s3.amazonaws.com'), []);
  });

  test('a host of many is no evidence of clean, however visited', () => {
    const lists = [
      { name: 'top', kind: 'benign' as const, entries: ['files.com'] },
      { name: 'hosts', group: 'shared-hosts', entries: ['files.com'] },
    ];
    assert.deepEqual(hitsOf(lists, 'domain', 'files.com'), ['hosts shared']);
  });

  test('of two lists of one name the first counts; lists are told by name', () => {
    const index = createGuardIndex([
      listOf({ name: 'b' }),
      listOf({ name: 'a', entries: ['x.com'] }),
      listOf({ name: 'a' }),
    ]);
    assert.deepEqual(
      index.lists.map(({ name, entries }) => [name, entries]),
      [
        ['a', 1],
        ['b', 0],
      ],
    );
  });
});

test('ranges hold what an independent reading says they hold, the narrowest first', () => {
  const v4 = fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 }));
  const v6 = fc.tuple(fc.ipV6(), fc.integer({ min: 1, max: 128 }));
  const range = fc.oneof(v4, v6).map(([address, bits]) => normaliseCidr(`${address}/${bits}`));
  const address = fc.oneof(fc.ipV4(), fc.ipV6()).map(normaliseIp);
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), address, (some, one) => {
      const ranges = some.filter((each) => each !== undefined);
      const ip = one ?? '0.0.0.0';
      const bitsOf = (text: string) => Number(text.split('/')[1] ?? 128);
      const expected = [...ranges].sort((a, b) => bitsOf(b) - bitsOf(a));
      assert.equal(createRangeSet(ranges).holding(ip), rangeHolding(ip, expected));
    }),
  );
});

test('a range is known to hold an entry when an independent reading finds one in it', () => {
  const v4 = fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 }));
  const v6 = fc.tuple(fc.ipV6(), fc.integer({ min: 1, max: 128 }));
  const range = fc
    .oneof(v4, v6)
    .map(([address, bits]) => normaliseCidr(`${address}/${bits}`))
    .filter((each) => each !== undefined);
  const bitsOf = (text: string) => Number(text.split('/')[1] ?? 128);
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), range, (entries, wide) => {
      const isInside = (entry: string) =>
        bitsOf(entry) >= bitsOf(wide) && rangeHolding(entry.split('/')[0] ?? '', [wide]) !== undefined;
      const found = createRangeSet(entries).within(wide);
      assert.equal(found !== undefined, entries.some(isInside));
      assert.ok(found === undefined || entries.some((entry) => isInside(entry) && entry === found));
    }),
    { numRuns: 500 },
  );
});

const folder = path.join(
  process.env.SOAR_SHARED_DATA ?? path.join(__dirname, '../../../../shared/data'),
  'intel/warninglists',
);

describe('real warning lists', { skip: existsSync(folder) ? false : `${folder} is not here` }, () => {
  interface Document {
    type: string;
    list: string[];
  }
  const documents = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file !== 'INDEX.json')
    .map((file) => ({ file, ...(JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Document) }));

  test('ranges', () => {
    for (const { file, type, list } of documents.filter((each) => each.type === 'cidr' && each.list.length < 5000)) {
      const { entries } = normaliseEntries(type as GuardMatch, list);
      const set = createRangeSet(entries);
      for (const entry of entries.filter((_, at) => at % 37 === 0)) {
        const inside = entry.split('/')[0] ?? '';
        assert.ok(rangeHolding(inside, [set.holding(inside) ?? '']), `${file} ${entry}`);
        const outside = inside.includes(':') ? inside.replace(/^[^:]*/, '3fff') : inside.replace(/^\d+/, '198');
        assert.equal(
          set.holding(outside) !== undefined,
          rangeHolding(outside, entries) !== undefined,
          `${file} ${outside}`,
        );
      }
    }
  });

  test('names', () => {
    for (const { file, type, list } of documents.filter((each) => ['hostname', 'substring'].includes(each.type))) {
      const { entries } = normaliseEntries(type as GuardMatch, list);
      const set = createNameSet(entries, true);
      for (const entry of entries.filter((_, at) => at % 997 === 0)) {
        for (const name of [entry, `a.b.${entry}`])
          assert.ok(isWithin(name, [set.holding(name) ?? '']), `${file} ${name}`);
        assert.equal(set.holding(`${entry}.evil.ru`), undefined, `${file} ${entry}`);
      }
    }
  });
});
