import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { IncidentRow } from '../../db/rows';
import { changeIncident } from '../support/database';
import { pointers, startApi, type Answer, type Incident, type Page, type TestApi } from './api-server';

const LIST = '/api/v1/incidents';

describe('incidents', () => {
  let api: TestApi;
  /** Ids by the source's alert id. */
  const ids: Record<string, string> = {};

  async function given(alertId: string, alert: Record<string, unknown>, changes?: Partial<IncidentRow>): Promise<void> {
    const { json } = await api.submit({ alert_id: alertId, ...alert });
    ids[alertId] = json.incident_id;
    if (!changes) return;
    await changeIncident(api.database.knex, json.incident_id, changes);
  }

  before(async () => {
    api = await startApi();
    await given(
      'a',
      { source: 'fw', alert_type: 'brute_force', severity: 'low', src_ip: '203.0.113.5' },
      { status: 'on_hold' },
    );
    await given(
      'b',
      { source: 'edr', alert_type: 'malware', severity: 'critical', hostname: 'ws-17' },
      { verdict: 'malicious', verdict_state: 'final', score: 92, status: 'escalated', complete: true },
    );
    await given(
      'c',
      { source: 'proxy', alert_type: 'suspicious_ip', severity: 'medium', src_ip: '8.8.4.4' },
      {
        verdict: 'benign',
        verdict_state: 'final',
        score: 4,
        status: 'closed',
        resolution: 'auto_benign',
        complete: true,
      },
    );
    await given(
      'd',
      { source: 'fw', alert_type: 'brute_force', severity: 'high', src_ip: '198.51.100.77' },
      {
        ...{ assignee: 'kim', sla_breached: true },
        ...{ ack_due: '2026-01-01T00:00:00.000000Z', close_due: '2026-01-02T00:00:00.000000Z' },
      },
    );
  });
  after(() => api.stop());

  async function names(query: string): Promise<string[]> {
    const { status, json, text } = await api.call<Page>('GET', `${LIST}?${query}`);
    assert.equal(status, 200, text);
    const named = Object.fromEntries(Object.entries(ids).map(([name, id]) => [id, name]));
    return json.items.map(({ id }) => named[id] ?? id);
  }

  describe('GET /incidents', () => {
    it('lists the newest first', async () => {
      assert.deepEqual(await names(''), ['d', 'c', 'b', 'a']);
    });

    it('narrows by every filter, a comma list meaning any of its values', async () => {
      const cases: [string, string[]][] = [
        ['verdict=malicious', ['b']],
        ['verdict=malicious,benign', ['c', 'b']],
        ['severity=low,critical', ['b', 'a']],
        ['status=escalated', ['b']],
        ['alert_type=brute_force', ['d', 'a']],
        ['source=fw', ['d', 'a']],
        ['source=edr,proxy', ['c', 'b']],
        ['assignee=kim', ['d']],
        ['complete=true', ['c', 'b']],
        ['complete=false&source=fw', ['d', 'a']],
        ['resolution=auto_benign,false_positive', ['c']],
        ['resolution=false_positive', []],
        ['sla_paused=true', ['a']],
        ['sla_paused=false', ['d', 'c', 'b']],
        ['sla_breached=true', ['d']],
        ['sla_breached=false&source=fw', ['a']],
        ['ack_due_before=2026-01-01T00:00:00Z', []],
        ['ack_due_before=2026-01-01T00:00:01Z', ['d']],
        ['close_due_before=2026-01-01T00:00:01Z', []],
        ['close_due_before=2026-01-02T00:00:01Z&sort=-close_due', ['d']],
        ['q=203.0.113.5', ['a']],
        ['q=ws-17', ['b']],
        [`q=${ids['c']}`, ['c']],
        ['q=nothing-like-it', []],
        ['from=2020-01-01T00:00:00Z', ['d', 'c', 'b', 'a']],
        ['to=2020-01-01T00:00:00Z', []],
        ['from=2020-01-01T00:00:00+02:00&to=2999-01-01T00:00:00.5Z', ['d', 'c', 'b', 'a']],
        ['updated_since=2999-01-01T00:00:00Z', []],
        ['verdict=malicious&severity=low', []],
      ];
      for (const [query, expected] of cases) assert.deepEqual(await names(query), expected, query);
    });

    it('takes from inclusive', async () => {
      const { json } = await api.call<Incident>('GET', `${LIST}/${ids['c']}`);
      assert.deepEqual(await names(`from=${json.created_at}`), ['d', 'c']);
      assert.deepEqual(await names(`to=${json.created_at}`), ['b', 'a']);
    });

    it('sorts both ways', async () => {
      assert.deepEqual(await names('sort=created_at'), ['a', 'b', 'c', 'd']);
      assert.deepEqual(await names('sort=-severity'), ['b', 'd', 'c', 'a']);
      assert.deepEqual((await names('sort=-score')).slice(0, 2), ['b', 'c']);
    });

    it('pages by the link it gives, without gap or repetition', async () => {
      for (const sort of ['-created_at', 'score', '-severity', 'last_seen']) {
        const seen: string[] = [];
        let next: string | null = `${LIST}?limit=1&sort=${sort}`;
        while (next !== null) {
          const { json }: Answer<Page> = await api.call<Page>('GET', next.replace('http://soar.test', ''));
          seen.push(...json.items.map(({ id }) => id));
          assert.equal(json.links.next === null, json.next_cursor === null);
          next = json.links.next;
        }
        assert.deepEqual([...seen].sort(), Object.values(ids).sort(), sort);
      }
    });

    it('422: names every parameter it does not like', async () => {
      const query =
        'verdict=evil&severity=low,bad&resolution=lost&sla_paused=now&from=2026-01-01&to=x&complete=yes&sort=title&limit=201&page=2&q=';
      assert.deepEqual(pointers(await api.call('GET', `${LIST}?${query}`)), [
        '?complete',
        '?from',
        '?limit',
        '?page',
        '?q',
        '?resolution',
        '?severity',
        '?sla_paused',
        '?sort',
        '?to',
        '?verdict',
      ]);
      for (const query of ['limit=0', 'limit=1.5', 'limit=', 'limit=5&limit=6']) {
        assert.deepEqual(new Set(pointers(await api.call('GET', `${LIST}?${query}`))), new Set(['?limit']), query);
      }
      assert.deepEqual(pointers(await api.call('GET', `${LIST}?cursor=forged`)), ['?cursor']);
      for (const blank of ['q=%20', 'source=a,%20', 'cursor=+'])
        assert.equal(pointers(await api.call('GET', `${LIST}?${blank}`)).length, 1, blank);
      const crossed = 'from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z';
      assert.deepEqual(pointers(await api.call('GET', `${LIST}?${crossed}`)), ['?to']);
      assert.deepEqual(pointers(await api.call('GET', `${LIST}?__proto__=1`)), ['?__proto__']);
    });

    it('422: an order of due times among incidents of which nothing is due', async () => {
      for (const query of ['sort=ack_due', 'sort=-close_due', 'sort=ack_due&close_due_before=2026-01-01T00:00:00Z']) {
        assert.deepEqual(pointers(await api.call('GET', `${LIST}?${query}`)), ['?sort'], query);
      }
      const query = 'sla_breached=late&ack_due_before=soon&close_due_before=2026-13-01T00:00:00Z';
      assert.deepEqual(pointers(await api.call('GET', `${LIST}?${query}`)), [
        ...['?ack_due_before', '?close_due_before', '?sla_breached'],
      ]);
    });

    it('422: a cursor of another sort order', async () => {
      const { json } = await api.call<Page>('GET', `${LIST}?limit=1&sort=score`);
      const answer = await api.call('GET', `${LIST}?limit=1&sort=-severity&cursor=${json.next_cursor}`);
      assert.deepEqual(pointers(answer), ['?cursor']);
    });
  });

  describe('GET /incidents/:id', () => {
    it('shows the incident whole, raw documents only when asked', async () => {
      const { json, headers } = await api.call<Incident>('GET', `${LIST}/${ids['a']}`);
      assert.equal(headers.get('etag'), `"${json.version}"`);
      assert.equal(json.alerts[0]?.['src_ip'], '203.0.113.5');
      assert.equal(json.alerts[0]?.source_alert_id, 'a');
      assert.equal(json.alerts[0]?.raw, undefined);
      assert.ok(json.observables.some(({ type, value }) => type === 'ip' && value === '203.0.113.5'));
      assert.ok(json.audit.length > 0);
      assert.equal(json.audit[0]?.actor, 'tester');
      assert.equal(json.links.self, `http://soar.test${LIST}/${ids['a']}`);
      const raw = await api.call<Incident>('GET', `${LIST}/${ids['a']}?include=raw`);
      assert.deepEqual(raw.json.alerts[0]?.raw?.json, {
        alert_id: 'a',
        source: 'fw',
        alert_type: 'brute_force',
        severity: 'low',
        src_ip: '203.0.113.5',
      });
      assert.deepEqual(pointers(await api.call('GET', `${LIST}/${ids['a']}?include=all&x=1`)), ['?include', '?x']);
    });

    it('304 while its version is the one the caller has', async () => {
      const path = `${LIST}/${ids['b']}`;
      const etag = (await api.call('GET', path)).headers.get('etag') ?? '';
      for (const known of [etag, `W/${etag}`, `"999", ${etag}`, '*']) {
        const answer = await api.call('GET', path, { headers: { 'if-none-match': known } });
        assert.deepEqual([answer.status, answer.text, answer.headers.get('etag')], [304, '', etag], known);
      }
      assert.equal((await api.call('GET', path, { headers: { 'if-none-match': '"999"' } })).status, 200);
    });

    it('404 for what is not there or could not be', async () => {
      for (const id of ['INC-0000000000', 'INC-1', 'ALT-0000000000', '..%2f..%2fetc', '%00', "'%20OR%201=1"]) {
        assert.equal((await api.call('GET', `${LIST}/${id}`)).status, 404, id);
      }
      const missing = { headers: { 'if-none-match': '*' } };
      assert.equal((await api.call('GET', `${LIST}/INC-0000000000`, missing)).status, 404);
    });
  });

  describe('PATCH /incidents/:id', () => {
    const patch = (id: string | undefined, body: unknown, headers: Record<string, string> = {}) =>
      api.call<Incident>('PATCH', `${LIST}/${id}`, { body, headers });

    it('replaces notes and assignee, audited with who and with the old text', async () => {
      await patch(ids['a'], { analyst_notes: 'first look', assignee: 'sam' });
      const { status, json, headers } = await patch(ids['a'], { analyst_notes: 'a pentest' });
      assert.equal(status, 200);
      assert.deepEqual([json.analyst_notes, json.assignee], ['a pentest', 'sam']);
      assert.equal(headers.get('etag'), `"${json.version}"`);
      const row = json.audit.at(-1);
      assert.equal(row?.actor, 'tester');
      assert.match(JSON.stringify(row?.detail), /first look/);
      assert.equal((await patch(ids['a'], { assignee: null })).json.assignee, null);
    });

    it('412 when If-Match names another version; nothing is changed', async () => {
      const { json } = await api.call<Incident>('GET', `${LIST}/${ids['d']}`);
      const stale = await patch(ids['d'], { assignee: 'eve' }, { 'if-match': `"${json.version + 1}"` });
      assert.equal(stale.status, 412);
      assert.equal((await patch(ids['d'], { assignee: 'eve' }, { 'if-match': 'nonsense' })).status, 412);
      assert.equal((await api.call<Incident>('GET', `${LIST}/${ids['d']}`)).json.assignee, 'kim');
      const now = `"999", "${json.version}"`;
      assert.equal((await patch(ids['d'], { assignee: 'lee' }, { 'if-match': now })).status, 200);
      assert.equal((await patch(ids['d'], { assignee: 'kim' }, { 'if-match': '*' })).status, 200);
    });

    it('lets one of two win that saw the same version', async () => {
      const { headers } = await api.call('GET', `${LIST}/${ids['d']}`);
      const seen = { 'if-match': headers.get('etag') ?? '' };
      const answers = await Promise.all(['x', 'y', 'z'].map((assignee) => patch(ids['d'], { assignee }, seen)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412]);
      await patch(ids['d'], { assignee: 'kim' });
    });

    it('422 for what it does not know or cannot be; all or nothing', async () => {
      const answer = await patch(ids['b'], {
        assignee: 'eve',
        verdict: 'harmless',
        colour: 1,
        analyst_notes: 5,
      });
      assert.deepEqual(pointers(answer), ['/analyst_notes', '/colour', '/verdict']);
      assert.equal((await api.call<Incident>('GET', `${LIST}/${ids['b']}`)).json.assignee, null);
      assert.deepEqual(pointers(await patch(ids['b'], {})), ['']);
      assert.deepEqual(pointers(await patch(ids['b'], [])), ['']);
      assert.deepEqual(pointers(await patch(ids['b'], { assignee: '' })), ['/assignee']);
      assert.deepEqual(pointers(await patch(ids['b'], { assignee: 'x'.repeat(191) })), ['/assignee']);
      for (const text of ['a\0b', 'a\ud800b', '\udc00']) {
        const both = await patch(ids['b'], { assignee: text, analyst_notes: text });
        assert.deepEqual(pointers(both), ['/analyst_notes', '/assignee']);
      }
      assert.equal((await patch(ids['b'], { analyst_notes: 'seen \u{1f600}' })).json.analyst_notes, 'seen \u{1f600}');
    });

    it('400, 404 and 415 like any other call', async () => {
      const raw = { raw: '{', headers: { 'content-type': 'application/json' } };
      assert.equal((await api.call('PATCH', `${LIST}/${ids['b']}`, raw)).status, 400);
      assert.equal((await patch('INC-0000000000', { assignee: 'x' })).status, 404);
      assert.equal((await patch('INC-0000000000', { assignee: 'x' }, { 'if-match': '"1"' })).status, 404);
      const text = { raw: 'assignee: x', headers: { 'content-type': 'text/plain' } };
      assert.equal((await api.call('PATCH', `${LIST}/${ids['b']}`, text)).status, 415);
    });
  });
});
