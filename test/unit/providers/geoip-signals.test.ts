import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GeoIpFacts } from '../../../activities/providers/geoip/schema';
import { GEOIP_POLICY, readGeoIp, summaryOf } from '../../../activities/providers/geoip/signals';
import { DEFAULT_POLICY } from '../../../domain/policy';

const HOME: GeoIpFacts = {
  country: 'Germany',
  countryCode: 'DE',
  city: null,
  asn: 64496,
  asOrg: 'Example Carrier',
  isp: 'Example Carrier',
  hosting: false,
  proxy: false,
  mobile: false,
  simulated: false,
};
const context = {
  observable: 'ip:192.0.2.1',
  evidence: '1/geoip',
  policy: DEFAULT_POLICY,
  own: GEOIP_POLICY,
  now: '2026-11-23T12:00:00Z',
} as const;

test('hosting and anonymisers are weak signals of low reliability', () => {
  const { signals } = readGeoIp({ ...HOME, hosting: true, proxy: true }, context);
  assert.deepEqual(
    signals.map(({ name, points, reliability, level }) => [name, points, reliability, level]),
    [
      ['hosting_address', 5, 'D', 'low'],
      ['anonymiser', 10, 'D', 'low'],
    ],
  );
  assert.equal(signals[1]?.sentence, 'The address is a proxy, VPN or Tor exit (Example Carrier)');
});

test('an ordinary address is no signal, and never clean', () => {
  for (const facts of [HOME, { ...HOME, hosting: null, proxy: null }]) {
    const { signals, clean } = readGeoIp(facts, context);
    assert.deepEqual([signals, clean], [[], undefined]);
  }
});

test('the summary names country and network as far as they are known', () => {
  assert.equal(summaryOf(HOME), 'DE, AS64496 Example Carrier');
  assert.equal(summaryOf({ ...HOME, countryCode: null, asn: null, asOrg: null }), 'country unknown');
});
