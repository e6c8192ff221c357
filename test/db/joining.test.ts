import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AcceptInput, Accepted } from '../../db/store';
import { createStore } from '../../db/store';
import { connect } from '../../db/connect';
import { shift } from '../../db/time';
import { correlationOf } from '../../domain/correlation';
import type { Observable } from '../../domain/observable';
import { MOST_OBSERVABLES } from '../../domain/observables';
import { DEFAULT_SITE } from '../../domain/site';
import { changeIncident, createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { atOnce, HOST, MINUTE_MS, NOW, submission } from './fixtures';

const WINDOW_MS = 120 * MINUTE_MS;
/** Received long after all of it has happened. */
const RECEIVED = shift(NOW, 24 * 60 * MINUTE_MS);

type Change = Partial<AcceptInput['alert']> & { at?: number; observables?: Observable[]; body?: string };

let count = 0;

/** An alert of the story around that source address, `at` minutes after NOW; each call is another alert. */
function alertFrom(src_ip: string, { at = 0, observables, body, ...fields }: Change = {}): AcceptInput {
  count += 1;
  const name = `join-${count}`;
  const base = submission(name);
  const alert = { ...base.alert, src_ip, timestamp: shift(NOW, at * MINUTE_MS), ...fields };
  return {
    ...base,
    alert,
    observables: observables ?? [{ type: 'ip', value: src_ip, roles: ['source'], flags: [] }, HOST],
    original: Buffer.from(body ?? JSON.stringify(alert)),
    receivedAt: RECEIVED,
    correlation: correlationOf(alert, DEFAULT_SITE, WINDOW_MS),
  };
}

describe('an alert that correlates', () => {
  let database: TestDatabase;
  const accept = (input: AcceptInput): Promise<Accepted> => database.store.alerts.accept(input);
  const incident = (id: string) => database.store.incidents.require(id);

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  /** No round has anything left to do with it. */
  const settle = async (id: string, change: Parameters<typeof changeIncident>[2] = {}) => {
    await database.knex('alerts').where({ incident_id: id }).update({ processed: true });
    await changeIncident(database.knex, id, { unprocessed: 0, next_check_at: null, ...change });
  };
  const closedItself = (id: string) => settle(id, { status: 'closed', resolution: 'auto_benign' });

  it('joins: both say by what, and it is kept with its original and its row of the audit', async () => {
    const first = await accept(alertFrom('198.18.0.1'));
    const second = await accept(alertFrom('198.18.0.1', { at: 5, body: '{"second": true}' }));
    const correlation = {
      key: 'brute_force src_ip=198.18.0.1',
      fields: { src_ip: '198.18.0.1' },
      window_seconds: 7200,
    };
    assert.deepEqual([first.correlated, first.correlation, first.rouse], [false, correlation, false]);
    assert.deepEqual([second.correlated, second.correlation, second.rouse], [true, correlation, false]);
    assert.equal(second.incidentId, first.incidentId);
    assert.notEqual(second.alertId, first.alertId);

    const view = (await database.store.incidents.view(first.incidentId, { includeRaw: true }))!;
    assert.deepEqual(view.correlation, correlation);
    assert.deepEqual(
      view.alerts.map(({ alert_id, raw }) => [alert_id, raw?.json !== undefined]),
      [first, second].map(({ alertId }) => [alertId, true]).sort(([a], [b]) => (a! < b! ? -1 : 1)),
    );
    assert.deepEqual(
      view.audit.map(({ seq, action_key }) => [seq, action_key]),
      [
        [1, `accept/${first.alertId}`],
        [2, `accept/${second.alertId}`],
      ],
    );
    assert.deepEqual([view.alert_count, view.first_seen, view.last_seen], [2, NOW, shift(NOW, 5 * MINUTE_MS)]);
    assert.equal((await incident(first.incidentId)).unprocessed, 2);
    assert.deepEqual((await database.store.audit.verify(first.incidentId)).problems, []);
  });

  it('is known again like any other, with the same answer', async () => {
    await accept(alertFrom('198.18.0.2'));
    const input = alertFrom('198.18.0.2', { at: 1 });
    const joined = await accept(input);
    assert.deepEqual(await accept(input), { ...joined, duplicate: true });
    assert.equal((await incident(joined.incidentId)).alert_count, 2);
  });

  it('joins by event time: the window slides with the incident, to both sides', async () => {
    const { incidentId } = await accept(alertFrom('198.18.0.3'));
    const ids = [];
    for (const at of [120, 240, -119, -239]) ids.push((await accept(alertFrom('198.18.0.3', { at }))).incidentId);
    assert.deepEqual(ids, Array(4).fill(incidentId));
    const { first_seen, last_seen } = await incident(incidentId);
    assert.deepEqual([first_seen, last_seen], [shift(NOW, -239 * MINUTE_MS), shift(NOW, 240 * MINUTE_MS)]);
    const later = await accept(alertFrom('198.18.0.3', { at: 361 }));
    assert.notEqual(later.incidentId, incidentId);
    assert.equal(later.correlated, false);
    assert.equal(later.follows, null);
    const old = await accept(alertFrom('198.18.0.3', { at: 10 }));
    assert.equal(old.incidentId, incidentId, 'each finds its own');
  });

  it('from a clock that is ahead of ours was seen when we got it', async () => {
    const input = { ...alertFrom('198.18.0.4', { at: 600 }), receivedAt: NOW };
    const { incidentId } = await accept(input);
    assert.equal((await incident(incidentId)).last_seen, NOW);
    assert.equal((await accept({ ...alertFrom('198.18.0.4'), receivedAt: NOW })).incidentId, incidentId);
  });

  it('joins none without a key, and none of another type or value', async () => {
    const first = await accept(alertFrom('198.18.0.5'));
    for (const other of [
      alertFrom('198.18.0.6'),
      { ...alertFrom('198.18.0.5'), correlation: null },
      alertFrom('198.18.0.5', { alert_type: 'suspicious_ip' }),
    ]) {
      const { incidentId, correlated } = await accept(other);
      assert.notEqual(incidentId, first.incidentId);
      assert.equal(correlated, false);
    }
  });

  it('raises the severity, and never lowers it; what an analyst has set stays', async () => {
    const { incidentId } = await accept(alertFrom('198.18.0.7', { severity: 'medium' }));
    const severity = async (given: 'low' | 'high' | 'critical') => {
      const answer = await accept(alertFrom('198.18.0.7', { severity: given }));
      assert.equal(answer.incidentId, incidentId);
      const row = await incident(incidentId);
      assert.equal(answer.severity, row.severity);
      return [row.severity, row.severity_rank];
    };
    assert.deepEqual(await severity('low'), ['medium', 1]);
    assert.deepEqual(await severity('high'), ['high', 2]);
    await changeIncident(database.knex, incidentId, { severity: 'low', severity_rank: 0, severity_by: 'ann' });
    assert.deepEqual(await severity('critical'), ['low', 0]);
  });

  it('brings its observables: new ones are added, known ones get their further roles, up to the most', async () => {
    const { incidentId } = await accept(alertFrom('198.18.0.8'));
    const more: Observable[] = [
      { type: 'ip', value: '198.18.0.8', roles: ['destination'], flags: [] },
      { type: 'user', value: 'root', roles: ['user'], flags: [] },
    ];
    await accept(alertFrom('198.18.0.8', { observables: more }));
    const { observables } = await database.store.incidents.caseOf(incidentId);
    assert.deepEqual(
      observables.map(({ type, value, roles }) => [`${type}:${value}`, ...roles]),
      [
        ['ip:198.18.0.8', 'source', 'destination'],
        ['host:dc-01', 'alerted_host'],
        ['user:root', 'user'],
      ],
    );
    const many = Array.from({ length: MOST_OBSERVABLES }, (_, index): Observable => ({
      type: 'user',
      value: `user-${index}`,
      roles: ['user'],
      flags: [],
    }));
    const last = await accept(alertFrom('198.18.0.8', { observables: many }));
    const view = (await database.store.incidents.view(incidentId))!;
    assert.equal(view.observables.length, MOST_OBSERVABLES);
    const row = view.audit.find(({ action_key }) => action_key === `accept/${last.alertId}`);
    assert.equal((row?.detail as { observables_left_out: number }).observables_left_out, 3);
  });

  it('rouses the run only when nothing was waiting for a round, and has the reconciler look', async () => {
    const { incidentId } = await accept(alertFrom('198.18.0.9'));
    await settle(incidentId, { status: 'escalated' });
    const answers = [];
    for (let n = 0; n < 3; n += 1) answers.push(await accept(alertFrom('198.18.0.9')));
    assert.deepEqual(
      answers.map(({ rouse, status }) => [rouse, status]),
      [
        [true, 'escalated'],
        [false, 'escalated'],
        [false, 'escalated'],
      ],
    );
    const { unprocessed, next_check_at } = await incident(incidentId);
    assert.equal(unprocessed, 3);
    assert.ok(next_check_at! > RECEIVED && next_check_at! <= shift(RECEIVED, MINUTE_MS));
  });

  it('of no type joins what has no playbook, and rouses nobody', async () => {
    const odd = { alert_type: 'unclassified', rule_name: 'Odd', hostname: 'ws7' } as const;
    const { incidentId } = await accept(alertFrom('198.18.0.10', odd));
    await settle(incidentId);
    const joined = await accept(alertFrom('198.18.0.10', odd));
    assert.deepEqual([joined.incidentId, joined.correlated, joined.rouse], [incidentId, true, false]);
    assert.equal((await incident(incidentId)).next_check_at, null);
  });

  describe('to one that closed itself', () => {
    it('is counted, and nothing more, when it says nothing new', async () => {
      const { incidentId } = await accept(alertFrom('198.18.1.1', { outcome: 'failure' }));
      await closedItself(incidentId);
      const joined = await accept(alertFrom('198.18.1.1', { at: 3, outcome: 'failure' }));
      assert.deepEqual([joined.incidentId, joined.status, joined.rouse], [incidentId, 'closed', false]);
      const row = await incident(incidentId);
      assert.deepEqual([row.alert_count, row.unprocessed, row.next_check_at], [2, 0, null]);
      assert.equal(row.last_seen, shift(NOW, 3 * MINUTE_MS));
      assert.deepEqual(await database.store.incidents.unprocessed(incidentId), []);
    });

    const root: Observable = { type: 'user', value: 'root', roles: ['user'], flags: [] };
    for (const [index, [what, change]] of (
      [
        ['a new observable', { observables: [root] }],
        ['a new role', { observables: [{ ...HOST, roles: ['destination'] }] }],
        ['a higher severity', { severity: 'critical' }],
        ['another outcome', { outcome: 'success' }],
        ['that something ran', { executed: true }],
        ['much more sent', { bytes_out: 500e9, outcome: 'failure' }],
        ['many more attempts', { failed_attempts: 100_000, outcome: 'failure' }],
        ['another command', { command_line: 'vssadmin delete shadows', outcome: 'failure' }],
        ['another rule', { rule_name: 'Ransomware', outcome: 'failure' }],
        ['another technique', { mitre: ['T1486'], outcome: 'failure' }],
      ] satisfies [string, Change][]
    ).entries()) {
      it(`starts one more round with ${what}`, async () => {
        const address = `198.18.2.${index + 1}`;
        const small = { bytes_out: 1000, failed_attempts: 3, outcome: 'failure' } as const;
        const { incidentId } = await accept(alertFrom(address, small));
        // the second, that a round has looked at: the next is no doubling
        await accept(alertFrom(address, small));
        await closedItself(incidentId);
        const joined = await accept(alertFrom(address, { ...small, ...change }));
        assert.deepEqual([joined.incidentId, joined.status, joined.rouse], [incidentId, 'closed', true]);
        const row = await incident(incidentId);
        assert.deepEqual([row.alert_count, row.unprocessed], [3, 1]);
        assert.ok(row.next_check_at);
      });
    }

    it('is no news by its time alone', async () => {
      const { incidentId } = await accept(alertFrom('198.18.1.4'));
      await closedItself(incidentId);
      assert.equal((await accept(alertFrom('198.18.1.4', { at: 90 }))).rouse, false);
      assert.equal((await incident(incidentId)).unprocessed, 0);
    });

    it('starts one each time that alerts with amounts have doubled: a few add up', async () => {
      const { incidentId } = await accept(alertFrom('198.18.1.5', { bytes_out: 600 }));
      const rounds = [];
      for (let n = 2; n <= 9; n += 1) {
        await closedItself(incidentId);
        if ((await accept(alertFrom('198.18.1.5', { bytes_out: 600 + n }))).rouse) rounds.push(n);
      }
      assert.deepEqual(rounds, [2, 4, 8]);
    });

    it('starts one each time their number has doubled, from 16 on: many small things may be a large one', async () => {
      const { incidentId } = await accept(alertFrom('198.18.1.2'));
      const rounds = [];
      for (let n = 2; n <= 40; n += 1) {
        await closedItself(incidentId);
        if ((await accept(alertFrom('198.18.1.2'))).rouse) rounds.push(n);
      }
      assert.deepEqual(rounds, [16, 32]);
    });
  });

  it('is not added to one that an analyst has closed: its own incident follows that one, and is joined from then on', async () => {
    const closed = await accept(alertFrom('198.18.1.3'));
    await settle(closed.incidentId, { status: 'closed', resolution: 'false_positive' });
    const next = await accept(alertFrom('198.18.1.3', { at: 1 }));
    assert.notEqual(next.incidentId, closed.incidentId);
    assert.deepEqual([next.correlated, next.follows], [false, closed.incidentId]);
    const view = (await database.store.incidents.view(next.incidentId))!;
    assert.deepEqual(
      view.related.map(({ incident_id, relation }) => [incident_id, relation]),
      [[closed.incidentId, 'follows']],
    );
    assert.equal((view.audit[0]?.detail as { follows: string }).follows, closed.incidentId);
    assert.equal((await incident(closed.incidentId)).alert_count, 1);
    assert.equal((await accept(alertFrom('198.18.1.3', { at: 2 }))).incidentId, next.incidentId);
  });

  describe('in a race', () => {
    it('200 copies of one alert are one incident with one alert, and 200 answers that name it', async () => {
      const input = alertFrom('198.18.3.1');
      const answers = await atOnce(200, () => accept(input));
      assert.equal(answers.filter(({ duplicate }) => !duplicate).length, 1);
      assert.equal(new Set(answers.map(({ incidentId, alertId }) => incidentId + alertId)).size, 1);
      assert.equal((await incident(answers[0]!.incidentId)).alert_count, 1);
    });

    it('so they are for two processes, and different alerts are counted exactly', async () => {
      const knex = connect(database.url, { poolSize: 10 });
      try {
        const stores = [database.store, createStore(knex)];
        const copy = alertFrom('198.18.3.2');
        const answers = await atOnce(120, (index) =>
          stores[index % 2]!.alerts.accept(index % 4 < 2 ? copy : alertFrom('198.18.3.2')),
        );
        assert.equal(new Set(answers.map(({ incidentId }) => incidentId)).size, 1);
        assert.equal(answers.filter(({ correlated, duplicate }) => !correlated && !duplicate).length, 1);
        const row = await incident(answers[0]!.incidentId);
        assert.deepEqual([row.alert_count, row.unprocessed], [61, 61]);
        assert.deepEqual((await database.store.audit.verify(row.id)).problems, []);
      } finally {
        await knex.destroy();
      }
    });

    it('one that cannot be kept fails none of those beside it', async () => {
      const answers = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          accept({
            ...alertFrom('198.18.3.3'),
            // longer than its column
            ...(index === 7 ? { format: 'x'.repeat(100) } : {}),
          }),
        ),
      );
      assert.deepEqual(
        answers.flatMap(({ status }, index) => (status === 'rejected' ? [index] : [])),
        [7],
      );
      const first = answers[0] as PromiseFulfilledResult<Accepted>;
      assert.equal((await incident(first.value.incidentId)).alert_count, 19);
    });

    it('with an analyst who closes it, each alert is in one that was open when it came', async () => {
      const { incidentId } = await accept(alertFrom('198.18.3.4'));
      const closing = () =>
        changeIncident(database.knex, incidentId, { status: 'closed', resolution: 'true_positive' });
      const answers = await atOnce(40, async (index) =>
        index === 20 ? (await closing(), undefined) : accept(alertFrom('198.18.3.4')),
      );
      const ids = new Set(answers.flatMap((answer) => answer?.incidentId ?? []));
      assert.ok(ids.size <= 2);
      const counts = await Promise.all(
        [...new Set([incidentId, ...ids])].map(async (id) => (await incident(id)).alert_count),
      );
      assert.equal(
        counts.reduce((sum, one) => sum + one, 0),
        40,
      );
    });

    it('a storm of 2,000 alerts is one incident with the exact count, and few statements an alert', async () => {
      let statements = 0;
      const note = () => (statements += 1);
      database.knex.on('query', note);
      const answers = await atOnce(2000, (index) => accept(alertFrom('198.18.3.5', { at: index / 100 })));
      database.knex.removeListener('query', note);
      assert.equal(new Set(answers.map(({ incidentId }) => incidentId)).size, 1);
      const row = await incident(answers[0]!.incidentId);
      assert.deepEqual([row.alert_count, row.unprocessed], [2000, 2000]);
      assert.deepEqual((await database.store.audit.verify(row.id)).problems, []);
      assert.ok(statements < 2000 * 2, `${statements} statements`);

      const view = (await database.store.incidents.view(row.id))!;
      assert.deepEqual([view.alerts.length, view.alerts_omitted], [100, 1900]);
      assert.deepEqual([view.audit.length, view.audit_omitted], [100, 1900]);
      assert.deepEqual([view.audit[0]!.seq, view.audit.at(-1)!.seq], [1, 2000]);
      const { alerts } = await database.store.incidents.caseOf(row.id);
      assert.ok(alerts.length <= 3, 'what says the same stands there once');
      assert.equal(
        alerts.reduce((sum, { times = 1 }) => sum + times, 0),
        2000,
      );
    });
  });
});
