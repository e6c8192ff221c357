import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { z } from 'zod';
import type { mergeSchema, splitSchema } from '../../api/schemas/regroup';
import { changeIncident } from '../support/database';
import { startApi, type Incident, type Submission, type TestApi } from './api-server';
import { atOnce } from './fixtures';

type Merge = z.output<typeof mergeSchema>;
type Split = z.output<typeof splitSchema>;

const WINDOW_MS = 2 * 3_600_000;
let addresses = 0;
const nextAddress = (): string => `198.18.7.${(addresses += 1)}`;

describe('grouping alerts by hand', () => {
  let api: TestApi;
  let count = 0;

  before(async () => {
    api = await startApi({ correlationWindowMs: WINDOW_MS });
  });
  after(() => api.stop());

  async function submit(src_ip: string, changes: Record<string, unknown> = {}): Promise<Submission> {
    const alert = { source: 'fw', alert_id: `regroup-${(count += 1)}`, alert_type: 'brute_force', severity: 'medium' };
    const { status, json } = await api.submit({ ...alert, src_ip, ...changes });
    assert.equal(status, 202);
    return json;
  }
  const view = async (id: string): Promise<Incident> =>
    (await api.call<Incident>('GET', `/api/v1/incidents/${id}`)).json;
  const named = ({ observables }: Incident): string[] =>
    observables.map(({ type, value }) => `${type}:${value}`).sort();
  const merge = <T = Merge>(id: string, into: string, headers: Record<string, string> = {}) =>
    api.call<T>('POST', `/api/v1/incidents/${id}/merge`, { body: { into, reason: 'One intruder' }, headers });
  const split = <T = Split>(id: string, alert_ids: string[], headers: Record<string, string> = {}) =>
    api.call<T>('POST', `/api/v1/incidents/${id}/split`, { body: { alert_ids, reason: 'Another story' }, headers });

  describe('merging', () => {
    it('moves alerts and observables, closes the one as a duplicate, and both say so', async () => {
      const [a, b] = [nextAddress(), nextAddress()];
      const source = await submit(a, { username: 'ann', severity: 'critical' });
      await submit(a, { username: 'bob' });
      const target = await submit(b);
      const answer = await merge(source.incident_id, target.incident_id);
      assert.equal(answer.status, 200);
      const { links, ...said } = answer.json;
      assert.deepEqual(said, { incident_id: source.incident_id, merged_into: target.incident_id, alerts: 2 });
      assert.ok(links.self.endsWith(target.incident_id));
      assert.deepEqual([api.cancelled.at(-1), api.roused.at(-1)], [source.incident_id, target.incident_id]);

      const [from, into] = [await view(source.incident_id), await view(target.incident_id)];
      assert.deepEqual([from.status, from.resolution, from.alert_count], ['closed', 'duplicate', 0]);
      assert.deepEqual([from.alerts, from.observables], [[], []]);
      assert.deepEqual([into.alert_count, into.alerts.length, into.severity], [3, 3, 'critical']);
      assert.deepEqual(named(into), [`ip:${a}`, `ip:${b}`, 'user:ann', 'user:bob']);
      const relations = ({ related }: Incident) => related.map(({ incident_id, relation }) => [relation, incident_id]);
      assert.deepEqual(relations(from), [['merged_into', into.id]]);
      assert.deepEqual(relations(into), [['merged_from', from.id]]);
      for (const one of [from, into]) {
        const row = one.audit.at(-1)!;
        assert.deepEqual([row.action, row.actor], ['merge', 'tester']);
        assert.equal((row.detail as { reason: string }).reason, 'One intruder');
        assert.deepEqual((await api.store.audit.verify(one.id)).problems, []);
      }
      const row = await api.store.incidents.require(into.id);
      assert.deepEqual([row.unprocessed, row.severity_rank], [3, 3]);
    });

    it('has later alerts of its key join the other one', async () => {
      const [a, b] = [nextAddress(), nextAddress()];
      const [source, target] = [await submit(a), await submit(b)];
      await merge(source.incident_id, target.incident_id);
      const later = await submit(a);
      assert.deepEqual([later.incident_id, later.correlated], [target.incident_id, true]);
      assert.equal((await submit(b)).incident_id, target.incident_id);
    });

    it('is done once, however often and at once it is asked for', async () => {
      const [source, target] = [await submit(nextAddress()), await submit(nextAddress())];
      const etag = `"${(await view(source.incident_id)).version}"`;
      const roused = api.roused.length;
      const answers = await atOnce(10, () => merge(source.incident_id, target.incident_id, { 'if-match': etag }));
      for (const { status, json } of answers) assert.deepEqual([status, json.alerts], [200, 1]);
      assert.equal(api.roused.length - roused, 1);
      assert.equal((await view(target.incident_id)).alert_count, 2);
      const back = await merge<unknown>(target.incident_id, source.incident_id);
      assert.equal(back.status, 409);
    });

    it('loses no alert that comes meanwhile', async () => {
      const [a, b] = [nextAddress(), nextAddress()];
      const [source, target] = [await submit(a), await submit(b)];
      const answers = await atOnce(31, async (index) => {
        if (index === 15) return (await merge(source.incident_id, target.incident_id), undefined);
        return (await submit(index % 2 ? a : b)).incident_id;
      });
      assert.ok(answers.every((id) => id === undefined || id === source.incident_id || id === target.incident_id));
      assert.deepEqual(
        [(await view(target.incident_id)).alert_count, (await view(source.incident_id)).alert_count],
        [32, 0],
      );
    });

    it('in both directions at once happens in one of them', async () => {
      for (let round = 0; round < 5; round += 1) {
        const [a, b] = [await submit(nextAddress()), await submit(nextAddress())].map((one) => one.incident_id);
        const answers = await Promise.all([merge(a!, b!), merge(b!, a!)]);
        assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
        const counts = [(await view(a!)).alert_count, (await view(b!)).alert_count];
        assert.deepEqual(counts.sort(), [0, 2]);
      }
    });

    it('of many into one at once moves them all', async () => {
      const target = (await submit(nextAddress())).incident_id;
      const sources: string[] = [];
      for (let n = 0; n < 8; n += 1) sources.push((await submit(nextAddress())).incident_id);
      const answers = await Promise.all(sources.map((id) => merge(id, target)));
      assert.ok(answers.every(({ status }) => status === 200));
      const into = await view(target);
      assert.deepEqual([into.alert_count, into.related.length], [9, 8]);
      assert.deepEqual((await api.store.audit.verify(target)).problems, []);
    });

    it('is refused with a reason', async () => {
      const [source, target] = [await submit(nextAddress()), await submit(nextAddress())];
      const [from, into] = [source.incident_id, target.incident_id];
      assert.equal((await merge('INC-0000000000', into)).status, 404);
      for (const wrong of ['INC-0000000000', from, 'x']) {
        const { status, json } = await merge<{ errors: { pointer: string }[] }>(from, wrong);
        assert.deepEqual([status, json.errors[0]?.pointer], [422, '/into']);
      }
      const empty = await api.call('POST', `/api/v1/incidents/${from}/merge`, { body: { into, reason: ' ' } });
      assert.deepEqual([empty.status, empty.json.errors?.[0]?.pointer], [422, '/reason']);
      assert.equal((await merge(from, into, { 'if-match': '"99"' })).status, 412);
      await changeIncident(api.database.knex, into, { status: 'closed', resolution: 'true_positive' });
      assert.equal((await merge(from, into)).status, 409);
      await changeIncident(api.database.knex, into, { status: 'open', resolution: null });
      await changeIncident(api.database.knex, from, { status: 'closed', resolution: 'false_positive' });
      assert.equal((await merge(from, into)).status, 409);
      const { json: odd } = await api.submit({ source: 'x', alert_id: 'odd', description: 'nothing known' });
      assert.equal((await merge(into, odd.incident_id)).status, 409);
      assert.equal((await view(into)).alert_count, 1);
    });
  });

  describe('splitting', () => {
    it('moves alerts into an incident of their own, with what only they name', async () => {
      const address = nextAddress();
      const first = await submit(address, { username: 'ann', timestamp: '2026-11-20T10:00:00Z' });
      const second = await submit(address, {
        username: 'bob',
        severity: 'high',
        timestamp: '2026-11-20T10:05:00Z',
        outcome: 'success',
      });
      const id = first.incident_id;
      const answer = await split(id, [second.alert_id]);
      assert.equal(answer.status, 201);
      const { links, incident_id: opened, ...said } = answer.json;
      assert.deepEqual(said, { split_from: id, alerts: 1 });
      assert.equal(answer.headers.get('location'), links.self);
      assert.deepEqual([api.starts.at(-1)?.id, api.replaced.at(-1)], [opened, id]);

      const [left, fresh] = [await view(id), await view(opened)];
      assert.deepEqual(named(left), [`ip:${address}`, 'user:ann']);
      assert.deepEqual(named(fresh), [`ip:${address}`, 'user:bob']);
      assert.deepEqual([left.alert_count, left.severity, left.last_seen], [1, 'medium', '2026-11-20T10:00:00.000000Z']);
      assert.deepEqual([fresh.alert_count, fresh.severity, fresh.status], [1, 'high', 'new']);
      assert.equal(fresh.first_seen, '2026-11-20T10:05:00.000000Z');
      assert.deepEqual(
        fresh.alerts.map(({ alert_id }) => alert_id),
        [second.alert_id],
      );
      const [row, openedRow] = [await api.store.incidents.require(id), await api.store.incidents.require(opened)];
      assert.deepEqual([row.unprocessed, row.outcomes], [1, []]);
      assert.deepEqual([openedRow.unprocessed, openedRow.outcomes], [1, ['success']]);
      assert.deepEqual([left.related.at(-1)?.relation, fresh.related[0]?.relation], ['split_into', 'split_from']);
      for (const one of [id, opened]) assert.deepEqual((await api.store.audit.verify(one)).problems, []);
      assert.equal((await submit(address, { timestamp: '2026-11-20T10:06:00Z' })).incident_id, id, 'the key stays');
    });

    it('takes along a key that none of those that stay has: a merge undone', async () => {
      const [a, b] = [nextAddress(), nextAddress()];
      const [one, other] = [await submit(a), await submit(b)];
      await merge(one.incident_id, other.incident_id);
      const { json } = await split(other.incident_id, [one.alert_id]);
      assert.deepEqual((await view(json.incident_id)).correlation?.fields, { src_ip: a });
      assert.equal((await submit(a)).incident_id, json.incident_id);
      assert.equal((await submit(b)).incident_id, other.incident_id);
    });

    it('forgets what sources said of what has left', async () => {
      const address = nextAddress();
      const first = await submit(address);
      const second = await submit(address, { src_hostname: 'gone.example.com' });
      const finding = {
        source: 'virustotal',
        actionKey: '1/x',
        state: 'ok',
        until: null,
        summary: 's',
        facts: null,
      } as const;
      await api.database.knex.transaction(async (trx) => {
        for (const observable of ['domain:gone.example.com', `ip:${address}`] as const) {
          const change = { ...finding, observable, at: new Date().toISOString() };
          await api.store.enrichments.upsert(trx, first.incident_id, change);
        }
      });
      await split(first.incident_id, [second.alert_id]);
      assert.deepEqual(
        (await view(first.incident_id)).enrichments.map(({ observable }) => observable),
        [`ip:${address}`],
      );
    });

    it('is done once for the same alerts, also at once', async () => {
      const address = nextAddress();
      const first = await submit(address);
      const ids = [(await submit(address)).alert_id, (await submit(address)).alert_id];
      const etag = `"${(await view(first.incident_id)).version}"`;
      const answers = await atOnce(10, (index) =>
        split(first.incident_id, index % 2 ? ids : [...ids].reverse(), { 'if-match': etag }),
      );
      for (const { status, json } of answers) {
        assert.deepEqual([status, json.alerts, json.incident_id], [201, 2, answers[0]!.json.incident_id]);
      }
      const { incident_id: opened } = answers[0]!.json;
      await merge(opened, first.incident_id);
      const again = await split(first.incident_id, ids);
      assert.notEqual(again.json.incident_id, opened, 'after they were merged again, they are split again');
    });

    it('is refused with a reason', async () => {
      const address = nextAddress();
      const [first, second] = [await submit(address), await submit(address)];
      const id = first.incident_id;
      assert.equal((await split('INC-0000000000', [first.alert_id])).status, 404);
      const foreign = await submit(nextAddress());
      const { status, json } = await split<{ errors: { pointer: string }[] }>(id, [first.alert_id, foreign.alert_id]);
      assert.deepEqual([status, json.errors.map(({ pointer }) => pointer)], [422, ['/alert_ids/1']]);
      assert.equal((await split(id, [])).status, 422);
      assert.equal((await split(id, ['ALT-x'])).status, 422);
      assert.equal((await split(id, [first.alert_id, second.alert_id])).status, 409);
      assert.equal((await split(id, [first.alert_id], { 'if-match': '"99"' })).status, 412);
      assert.equal((await view(id)).alert_count, 2);
    });
  });

  it('a storm is shown by its first and last alerts, and whole page by page', async () => {
    const address = nextAddress();
    const all = await atOnce(130, () => submit(address));
    const id = all[0]!.incident_id;
    const shown = await view(id);
    assert.deepEqual([shown.alert_count, shown.alerts.length, shown.alerts_omitted], [130, 100, 30]);
    const seen: string[] = [];
    let next: string | null = `/api/v1/incidents/${id}/alerts?limit=60`;
    let pages = 0;
    while (next !== null) {
      const page: { items: { alert_id: string }[]; links: { next: string | null } } = (
        await api.call<{ items: { alert_id: string }[]; links: { next: string | null } }>('GET', next)
      ).json;
      seen.push(...page.items.map(({ alert_id }) => alert_id));
      next = page.links.next?.replace('http://soar.test', '') ?? null;
      pages += 1;
    }
    assert.equal(pages, 3);
    assert.deepEqual(seen.sort(), all.map(({ alert_id }) => alert_id).sort());
    assert.equal((await api.call('GET', `/api/v1/incidents/${id}/alerts?cursor=x`)).status, 422);
    assert.equal((await api.call('GET', '/api/v1/incidents/INC-0000000000/alerts')).status, 404);
  });
});

describe('without a correlation window', () => {
  it('every alert opens an incident of its own, and says that nothing joins it', async () => {
    const api = await startApi({ correlationWindowMs: 0 });
    try {
      const alert = { source: 'fw', alert_type: 'brute_force', src_ip: '198.18.8.1' };
      const answers = await atOnce(5, (index) => api.submit({ ...alert, alert_id: `off-${index}` }));
      assert.equal(new Set(answers.map(({ json }) => json.incident_id)).size, 5);
      for (const { json } of answers) assert.deepEqual([json.correlated, json.correlation], [false, null]);
      assert.equal(api.starts.length, 5);
    } finally {
      await api.stop();
    }
  });
});
