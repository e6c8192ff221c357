import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createGuardSource, VENDORED_GUARDS } from '../../../config/guards';
import type { GuardHit } from '../../../domain/guard-list';
import { DEFAULT_GUARD_POLICY } from '../../../domain/guard-policy';
import { guardsFor, spared } from '../../../domain/guards';
import {
  OBSERVABLE_ROLES,
  OBSERVABLE_TYPES,
  observableId,
  type Observable,
  type ObservableFlag,
  type ObservableType,
} from '../../../domain/observable';
import { DEFAULT_POLICY } from '../../../domain/policy';

const index = createGuardSource([VENDORED_GUARDS]).current();
const EMPTY_FILE = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function observableOf(type: ObservableType, value: string, flags: ObservableFlag[] = []): Observable {
  return { type, value, roles: ['source'], flags };
}

function guardsOn(type: ObservableType, value: string, flags: ObservableFlag[] = []): string[] {
  const observables = [observableOf(type, value, flags)];
  return guardsFor(index.hits(observables), observables, DEFAULT_POLICY).map(
    ({ list, kind, cap }) => `${list} ${kind} ${cap}`,
  );
}

describe('the lists that came with the code', () => {
  const cases: [ObservableType, string, string[]][] = [
    ['ip', '1.1.1.1', ['public-dns benign 15', 'public-dns-v4 shared 60']],
    ['ip', '9.9.9.9', ['public-dns benign 15', 'public-dns-v4 shared 60']],
    ['ip', '2606:4700::1', ['cloudflare shared 60']],
    ['ip', '1.0.0.19', ['public-dns-v4 shared 60']],
    ['ip', '162.142.125.9', ['censys-scanning benign 15']],
    ['ip', '104.16.132.229', ['cloudflare shared 60']],
    ['ip', '151.101.1.69', ['fastly shared 60']],
    ['ip', '185.220.101.1', []],
    ['ip', '104.16.0.0/20', ['cloudflare shared 60']],
    ['ip', '104.0.0.0/7', []],
    ['domain', 'apache.org', ['tranco10k benign 15']],
    ['domain', 'www.apache.org', ['tranco10k benign 15']],
    ['domain', 'evil.apache.org', ['tranco10k shared 60']],
    ['domain', 'apache.org.evil.ru', []],
    ['domain', 'notapache.org', []],
    ['domain', 'mcafee.com.evil.ru', []],
    ['domain', 'evil-mcafee.com', []],
    ['domain', 'joesandbox.com', ['automated-malware-analysis shared 60']],
    ['domain', 'bit.ly', ['link-in-bio marks 100', 'url-shortener marks 100']],
    ['domain', 'sub.bit.ly', ['link-in-bio marks 100', 'url-shortener marks 100']],
    ['domain', 'evil.duckdns.org', ['dynamic-dns marks 100']],
    ['domain', 'drive.google.com', ['google shared 60', 'lots-project shared 60', 'shared-hosts shared 60']],
    ['domain', 'pages.dev', ['lots-project shared 60']],
    ['domain', 'evil.pages.dev', []],
    ['domain', 'bucket.s3.amazonaws.com', []],
    ['domain', '3.3', []],
    ['ip', '3::', []],
    ['sha256', EMPTY_FILE, ['common-ioc-false-positive benign 15', 'empty-hashes benign 15']],
    ['md5', '68b329da9893e34099c7d8ad5cb9c940', ['common-ioc-false-positive benign 15']],
    ['md5', '44d88612fea8a8f36de82e1278abb02f', ['eicar.com benign 15']],
    ['email', 'a@0815.ru', ['disposable-email marks 100']],
    ['email', 'a@gmail.com', []],
    ['host', 'apache.org', []],
    ['user', '1.1.1.1', []],
  ];
  for (const [type, value, expected] of cases) {
    test(`${type}:${value}: ${expected.join(', ') || 'none'}`, () => assert.deepEqual(guardsOn(type, value), expected));
  }

  test('a link is as known as its host only when it names nothing but the host', () => {
    assert.deepEqual(guardsOn('url', 'https://apache.org/'), ['tranco10k shared 60'], 'its fragment is not kept');
    for (const link of ['https://apache.org/x', 'https://apache.org/?a=1', 'https://apache.org:8443/']) {
      assert.deepEqual(guardsOn('url', link), [], link);
    }
    assert.deepEqual(guardsOn('url', 'https://docs.google.com/forms/d/e/1/viewform'), []);
    assert.deepEqual(guardsOn('url', 'http://104.16.132.229/x'), []);
    assert.deepEqual(guardsOn('url', 'http://104.16.132.229/'), ['cloudflare shared 60']);
    assert.deepEqual(guardsOn('url', 'https://tinyurl.com/x'), ['url-shortener marks 100']);
  });

  test('no shortener, dynamic DNS name or host of many is evidence of clean', () => {
    const anybodys = ['t.co', 'no-ip.com', 'ddns.net', 'linktr.ee', 'github.com', 'pastebin.com', 't.me', '1drv.ms'];
    for (const name of anybodys) assert.ok(!guardsOn('domain', name).some((guard) => guard.includes('benign')), name);
  });

  test('a guard names list, version and entry', () => {
    const [hit] = index.hits([observableOf('domain', 'evil.apache.org')]);
    assert.deepEqual(hit, {
      observable: 'domain:evil.apache.org',
      list: 'tranco10k',
      version: '20250115',
      kind: 'shared',
      group: 'top-domains',
      entry: 'apache.org',
      reason: 'evil.apache.org lies below apache.org, one of the 10,000 most visited domains',
    });
  });

  test('research scanners are known by their group', () => {
    const [guard] = guardsFor(
      index.hits([observableOf('ip', '162.142.125.9')]),
      [observableOf('ip', '162.142.125.9')],
      DEFAULT_POLICY,
    );
    assert.equal(guard?.group, 'known-scanners');
    assert.match(guard?.reason ?? '', /research scanner .*Censys/);
  });
});

