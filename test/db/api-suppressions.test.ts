import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { z } from 'zod';
import type { suppressionListSchema, suppressionSchema } from '../../api/schemas/suppression';
import type { ProblemDocument } from '../../api/problems';
import { connect } from '../../db/connect';
import { createStore } from '../../db/store';
import { pointers, startApi, type CallOptions, type Incident, type Page, type TestApi } from './api-server';
import { atOnce } from './fixtures';

type Suppression = z.output<typeof suppressionSchema>;
type List = z.output<typeof suppressionListSchema>;

const PATH = '/api/v1/suppressions';
const NONE = 'SUP-0000000000';
const DAY_MS = 86_400_000;

describe('suppressions', () => {
  let api: TestApi;
  /** How far the API's clock is ahead, ms. */
  let ahead = 0;
  let count = 0;
  const now = () => new Date(Date.now() + ahead);
  before(async () => {
    api = await startApi({ correlationWindowMs: 2 * 3_600_000, clock: now });
  });
  after(() => api.stop());
  afterEach(() => {
    ahead = 0;
    api.starts.length = 0;
    api.roused.length = 0;
  });

  const until = (ms = DAY_MS) => new Date(now().getTime() + ms).toISOString();
  const post = <T = Suppression>(body: Record<string, unknown>, options: CallOptions = {}) =>
    api.call<T>('POST', PATH, { body: { reason: 'Our scanner', expires_at: until(), ...body }, ...options });
  const suppress = async (pattern: Record<string, unknown>) => {
    const { status, json, text } = await post(pattern);
    assert.equal(status, 201, text);
    return json;
  };
  const remove = <T = Suppression>(id: string) => api.call<T>('DELETE', `${PATH}/${id}`);
  const get = async (id: string) => (await api.call<Suppression>('GET', `${PATH}/${id}`)).json;
  const alertFrom = (src_ip: string, changes: Record<string, unknown> = {}) => {
    count += 1;
    const fields = { source: 'wazuh', alert_type: 'brute_force', severity: 'low', rule_id: '5710', src_ip };
    return { ...fields, alert_id: `sup-${count}`, ...changes };
  };
  const submit = async (src_ip: string, changes: Record<string, unknown> = {}) => {
    const { status, json, text } = await api.submit(alertFrom(src_ip, changes));
    assert.ok(status === 202 || status === 200, text);
    return json;
  };
  const incident = async (id: string) => (await api.call<Incident>('GET', `/api/v1/incidents/${id}`)).json;
  const verified = async (id: string) => assert.deepEqual((await api.store.audit.verify(id)).problems, []);

  describe('what matches', () => {
    it('is closed as it comes, with who and why, and nothing is started or looked up', async () => {
      const known = await suppress({ observable: 'ip:198.18.40.1', alert_type: 'brute_force' });
      const answer = await submit('198.18.40.1');
      assert.deepEqual([answer.status, answer.suppressed_by, answer.correlated], ['closed', known.id, false]);
      const view = await incident(answer.incident_id);
      assert.deepEqual(
        [view.status, view.resolution, view.suppressed_by, view.status_by, view.verdict, view.score],
        ['closed', 'benign_true_positive', known.id, 'tester', 'unknown', null],
      );
      assert.equal(view.closed_at, view.created_at);
      assert.deepEqual([view.enrichments, view.sla.acknowledged_at], [[], null]);
      const row = view.audit[0]!;
      assert.match(row.summary, new RegExp(`accepted as brute_force, low, suppressed by ${known.id}: Our scanner$`));
      assert.equal((row.detail as { suppressed_by: string }).suppressed_by, known.id);
      const { unprocessed, next_check_at } = await api.store.incidents.require(view.id);
      assert.deepEqual([unprocessed, next_check_at], [0, null]);
      assert.deepEqual(await api.database.knex('alerts').where({ incident_id: view.id }).pluck('processed'), [1]);
      assert.deepEqual([api.starts, api.roused], [[], []]);
      const report = await api.call('GET', `/api/v1/incidents/${view.id}/report`);
      assert.deepEqual([report.status, report.headers.get('retry-after')], [404, null]);
      assert.match(report.json.detail, new RegExp(`${known.id} closed it as it came, and nothing was looked up`));
      await verified(view.id);
    });

    it('matches by each field, and by all that are given', async () => {
      const patterns: Record<string, unknown>[] = [
        { alert_type: 'data_exfil', broad: true },
        { observable: 'ip:198[.]18.41.1' },
        { rule: 'RULE 41' },
        { source: 'Tool-41', broad: true },
      ];
      const matching = [
        alertFrom('198.18.41.9', { alert_type: 'data_exfil' }),
        alertFrom('198.18.41.1'),
        alertFrom('198.18.41.9', { rule_name: 'rule 41' }),
        alertFrom('198.18.41.9', { source: 'tool-41' }),
      ];
      for (const [index, pattern] of patterns.entries()) {
        const known = await suppress(pattern);
        for (const [nth, alert] of matching.entries()) {
          const { json } = await api.submit({ ...alert, alert_id: `${String(alert['alert_id'])}-${index}` });
          assert.equal(json.suppressed_by, nth === index ? known.id : null, JSON.stringify([pattern, alert]));
        }
        await remove(known.id);
      }
      const { id } = await suppress({ observable: 'ip:198.18.41.2', rule: '5710', source: 'wazuh' });
      assert.equal((await submit('198.18.41.2')).suppressed_by, id);
      assert.equal((await submit('198.18.41.2', { rule_id: '5711' })).suppressed_by, null);
      assert.equal((await submit('198.18.41.2', { source: 'ossec' })).suppressed_by, null);
      await remove(id);
    });

    it('may be unclassified, or have nothing that it correlates by', async () => {
      const { id } = await suppress({ source: 'odd-tool', broad: true });
      const odd = { source: 'odd-tool', title: 'Something happened', alert_type: undefined, rule_id: undefined };
      const unclassified = await submit('198.18.42.1', { ...odd, src_ip: undefined });
      assert.deepEqual(
        [unclassified.alert_type, unclassified.status, unclassified.suppressed_by],
        ['unclassified', 'closed', id],
      );
      const alone = [await submit('', { ...odd, src_ip: undefined }), await submit('', { ...odd, src_ip: undefined })];
      assert.deepEqual(
        alone.map(({ suppressed_by, correlation }) => [suppressed_by, correlation]),
        [
          [id, null],
          [id, null],
        ],
      );
      assert.notEqual(alone[0]!.incident_id, alone[1]!.incident_id);
      await remove(id);
    });

    it('is said in a batch too, and known again like any other', async () => {
      const { id } = await suppress({ observable: 'ip:198.18.43.1' });
      const body = [alertFrom('198.18.43.1'), alertFrom('198.18.43.2')];
      type Batch = { results: { suppressed_by: string | null; duplicate: boolean }[] };
      const batch = async () => (await api.call<Batch>('POST', '/api/v1/alerts/batch', { body })).json.results;
      const said = (results: Batch['results']) => results.map((one) => [one.suppressed_by, one.duplicate]);
      assert.deepEqual(said(await batch()), [
        [id, false],
        [null, false],
      ]);
      await remove(id);
      assert.deepEqual(said(await batch()), [
        [id, true],
        [null, true],
      ]);
    });
  });

  describe('what it counts', () => {
    it('alerts of one story share an incident, which no other alert joins', async () => {
      const before = await submit('198.18.44.1');
      const known = await suppress({ observable: 'ip:198.18.44.1', rule: '5710' });
      const first = await submit('198.18.44.1');
      const second = await submit('198.18.44.1', { severity: 'critical', outcome: 'success', dest_ip: '198.18.44.9' });
      const other = await submit('198.18.44.1', { rule_id: '1' });
      assert.deepEqual([other.incident_id, other.suppressed_by], [before.incident_id, null]);
      assert.notEqual(first.incident_id, before.incident_id);
      assert.deepEqual([second.incident_id, second.correlated], [first.incident_id, true]);
      assert.equal(second.correlation?.key, `brute_force src_ip=198.18.44.1 suppression=${known.id}`);
      const view = await incident(first.incident_id);
      assert.deepEqual(
        [view.status, view.alert_count, view.severity, view.sla.acknowledged_at],
        ['closed', 2, 'critical', null],
      );
      assert.match(view.audit[1]!.summary, new RegExp(`suppressed by ${known.id}: Our scanner$`));
      assert.deepEqual(api.roused, []);
      assert.equal((await api.store.incidents.require(view.id)).unprocessed, 0);
      await verified(view.id);
      const counted = await get(known.id);
      assert.deepEqual([counted.incidents, counted.alerts, counted.last_match], [1, 2, view.last_seen]);
      await remove(known.id);
      const afterwards = await submit('198.18.44.1');
      assert.deepEqual([afterwards.incident_id, afterwards.suppressed_by], [before.incident_id, null]);
    });

    it('of a storm of 300 alerts one incident with the exact count, and no start', async () => {
      const known = await suppress({ observable: 'ip:198.18.45.1' });
      const answers = await atOnce(300, () => submit('198.18.45.1'));
      assert.deepEqual([...new Set(answers.map((one) => one.suppressed_by))], [known.id]);
      const [id, ...others] = new Set(answers.map((one) => one.incident_id));
      assert.deepEqual(others, []);
      assert.deepEqual([(await incident(id!)).alert_count, api.starts, api.roused], [300, [], []]);
      const { incidents, alerts } = await get(known.id);
      assert.deepEqual([incidents, alerts], [1, 300]);
      await verified(id!);
    });

    it('lists them: by whether they are suppressed, and by what', async () => {
      const known = await suppress({ observable: 'ip:198.18.46.1' });
      const { incident_id: id } = await submit('198.18.46.1');
      const { incident_id: other } = await submit('198.18.46.2');
      const list = async (query: string) =>
        (await api.call<Page>('GET', `/api/v1/incidents?limit=200&${query}`)).json.items;
      const [yes, no] = [await list('suppressed=true'), await list('suppressed=false')];
      assert.ok(yes.every(({ suppressed_by }) => suppressed_by !== null));
      assert.ok(yes.some((one) => one.id === id) && !yes.some((one) => one.id === other));
      assert.ok(no.some((one) => one.id === other) && !no.some((one) => one.id === id));
      const link = new URL(known.links.incidents);
      const { json } = await api.call<Page>('GET', `${link.pathname}${link.search}`);
      assert.deepEqual(
        json.items.map((one) => [one.id, one.suppressed_by]),
        [[id, known.id]],
      );
    });
  });

  describe('what ends', () => {
    it('holds until its time, and not a moment longer', async () => {
      const known = await suppress({ observable: 'ip:198.18.47.1', expires_at: until(60_000) });
      assert.equal((await submit('198.18.47.1')).suppressed_by, known.id);
      ahead = 60_000;
      assert.equal((await submit('198.18.47.1')).suppressed_by, null);
      assert.equal((await get(known.id)).active, false);
    });

    it('is ended at once by removing it, once, and also for another process', async () => {
      const known = await suppress({ observable: 'ip:198.18.48.1' });
      await submit('198.18.48.1');
      const knex = connect(api.database.url);
      try {
        const elsewhere = createStore(knex);
        const at = now().toISOString();
        const removed = await elsewhere.suppressions.remove(known.id, { actor: 'ann', at });
        assert.deepEqual([removed?.removed_by, removed?.alerts], ['ann', 1]);
        assert.equal((await submit('198.18.48.1')).suppressed_by, null);
        const again = await remove(known.id);
        assert.deepEqual([again.status, again.json.removed_by, again.json.active], [200, 'ann', false]);
        const made = await suppress({ observable: 'ip:198.18.48.2' });
        const active = await elsewhere.suppressions.active(now().toISOString());
        assert.ok(active.some(({ id }) => id === made.id));
      } finally {
        await knex.destroy();
      }
    });

    it('in a race no alert that comes after the answer is suppressed, and none is lost', async () => {
      const known = await suppress({ observable: 'ip:198.18.49.1' });
      let isRemoved = false;
      const answers = await atOnce(60, async (index) => {
        if (index === 20) {
          await remove(known.id);
          isRemoved = true;
        }
        const wasRemoved = isRemoved;
        return { wasRemoved, ...(await submit('198.18.49.1')) };
      });
      const later = await atOnce(10, () => submit('198.18.49.1'));
      for (const one of [...answers.filter(({ wasRemoved }) => wasRemoved), ...later]) {
        assert.equal(one.suppressed_by, null);
      }
      const ids = [...new Set([...answers, ...later].map(({ incident_id }) => incident_id))];
      const views = await Promise.all(ids.map(incident));
      assert.equal(
        views.reduce((sum, { alert_count }) => sum + alert_count, 0),
        70,
      );
      assert.ok(views.filter(({ suppressed_by }) => suppressed_by === null).length === 1);
      for (const id of ids) await verified(id);
    });

    it('copies of one alert are one, also where it is removed between them', async () => {
      for (let nth = 0; nth < 5; nth += 1) {
        const known = await suppress({ observable: `ip:198.18.57.${nth}` });
        const alerts = [alertFrom(`198.18.57.${nth}`), alertFrom(`198.18.57.${nth}`)];
        const answers = await atOnce(41, async (index) => {
          if (index === 20) return void (await remove(known.id));
          return (await api.submit(alerts[index % 2]!)).json;
        });
        const told = answers.flatMap((one) => (one ? [one] : []));
        assert.equal(new Set(told.map(({ alert_id }) => alert_id)).size, 2);
        assert.equal(told.filter(({ duplicate }) => !duplicate).length, 2);
        const views = await Promise.all([...new Set(told.map(({ incident_id }) => incident_id))].map(incident));
        assert.equal(
          views.reduce((sum, { alert_count }) => sum + alert_count, 0),
          2,
        );
      }
    });

    it('shares reads among alerts that come together, but answers none by a read sent before it came', async () => {
      let reads = 0;
      const count = ({ sql }: { sql: string }) => void (reads += /from `suppressions`/.test(sql) ? 1 : 0);
      api.database.knex.on('query', count);
      try {
        const { suppressions } = api.store;
        const at = now().toISOString();
        await atOnce(100, () => suppressions.active(at));
        assert.equal(reads, 2, 'the first, and one for all that came meanwhile');
        let late: Promise<unknown> | undefined;
        api.database.knex.once('query-response', () => {
          late = suppressions.active(at);
        });
        await suppressions.active(at);
        await late;
        assert.equal(reads, 4, 'one that comes when the answer is on its way is not answered by it');
      } finally {
        api.database.knex.removeListener('query', count);
      }
    });
  });

  describe('what an analyst does with one that was closed as it came', () => {
    const reopened = async (src_ip: string) => {
      const known = await suppress({ observable: `ip:${src_ip}` });
      const { incident_id: id } = await submit(src_ip);
      await api.store.acts.perform({
        ...{ incidentId: id, requestId: 'reopen', request: { acts: [{ act: 'reopen' }] } },
        ...{ actor: 'ann', at: now().toISOString() },
      });
      return { known, id };
    };

    it('reopened, it is no more suppressed, is not joined by what is, and its clocks begin then', async () => {
      const { known, id } = await reopened('198.18.51.1');
      const view = await incident(id);
      assert.deepEqual([view.status, view.suppressed_by, view.closed_at], ['open', null, null]);
      assert.equal(view.sla.acknowledged_at, null);
      const row = await api.store.incidents.require(id);
      assert.ok(row.paused_ms > 0 && row.paused_at === null);
      const next = await submit('198.18.51.1');
      assert.notEqual(next.incident_id, id);
      assert.deepEqual([next.suppressed_by, next.follows], [known.id, null]);
      assert.equal((await submit('198.18.51.1')).incident_id, next.incident_id);
      assert.deepEqual([(await get(known.id)).incidents, (await get(known.id)).alerts], [1, 2]);
      await verified(id);
    });

    it('is neither merged nor merged into', async () => {
      await suppress({ observable: 'ip:198.18.52.1' });
      const { incident_id: known } = await submit('198.18.52.1');
      const { incident_id: open } = await submit('198.18.52.2');
      const merge = (id: string, into: string) =>
        api.call('POST', `/api/v1/incidents/${id}/merge`, { body: { into, reason: 'x' } });
      for (const [id, into] of [
        [known, open],
        [open, known],
      ] as const) {
        assert.equal((await merge(id, into)).status, 409);
      }
    });

    it('split, what leaves is looked at, and what stays is not', async () => {
      await suppress({ observable: 'ip:198.18.53.1' });
      const [first, second] = [await submit('198.18.53.1'), await submit('198.18.53.1')];
      const { json } = await api.call<{ incident_id: string }>('POST', `/api/v1/incidents/${first.incident_id}/split`, {
        body: { alert_ids: [second.alert_id], reason: 'Not this one' },
      });
      const [left, opened] = [
        await api.store.incidents.require(first.incident_id),
        await api.store.incidents.require(json.incident_id),
      ];
      assert.deepEqual([left.status, left.unprocessed, left.next_check_at, left.alert_count], ['closed', 0, null, 1]);
      assert.deepEqual([opened.status, opened.suppressed_by, opened.unprocessed], ['new', null, 1]);
      assert.deepEqual([api.starts.map(({ id }) => id), api.replaced.includes(left.id)], [[opened.id], false]);
      assert.equal((await submit('198.18.53.1')).incident_id, left.id);
    });

    it('has nothing to be asked again', async () => {
      await suppress({ observable: 'ip:198.18.54.1' });
      const { incident_id: id } = await submit('198.18.54.1');
      const { status, json } = await api.call('POST', `/api/v1/incidents/${id}/retry`, { body: {} });
      assert.deepEqual([status, json.type], [409, '/docs#problem-nothing-to-retry']);
    });
  });

  describe('the calls', () => {
    it('201 with its address; whole in the audit of the system, with who removed it', async () => {
      const { json, headers } = await post({ alert_type: 'malware', rule: ' Rule 7 ', observable: 'IP:198.18.55.1' });
      assert.match(json.id, /^SUP-[0-9A-HJKMNP-TV-Z]{10}$/);
      assert.equal(headers.get('location'), `http://soar.test${PATH}/${json.id}`);
      assert.deepEqual(
        [json.active, json.alert_type, json.observable, json.rule, json.source, json.created_by],
        [true, 'malware', 'ip:198.18.55.1', 'Rule 7', null, 'tester'],
      );
      assert.deepEqual([json.incidents, json.alerts, json.last_match, json.removed_at], [0, 0, null, null]);
      await remove(json.id);
      const rows: { action: string; actor: string; summary: string; detail: string }[] = await api.database
        .knex('action_log')
        .where({ chain: 'system' })
        .where('summary', 'like', `%${json.id}%`)
        .orderBy('seq');
      assert.deepEqual(
        rows.map(({ action, actor }) => [action, actor]),
        [
          ['create_suppression', 'tester'],
          ['remove_suppression', 'tester'],
        ],
      );
      for (const { summary, detail } of rows) {
        assert.match(summary, /type malware, observable ip:198\.18\.55\.1, rule Rule 7/);
        assert.deepEqual(JSON.parse(detail), {
          ...{ suppression_id: json.id, alert_type: 'malware', observable: 'ip:198.18.55.1', rule: 'Rule 7' },
          ...{ source: null, reason: 'Our scanner', expires_at: json.expires_at },
        });
      }
      await verified('system');
    });

    it('makes one for one Idempotency-Key, also of two that come at once; another request under it is refused', async () => {
      const body = { source: 'once', broad: true, reason: 'x', expires_at: until() };
      const send = <T = Suppression>(changes = {}) =>
        api.call<T>('POST', PATH, { body: { ...body, ...changes }, headers: { 'idempotency-key': 'a/b' } });
      const made = await atOnce(5, () => send());
      assert.equal(new Set(made.map(({ json }) => json.id)).size, 1);
      assert.ok(made.every(({ status }) => status === 201));
      assert.deepEqual(pointers(await send({ source: 'twice' })), ['']);
      const own = await post({ source: 'once', broad: true });
      assert.notEqual(own.json.id, made[0]!.json.id);
    });

    it('lists the newest first, page by page, those that hold and those that do not', async () => {
      const ids: string[] = [];
      for (let nth = 0; nth < 5; nth += 1) ids.unshift((await suppress({ source: `listed-${nth}`, broad: true })).id);
      const [gone] = ids.splice(2, 1);
      await remove(gone!);
      const list = async (query: string) => (await api.call<List>('GET', `${PATH}?${query}`)).json;
      const idsOf = ({ items }: List) => items.map(({ id }) => id);
      const first = await list('active=true&limit=3');
      assert.deepEqual(idsOf(first), ids.slice(0, 3));
      const next = new URL(first.links.next!);
      const second = (await api.call<List>('GET', `${next.pathname}${next.search}`)).json;
      assert.equal(second.items[0]?.id, ids[3]);
      assert.ok(second.items.every(({ active }) => active));
      const over = await list('active=false&limit=200');
      assert.ok(idsOf(over).includes(gone!) && over.items.every(({ active }) => !active));
      assert.deepEqual(new Set(idsOf(await list('limit=5'))), new Set([...ids, gone]));
      const wrong = await api.call('GET', `${PATH}?cursor=x`);
      assert.deepEqual(pointers(wrong), ['?cursor']);
      assert.deepEqual(pointers(await api.call('GET', `${PATH}?active=maybe&limit=0&q=1`)), [
        '?active',
        '?limit',
        '?q',
      ]);
    });

    it('422 names what is wrong', async () => {
      for (const [body, wrong] of [
        [{}, ['']],
        [{ rule: 'x', reason: undefined }, ['/reason']],
        [{ rule: 'x', reason: ' ' }, ['/reason']],
        [{ rule: 'x', expires_at: undefined }, ['/expires_at']],
        [{ rule: 'x', expires_at: '2026-11-23' }, ['/expires_at']],
        [{ rule: 'x', expires_at: until(-1) }, ['/expires_at']],
        [{ rule: 'x', expires_at: until(367 * DAY_MS) }, ['/expires_at']],
        [{ rule: 'x', broad: 'yes' }, ['/broad']],
        [{ alert_type: 'unclassified' }, ['/alert_type']],
        [{ observable: '198.18.56.1' }, ['/observable']],
        [{ observable: 'ip:198.18.56.0/24' }, ['/observable']],
        [{ source: 'a\0b', rule: 'r'.repeat(2_001), who: 'me' }, ['/rule', '/source', '/who']],
      ] as const) {
        assert.deepEqual(pointers(await post<never>(body)), [...wrong], JSON.stringify(body));
      }
    });

    it('422: what is missing is said to be needed', async () => {
      const { json } = await api.call('POST', PATH, { body: { rule: 'x' } });
      assert.deepEqual(json.errors, [
        { pointer: '/reason', detail: 'Is needed' },
        { pointer: '/expires_at', detail: 'Is needed' },
      ]);
      const other = await post<ProblemDocument>({ rule: 'x', expires_at: 7 });
      assert.deepEqual(other.json.errors, [{ pointer: '/expires_at', detail: 'Expected string, received number' }]);
    });

    it('422: all of a type, or all that a tool sends, unless that is meant', async () => {
      for (const pattern of [{ source: 'x' }, { alert_type: 'malware' }, { source: 'x', broad: false }]) {
        const { status, json } = await post<ProblemDocument>(pattern);
        assert.equal(status, 422);
        assert.deepEqual(
          json.errors?.map(({ pointer }) => pointer),
          [''],
        );
        assert.match(json.errors?.[0]?.detail ?? '', /closes all of its alerts .*"broad": true$/);
      }
      for (const pattern of [
        { source: 'x', rule: 'y' },
        { alert_type: 'malware', observable: 'ip:198.18.58.1' },
      ]) {
        await remove((await suppress(pattern)).id);
      }
      const { id } = await suppress({ source: 'x', broad: true });
      assert.ok(!('broad' in (await get(id))));
      await remove(id);
    });

    it('404 for what is not there, 405 and 401 like any other call', async () => {
      for (const id of [NONE, 'SUP-1', 'INC-0000000000']) {
        assert.equal((await api.call('GET', `${PATH}/${id}`)).status, 404, id);
        assert.equal((await remove(id)).status, 404, id);
      }
      const other = await api.call('PUT', `${PATH}/${NONE}`);
      assert.deepEqual([other.status, other.headers.get('allow')], [405, 'GET, DELETE, HEAD, OPTIONS']);
      assert.equal((await api.call('DELETE', `${PATH}/${NONE}`, { key: null })).status, 401);
    });
  });
});
