import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ProvidersAnswer } from '../../../cli/client';
import { providersCommand } from '../../../cli/commands/providers';
import { notesOn } from '../../../cli/provider-words';
import { json, serve } from './api-double';
import { sessionWith } from './session-double';

type Provider = ProvidersAnswer['items'][number];

function provider(changes: Partial<Provider> = {}): Provider {
  return {
    name: 'virustotal',
    title: 'VirusTotal',
    state: 'ready',
    looks_up: ['ip'],
    configured: true,
    setting: 'VIRUSTOTAL_API_KEY',
    windows: [
      { name: 'minute', limit: 4, used: 1, left: 3, resets_at: '2026-11-23T12:00:40.000000Z' },
      { name: 'day', limit: 500, used: 20, left: 480, resets_at: '2026-11-24T00:00:00.000000Z' },
      { name: 'month', limit: 15500, used: 498, left: 15002, resets_at: '2026-12-01T00:00:00.000000Z' },
    ],
    told: null,
    next_slot_at: null,
    in_flight: 0,
    waiting: { count: 0, incidents: 0, items: [] },
    error_rate: 0.03,
    requests: 100,
    last_error: null,
    last_answer_at: '2026-11-23T11:59:00.000000Z',
    blocked: null,
    silent: null,
    one_at_a_time: false,
    updated_at: '2026-11-23T11:59:00.000000Z',
    ...changes,
  };
}

async function shown(context: TestContext, items: Provider[], options?: { json: boolean }) {
  const { url, seen } = await serve(context, (_request, response) => json(response, 200, { items }));
  const { session, lines, data } = sessionWith(url, options);
  assert.equal(await providersCommand(session), 0);
  assert.deepEqual([seen[0]?.method, seen[0]?.url], ['GET', '/api/v1/providers']);
  assert.ok(lines.every((line) => [...line].length <= 100));
  return { lines, text: lines.join('\n'), data };
}

test('each quota has a line, in words, and the first one bears the rest', async (context) => {
  const { lines } = await shown(context, [provider()]);
  assert.match(lines[0] ?? '', /^provider +state +left +waiting +next slot \(UTC\) +errors$/);
  assert.match(lines[2] ?? '', /^VirusTotal +ready +3 of 4 this minute +– +now +3% of 100$/);
  assert.match(lines[3] ?? '', /^ +480 of 500 today$/);
  assert.match(lines[4] ?? '', /^ +15,002 of 15,500 this month$/);
  assert.equal(lines.length, 5);
});

test('what waits is listed with incident, observable, severity, since and until when, and why', async (context) => {
  const since = new Date(Date.now() - 240_000).toISOString();
  const item = {
    incident_id: 'INC-0123456789',
    observable: 'ip:192.0.2.1' as const,
    severity: 'critical' as const,
    since,
    until: '2031-01-02T12:03:10.000000Z',
    reason: 'its quota of 4 a minute is spent',
  };
  const items = [item, { ...item, incident_id: 'INC-ABCDEFGHJK', observable: 'ip:192.0.2.2' as const, until: null }];
  const { text } = await shown(context, [
    provider({
      state: 'spent',
      next_slot_at: '2031-01-02T12:03:10.000000Z',
      waiting: { count: 13, incidents: 9, items },
    }),
  ]);
  assert.match(text, /VirusTotal +quota spent +3 of 4 this minute +13 lookups +2031-01-02 12:03 +3%/);
  assert.match(text, /^ +480 of 500 today +in 9 incidents$/m);
  assert.match(text, /^Waiting for VirusTotal: 13 lookups in 9 incidents$/m);
  assert.match(text, /INC-0123456789 +critical +ip:192\.0\.2\.1 +for 4m, until 2031-01-02 12:03 UTC: its quota/);
  assert.match(text, /INC-ABCDEFGHJK +critical +ip:192\.0\.2\.2 +for 4m, nobody knows until when: its quota/);
  assert.match(text, /… and 11 more/);
});

test('of today only the time is shown', async (context) => {
  const at = `${new Date().toISOString().slice(0, 10)}T23:59:59.500000Z`;
  const { text } = await shown(context, [provider({ state: 'spent', next_slot_at: at })]);
  assert.match(text, / 23:59:59 /);
});

