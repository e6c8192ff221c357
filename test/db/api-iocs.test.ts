import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { z } from 'zod';
import type { iocAnswersSchema, iocDetailSchema, iocSchema } from '../../api/schemas/ioc';
import type {
  iocListSchema,
  removedIocSchema,
  removedSightingSchema,
  removedSourceSchema,
} from '../../api/schemas/ioc-entry';
import { pointers, startApi, type Incident, type IocAnswer, type TestApi } from './api-server';

type Ioc = z.output<typeof iocSchema>;
type Detail = z.output<typeof iocDetailSchema>;
type List = z.output<typeof iocListSchema>;
type Answers = z.output<typeof iocAnswersSchema>;

const PATH = '/api/v1/iocs';

describe('entries of the IOC database', () => {
  let api: TestApi;
  /** How far the API's clock is ahead, ms. */
  let ahead = 0;
  before(async () => {
    api = await startApi({ clock: () => new Date(Date.now() + ahead) });
  });
  after(() => api.stop());

  const add = async (body: Record<string, unknown>) => {
    const answer = await api.call<Ioc>('POST', PATH, { body });
    assert.ok(answer.status === 201 || answer.status === 200, answer.text);
    return answer.json;
  };
  const get = async (id: number) => (await api.call<Detail>('GET', `${PATH}/${id}`)).json;
  const list = async (query: string) => {
    const { status, json, text } = await api.call<List>('GET', `${PATH}?${query}`);
    assert.equal(status, 200, text);
    return json;
  };
  const values = async (query: string) => (await list(query)).items.map(({ value }) => value);
  const judge = (id: number, body: unknown) => api.call<Ioc>('PATCH', `${PATH}/${id}`, { body });
  const audited = async (action: string) => {
    const rows = (await api.store.audit.read('system', { after: 0, limit: 500 })) ?? [];
    return rows.filter((row) => row.action === action);
  };

  describe('POST /iocs', () => {
    it('adds a value in its one spelling, with who and when, once', async () => {
      const body = { value: 'Login.Evil-1[.]com', confidence: 80, tags: ['c2'], tlp: 'TLP:GREEN', reference: 'INT-42' };
      const first = await api.call<Ioc>('POST', PATH, { body });
      assert.equal(first.status, 201);
      const { id, type, value, state, confidence, sources, tags, tlp, links } = first.json;
      assert.deepEqual([type, value, state, confidence], ['domain', 'login.evil-1.com', 'active', 80]);
      assert.deepEqual([tags, tlp, links.self], [['c2'], 'green', `http://soar.test${PATH}/${id}`]);
      assert.deepEqual([sources[0]?.source, sources[0]?.added_by], ['analyst', 'tester']);
      assert.equal(first.headers.get('location'), links.self);
      const again = await api.call<Ioc>('POST', PATH, { body: { ...body, source: 'colleague' } });
      assert.deepEqual([again.status, again.json.id, again.json.sources.length], [200, id, 2]);
      assert.ok((await audited('add_ioc')).length >= 2);
    });

    it('keeps what is flagged, and says so', async () => {
      const resolver = await add({ type: 'ip', value: '8.8.8.8' });
      assert.deepEqual([resolver.flagged, resolver.warning_lists[0]?.kind], [true, 'benign']);
      const inside = await add({ value: '10.1.2.3' });
      assert.deepEqual([inside.flagged, inside.flags], [true, ['private']]);
    });

    it('refuses what cannot be an indicator, with the reason, and names every wrong field', async () => {
      const refused = async (body: Record<string, unknown>) => pointers(await api.call('POST', PATH, { body }));
      for (const value of ['localhost', 'com', '10.0.0.0/4', 'not an indicator']) {
        assert.deepEqual(await refused({ value }), ['/value'], value);
      }
      assert.deepEqual(await refused({ type: 'md5', value: '8.8.8.8' }), ['/value']);
      assert.deepEqual(await refused({}), ['/value']);
      assert.deepEqual(await refused({ value: '1.2.3.4', confidence: 101, tlp: 'pink', expires_at: 'soon', x: 1 }), [
        '/confidence',
        '/expires_at',
        '/tlp',
        '/x',
      ]);
    });
  });

  describe('an entry', () => {
    it('shows the incidents it was seen in', async () => {
      const { id } = await add({ value: '203.0.114.77' });
      const alert = { source: 'fw', alert_type: 'suspicious_ip', dest_ip: '203.0.114.77' };
      const { json: accepted } = await api.submit(alert);
      assert.deepEqual((await get(id)).incidents, [accepted.incident_id]);
      assert.equal((await api.call('GET', `${PATH}/999999`)).status, 404);
      assert.equal((await api.call('GET', `${PATH}/abc`)).status, 404);
    });

    it('stands as an analyst says, until that is taken back', async () => {
      const { id } = await add({ value: 'verdict-1.com', confidence: 40 });
      const malicious = (await judge(id, { verdict: 'malicious', reason: 'Seen in INC-1' })).json;
      assert.deepEqual([malicious.state, malicious.confidence], ['confirmed', 100]);
      assert.deepEqual([malicious.override?.by, malicious.override?.reason], ['tester', 'Seen in INC-1']);
      const benign = (await judge(id, { verdict: 'benign', reason: 'Our own' })).json;
      assert.deepEqual([benign.state, benign.confidence], ['dismissed', 0]);
      const { json } = await api.call<IocAnswer>('GET', '/api/v1/ioc/lookup?value=verdict-1.com');
      assert.deepEqual([json.found, json.confidence, json.matches[0]?.override?.verdict], [true, 0, 'benign']);
      assert.deepEqual((await judge(id, { verdict: null })).json.state, 'active');
      assert.equal((await audited('override_ioc')).length, 3);
      assert.deepEqual(pointers(await judge(id, { verdict: 'benign' })), ['/reason']);
      assert.deepEqual(pointers(await judge(id, { verdict: 'evil', reason: 'x' })), ['/verdict']);
      assert.equal((await judge(999_999, { verdict: null })).status, 404);
    });

    it('tells who has done what to it, the newest first, and nothing of any other', async () => {
      const { id } = await add({ value: 'history-1.com', confidence: 40 });
      const others = await Promise.all(Array.from({ length: 9 }, (_, n) => add({ value: `history-other-${n}.com` })));
      await judge(id, { verdict: 'benign', reason: 'Our own' });
      await judge(id, { verdict: null });
      const { history } = await get(id);
      assert.deepEqual(
        history.map(({ actor, action, summary }) => [actor, action, summary]),
        [
          ['tester', 'override_ioc', 'tester took back that domain history-1.com is benign'],
          ['tester', 'override_ioc', 'tester calls domain history-1.com benign: Our own'],
          ['tester', 'add_ioc', 'tester said as analyst: domain history-1.com'],
        ],
      );
      assert.ok(history.every(({ at }) => /^20\d\d-.*Z$/.test(at)));
      for (const other of others) assert.equal((await get(other.id)).history.length, 1);
      for (let n = 0; n < 50; n += 1) await judge(id, { verdict: 'benign', reason: `Reason ${n}` });
      const long = (await get(id)).history;
      assert.deepEqual([long.length, long[0]?.summary.at(-1), long[49]?.summary.at(-1)], [50, '9', '0']);
    });

    it('finds its history by key, however long the chain is', async () => {
      const { knex } = api.database;
      const { id } = await add({ value: 'history-2.com' });
      const sent: { sql: string; bindings: readonly string[] }[] = [];
      const note = (query: (typeof sent)[number]) => sent.push(query);
      knex.on('query', note);
      await api.store.iocs.history(id, 50);
      knex.removeListener('query', note);
      const [query] = sent;
      assert.ok(query);
      const [plan] = (await knex.raw(`EXPLAIN ${query.sql}`, [...query.bindings])) as [{ key: string; type: string }[]];
      assert.deepEqual([plan[0]?.key, plan[0]?.type], ['chain', 'range']);
    });

    it('goes by sighting, and whole', async () => {
      const { id } = await add({ value: 'gone-1.com' });
      await add({ value: 'gone-1.com', source: 'feed/a b' });
      const sighting = `${PATH}/${id}/sightings/${encodeURIComponent('feed/a b')}`;
      const left = await api.call<z.output<typeof removedSightingSchema>>('DELETE', sighting);
      assert.deepEqual([left.status, left.json.ioc?.sources.map(({ source }) => source)], [200, ['analyst']]);
      assert.equal((await api.call('DELETE', sighting)).status, 404);
      const last = await api.call<z.output<typeof removedSightingSchema>>('DELETE', `${PATH}/${id}/sightings/analyst`);
      assert.equal(last.json.ioc, null);
      const other = await add({ value: 'gone-2.com' });
      const gone = await api.call<z.output<typeof removedIocSchema>>('DELETE', `${PATH}/${other.id}`);
      assert.deepEqual(gone.json, { id: other.id, removed: true });
      assert.equal((await api.call('DELETE', `${PATH}/${other.id}`)).status, 404);
      assert.match((await audited('remove_ioc'))[0]?.summary ?? '', /tester removed domain gone-2\.com/);
    });

    it('goes with all that its source has said, when that is named', async () => {
      const shared = await add({ value: 'bulk-1.com', source: 'old-feed' });
      await add({ value: 'bulk-1.com' });
      await add({ value: 'bulk-2.com', source: 'old-feed' });
      assert.deepEqual(pointers(await api.call('DELETE', PATH)), ['?source']);
      const gone = await api.call<z.output<typeof removedSourceSchema>>('DELETE', `${PATH}?source=old-feed`);
      assert.deepEqual(gone.json, { source: 'old-feed', sightings: 2, entries: 1 });
      assert.deepEqual(
        (await get(shared.id)).sources.map(({ source }) => source),
        ['analyst'],
      );
    });
  });

  describe('GET /iocs', () => {
    before(async () => {
      for (let n = 0; n < 7; n += 1) {
        await add({ value: `list-${n}.com`, source: 'list', confidence: 40 + 10 * n, tags: [`t${n % 2}`] });
      }
    });

    it('pages through all of them, newest first, each once', async () => {
      const seen: string[] = [];
      let path = `${PATH}?source=list&limit=3`;
      for (let pages = 1; ; pages += 1) {
        const { json } = await api.call<List>('GET', path);
        seen.push(...json.items.map(({ value }) => value));
        if (json.next_cursor === null) {
          assert.equal(pages, 3);
          break;
        }
        path = (json.links.next ?? '').slice('http://soar.test'.length);
      }
      assert.deepEqual(
        seen,
        [6, 5, 4, 3, 2, 1, 0].map((n) => `list-${n}.com`),
      );
    });

    it('filters by what is stored and by what is a matter of today', async () => {
      assert.deepEqual(await values('source=list&tag=t1'), ['list-5.com', 'list-3.com', 'list-1.com']);
      assert.deepEqual(await values('source=list&min_confidence=85'), ['list-6.com', 'list-5.com']);
      assert.deepEqual(await values('source=list&type=ip'), []);
      ahead = 60 * 86_400_000;
      assert.deepEqual(await values('source=list&max_age_days=30'), []);
      const state = await list('source=list&state=expired');
      assert.ok(state.items.length > 0 && state.items.every(({ expired, confidence }) => expired && confidence === 0));
      ahead = 0;
      assert.deepEqual(await values('flagged=true&type=ip'), ['10.1.2.3', '8.8.8.8']);
    });

    it('tells at a label only what may be told there', async () => {
      await add({ value: 'tlp-1.com', source: 'tlp-green', tlp: 'green' });
      await add({ value: 'tlp-1.com', source: 'tlp-red', tlp: 'red' });
      await add({ value: 'tlp-2.com', source: 'tlp-red', tlp: 'red' });
      const shown = (await list('tlp=green')).items;
      assert.ok(!shown.some(({ value }) => value === 'tlp-2.com'));
      const both = shown.find(({ value }) => value === 'tlp-1.com');
      assert.deepEqual([both?.sources.map(({ source }) => source), both?.tlp], [['tlp-green'], 'green']);
      assert.deepEqual((await list('source=tlp-red&tlp=clear')).items, []);
    });

    it('422 for what it does not know, and for a cursor that is none', async () => {
      const query = 'type=host&min_confidence=x&max_age_days=0&tlp=pink&state=odd&limit=201&y=1';
      assert.deepEqual(pointers(await api.call('GET', `${PATH}?${query}`)), [
        '?limit',
        '?max_age_days',
        '?min_confidence',
        '?state',
        '?tlp',
        '?type',
        '?y',
      ]);
      assert.deepEqual(pointers(await api.call('GET', `${PATH}?cursor=abc`)), ['?cursor']);
    });
  });

  describe('POST /ioc/lookup', () => {
    const lookUp = (wanted: unknown) => api.call<Answers>('POST', '/api/v1/ioc/lookup', { body: { values: wanted } });

    it('answers in order as a single lookup does, and a wrong value with a problem of its own', async () => {
      await add({ type: 'ip', value: '198.51.101.0/24', source: 'ranges' });
      const wanted = ['198.51.101.9', 'nothing at all', { type: 'domain', value: 'unknown-1.com' }, 7];
      const { status, json } = await lookUp([
        ...wanted,
        { type: 'ip', value: '198.51.101.0/24' },
        { type: 'md5', value: 'x' },
      ]);
      assert.equal(status, 200);
      assert.deepEqual([json.found, json.failed], [2, 3]);
      assert.deepEqual(
        json.results.map((result) => [result.index, result.http_status]),
        [
          [0, 200],
          [1, 422],
          [2, 200],
          [3, 422],
          [4, 200],
          [5, 422],
        ],
      );
      const [inRange, bad, , , range] = json.results;
      assert.ok(inRange && 'found' in inRange && range && 'found' in range && bad && 'errors' in bad);
      assert.deepEqual([inRange.type, inRange.detected, inRange.matches[0]?.match], ['ip', true, 'cidr']);
      assert.deepEqual([range.detected, range.matches[0]?.match], [false, 'exact']);
      const alone = (await api.call<IocAnswer>('GET', '/api/v1/ioc/lookup?value=198.51.101.9')).json;
      const { index: _index, http_status: _status, ...same } = inRange;
      assert.deepEqual(same, alone);
    });

    it('takes a thousand values at once and no more', async () => {
      const many = (count: number) => Array.from({ length: count }, (_, n) => `198.51.${n % 200}.${n % 250}`);
      assert.equal((await lookUp(many(1_000))).json.results.length, 1_000);
      assert.equal((await lookUp(many(1_001))).status, 413);
      assert.deepEqual(pointers(await lookUp([])), ['/values']);
      assert.deepEqual(pointers(await lookUp('x')), ['/values']);
    });
  });

  describe('POST /incidents/:id/iocs', () => {
    const confirm = (id: string, body: Record<string, unknown>) =>
      api.call<Ioc>('POST', `/api/v1/incidents/${id}/iocs`, { body: { reason: 'C2 of the loader', ...body } });

    it("makes an incident's observable malicious, once, in both audits", async () => {
      const alert = { source: 'fw', alert_type: 'suspicious_ip', dest_ip: '203.0.114.88' };
      const { incident_id: id } = (await api.submit(alert)).json;
      const first = await confirm(id, { observable: 'ip:203.0.114.88', tags: ['c2'] });
      assert.equal(first.status, 201, first.text);
      assert.deepEqual([first.json.state, first.json.override?.verdict], ['confirmed', 'malicious']);
      assert.equal(first.json.sources[0]?.reference, `http://soar.test/api/v1/incidents/${id}`);
      assert.equal((await confirm(id, { observable: 'IP: 203.0.114[.]88', tags: ['c2'] })).status, 200);
      const incident = (await api.call<Incident>('GET', `/api/v1/incidents/${id}`)).json;
      const rows = incident.audit.filter(({ action }) => action === 'confirm_ioc');
      assert.deepEqual(
        rows.map(({ actor, observable }) => [actor, observable]),
        [['tester', 'ip:203.0.114.88']],
      );
      assert.deepEqual((await api.store.audit.verify()).problems, []);
    });

    it('refuses what the incident does not have, and what is no indicator', async () => {
      const alert = { source: 'fw', alert_type: 'suspicious_ip', dest_ip: '203.0.114.89' };
      const { incident_id: id } = (await api.submit(alert)).json;
      assert.equal((await confirm('INC-0000000000', { observable: 'ip:203.0.114.89' })).status, 404);
      for (const observable of ['ip:203.0.114.90', 'user:kim', '203.0.114.89', 'ip:nonsense']) {
        assert.deepEqual(pointers(await confirm(id, { observable })), ['/observable'], observable);
      }
      assert.deepEqual(pointers(await confirm(id, { observable: 'ip:203.0.114.89', reason: '' })), ['/reason']);
    });
  });

  it('needs a key', async () => {
    assert.equal((await api.call('GET', PATH, { key: null })).status, 401);
    assert.equal((await api.call('POST', `${PATH}/import?source=x`, { key: null, raw: 'x' })).status, 401);
  });
});
