import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ProviderSettingsError } from '../../../activities/providers/errors';
import { geoIp } from '../../../activities/providers/geoip';
import type { Provider } from '../../../activities/providers/provider';
import { parseEnv } from '../../../config/env';
import { writeMmdb } from '../../support/mmdb';
import { context, serve } from './serve';

const IP = { type: 'ip', value: '81.2.69.142' } as const;
const CITY = {
  type: 'GeoLite2-City',
  built: '2026-11-17T16:11:02Z',
  networks: { '81.2.69.0/24': { country: { iso_code: 'GB', names: { en: 'United Kingdom' } } } },
};
const ASN = {
  type: 'GeoLite2-ASN',
  built: '2026-11-18T08:00:00Z',
  networks: { '81.2.69.0/24': { autonomous_system_number: 64500, autonomous_system_organization: 'Example GB' } },
};

function files(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'soar-mmdb-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const paths = { city: join(folder, 'city.mmdb'), asn: join(folder, 'asn.mmdb'), none: join(folder, 'none.mmdb') };
  writeFileSync(paths.city, writeMmdb(CITY));
  writeFileSync(paths.asn, writeMmdb(ASN));
  return paths;
}

function made(variables: Record<string, string>): Provider {
  const given = { DATABASE_URL: 'mysql://soar:secret@127.0.0.1/soar', ...variables };
  const { settings } = parseEnv(given, geoIp.variables);
  return geoIp.create(settings, { store: { iocs: { lookup: () => Promise.resolve([]) } }, simulated: true });
}

test('with GEOIP_PROVIDER=mmdb nothing leaves the house and nothing limits it', async (t) => {
  const { city, asn } = files(t);
  const { url, seen } = await serve(t, (response) => response.end());
  const provider = made({ GEOIP_PROVIDER: 'mmdb', GEOIP_MMDB: city, GEOIP_ASN_MMDB: asn, GEOIP_URL: url });
  assert.deepEqual([provider.name, provider.where, provider.limits], ['geoip', 'inside', []]);
  assert.ok(!('offline' in provider));
  const answer = await provider.lookup(IP, context());
  assert.ok(answer.state === 'ok');
  assert.equal(
    answer.summary,
    'GB, AS64500 Example GB (offline: GeoLite2-City of 2026-11-17, GeoLite2-ASN of 2026-11-18)',
  );
  assert.equal((await provider.lookup({ type: 'ip', value: '10.0.0.1' }, context())).state, 'not_applicable');
  assert.equal((await provider.lookup({ type: 'ip', value: '8.8.8.8' }, context())).state, 'not_known');
  assert.equal(seen.length, 0);
});

test('with GEOIP_PROVIDER=mmdb every unusable file stops the start, and all are named at once', (t) => {
  const { city, none } = files(t);
  writeFileSync(city, 'not a database');
  assert.throws(
    () => made({ GEOIP_PROVIDER: 'mmdb', GEOIP_MMDB: city, GEOIP_ASN_MMDB: none }),
    (error) => {
      assert.ok(error instanceof ProviderSettingsError);
      assert.deepEqual(error.problems, [
        `GEOIP_MMDB ${city} is no usable MMDB file: download it again`,
        `GEOIP_ASN_MMDB ${none} does not exist`,
      ]);
      return true;
    },
  );
  assert.throws(() => made({ GEOIP_PROVIDER: 'mmdb' }), /GEOIP_MMDB is required with GEOIP_PROVIDER=mmdb/);
  assert.throws(() => made({ GEOIP_PROVIDER: 'maxmind' }), /GEOIP_PROVIDER is not one of ip-api, mmdb/);
});

test('ip-api.com is the default; files stand in for it where they know the address', async (t) => {
  const { city, asn } = files(t);
  const plain = made({});
  assert.deepEqual([plain.where, 'offline' in plain], ['outside', false]);
  assert.deepEqual(plain.limits, [{ name: 'minute', requests: 45, ms: 60_000 }]);
  const provider = made({ GEOIP_MMDB: city, GEOIP_ASN_MMDB: asn, GEOIP_PER_MINUTE: '0' });
  assert.deepEqual([provider.where, provider.limits], ['outside', []]);
  const answer = await provider.offline?.(IP, context());
  assert.ok(answer?.state === 'ok');
  assert.match(answer.summary, /^GB, AS64500 Example GB \(offline: GeoLite2-City of 2026-11-17/);
  for (const value of ['8.8.8.8', '10.0.0.1']) {
    assert.equal(await provider.offline?.({ type: 'ip', value }, context()), undefined, value);
  }
});

test('beside ip-api.com a missing or broken file only means that nothing stands in', async (t) => {
  const { city, none } = files(t);
  writeFileSync(city, 'not a database');
  for (const path of [city, none]) {
    const provider = made({ GEOIP_MMDB: path });
    assert.equal(await provider.offline?.(IP, context()), undefined);
    writeFileSync(path, writeMmdb(CITY));
    assert.equal((await provider.offline?.(IP, context()))?.state, 'ok');
  }
});
