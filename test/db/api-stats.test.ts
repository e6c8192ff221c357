import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { z } from 'zod';
import type { statsSchema } from '../../api/schemas/stats';
import { FORMULAS } from '../../db/repositories/incident-stats';
import type { IncidentRow } from '../../db/rows';
import { shift } from '../../db/time';
import type { ServiceClocks } from '../../domain/service-level';
import { DEFAULT_SITE } from '../../domain/site';
import { changeIncident } from '../support/database';
import { pointers, startApi, type TestApi } from './api-server';
import { NOW } from './fixtures';

type Stats = z.output<typeof statsSchema>;

const STATS = '/api/v1/stats';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Minutes after it was created. */
interface Times {
  firstSeen: number;
  acknowledged?: number;
  closed?: number;
}

const clocks = (breached: ServiceClocks['breached'] = {}): Partial<IncidentRow> => ({
  sla: { targets: DEFAULT_SITE.sla, reminder_percent: 75, levels: [], reminded: [], breached },
  sla_breached: Object.keys(breached).length > 0,
  close_due: NOW,
});

describe('GET /stats', () => {
  let api: TestApi;
  let submitted = 0;
  before(async () => {
    api = await startApi({ clock: () => new Date(NOW) });
  });
  after(() => api.stop());

  async function given(
    created_at: string,
    { firstSeen, acknowledged, closed }: Times,
    { source = 'fw', ...changes }: Partial<IncidentRow> = {},
  ): Promise<void> {
    const alert_id = `${(submitted += 1)}`;
    const { json } = await api.submit({ source, alert_id, alert_type: 'malware', severity: 'high', hostname: 'ws-1' });
    const after = (minutes: number | undefined) =>
      minutes === undefined ? null : shift(created_at, minutes * MINUTE_MS);
    await changeIncident(api.database.knex, json.incident_id, {
      ...{ created_at, first_seen: after(firstSeen) ?? '', acknowledged_at: after(acknowledged) },
      ...{ closed_at: after(closed), status: closed === undefined ? 'open' : 'closed' },
      ...changes,
    });
  }

  async function stats(query = ''): Promise<Stats> {
    const { status, json, text } = await api.call<Stats>('GET', `${STATS}?${query}`);
    assert.equal(status, 200, text);
    return json;
  }

  it('has no mean of nothing', async () => {
    const { mttd, mtta, mttr, sla, counts } = await stats();
    const none = { seconds: null, incidents: 0 };
    assert.deepEqual([mttd, mtta, mttr], [none, none, { ...none, by_hand: none, by_itself: none }]);
    assert.deepEqual(sla, { due: 0, breached: 0, breach_rate: null, breached_acknowledge: 0, breached_close: 0 });
    assert.deepEqual([counts.total, counts.by_status.open, counts.by_resolution.duplicate], [0, 0, 0]);
  });

  describe('of some incidents', () => {
    const day = (ago: number) => shift(NOW, -ago * DAY_MS);
    before(async () => {
      const malicious = { verdict: 'malicious', severity: 'critical' } as const;
      await given(
        day(1),
        { firstSeen: -10, acknowledged: 4, closed: 60 },
        { ...malicious, resolution: 'true_positive', ...clocks({ acknowledge: NOW }) },
      );
      await given(
        day(2),
        { firstSeen: -2, acknowledged: 8 },
        { ...malicious, status: 'on_hold', ...clocks({ acknowledge: NOW, close: NOW }) },
      );
      await given(day(3), { firstSeen: -3, closed: 30 }, { verdict: 'benign', resolution: 'auto_benign', ...clocks() });
      await given(day(4), { firstSeen: 30, acknowledged: 1.5 / 60 }, { source: 'edr', status: 'new' });
      const leftOut: Times = { firstSeen: -9999, acknowledged: 9999, closed: 9999 };
      await given(day(5), leftOut, { suppressed_by: 'SUP-0', resolution: 'benign_true_positive' });
      await given(day(5), leftOut, { alert_count: 0, resolution: 'duplicate' });
      await given(day(40), { firstSeen: -500, acknowledged: 500, closed: 500 }, { resolution: 'false_positive' });
    });

    it('says mean times, breaches and counts of the last thirty days, window and formulas with them', async () => {
      const { window, formulas, mttd, mtta, mttr, sla, counts, queue } = await stats();
      assert.deepEqual(window, {
        from: '2026-10-24T12:00:00.123000Z',
        to: '2026-11-23T12:00:00.123000Z',
      });
      assert.deepEqual(formulas, FORMULAS);
      // detected after 10, 2, 3 and (seen by a clock that is ahead) 0 minutes
      assert.deepEqual(mttd, { seconds: (15 * 60) / 4, incidents: 4 });
      // acknowledged after 4 and 8 minutes, and after 1.5 seconds
      assert.deepEqual(mtta, { seconds: 240.5, incidents: 3 });
      assert.deepEqual(mttr, {
        ...{ seconds: 2700, incidents: 2 },
        by_hand: { seconds: 3600, incidents: 1 },
        by_itself: { seconds: 1800, incidents: 1 },
      });
      assert.deepEqual(sla, { due: 3, breached: 2, breach_rate: 0.6667, breached_acknowledge: 2, breached_close: 1 });
      assert.deepEqual(counts.by_status, {
        ...{ new: 1, investigating: 0, open: 0, escalated: 0, acknowledged: 0, on_hold: 1, closed: 4 },
      });
      assert.deepEqual(counts.by_severity, { low: 0, medium: 0, high: 4, critical: 2 });
      assert.deepEqual(counts.by_verdict, { benign: 1, suspicious: 0, malicious: 2, unknown: 3 });
      assert.deepEqual(counts.by_resolution, {
        ...{ auto_benign: 1, true_positive: 1, benign_true_positive: 1, false_positive: 0, duplicate: 1 },
      });
      assert.deepEqual([counts.total, counts.suppressed, counts.merged], [6, 1, 1]);
      assert.deepEqual(queue, { pending: 1, open: 2, waiting_lookups: 0 });
    });

    it('counts what was created at the beginning of the window, and not at its end', async () => {
      const total = async (from: string, to: string) => (await stats(`from=${from}&to=${to}`)).counts.total;
      assert.equal(await total(day(3), day(1)), 2);
      assert.equal(await total(day(3), shift(day(1), 1)), 3);
      assert.equal(await total(shift(day(3), 1), day(1)), 1);
      assert.equal(await total(day(60), day(35)), 1);
      assert.equal(await total(day(30), day(20)), 0);
      const { window } = await stats(`to=${day(35)}`);
      assert.deepEqual(window, { from: day(65), to: day(35) });
    });

    it('narrows by severity, type and source, but not the queue', async () => {
      assert.equal((await stats('severity=critical')).counts.total, 2);
      assert.equal((await stats('source=edr')).mtta.seconds, 1.5);
      const { counts, queue } = await stats('severity=low,critical&alert_type=phishing&source=fw');
      assert.deepEqual([counts.total, queue.open], [0, 2]);
    });

    it('tells how many lookups wait', async () => {
      const [{ id }] = await api.database.knex('incidents').select('id').limit(1);
      await api.database.knex.transaction((trx) =>
        api.store.enrichments.upsert(trx, id, {
          ...{ source: 'virustotal', observable: 'ip:192.0.2.1', actionKey: '1/x', state: 'waiting', until: NOW },
          ...{ summary: 'quota', facts: null, at: NOW },
        }),
      );
      assert.equal((await stats()).queue.waiting_lookups, 1);
    });
  });

  it('422: names every parameter it does not like', async () => {
    const wrong: [string, string[]][] = [
      [
        'from=yesterday&to=2026-11-01&severity=bad&status=open&limit=1',
        ['?from', '?limit', '?severity', '?status', '?to'],
      ],
      ['from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z', ['?to']],
      ['from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00Z', ['?to']],
      ['from=2999-01-01T00:00:00Z', ['?from']],
      ['to=1970-01-01T00:00:00Z', ['?to']],
      ['to=0001-01-01T00:00:00Z', ['?to']],
      ["source='%20OR%201=1,&alert_type=x;DROP", ['?alert_type', '?source']],
      ['severity=high&severity=low', ['?severity']],
      ['__proto__=1', ['?__proto__']],
    ];
    for (const [query, expected] of wrong) {
      const found = new Set(pointers(await api.call('GET', `${STATS}?${query}`)));
      assert.deepEqual([...found].sort(), expected, query);
    }
    assert.equal((await stats('to=1970-01-02T00:00:00Z')).window.from, '1970-01-01T00:00:00.000000Z');
    assert.equal((await stats('to=9999-12-31T23:59:59Z')).window.to, '9999-12-31T23:59:59.000000Z');
    assert.equal((await stats("source='%20OR%201=1")).counts.total, 0);
    assert.equal((await api.call('GET', STATS, { key: null })).status, 401);
  });
});
