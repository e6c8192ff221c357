import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { InvalidCursorError } from '../../db/errors';
import type { IncidentRow } from '../../db/rows';
import { shift } from '../../db/time';
import type { IncidentListItem, IncidentQuery, Sort } from '../../db/views';
import { SORT_KEYS } from '../../db/views';
import type { AlertType } from '../../domain/alert';
import { SEVERITIES } from '../../domain/severity';
import { changeIncident, createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { HOST, NOW, SOURCE_IP, submission } from './fixtures';

const COUNT = 40;
const TYPES: readonly AlertType[] = ['brute_force', 'malware', 'phishing'];

describe('incidents.list', () => {
  let database: TestDatabase;
  const ids: string[] = [];

  /** Times, scores and severities repeat, some scores are missing: what a cursor has to get right. */
  before(async () => {
    database = await createTestDatabase();
    for (let index = 0; index < COUNT; index += 1) {
      const { alert } = submission(`listed-${index}`);
      const type = TYPES[index % TYPES.length] ?? 'malware';
      const severity = SEVERITIES[index % SEVERITIES.length] ?? 'low';
      const accepted = await database.store.alerts.accept(
        submission(`listed-${index}`, {
          alert: { ...alert, alert_type: type, severity, source: index % 2 ? 'edr' : 'firewall' },
          observables: [{ ...SOURCE_IP, value: `198.51.100.${index}` }, HOST],
          receivedAt: shift(NOW, Math.floor(index / 3) * 1000),
        }),
      );
      ids.push(accepted.incidentId);
      const score = index % 5 === 0 ? null : (index % 7) * 10;
      const verdict = index % 4 === 0 ? ('malicious' as const) : ('unknown' as const);
      // two in three are due, some at the same time; of those some were taken up, and some of these rest
      const due = (minutes: number) => (index % 3 === 0 ? null : shift(NOW, minutes * 60_000));
      const taken = index % 4 === 1;
      const clocks: Partial<IncidentRow> = {
        ...{ ack_due: due(index % 6), close_due: due(60 - (index % 9)), sla_breached: index % 10 === 1 },
        acknowledged_at: taken ? NOW : null,
        ...(index % 8 === 5 ? { status: 'on_hold', paused_at: NOW } : {}),
      };
      const scored = { score, verdict, complete: index % 2 === 0, assignee: index % 8 === 0 ? 'Ana' : null };
      await changeIncident(database.knex, accepted.incidentId, { ...scored, ...clocks });
    }
  });
  after(() => database.drop());

  async function all(query: Omit<IncidentQuery, 'limit'>, limit = 7): Promise<IncidentListItem[]> {
    const items: IncidentListItem[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await database.store.incidents.list({ ...query, limit, cursor });
      items.push(...page.items);
      if (page.nextCursor === null) return items;
      assert.equal(page.items.length, limit);
      cursor = page.nextCursor;
    }
  }

  const timeOf = (due: string | null) => (due === null ? -1 : Date.parse(due));

  const rankOf: Record<(typeof SORT_KEYS)[number], (item: IncidentListItem) => number> = {
    created_at: (item) => Date.parse(item.created_at),
    last_seen: (item) => Date.parse(item.last_seen),
    score: (item) => item.score ?? -1,
    severity: (item) => SEVERITIES.indexOf(item.severity),
    ack_due: (item) => timeOf(item.sla.ack_due),
    close_due: (item) => timeOf(item.sla.close_due),
  };

  for (const name of SORT_KEYS) {
    for (const sort of [name, `-${name}`] as Sort[]) {
      it(`visits every incident exactly once, sorted by ${sort}`, async () => {
        const items = await all({ sort });
        assert.equal(items.length, COUNT);
        assert.equal(new Set(items.map(({ id }) => id)).size, COUNT);
        const ranks = items.map(rankOf[name]);
        const sorted = [...ranks].sort((a, b) => (sort.startsWith('-') ? b - a : a - b));
        assert.deepEqual(ranks, sorted);
      });
    }
  }

  it('keeps the sort through pages of one', async () => {
    const one = await all({ sort: '-score' }, 1);
    const many = await all({ sort: '-score' }, 200);
    assert.deepEqual(one, many);
  });

  it('finds what every filter says', async () => {
    const [soon, late] = [shift(NOW, 4 * 60_000), shift(NOW, 57 * 60_000)];
    const isBefore = (due: string | null, time: string) => due !== null && due < time;
    const breached = new Set(ids.filter((_, index) => index % 10 === 1));
    const checks: [Omit<IncidentQuery, 'limit'>, (item: IncidentListItem) => boolean][] = [
      [{ verdict: ['malicious'] }, (item) => item.verdict === 'malicious'],
      [{ severity: ['low', 'critical'] }, (item) => ['low', 'critical'].includes(item.severity)],
      [{ status: ['new'] }, (item) => item.status === 'new'],
      [{ status: ['closed'] }, (item) => item.status === 'closed'],
      [{ alert_type: ['phishing'] }, (item) => item.alert_type === 'phishing'],
      [{ source: ['edr'] }, (item) => item.source === 'edr'],
      [{ assignee: ['Ana'] }, (item) => item.assignee === 'Ana'],
      [{ complete: false }, (item) => !item.complete],
      [{ sla_paused: true }, (item) => item.status === 'on_hold'],
      [{ sla_paused: false }, (item) => item.status !== 'on_hold'],
      [{ sla_breached: true }, (item) => breached.has(item.id)],
      [{ sla_breached: false }, (item) => !breached.has(item.id)],
      [{ ack_due_before: soon }, (item) => isBefore(item.sla.ack_due, soon) && item.sla.acknowledged_at === null],
      [{ close_due_before: late }, (item) => isBefore(item.sla.close_due, late) && !item.sla.paused],
      [{ ack_due_before: NOW }, () => false],
      [{ complete: true, verdict: ['malicious'] }, (item) => item.complete && item.verdict === 'malicious'],
    ];
    const every = await all({});
    assert.ok(every.some(({ sla }) => isBefore(sla.close_due, late) && sla.paused));
    for (const [query, matches] of checks) {
      const found = (await all(query)).map(({ id }) => id);
      assert.deepEqual(
        found,
        every.filter(matches).map(({ id }) => id),
        JSON.stringify(query),
      );
    }
  });

  it('finds nothing due that has closed itself', async () => {
    const id = ids.at(-1) ?? '';
    const due = { ack_due: NOW, close_due: NOW };
    const soon = { ack_due_before: shift(NOW, 1), close_due_before: shift(NOW, 1) };
    await changeIncident(database.knex, id, { ...due, acknowledged_at: null, paused_at: null });
    assert.deepEqual(
      (await all(soon)).map((item) => item.id),
      [id],
    );
    await changeIncident(database.knex, id, { status: 'closed', resolution: 'auto_benign', paused_at: NOW });
    for (const [name, time] of Object.entries(soon)) assert.deepEqual(await all({ [name]: time }), [], name);
  });

  it('takes from inclusive and to exclusive, to the microsecond', async () => {
    const from = shift(NOW, 0);
    const found = await all({ from: NOW, to: shift(NOW, 1000) });
    assert.equal(from, NOW);
    assert.equal(found.length, 3);
    assert.equal((await all({ from: '2026-11-23T12:00:00.123457Z', to: shift(NOW, 1000) })).length, 0);
    assert.equal((await all({ to: NOW })).length, 0);
    assert.equal((await all({ updated_since: '2099-01-01T00:00:00.000000Z' })).length, 0);
  });

  it('searches by id, observable and the beginning of a title', async () => {
    const one = ids[7] ?? '';
    const found = async (q: string) => (await all({ q })).map(({ id }) => id);
    assert.deepEqual(await found(one), [one]);
    assert.deepEqual(await found(one.toLowerCase()), [one]);
    assert.deepEqual(await found('198.51.100.7'), [one]);
    assert.equal((await found('DC-01')).length, COUNT);
    assert.deepEqual(await found('failed logins listed-7'), [one]);
    assert.equal((await found('Failed logins')).length, COUNT);
    for (const nothing of ['%', '_', 'ailed', '198.51.100.999', "' OR 1=1 --", '\\']) {
      assert.deepEqual(await found(nothing), [], nothing);
    }
  });

  it('refuses a cursor of another sort and one that is none', async () => {
    const { nextCursor } = await database.store.incidents.list({ sort: '-score', limit: 5 });
    const bad = [
      nextCursor ?? '',
      '',
      'x',
      Buffer.from('[]').toString('base64url'),
      Buffer.from('["-created_at",{},1]').toString('base64url'),
    ];
    for (const cursor of bad) {
      await assert.rejects(
        database.store.incidents.list({ sort: '-created_at', limit: 5, cursor }),
        InvalidCursorError,
      );
    }
    const wrongKind = Buffer.from(JSON.stringify(['-created_at', 5, ids[0]])).toString('base64url');
    await assert.rejects(
      database.store.incidents.list({ sort: '-created_at', limit: 5, cursor: wrongKind }),
      InvalidCursorError,
    );
  });
});
