import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createGuardSource, InvalidGuardFolderError, readGuardFolder, VENDORED_GUARDS } from '../../../config/guards';
import { statePaths } from '../../../config/home';
import { normaliseEntries } from '../../../domain/guard-entries';
import type { GuardIndex } from '../../../domain/guard-index';
import { OWN_LISTS } from '../../../domain/guard-own';
import { GUARD_TABLE } from '../../../domain/guard-table';

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'soar-guards-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

let clock = 1_700_000_000;
function write(folder: string, version: string, lists: Record<string, string[]>, change: object = {}): void {
  mkdirSync(folder, { recursive: true });
  const described = Object.entries(lists).map(([name, entries]) => ({
    ...{ name, version, title: name, type: 'cidr', kind: 'shared', entries: entries.length, left_out: 0 },
    attributes: ['ip-src', 'ip-dst'],
    ...change,
  }));
  for (const [name, entries] of Object.entries(lists)) writeFileSync(join(folder, `${name}.txt`), entries.join('\n'));
  const manifest = join(folder, 'manifest.json');
  const source = { name: 'test', version };
  writeFileSync(manifest, JSON.stringify({ source, licence: 'CC0-1.0', lists: described }));
  // a new second, so that the change is seen however fast the test is
  utimesSync(manifest, ++clock, clock);
}

function versionOf(index: GuardIndex): string | undefined {
  return index.lists.find(({ name }) => name === 'cloudflare')?.version;
}

test('the vendored lists are whole: named, judged, spelled as observables are, and small', () => {
  const { manifest, lists } = readGuardFolder(VENDORED_GUARDS);
  assert.equal(manifest.licence, 'CC0-1.0');
  assert.equal(manifest.source.name, 'pymispwarninglists');
  assert.ok(manifest.lists.length >= 60);
  for (const { name, kind, version, entries } of manifest.lists) {
    assert.equal(kind, GUARD_TABLE[name]?.kind, name);
    assert.match(version, /^\d+$/);
    assert.ok(entries > 0);
  }
  for (const { name, match, entries } of lists) {
    assert.deepEqual(normaliseEntries(match, entries), { entries, leftOut: 0 }, name);
  }
  const files = readdirSync(VENDORED_GUARDS);
  const listed = manifest.lists.map(({ name }) => `${name}.txt`);
  assert.deepEqual(files.filter((file) => file.endsWith('.txt')).sort(), listed.sort());
  const bytes = files.reduce((sum, file) => sum + statSync(join(VENDORED_GUARDS, file)).size, 0);
  assert.ok(bytes < 2_000_000, `${bytes} bytes`);
});

test("the project's own lists stand beside those of the folder, in the one spelling", (context) => {
  const folder = folderOf(context);
  write(folder, '1', { cloudflare: ['192.0.2.0/24'], 'a-list-nobody-judged': ['198.51.100.0/24'] });
  const index = createGuardSource([folder]).current();
  const names = index.lists.map(({ name }) => name);
  assert.deepEqual(names, ['cloudflare', 'lead-anywhere', 'public-dns', 'shared-hosts']);
  for (const { match, entries } of OWN_LISTS) {
    assert.deepEqual([...normaliseEntries(match, entries).entries].sort(), [...entries].sort());
  }
});

test('what was fetched wins, list by list, until the code brings something newer; what it lacks is the code’s', (context) => {
  const folder = folderOf(context);
  const { guards } = statePaths(folder);
  const shipped = versionOf(createGuardSource([guards, VENDORED_GUARDS]).current());
  write(guards, '20990101', { cloudflare: ['192.0.2.0/24'] });
  const index = createGuardSource([guards, VENDORED_GUARDS]).current();
  assert.equal(versionOf(index), '20990101');
  assert.ok(index.lists.some(({ name }) => name === 'tranco10k'));
  write(guards, '20100101', { cloudflare: ['192.0.2.0/24'] });
  assert.equal(versionOf(createGuardSource([guards, VENDORED_GUARDS]).current()), shipped);
});

test('new lists are taken up while running, also the first ones, and their going away', (context) => {
  const home = folderOf(context);
  const [fetched, vendored] = [join(home, 'fetched'), join(home, 'vendored')];
  write(vendored, '1', { cloudflare: ['192.0.2.0/24'] });
  const source = createGuardSource([fetched, vendored]);
  assert.equal(versionOf(source.current()), '1');
  assert.equal(source.current(), source.current());
  write(fetched, '2', { cloudflare: ['198.51.100.0/24'] });
  assert.equal(versionOf(source.current()), '2');
  const [hit] = source.current().hits([{ type: 'ip', value: '198.51.100.9', roles: [], flags: [] }]);
  assert.deepEqual([hit?.list, hit?.version, hit?.entry], ['cloudflare', '2', '198.51.100.0/24']);
  write(fetched, '3', { cloudflare: ['198.51.100.0/24'] });
  assert.equal(versionOf(source.current()), '3');
  rmSync(fetched, { recursive: true });
  assert.equal(versionOf(source.current()), '1');
});

test('lists that become unusable leave the last good ones, and are reported once', (context) => {
  const folder = join(folderOf(context), 'lists');
  const problems: unknown[] = [];
  write(folder, '20990101', { cloudflare: ['192.0.2.0/24'] });
  const source = createGuardSource([folder, VENDORED_GUARDS], (problem) => problems.push(problem));
  const broken: (() => void)[] = [
    () => write(folder, '20990102', { cloudflare: ['192.0.2.0/24'] }, { entries: 2 }),
    () => write(folder, '20990102', { cloudflare: ['192.0.2.0/24'] }, { type: 'regex' }),
    () => write(folder, '20990102', { cloudflare: ['192.0.2.0/24'] }, { name: '../cloudflare' }),
    () => write(folder, '20990102', { cloudflare: ['192.0.2.0/24'] }, { name: 'fastly' }),
    () => writeFileSync(join(folder, 'manifest.json'), '{"lists": ['),
  ];
  for (const [at, breakIt] of broken.entries()) {
    breakIt();
    assert.equal(versionOf(source.current()), '20990101');
    assert.equal(versionOf(source.current()), '20990101');
    assert.equal(problems.length, at + 1);
    assert.ok(problems[at] instanceof InvalidGuardFolderError);
  }
  write(folder, '20990103', { cloudflare: ['192.0.2.0/24'] });
  assert.equal(versionOf(source.current()), '20990103');
});

test('at start unusable lists are reported and the next folder is used; with none it does not start', (context) => {
  const folder = folderOf(context);
  writeFileSync(join(folder, 'manifest.json'), '{}');
  const problems: unknown[] = [];
  const source = createGuardSource([folder, VENDORED_GUARDS], (problem) => problems.push(problem));
  assert.ok(Number(versionOf(source.current())) > 20200000);
  assert.equal(problems.length, 1);
  assert.throws(() => createGuardSource([folder]), InvalidGuardFolderError);
  assert.throws(() => createGuardSource([join(folder, 'nowhere')]), InvalidGuardFolderError);
});