test('internal observables are capped, and no evidence of clean', () => {
  assert.deepEqual(guardsOn('ip', '10.0.0.1', ['private']), ['internal shared 60']);
  assert.deepEqual(guardsOn('host', 'dc01', ['internal_name']), []);
});

test('the caps are those of the policy, and what is only named is not capped', () => {
  const observables = [observableOf('ip', '1.1.1.1'), observableOf('domain', 'bit.ly')];
  const policy = { ...DEFAULT_POLICY, caps: { benign: 1, shared: 2, playbook: 3 } };
  const caps = guardsFor(index.hits(observables), observables, policy).map(({ cap }) => cap);
  assert.deepEqual(caps, [1, 2, 100, 100]);
});

describe('what a list spares', () => {
  const why = (type: ObservableType, value: string, spare: readonly string[]) => {
    const observable = observableOf(type, value);
    return spared(index.hits([observable]), observable, { ...DEFAULT_GUARD_POLICY, spare });
  };

  test('the empty file by default, with list and version', () => {
    assert.deepEqual(why('sha256', EMPTY_FILE, DEFAULT_GUARD_POLICY.spare), {
      state: 'not_applicable',
      reason: `${EMPTY_FILE} is the hash of an empty file (list empty-hashes, version 3)`,
    });
    for (const value of ['1.1.1.1', '162.142.125.9', '104.16.132.229']) {
      assert.equal(why('ip', value, DEFAULT_GUARD_POLICY.spare), undefined, value);
    }
  });

  test('what the policy names, by list or by group', () => {
    assert.match(why('ip', '162.142.125.9', ['known-scanners'])?.reason ?? '', /list censys-scanning, version 3/);
    assert.equal(why('ip', '162.142.125.9', ['shodan-scanning']), undefined);
    assert.equal(why('sha256', EMPTY_FILE, []), undefined);
  });

  test('never what only lies below an entry, or another observable', () => {
    assert.ok(why('domain', 'www.apache.org', ['tranco10k']));
    assert.equal(why('domain', 'evil.apache.org', ['tranco10k']), undefined);
    assert.ok(why('url', 'https://apache.org/', ['tranco10k']));
    assert.equal(why('url', 'https://evil.apache.org/', ['tranco10k']), undefined);
    assert.equal(why('url', 'https://tinyurl.com/x', ['url-shortener']), undefined);
    const hits: GuardHit[] = index.hits([observableOf('sha256', EMPTY_FILE)]);
    assert.equal(spared(hits, observableOf('md5', EMPTY_FILE.slice(32)), DEFAULT_GUARD_POLICY), undefined);
  });
});

test('whatever an observable is, asking the lists does not throw, and says the same again', () => {
  const any = fc.record({
    type: fc.constantFrom(...OBSERVABLE_TYPES),
    value: fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.ipV4(), fc.ipV6(), fc.domain(), fc.webUrl()),
    roles: fc.subarray([...OBSERVABLE_ROLES]),
    flags: fc.constant<ObservableFlag[]>([]),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 20 }), (observables) => {
      const hits = index.hits(observables);
      assert.deepEqual(index.hits([...observables, ...observables]), hits);
      const ids = new Set(observables.map(observableId));
      assert.ok(hits.every(({ observable }) => ids.has(observable)));
    }),
    { numRuns: 500 },
  );
});

test('no input is long enough to hold anything up', () => {
  const long = [
    'a.'.repeat(500_000),
    '1.'.repeat(500_000),
    '['.repeat(500_000),
    `${'1'.repeat(500_000)}/8`,
    ':'.repeat(500_000),
  ];
  const observables = long.flatMap((value) => OBSERVABLE_TYPES.map((type) => observableOf(type, value)));
  assert.deepEqual(index.hits(observables), []);
});
