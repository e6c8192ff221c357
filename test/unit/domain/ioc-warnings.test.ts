import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGuardIndex } from '../../../domain/guard-index';
import { iocWarnings, warningNames } from '../../../domain/ioc-warnings';
import type { IocType } from '../../../domain/intel/indicator';
import { DEFAULT_POLICY } from '../../../domain/policy';
import { DEFAULT_SITE } from '../../../domain/site';
import { GUARDS } from '../../support/guards';

const site = { ...DEFAULT_SITE, own_ranges: ['81.2.69.0/24'], own_domains: ['example-corp.com'] };
type Value = { type: IocType; value: string };
const warningsOn = (...values: Value[]) =>
  iocWarnings(values, { guards: GUARDS.current(), site, policy: DEFAULT_POLICY });
const warn = (...values: Value[]): string[][] =>
  warningsOn(...values).map(({ guards }) => guards.map(({ list, kind, reason }) => `${list} (${kind}): ${reason}`));

test('what a list knows, what is inside and what is neither, in the order of the values, also when one comes twice', () => {
  const [dns = [], nothing, own, again = [], inside] = warn(
    { type: 'ip', value: '1.1.1.1' },
    { type: 'ip', value: '62.113.203.10' },
    { type: 'domain', value: 'mail.example-corp.com' },
    { type: 'ip', value: '1.1.1.1' },
    { type: 'ip', value: '10.0.0.9' },
  );
  assert.ok(dns.includes('public-dns (benign): 1.1.1.1 is a public DNS resolver'), dns.join('\n'));
  assert.deepEqual(again, dns);
  assert.deepEqual(nothing, []);
  assert.deepEqual(own, ["internal (shared): mail.example-corp.com is the site's own"]);
  assert.deepEqual(inside, ['internal (shared): 10.0.0.9 is a private address']);
});

test('a range is private, or of the site, as its addresses are', () => {
  assert.deepEqual(
    warn(
      { type: 'ip', value: '10.0.0.0/8' },
      { type: 'ip', value: '81.2.69.128/25' },
      { type: 'ip', value: '81.2.0.0/16' },
      { type: 'ip', value: '62.113.203.0/24' },
    ),
    [
      ['internal (shared): 10.0.0.0/8 is a private address'],
      ["internal (shared): 81.2.69.128/25 is the site's own"],
      ["internal (shared): 81.2.0.0/16 is the site's own"],
      [],
    ],
  );
});

test('a range that holds what a list knows is held back, one that holds only what a list marks is not', () => {
  const list = { version: '1', title: '', kind: 'shared', says: 'listed', match: 'cidr', attributes: ['ALL'] } as const;
  const guards = createGuardIndex([
    { ...list, name: 'resolvers', kind: 'benign', entries: ['8.8.8.8', '8.8.0.0/24', '2a00::8', '2a01::/64'] },
    { ...list, name: 'wide', entries: ['8.8.0.0/16', '8.8.8.8'] },
    { ...list, name: 'text', match: 'string', entries: ['62.113.203.9', 'evil.example'] },
    { ...list, name: 'marking', kind: 'marks', entries: ['9.1.1.1'] },
    { ...list, name: 'lifting', kind: 'lifts', entries: ['9.1.1.2'] },
    { ...list, name: 'anywhere', scattered: true, entries: ['9.1.1.4'] },
    { ...list, name: 'hashes', match: 'string', attributes: ['md5'], entries: ['9.1.1.3'] },
  ]);
  const about = (...ranges: string[]) =>
    iocWarnings(
      ranges.map((value) => ({ type: 'ip', value })),
      { guards, site, policy: DEFAULT_POLICY },
    ).map(({ flagged, guards: found }) => [flagged, ...found.map(({ list: name, reason }) => `${name}: ${reason}`)]);
  assert.deepEqual(about('8.8.8.0/24', '8.0.0.0/8', '62.113.203.0/24', '2a00::/32', '2a01::/32'), [
    [true, 'wide: 8.8.8.0/24 is listed', 'resolvers: 8.8.8.0/24 holds 8.8.8.8, which is listed'],
    [
      true,
      'resolvers: 8.0.0.0/8 holds 8.8.0.0/24, which is listed',
      'wide: 8.0.0.0/8 holds 8.8.0.0/16, which is listed',
    ],
    [true, 'text: 62.113.203.0/24 holds 62.113.203.9, which is listed'],
    [true, 'resolvers: 2a00::/32 holds 2a00::8, which is listed'],
    [true, 'resolvers: 2a01::/32 holds 2a01::/64, which is listed'],
  ]);
  const nothing = ['9.1.1.0/24', '62.113.202.0/24', '62.113.204.0/22', '8.8.9.0/24', '2a00::10/124', '2a01:1::/32'];
  assert.deepEqual(about(...nothing), [
    [false],
    [false],
    [false],
    [true, 'wide: 8.8.9.0/24 is listed'],
    [false],
    [false],
  ]);
  assert.deepEqual(guards.hits([{ type: 'ip', value: '62.113.203.0/24', roles: [], flags: [] }]), []);
});

test('a host that a list names itself is told from one below it, also where the list only marks', () => {
  const urls = ['https://bit.ly/', 'https://github.com/', 'https://www.bit.ly:8443/', 'https://duckdns.org/x'];
  const others = ['https://evil.duckdns.org/', 'https://evil.github.io/', 'https://unknown-host.example/'];
  const listed = (values: string[]) =>
    warningsOn(...values.map((value): Value => ({ type: 'url', value }))).map((each) => each.listed);
  assert.deepEqual(listed(urls), [true, true, true, true]);
  assert.deepEqual(listed(others), [false, false, false]);
});

test('a range of a public resolver is told to no firewall', () => {
  const found = warningsOn(...['8.8.8.0/24', '1.0.0.0/8'].map((value): Value => ({ type: 'ip', value })));
  assert.ok(
    found.every(({ flagged, ...each }) => flagged && warningNames({ flagged, ...each }).includes('public-dns')),
  );
});

test('links and mail addresses are as internal as their hosts, and an empty file is known', () => {
  const [link, mail, empty] = warn(
    { type: 'url', value: 'http://10.1.2.3/a' },
    { type: 'email', value: 'someone@example-corp.com' },
    { type: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' },
  );
  assert.deepEqual(link, ['internal (shared): http://10.1.2.3/a is a private address']);
  assert.deepEqual(mail, ["internal (shared): someone@example-corp.com is the site's own"]);
  assert.ok(
    empty?.some((warning) => warning.startsWith('empty-hashes ')),
    empty?.join('\n'),
  );
});

test('a list that only marks a value is no reason to hold it back; the names are those of lists and of the site', () => {
  const [marked, listed, inside, nothing, own] = warningsOn(
    { type: 'domain', value: 'evil.duckdns.org' },
    { type: 'ip', value: '9.9.9.9' },
    { type: 'ip', value: '192.168.1.1' },
    { type: 'ip', value: '62.113.203.10' },
    { type: 'ip', value: '81.2.69.5' },
  );
  assert.deepEqual([marked?.flagged, listed?.flagged, inside?.flagged, nothing?.flagged], [false, true, true, false]);
  assert.ok(marked!.guards.length > 0);
  assert.deepEqual([warningNames(marked!), warningNames(inside!), warningNames(nothing!)], [[], [], []]);
  assert.deepEqual(warningNames(own!), ["the site's own ranges and domains"]);
  assert.ok(warningNames(listed!).includes('public-dns'));
});
