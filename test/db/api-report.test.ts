import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { renderReport } from '../../activities/report/render';
import type { ReportInput } from '../../activities/report/render';
import type { NewReport } from '../../db/repositories/reports';
import { inTransaction } from '../../db/transaction';
import { handledReport, hostileReport } from '../unit/report/fixture';
import { assertBySchema } from '../support/report-schema';
import { startApi, type TestApi } from './api-server';
import { reportOf } from './fixtures';

const LIST = '/api/v1/incidents';

interface VersionList {
  items: { version: number; links: Record<string, string> }[];
}

describe('GET /incidents/:id/report', () => {
  let api: TestApi;
  let id = '';
  const rendered: { html: string; json: string; markdown: string }[] = [];
  before(async () => {
    api = await startApi();
    id = (await api.submit({ source: 'fw', alert_type: 'brute_force', src_ip: '203.0.113.5' })).json.incident_id;
  });
  after(() => api.stop());

  const get = (path: string, headers: Record<string, string> = {}) =>
    api.call('GET', `${LIST}/${id}/${path}`, { headers });

  /** As the renderer writes it, told of another incident than the fixture's. */
  async function write(input: ReportInput, changes: Partial<NewReport> = {}): Promise<void> {
    const texts = renderReport({ ...input, view: { ...input.view, id }, version: rendered.length + 1 });
    rendered.push(texts);
    const report = reportOf(id, rendered.length, { ...texts, ...changes });
    await inTransaction(api.database.knex, (trx) => api.store.reports.store(trx, report));
  }

  it('404 with Retry-After before the first verdict', async () => {
    for (const path of ['report', 'report.html', 'report.json', 'report.md', 'report?version=1']) {
      const answer = await get(path);
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [404, '5'], path);
    }
    assert.deepEqual((await get('reports')).json, { items: [] });
    for (const path of ['report', 'report.md', 'reports']) {
      const unknown = await api.call('GET', `${LIST}/INC-0000000000/${path}`);
      assert.deepEqual([unknown.status, unknown.headers.get('retry-after')], [404, null]);
    }
  });

  it('404 without Retry-After where none will come: unclassified, or closed before it was judged', async () => {
    const { json } = await api.submit({ source: 'tool', alert_type: 'unclassified', title: 'what is it' });
    const answer = await api.call('GET', `${LIST}/${json.incident_id}/report`);
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [404, null]);
    assert.match(answer.json.detail, /no playbook until its type is set/);

    const other = await api.submit({ source: 'fw', alert_type: 'malware', hostname: 'ws-1', alert_id: 'known' });
    await api.database.knex('incidents').where({ id: other.json.incident_id }).update({ status: 'closed' });
    const closed = await api.call('GET', `${LIST}/${other.json.incident_id}/report.md`);
    assert.deepEqual([closed.status, closed.headers.get('retry-after')], [404, null]);
    assert.match(closed.json.detail, /closed before it was judged/);
  });

  it('gives the latest as HTML, JSON or Markdown, by Accept or by name', async () => {
    await write(hostileReport());
    const { html, json, markdown } = rendered[0]!;
    const accept = (type: string) => get('report', { accept: type });
    for (const answer of [await accept('text/html,*/*;q=0.8'), await get('report.html')]) {
      assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
      assert.equal(answer.text, html);
      assert.match(
        answer.headers.get('content-security-policy') ?? '',
        /^default-src 'none'; style-src 'sha256-[^']+'; f/,
      );
    }
    for (const answer of [await accept('*/*'), await accept('application/json'), await get('report.json')]) {
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.deepEqual(answer.json, JSON.parse(json));
    }
    for (const answer of [await accept('text/markdown, text/html;q=0.5'), await get('report.md')]) {
      assert.equal(answer.headers.get('content-type'), 'text/markdown; charset=utf-8');
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(answer.text, markdown);
    }
    assert.equal((await accept('text/markdown')).headers.get('vary'), 'Accept');
  });

  it('keeps every version, and gives the one that is asked for', async () => {
    await write(handledReport(), { author: 'ben', reason: 'ben closed it', verdict: 'benign', status: 'closed' });
    const [first, second] = rendered;
    for (const [query, texts] of [
      ['', second],
      ['?version=1', first],
      ['?version=2', second],
    ] as const) {
      assert.equal((await get(`report.html${query}`)).text, texts?.html);
      assert.equal((await get(`report.md${query}`)).text, texts?.markdown);
      assert.deepEqual((await get(`report.json${query}`)).json, JSON.parse(texts?.json ?? ''));
      assert.deepEqual((await get(`report${query}`)).json, JSON.parse(texts?.json ?? ''));
    }
    const absent = await get('report.md?version=3');
    assert.deepEqual([absent.status, absent.headers.get('retry-after')], [404, null]);
    assert.match(absent.json.detail, /has no report 3; the latest is 2/);
    for (const nonsense of ['0', '-1', 'two', '1.5', '', '99999999999', '1,2']) {
      for (const form of ['', '.html', '.json', '.md']) {
        assert.equal((await get(`report${form}?version=${nonsense}`)).status, 422, `${form} ${nonsense}`);
      }
    }
    assert.equal((await get('report?versions=1')).status, 422);
  });

  it('lists the versions, the newest first, with where each is found', async () => {
    const { status, json } = await api.call<VersionList>('GET', `${LIST}/${id}/reports`);
    assert.equal(status, 200);
    assert.deepEqual(
      json.items.map(({ links: _links, ...item }) => item),
      [
        {
          ...{ version: 2, created_at: '2026-11-23T12:00:00.123456Z', author: 'ben', reason: 'ben closed it' },
          ...{ verdict: 'benign', status: 'closed', policy: 'a'.repeat(64), policy_version: '7' },
          audit_head: { seq: 1, hash: '0'.repeat(64) },
        },
        {
          ...{ version: 1, created_at: '2026-11-23T12:00:00.123456Z', author: 'playbook', reason: 'Round 1' },
          ...{ verdict: 'unknown', status: 'open', policy: 'a'.repeat(64), policy_version: '7' },
          audit_head: { seq: 1, hash: '0'.repeat(64) },
        },
      ],
    );
    for (const { version, links } of json.items) {
      const follow = async (link = '') => (await api.call('GET', link.replace('http://soar.test', ''))).text;
      const texts = rendered[version - 1];
      assert.equal(await follow(links['html']), texts?.html);
      assert.equal(await follow(links['md']), texts?.markdown);
      assert.deepEqual(JSON.parse(await follow(links['json'])), JSON.parse(texts?.json ?? ''));
    }
  });

  it('says of a report from before Markdown that it has none', async () => {
    await api.database.knex('reports').where({ version: 1 }).update({ markdown: null });
    for (const answer of [
      await get('report.md?version=1'),
      await get('report?version=1', { accept: 'text/markdown' }),
    ]) {
      assert.equal(answer.status, 404);
      assert.match(answer.json.detail, /Report 1 of INC-\w+ is from before reports were kept as Markdown/);
    }
    assert.equal((await get('report.html?version=1')).status, 200);
  });

  it('is found by the links of its incident', async () => {
    const { json } = await api.call<{ links: Record<string, string> }>('GET', `${LIST}/${id}`);
    const base = `http://soar.test/api/v1/incidents/${id}`;
    assert.equal(json.links['report_md'], `${base}/report.md`);
    assert.equal(json.links['reports'], `${base}/reports`);
  });

  it('publishes its JSON Schema without a key; each stored report is as it says', async () => {
    const { status, json, headers } = await api.call<Record<string, unknown>>('GET', '/schemas/report.json', {
      key: null,
    });
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(json['$schema'], 'https://json-schema.org/draft/2020-12/schema');
    assert.equal(json['$id'], 'http://soar.test/schemas/report.json');
    for (const version of [1, 2]) assertBySchema((await get(`report.json?version=${version}`)).text);
  });
});
