import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProviderStatus } from '../../../db/repositories/quotas';
import { checkProviders } from '../../../stack/doctor-providers';

function status(changes: Partial<ProviderStatus> = {}): ProviderStatus {
  return {
    name: 'virustotal',
    title: 'VirusTotal',
    looks_up: ['ip'],
    configured: true,
    setting: 'VIRUSTOTAL_API_KEY',
    windows: [],
    told: null,
    in_flight: 0,
    silent: null,
    one_at_a_time: false,
    blocked: null,
    error_rate: null,
    requests: 0,
    last_error: null,
    last_answer_at: null,
    next_slot_at: null,
    waiting: { count: 0, incidents: 0, items: [] },
    updated_at: '2026-11-23T12:00:00.000000Z',
    ...changes,
  };
}

test('a refused key is a fault, with the variable to set', () => {
  const blocked = { since: '2026-11-23T11:40:00.000000Z', message: '401', probe_at: '2026-11-23T11:55:00.000000Z' };
  const { ok, detail, fix } = checkProviders([status({ blocked, waiting: { count: 3, incidents: 0, items: [] } })]);
  assert.equal(ok, false);
  assert.equal(detail, 'VirusTotal has refused its key since 2026-11-23 11:40 UTC, 3 waiting');
  assert.match(fix ?? '', /^set VIRUSTOTAL_API_KEY right and restart the workers, .*soar retry/);
});

test('a spent quota, a silence and a missing key are told, and are no fault', () => {
  const until = '2026-11-24T00:00:00.000000Z';
  const { ok, detail, fix } = checkProviders([
    status({ next_slot_at: until, waiting: { count: 12, incidents: 0, items: [] } }),
    status({ title: 'GeoIP', silent: { until, reason: 'it asked for silence (429)' }, next_slot_at: until }),
    status({ title: 'AbuseIPDB', configured: false, setting: 'ABUSEIPDB_API_KEY' }),
    status({ title: 'Other' }),
  ]);
  assert.deepEqual([ok, fix], [true, null]);
  assert.deepEqual(detail.split('; '), [
    'VirusTotal has its quota spent until 2026-11-24 00:00 UTC, 12 waiting',
    'GeoIP is left alone until 2026-11-24 00:00 UTC (it asked for silence (429))',
    'AbuseIPDB is not set up (ABUSEIPDB_API_KEY)',
    'Other may be asked',
  ]);
});

test('before a worker has reported, that is said', () => {
  assert.deepEqual(checkProviders([]), {
    name: 'Providers',
    ok: true,
    detail: 'no worker has reported any yet',
    fix: null,
  });
});
