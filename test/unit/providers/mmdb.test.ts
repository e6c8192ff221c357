import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ProviderError } from '../../../activities/providers/errors';
import { createOfflineGeoIp } from '../../../activities/providers/geoip/mmdb';
import { mmdbFile, MmdbFileError, openMmdbFile } from '../../../activities/providers/geoip/mmdb-file';
import type { GeoIpFacts } from '../../../activities/providers/geoip/schema';
import { writeMmdb, type MmdbContents } from '../../support/mmdb';

const CITY: MmdbContents = {
  type: 'GeoLite2-City',
  built: '2026-11-17T16:11:02Z',
  networks: {
    '81.2.69.0/24': {
      city: { geoname_id: 2643743, names: { de: 'London', en: 'London' } },
      continent: { code: 'EU', names: { en: 'Europe' } },
      country: { iso_code: 'GB', names: { de: 'Vereinigtes Königreich', en: 'United Kingdom' } },
      location: { latitude: 51.5142, longitude: -0.0931 },
      registered_country: { iso_code: 'US', names: { en: 'United States' } },
      subdivisions: [{ iso_code: 'ENG', names: { en: 'England' } }],
    },
    '2a00:1450:4001::/48': { country: { iso_code: 'DE', names: { en: 'Germany' } } },
    '67.43.156.0/24': { registered_country: { iso_code: 'BT', names: { en: 'Bhutan' } } },
  },
};
const ASN: MmdbContents = {
  type: 'GeoLite2-ASN',
  built: '2026-11-18T08:00:00Z',
  networks: {
    '81.2.69.0/24': { autonomous_system_number: 64500, autonomous_system_organization: 'Example Broadband GB' },
    '216.160.83.0/24': { autonomous_system_number: 4_200_000_000, autonomous_system_organization: 'Example US' },
  },
};

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'soar-mmdb-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function written(t: TestContext, ...databases: MmdbContents[]): string[] {
  const path = folder(t);
  return databases.map((contents, index) => {
    const file = join(path, `${index}.mmdb`);
    writeFileSync(file, writeMmdb(contents));
    return file;
  });
}

async function factsFrom(t: TestContext, databases: MmdbContents[], address: string): Promise<GeoIpFacts> {
  const answer = await createOfflineGeoIp(written(t, ...databases).map(openMmdbFile)).lookup(address);
  assert.ok(answer?.state === 'ok', JSON.stringify(answer));
  return answer.facts;
}

test('country and network of an address, from two files, each with its date', async (t) => {
  const offline = createOfflineGeoIp(written(t, CITY, ASN).map(openMmdbFile));
  const answer = await offline.lookup('81.2.69.142');
  assert.ok(answer?.state === 'ok');
  assert.deepEqual(answer.facts, {
    country: 'United Kingdom',
    countryCode: 'GB',
    city: 'London',
    asn: 64500,
    asOrg: 'Example Broadband GB',
    isp: null,
    hosting: null,
    proxy: null,
    mobile: null,
    simulated: false,
    databases: [
      { type: 'GeoLite2-City', built: '2026-11-17T16:11:02.000Z' },
      { type: 'GeoLite2-ASN', built: '2026-11-18T08:00:00.000Z' },
    ],
  });
  assert.equal(
    answer.summary,
    'GB, AS64500 Example Broadband GB (offline: GeoLite2-City of 2026-11-17, GeoLite2-ASN of 2026-11-18)',
  );
});

test('an address that only one file knows; an IPv6 address; large network numbers', async (t) => {
  const only = await factsFrom(t, [CITY, ASN], '216.160.83.56');
  assert.deepEqual([only.countryCode, only.asn], [null, 4_200_000_000]);
  assert.deepEqual(
    only.databases?.map(({ type }) => type),
    ['GeoLite2-ASN'],
  );
  assert.equal((await factsFrom(t, [CITY, ASN], '2a00:1450:4001:81b::200e')).countryCode, 'DE');
});

test('the files of DB-IP Lite', async (t) => {
  const country: MmdbContents = {
    type: 'DBIP-Country-Lite',
    built: '2026-11-01T00:00:00Z',
    networks: {
      '81.2.69.0/24': {
        continent: { code: 'EU', geoname_id: 6255148, names: { en: 'Europe', de: 'Europa' } },
        country: { geoname_id: 2635167, is_in_european_union: false, iso_code: 'GB', names: { en: 'United Kingdom' } },
      },
    },
  };
  const city: MmdbContents = {
    ...country,
    type: 'DBIP-City-Lite',
    networks: { '81.2.69.0/24': { city: { names: { en: 'London (Soho)' } }, country: { iso_code: 'GB' } } },
  };
  const asn = { ...ASN, type: 'DBIP-ASN-Lite (compat=GeoLite2-ASN)' };
  assert.equal((await factsFrom(t, [country, asn], '81.2.69.142')).country, 'United Kingdom');
  const facts = await factsFrom(t, [city, asn], '81.2.69.142');
  assert.deepEqual([facts.country, facts.countryCode, facts.city, facts.asn], [null, 'GB', 'London (Soho)', 64500]);
});

test('traits of the paid databases: network, hosting, anonymisers', async (t) => {
  const traits = {
    autonomous_system_number: 64496,
    autonomous_system_organization: 'Example Tor Exit Operator',
    isp: 'Example Tor',
    is_hosting_provider: true,
    is_tor_exit_node: true,
    connection_type: 'Corporate',
  };
  const enterprise = { ...CITY, type: 'GeoIP2-Enterprise', networks: { '185.220.101.0/24': { traits } } };
  const facts = await factsFrom(t, [enterprise], '185.220.101.1');
  assert.deepEqual(
    [facts.asn, facts.isp, facts.hosting, facts.proxy, facts.mobile],
    [64496, 'Example Tor', true, true, false],
  );
  const anonymous = { ...CITY, type: 'GeoIP2-Anonymous-IP', networks: { '185.220.101.0/24': { is_anonymous: true } } };
  assert.equal((await factsFrom(t, [anonymous], '185.220.101.1')).proxy, true);
});

