import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createProviders, PROVIDER_VARIABLES } from '../../../activities/providers';
import type { AnsweredState, Provider } from '../../../activities/providers/provider';
import { parseEnv } from '../../../config/env';
import type { ObservableType } from '../../../domain/observable';
import { writeMmdb } from '../../support/mmdb';

const HOUR_MS = 3_600_000;
const ANSWERS: readonly AnsweredState[] = ['ok', 'not_known', 'not_applicable'];

/** The sources as a worker makes them of an environment that says nothing of limits. */
function sources(environment: Record<string, string> = {}): Map<string, Provider> {
  const { settings } = parseEnv(
    { DATABASE_URL: 'mysql://soar:secret@127.0.0.1/soar', ...environment },
    PROVIDER_VARIABLES,
  );
  const store = { iocs: { lookup: () => Promise.resolve([]) } };
  return new Map(createProviders(settings, { store, simulated: false }).map((provider) => [provider.name, provider]));
}

/** Hours for which its answers may be served to others, by kind of observable and answer. */
function freshness(provider: Provider): Record<string, number> {
  const hours = (type: ObservableType, state: AnsweredState) => provider.freshFor(type, state) / HOUR_MS;
  const kinds = provider.looksUp.flatMap((type) => ANSWERS.map((state) => [`${type} ${state}`, hours(type, state)]));
  return Object.fromEntries(kinds) as Record<string, number>;
}

/** The same for every kind of observable and answer. */
const always = (types: readonly ObservableType[], hours: number) =>
  Object.fromEntries(types.flatMap((type) => ANSWERS.map((state) => [`${type} ${state}`, hours])));

describe('without any setting of one’s own', () => {
  const made = sources();
  const limitsOf = (name: string) => made.get(name)!.limits;

  it('the limits are those of the free plans', () => {
    assert.deepEqual([...made.keys()], ['iocs', 'virustotal', 'abuseipdb', 'geoip']);
    assert.deepEqual(limitsOf('virustotal'), [
      { name: 'minute', requests: 4, ms: 60_000 },
      { name: 'day', requests: 500, calendar: 'day' },
      { name: 'month', requests: 15_500, calendar: 'month' },
    ]);
    assert.deepEqual(limitsOf('abuseipdb'), [{ name: 'day', requests: 1000, calendar: 'day' }]);
    assert.deepEqual(limitsOf('geoip'), [{ name: 'minute', requests: 45, ms: 60_000 }]);
    assert.deepEqual(limitsOf('iocs'), []);
  });

  it('what VirusTotal says is served for a day of a file, for 6 hours of anything else, for one hour where it knows nothing', () => {
    const { looksUp } = made.get('virustotal')!;
    const known = Object.fromEntries([
      ...['md5', 'sha1', 'sha256'].map((type) => [`${type} ok`, 24]),
      ...['ip', 'domain', 'url'].map((type) => [`${type} ok`, 6]),
    ]) as Record<string, number>;
    assert.deepEqual(freshness(made.get('virustotal')!), { ...always(looksUp, 1), ...known });
  });

  it('what AbuseIPDB says is served for 6 hours, what ip-api.com says for a week', () => {
    assert.deepEqual(freshness(made.get('abuseipdb')!), always(['ip'], 6));
    assert.deepEqual(freshness(made.get('geoip')!), always(['ip'], 7 * 24));
  });

  it('what stays in the house is asked anew each time, and as often as one likes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'soar-defaults-'));
    try {
      const file = join(folder, 'country.mmdb');
      writeFileSync(file, writeMmdb({ type: 'GeoLite2-Country', built: '2026-11-17T16:11:02Z', networks: {} }));
      const mmdb = sources({ GEOIP_PROVIDER: 'mmdb', GEOIP_MMDB: file }).get('geoip')!;
      for (const provider of [made.get('iocs')!, mmdb]) {
        assert.deepEqual([provider.where, provider.limits], ['inside', []]);
        assert.deepEqual(freshness(provider), always(provider.looksUp, 0));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('0 lifts a limit', () => {
    const zero = [
      'VIRUSTOTAL_PER_MINUTE',
      'VIRUSTOTAL_PER_DAY',
      'VIRUSTOTAL_PER_MONTH',
      'ABUSEIPDB_PER_DAY',
      'GEOIP_PER_MINUTE',
    ];
    const lifted = sources(Object.fromEntries(zero.map((name) => [name, '0'])));
    for (const { name, limits } of lifted.values()) assert.deepEqual(limits, [], name);
  });
});
