import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { commitsOf } from '../../api/accept-document';
import type { RouteDeps } from '../../api/define-route';
import type { StartableIncident } from '../../api/gateway';
import { batchSchema, type DocumentAnswer } from '../../api/schemas/submission';
import { commitAll } from '../../api/submit-many';
import type { ParsedAlert } from '../../domain/formats';
import { DEFAULT_SITE } from '../../domain/site';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { NOW } from './fixtures';

/** What a format makes of a document of several alerts. */
const several = (...hosts: string[]): ParsedAlert[] =>
  hosts.map((hostname) => ({
    format: 'example',
    alert: { source: 'example', alert_type: 'malware', severity: 'high', hostname },
    original: { host: hostname, nested: { b: 1, a: [2] } },
    extra: {},
  }));

describe('a document that holds several alerts', () => {
  let database: TestDatabase;
  const started: StartableIncident[] = [];
  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  const submit = async (alerts: ParsedAlert[], document: string, idempotencyKey?: string) => {
    const deps = {
      store: database.store,
      site: { current: () => DEFAULT_SITE },
      engine: { start: (incident: StartableIncident) => void started.push(incident) },
      correlationWindowMs: 0,
      publicUrl: 'http://soar.test',
      temporal: { uiUrl: undefined, namespace: 'default' },
    } as unknown as RouteDeps;
    const delivery = { actor: 'tester', idempotencyKey };
    const item = { bytes: Buffer.from(document), mediaType: 'application/json', charset: 'iso-8859-2' };
    const input = { requestId: 'r-1', url: '/api/v1/alerts?format=example', logger: pino({ level: 'silent' }) };
    const commits = commitsOf(alerts, { item, delivery, receivedAt: NOW }, deps);
    const answer = await commitAll(commits, { input, delivery, deps });
    assert.deepEqual(batchSchema.parse(answer), answer);
    return answer;
  };
  const ids = ({ results }: DocumentAnswer) => results.map((entry) => ('alert_id' in entry ? entry.alert_id : ''));

  it('is answered as a batch; each alert is one incident, kept with the whole document', async () => {
    const answer = await submit(several('a', 'b', 'c'), '{"alerts": 3}');
    assert.deepEqual([answer.accepted, answer.duplicates, answer.failed], [3, 0, 0]);
    assert.equal(new Set(ids(answer)).size, 3);
    assert.deepEqual(
      answer.results.map(({ index, http_status }) => [index, http_status]),
      [
        [0, 202],
        [1, 202],
        [2, 202],
      ],
    );
    assert.equal(started.length, 3);
    const kept = await database
      .knex('alerts')
      .whereIn('alerts.id', ids(answer))
      .join('raw_documents', 'raw_documents.sha256', 'alerts.raw_sha256')
      .select('body', 'media_type');
    assert.equal(kept.length, 3);
    for (const { body, media_type } of kept) {
      assert.equal(String(body), '{"alerts": 3}');
      assert.equal(media_type, 'application/json; charset=iso-8859-2');
    }
  });

  it('is known again by what it says of each, in whatever document', async () => {
    const first = await submit(several('d', 'e'), '{"one": "document"}');
    const [d, e] = ids(first);
    const other = several('e', 'f').map((parsed) => {
      const { host, nested } = parsed.original as { host: string; nested: object };
      return { ...parsed, original: { nested, host } };
    });
    const again = await submit(other, '{"another": "document"}');
    assert.deepEqual([again.accepted, again.duplicates], [1, 1]);
    assert.equal(ids(again)[0], e);
    assert.ok(!ids(again).includes(d!));
  });

  it('is known again by its Idempotency-Key, alert by alert', async () => {
    const first = await submit(several('g', 'h'), '{"n": 1}', 'key');
    const again = await submit(several('g, later', 'h'), '{"n": 2}', 'key');
    assert.deepEqual(ids(again), ids(first));
    assert.equal(again.duplicates, 2);
  });
});
