import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../../domain/alert';
import { playbookFor } from '../../../domain/playbooks';
import { factsOf, tells, type Situation } from './situations';

/** One sentence about several peers says of each what is true of it. */

const [ONE, TWO, THREE] = ['94.100.1.1', '94.100.1.2', '94.100.1.3'];
const SITE = { countries: { expected: ['DE'], watched: ['IR', 'KP'] } };

function sentences(type: 'brute_force' | 'suspicious_ip', situation: Situation, name: string): string[] {
  return playbookFor(type)
    .signals(factsOf({ site: SITE, ...situation }))
    .filter((own) => own.name === name)
    .map(({ sentence }) => sentence);
}

const from = (...addresses: string[]): Partial<Alert>[] => addresses.map((src_ip) => ({ src_ip }));
const country = (address: string, of: string) => tells(`ip:${address}`, { country: of });
const kind = (address: string, of: 'anonymiser' | 'hosting' | 'tor') => tells(`ip:${address}`, { kinds: [of] });

test('peers in two watched countries are told with the country of each, in whatever order they came', () => {
  const told = [country(ONE, 'IR'), country(TWO, 'KP'), country(THREE, 'IR')];
  const expected = [
    `${ONE}, ${THREE} are in IR, a country that this site watches; ${TWO} is in KP, a country that this site watches`,
  ];
  for (const addresses of [
    [ONE, TWO, THREE],
    [TWO, THREE, ONE],
  ]) {
    assert.deepEqual(sentences('suspicious_ip', { alerts: from(...addresses), told }, 'watched_country'), expected);
  }
});

test('the row that such a signal rests on does not depend on the order either', () => {
  const told = [country(ONE, 'KP'), country(TWO, 'IR')];
  const evidence = (addresses: string[]) =>
    playbookFor('suspicious_ip')
      .signals(factsOf({ site: SITE, alerts: from(...addresses), told }))
      .find(({ name }) => name === 'watched_country')?.evidence;
  assert.equal(evidence([ONE, TWO]), evidence([TWO, ONE]));
});

test('several Tor exits are exits', () => {
  const told = [kind(ONE, 'tor'), kind(TWO, 'tor')];
  assert.deepEqual(sentences('brute_force', { alerts: from(TWO, ONE), told }, 'tor_exit'), [
    `${ONE}, ${TWO} are Tor exits`,
  ]);
});

test('of networks and countries of a login only those of who was let in are told', () => {
  const alerts: Partial<Alert>[] = [
    { src_ip: ONE, outcome: 'success' },
    { src_ip: TWO, outcome: 'failure' },
  ];
  const told = [
    { ...kind(ONE, 'anonymiser'), country: 'BR' },
    { ...kind(TWO, 'hosting'), country: 'US' },
  ];
  assert.deepEqual(sentences('brute_force', { alerts, told }, 'unusual_network'), [
    `${ONE} is an anonymiser (proxy, VPN or Tor), and somebody was let in from there`,
  ]);
  assert.deepEqual(sentences('brute_force', { alerts, told }, 'unexpected_country'), [
    `${ONE} is in BR, from where nobody of this site works`,
  ]);
  const failed = [country(ONE, 'DE'), { ...kind(TWO, 'hosting'), country: 'BR' }];
  assert.deepEqual(sentences('brute_force', { alerts, told: failed }, 'unusual_network'), []);
  assert.deepEqual(sentences('brute_force', { alerts, told: failed }, 'unexpected_country'), []);
});

test('two logins from networks of two kinds are told by kind', () => {
  const alerts: Partial<Alert>[] = [ONE, TWO].map((src_ip) => ({ src_ip, outcome: 'success' }));
  const told = [kind(ONE, 'hosting'), kind(TWO, 'anonymiser')];
  assert.deepEqual(sentences('brute_force', { alerts, told }, 'unusual_network'), [
    `${ONE} is in a data centre, and somebody was let in from there; ${TWO} is an anonymiser (proxy, VPN or Tor), and somebody was let in from there`,
  ]);
});

test('where the alert of the login names no source, every source may be the one', () => {
  const alerts: Partial<Alert>[] = [{ src_ip: ONE, failed_attempts: 3 }, { outcome: 'success' }];
  const told = [kind(ONE, 'hosting')];
  assert.equal(sentences('brute_force', { alerts, told }, 'unusual_network').length, 1);
});
