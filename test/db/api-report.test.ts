import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inTransaction } from '../../db/transaction';
import { startApi, type TestApi } from './api-server';

const LIST = '/api/v1/incidents';

describe('GET /incidents/:id/report', () => {
  let api: TestApi;
  let id = '';
  before(async () => {
    api = await startApi();
    id = (await api.submit({ source: 'fw', alert_type: 'brute_force', src_ip: '203.0.113.5' })).json.incident_id;
  });
  after(() => api.stop());

  it('404 with Retry-After before the first verdict', async () => {
    for (const path of ['report', 'report.html', 'report.json']) {
      const answer = await api.call('GET', `${LIST}/${id}/${path}`);
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [404, '5'], path);
    }
    const unknown = await api.call('GET', `${LIST}/INC-0000000000/report`);
    assert.deepEqual([unknown.status, unknown.headers.get('retry-after')], [404, null]);
  });

  it('404 without Retry-After where none will come: an unclassified incident', async () => {
    const { json } = await api.submit({ source: 'tool', alert_type: 'unclassified', title: 'what is it' });
    const answer = await api.call('GET', `${LIST}/${json.incident_id}/report`);
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [404, null]);
    assert.match(answer.json.detail, /no playbook until its type is set/);
  });

  it('gives the latest as HTML or JSON, by Accept or by name', async () => {
    const json = JSON.stringify({ report: { version: 1, incident_id: id }, incident: { id } });
    const report = {
      incidentId: id,
      version: 1,
      html: '<!doctype html><style>p{}</style><p>ok',
      json,
      headSeq: 1,
      headHash: '00'.repeat(32),
    };
    const at = new Date().toISOString();
    await inTransaction(api.database.knex, (trx) => api.store.reports.store(trx, { ...report, at }));
    const path = `${LIST}/${id}/report`;
    const accept = (type: string) => api.call('GET', path, { headers: { accept: type } });
    for (const answer of [await accept('text/html,*/*;q=0.8'), await api.call('GET', `${path}.html`)]) {
      assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
      assert.equal(answer.text, report.html);
      assert.match(
        answer.headers.get('content-security-policy') ?? '',
        /^default-src 'none'; style-src 'sha256-[^']+'; f/,
      );
    }
    for (const answer of [
      await accept('*/*'),
      await accept('application/json'),
      await api.call('GET', `${path}.json`),
    ]) {
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.equal((answer.json as unknown as { report: { incident_id: string } }).report.incident_id, id);
    }
  });
});
