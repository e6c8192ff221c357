import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { z } from 'zod';
import type { auditPageSchema } from '../../api/schemas/audit';
import { runProgram } from '../../cli/program';
import { sessionWith } from '../unit/cli/session-double';
import { pointers, startApi, type Incident, type TestApi } from './api-server';

type AuditPage = z.output<typeof auditPageSchema>;

const PATH = '/api/v1/audit';

describe('an audit chain, to read', () => {
  let api: TestApi;
  let incident: string;
  before(async () => {
    api = await startApi();
    for (const name of ['ann', 'bob', 'cyd']) await api.store.apiKeys.create(name, 'analyst', 'tester');
    await api.store.apiKeys.revoke('bob', 'ann\u001b[2J');
    const { json } = await api.submit({ source: 'fw', alert_type: 'brute_force', alert_id: 'a1' });
    incident = json.incident_id;
  });
  after(() => api.stop());

  const page = async (path: string) => {
    const { status, json, text } = await api.call<AuditPage>('GET', path);
    assert.equal(status, 200, text);
    return json;
  };

  describe('GET /audit/:chain', () => {
    it('has that of the system page by page, oldest first', async () => {
      const whole = await page(`${PATH}/system`);
      assert.deepEqual(
        whole.items.map(({ seq }) => seq),
        [1, 2, 3, 4, 5],
      );
      assert.deepEqual([whole.next_after, whole.links.next], [null, null]);
      const pages: AuditPage['items'] = [];
      for (let path: string | null = `${PATH}/system?limit=2`; path !== null;) {
        const { items, links, next_after }: AuditPage = await page(path.replace('http://soar.test', ''));
        assert.equal(links.next === null, next_after === null);
        pages.push(...items);
        path = links.next;
      }
      assert.deepEqual(pages, whole.items);
      assert.deepEqual((await page(`${PATH}/system?after=5`)).items, []);
    });

    it('has the rows of an incident as the incident has them', async () => {
      const { json } = await api.call<Incident>('GET', `/api/v1/incidents/${incident}`);
      assert.ok(json.audit.length > 0);
      assert.deepEqual((await page(`${PATH}/${incident}`)).items, json.audit);
    });

    it('404, 422: where there is no such chain, row or page', async () => {
      for (const chain of ['INC-0000000000', 'system2', 'x']) {
        assert.equal((await api.call('GET', `${PATH}/${chain}`)).status, 404, chain);
      }
      assert.deepEqual(pointers(await api.call('GET', `${PATH}/system?after=-1&limit=201`)), ['?after', '?limit']);
      assert.equal((await api.call('GET', `${PATH}/system`, { key: null })).status, 401);
    });
  });

  describe('soar audit show', () => {
    async function soar(...args: string[]) {
      const databaseUrl = api.database.url;
      const double = sessionWith('http://127.0.0.1:9', { json: args.includes('--json'), databaseUrl, width: 80 });
      const code = await runProgram(['audit', 'show', ...args], () => double.session);
      return { ...double, code };
    }

    it('says who did what and when, the newest last, within 80 columns', async () => {
      const { lines, code } = await soar();
      assert.equal(code, 0);
      assert.match(lines[0] ?? '', /^ {3}1 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}ok {7}\w+ by test: /);
      assert.match(lines.join(' '), / 5 .* by ann·\[2J: .*bob/);
      assert.ok(lines.every((line) => [...line].length <= 80));
    });

    it('shows the last rows, or those that follow one, and how to come to the others', async () => {
      const seqs = (lines: string[]) => lines.flatMap((line) => /^ +(\d) /.exec(line)?.[1] ?? []);
      const last = await soar('system', '--limit', '2');
      assert.deepEqual([seqs(last.lines), last.notes], [['4', '5'], ['From the beginning: add --after 0']]);
      const next = await soar('system', '--limit', '2', '--after', '1');
      assert.deepEqual([seqs(next.lines), next.notes], [['2', '3'], ['More: add --after 3']]);
      assert.deepEqual((await soar('system', '--after', '5')).lines, ['Nothing follows row 5.']);
    });

    it('gives the rows whole as JSON', async () => {
      const { data } = await soar(incident.toLowerCase(), '--json');
      assert.deepEqual(data, [{ chain: incident, items: (await page(`${PATH}/${incident}`)).items }]);
    });

    it('knows no other chain', async () => {
      await assert.rejects(soar('INC-0000000000'), { name: 'CliError', message: /no audit chain INC-0000000000/ });
      await assert.rejects(soar('system', '--after', '-1', '--json'), { name: 'UsageError' });
    });
  });
});
