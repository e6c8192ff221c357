import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { shift } from '../../db/time';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { anonymous, atOnce, MINUTE_MS, NOW, submission } from './fixtures';

describe('alerts.accept', () => {
  let database: TestDatabase;
  const accept = (...input: Parameters<TestDatabase['store']['alerts']['accept']>) =>
    database.store.alerts.accept(...input);

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  it('stores alert, original, observables, incident and the first audit row', async () => {
    const { incidentId, alertId, ...answer } = await accept(submission('whole'));
    assert.match(incidentId, /^INC-[0-9A-HJKMNP-TV-Z]{10}$/);
    assert.match(alertId, /^ALT-[0-9A-HJKMNP-TV-Z]{10}$/);
    assert.equal(answer.sourceAlertId, 'whole');
    assert.equal(answer.status, 'new');
    assert.equal(answer.duplicate, false);
    assert.equal(answer.correlated, false);
    const view = await database.store.incidents.view(incidentId, { includeRaw: true });
    assert.equal(view?.observables.length, 2);
    assert.deepEqual(
      view?.audit.map(({ seq, action_key }) => ({ seq, action_key })),
      [{ seq: 1, action_key: `accept/${alertId}` }],
    );
    assert.deepEqual(view?.alerts[0]?.raw?.json, submission('whole').alert);
  });

  it('knows an alert again by source and id, whenever it comes', async () => {
    const first = await accept(submission('by-id'));
    const again = await accept(submission('by-id', { receivedAt: shift(NOW, 3000 * MINUTE_MS) }));
    assert.deepEqual(again, { ...first, duplicate: true });
    const { alert } = submission('by-id');
    const other = await accept(submission('by-id', { alert: { ...alert, source: 'edr' } }));
    assert.notEqual(other.incidentId, first.incidentId);
  });

  it('keeps another body under a known id as a sighting, once per body', async () => {
    const first = await accept(submission('sighted'));
    const second = Buffer.from('{"second":true}');
    const answers = await atOnce(5, () => accept(submission('sighted', { original: second })));
    for (const answer of answers) assert.deepEqual(answer, { ...first, duplicate: true });
    await accept(submission('sighted', { original: Buffer.from('third, not JSON'), mediaType: 'text/plain' }));
    const view = await database.store.incidents.view(first.incidentId, { includeRaw: true });
    const sightings = view?.audit.filter(({ action }) => action === 'sighting') ?? [];
    assert.deepEqual(
      sightings.map(({ raw }) => raw?.json ?? raw?.text),
      [{ second: true }, 'third, not JSON'],
    );
  });

  it('knows an alert without id again by its Idempotency-Key', async () => {
    const first = await accept(anonymous('keyed', { idempotencyKey: 'k-1' }));
    const again = await accept(anonymous('keyed differently', { idempotencyKey: 'k-1' }));
    assert.equal(again.duplicate, true);
    assert.equal(again.incidentId, first.incidentId);
    const other = await accept(anonymous('keyed', { idempotencyKey: 'k-2' }));
    assert.notEqual(other.incidentId, first.incidentId);
    assert.equal(first.sourceAlertId, null);
  });

  it('knows an alert without id again by its body, for ten minutes', async () => {
    const first = await accept(anonymous('body'));
    const inside = await accept(anonymous('body', { receivedAt: shift(NOW, 10 * MINUTE_MS - 1) }));
    assert.deepEqual(inside, { ...first, duplicate: true });
    const answers = await atOnce(10, () => accept(anonymous('body', { receivedAt: shift(NOW, 10 * MINUTE_MS) })));
    const opened = answers.filter(({ duplicate }) => !duplicate);
    assert.equal(opened.length, 1);
    assert.equal(new Set(answers.map(({ incidentId }) => incidentId)).size, 1);
    assert.notEqual(opened[0]?.incidentId, first.incidentId);
  });

  it('opens one incident for 50 copies at once', async () => {
    const answers = await atOnce(50, () => accept(submission('storm')));
    assert.equal(answers.filter(({ duplicate }) => !duplicate).length, 1);
    assert.equal(new Set(answers.map(({ incidentId, alertId }) => incidentId + alertId)).size, 1);
    const rows = await database.knex('alerts').where({ source_alert_id: 'storm' });
    assert.equal(rows.length, 1);
  });

  it('opens 50 incidents for 50 alerts at once, also when all have the same body', async () => {
    const original = Buffer.from('the same bytes');
    const answers = await atOnce(50, (index) => accept(submission(`distinct-${index}`, { original })));
    assert.equal(new Set(answers.map(({ incidentId }) => incidentId)).size, 50);
    assert.ok(answers.every(({ duplicate }) => !duplicate));
  });

  it('leaves nothing half behind when it fails', async () => {
    const count = async () => Number((await database.knex('audit_chains').count({ rows: '*' }))[0]?.rows);
    const before = await count();
    const { alert } = submission('refused');
    await assert.rejects(accept(submission('refused', { alert: { ...alert, source: 'x'.repeat(300) } })));
    assert.equal(await count(), before);
  });

  it('files what is unclassified as open, without a playbook to look after', async () => {
    const { alert } = submission('odd');
    const { incidentId } = await accept(submission('odd', { alert: { ...alert, alert_type: 'unclassified' } }));
    const incident = await database.store.incidents.get(incidentId);
    assert.equal(incident?.status, 'open');
    assert.equal(incident?.verdict, 'unknown');
    assert.equal(incident?.verdict_state, 'pending');
    assert.equal(incident?.next_check_at, null);
  });

  it('keeps times to the microsecond and text to the letter', async () => {
    const timestamp = '2026-11-23T11:59:59.000001Z';
    const { alert } = submission('exact');
    const title = 'Überfall 🦊 \u0000 <b>';
    const { incidentId } = await accept(submission('exact', { title, alert: { ...alert, timestamp } }));
    const incident = await database.store.incidents.get(incidentId);
    assert.equal(incident?.created_at, NOW);
    assert.equal(incident?.first_seen, timestamp);
    assert.equal(incident?.title, title);
  });

  it('takes at most eight statements beside the frame of the transaction', async () => {
    const statements: string[] = [];
    const note = ({ sql }: { sql: string }) => statements.push(sql);
    database.knex.on('query', note);
    await accept(submission('counted'));
    database.knex.removeListener('query', note);
    const work = statements.filter((sql) => !/^(BEGIN|COMMIT|SET )/i.test(sql));
    assert.ok(work.length <= 8, work.join('\n'));
  });

  it('sends a document of several alerts to the database once', async () => {
    const original = Buffer.from(JSON.stringify({ records: 'one after another '.repeat(5000) }));
    const document = { original, mediaType: 'application/json', receivedAt: NOW };
    const sent: unknown[] = [];
    const note = ({ sql, bindings }: { sql: string; bindings?: unknown[] }) => {
      if (/^insert.*raw_documents/i.test(sql)) sent.push(...(bindings ?? []).filter((one) => one === original));
    };
    database.knex.on('query', note);
    await database.store.alerts.keepOriginal(document);
    await database.store.alerts.keepOriginal(document);
    const parts = await atOnce(5, (index) => accept(submission(`part ${index}`, { original, originalKept: true })));
    database.knex.removeListener('query', note);
    assert.equal(sent.length, 1);
    const view = await database.store.incidents.view(parts[4]?.incidentId ?? '', { includeRaw: true });
    assert.deepEqual(view?.alerts[0]?.raw?.json, JSON.parse(original.toString()));
  });
});