test('what is not in the files is not known; where a block is registered is not where it is', async (t) => {
  const offline = createOfflineGeoIp(written(t, CITY, ASN).map(openMmdbFile));
  for (const address of ['8.8.8.8', '67.43.156.1']) {
    const answer = await offline.lookup(address);
    assert.equal(answer?.state, 'not_known', address);
    assert.equal(answer.summary, 'not in GeoLite2-City of 2026-11-17 or GeoLite2-ASN of 2026-11-18');
  }
});

test('private and reserved addresses have nothing to look up', async (t) => {
  const everything = { ...CITY, networks: { '0.0.0.0/1': { country: { iso_code: 'XX' } } } };
  const offline = createOfflineGeoIp(written(t, everything).map(openMmdbFile));
  for (const address of ['10.0.0.1', '127.0.0.1', '::1', '100.64.0.1', 'fd00::1']) {
    assert.equal((await offline.lookup(address))?.state, 'not_applicable', address);
  }
});

test('an IPv6 address is not looked for in a database of IPv4', async (t) => {
  const v4: MmdbContents = { ...ASN, ipVersion: 4, networks: { '0.0.0.0/1': { autonomous_system_number: 64496 } } };
  const offline = createOfflineGeoIp(written(t, v4).map(openMmdbFile));
  assert.equal((await offline.lookup('8.8.8.8'))?.state, 'ok');
  assert.equal((await offline.lookup('2a00:1450:4001:81b::200e'))?.state, 'not_known');
});

test('a file that is no database is refused at once, and told why', (t) => {
  const path = folder(t);
  const whole = writeMmdb(CITY);
  const cases: [string, Buffer, RegExp][] = [
    ['text', Buffer.from('<html>Please sign in</html>'), /no usable MMDB file: download it again/],
    ['empty', Buffer.alloc(0), /no usable MMDB file/],
    ['zeros', Buffer.alloc(10_000), /no usable MMDB file/],
    ['cut at its end', whole.subarray(0, whole.length - 40), /no usable MMDB file/],
    ['cut at its beginning', whole.subarray(200), /no usable MMDB file/],
    ['packed', Buffer.from([0x1f, 0x8b, 8, 0]), /packed with gzip: unpack it first/],
  ];
  for (const [name, bytes, message] of cases) {
    const file = join(path, name);
    writeFileSync(file, bytes);
    assert.throws(
      () => openMmdbFile(file),
      (error) => {
        assert.ok(error instanceof MmdbFileError, name);
        assert.match(error.message, message, name);
        assert.ok(error.message.includes(file));
        return true;
      },
    );
  }
  assert.throws(() => openMmdbFile(join(path, 'nowhere.mmdb')), /nowhere\.mmdb does not exist/);
  assert.throws(() => openMmdbFile(path), /cannot be read \(EISDIR\)/);
});

test('a damaged record is an error, not a silence', async (t) => {
  const bytes = writeMmdb({ ...ASN, networks: { '81.2.69.0/24': { autonomous_system_number: 64500 } } });
  bytes.fill(0xff, bytes.indexOf('autonomous') - 2, bytes.indexOf('autonomous'));
  const file = join(folder(t), 'damaged.mmdb');
  writeFileSync(file, bytes);
  await assert.rejects(
    createOfflineGeoIp([openMmdbFile(file)]).lookup('81.2.69.142'),
    (error) => error instanceof ProviderError && error.kind === 'invalid_response',
  );
  const text = { ...ASN, networks: { '81.2.69.0/24': 'GB' } };
  await assert.rejects(
    createOfflineGeoIp(written(t, text).map(openMmdbFile)).lookup('81.2.69.142'),
    /GeoLite2-ASN of 2026-11-18 holds a record of an unknown shape/,
  );
});

test('a file that is replaced is read again; one that becomes unusable leaves the last good one in force', async (t) => {
  const [file = ''] = written(t, CITY);
  const offline = createOfflineGeoIp([openMmdbFile(file)]);
  const replace = (bytes: Buffer) => {
    writeFileSync(`${file}.new`, bytes);
    renameSync(`${file}.new`, file);
  };
  const country = async () => {
    const answer = await offline.lookup('81.2.69.142');
    return answer?.state === 'ok' ? answer.facts.countryCode : answer?.state;
  };
  assert.equal(await country(), 'GB');
  replace(writeMmdb({ ...CITY, networks: { '81.2.69.0/24': { country: { iso_code: 'FR' } } } }));
  assert.deepEqual(await Promise.all([country(), country(), country()]), ['FR', 'FR', 'FR']);
  replace(Buffer.from('half a downloa'));
  assert.equal(await country(), 'FR');
  rmSync(file);
  assert.equal(await country(), 'FR');
  replace(writeMmdb({ ...CITY, networks: { '81.2.69.0/24': { country: { iso_code: 'IE' } } } }));
  assert.equal(await country(), 'IE');
});

test('a file that is not there yet answers nothing, until it comes', async (t) => {
  const file = join(folder(t), 'later.mmdb');
  const offline = createOfflineGeoIp([mmdbFile(file)]);
  assert.equal(await offline.lookup('81.2.69.142'), undefined);
  writeFileSync(file, writeMmdb(CITY));
  assert.equal((await offline.lookup('81.2.69.142'))?.state, 'ok');
});
