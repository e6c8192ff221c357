import assert from 'node:assert/strict';
import { test } from 'node:test';
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