test('a refused key comes with what to do about it, and its error is told once', async (context) => {
  const message = 'VirusTotal refuses the key (401)';
  const { text } = await shown(context, [
    provider({
      state: 'blocked',
      error_rate: 1,
      blocked: { since: '2026-11-23T11:40:00.000000Z', message, probe_at: '2026-11-23T11:55:00.000000Z' },
      last_error: { at: '2026-11-23T11:40:00.000000Z', kind: 'unauthorized', message, http_status: 401 },
    }),
  ]);
  const words = text.replace(/\s+/g, ' ');
  assert.match(words, /VirusTotal key refused .* – 100% of 100/);
  assert.match(words, /refused its key since 2026-11-23 11:40:00 UTC .*Set VIRUSTOTAL_API_KEY right and restart/);
  assert.match(words, /soar retry INC-….*tried again by the first lookup after 2026-11-23 11:55:00 UTC/);
  assert.equal(text.split(message).length, 2);
});

test('a source that is asked one at a time is said to be, unless it is not asked at all', () => {
  const careful = provider({ one_at_a_time: true });
  assert.match(
    notesOn(careful)
      .map(({ text }) => text)
      .join(),
    /asked one at a time, whatever its quota/,
  );
  const silent = { until: '2026-11-23T12:05:00.000000Z', reason: 'it asked for silence (429)' };
  assert.doesNotMatch(
    notesOn({ ...careful, silent })
      .map(({ text }) => text)
      .join(),
    /one at a time/,
  );
});

test('what is not set up, left alone, or went wrong last is said below the table', async (context) => {
  const { text } = await shown(context, [
    provider({ title: 'AbuseIPDB', state: 'not_configured', configured: false, setting: 'ABUSEIPDB_API_KEY' }),
    provider({
      title: 'GeoIP',
      state: 'silent',
      windows: [],
      silent: { until: '2026-11-23T12:05:00.000000Z', reason: 'it asked for silence (429)' },
      told: { left: 0, until: '2026-11-23T12:05:00.000000Z' },
      last_error: { at: '2026-11-23T11:00:00.000000Z', kind: 'unavailable', message: 'no answer', http_status: 502 },
      error_rate: null,
      requests: 0,
    }),
  ]);
  assert.match(text, /AbuseIPDB +not set up +– +– +–/);
  assert.match(text, /^AbuseIPDB is not set up: set ABUSEIPDB_API_KEY and restart the workers\.$/m);
  assert.match(text, /GeoIP +left alone +no limit +– +now +–/);
  assert.match(text, /GeoIP is left alone until 2026-11-23 12:05:00 UTC: it asked for silence \(429\)\./);
  assert.match(text, /GeoIP itself says that 0 requests are left until 2026-11-23 12:05:00 UTC/);
  assert.match(text, /GeoIP: last error at 2026-11-23 11:00:00 UTC: HTTP 502, unavailable: no answer/);
});

test('what a source says is left is told where we count more', async (context) => {
  const windows = [{ name: 'minute', limit: 45, used: 5, left: 40, resets_at: null }];
  const told = (left: number) => provider({ windows, told: { left, until: '2026-11-23T12:05:00.000000Z' } });
  assert.match((await shown(context, [told(1)])).text, /VirusTotal itself says that 1 request is left/);
  assert.doesNotMatch((await shown(context, [told(40)])).text, /itself says/);
});

test('without a worker there is nothing to show, and that is said', async (context) => {
  assert.match((await shown(context, [])).text, /^No worker has reported yet/);
});

test('with --json the answer is handed on; text from outside cannot steer the terminal', async (context) => {
  const items = [
    provider({ last_error: { at: '2026-11-23T11:00:00Z', kind: 'x', message: 'a\u001b[2J', http_status: null } }),
  ];
  const machine = await shown(context, items, { json: true });
  assert.deepEqual([machine.lines, machine.data], [[], [{ items }]]);
  assert.ok(!(await shown(context, items)).text.includes('\u001b'));
});
