import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { VersionMismatchError } from '../../db/errors';
import type { Act } from '../../domain/acts';
import type { Assessment } from '../../domain/verdict';
import { changeIncident, createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { renderReport } from '../../activities/report/render';
import { hostileReport } from '../unit/report/fixture';
import { atOnce, HOST, NOW, reportOf, SOURCE_IP, step, submission } from './fixtures';

const ASSESSMENT: Assessment = {
  verdict: 'suspicious',
  score: 45,
  complete: false,
  missing: [
    { source: 'virustotal', observable: 'ip:185.220.101.1', state: 'waiting', reason: 'No quota', until: null },
    { source: 'abuseipdb', observable: 'ip:185.220.101.1', state: 'waiting', reason: 'not asked yet', until: null },
  ],
  signals: [
    {
      source: 'iocs',
      name: 'known_ioc',
      level: 'high',
      points: 50,
      reliability: 'B',
      evidence: '1/iocs/ip:185.220.101.1',
      sentence: 'Known',
    },
  ],
  guards: [],
  clean: [],
  ledger: [],
  explanation: 'Suspicious, 45 of 100',
  policy: 'p'.repeat(64),
  site: 's'.repeat(64),
};

const NAMES = [
  'id',
  'version',
  'status',
  'resolution',
  'alert_type',
  'severity',
  'source',
  'title',
  'assignee',
  'verdict',
  'verdict_state',
  'score',
  'complete',
  'missing',
  'machine_verdict',
  'override',
  'explanation',
  'rules',
  'ledger',
  'verdict_timeline',
  'alert_count',
  'first_seen',
  'last_seen',
  'correlation',
  'alerts',
  'observables',
  'enrichments',
  'signals',
  'analyst_notes',
  'audit',
  'created_at',
  'updated_at',
  'classification',
];

const AUDIT_COLUMNS = [
  'chain',
  'incident_id',
  'seq',
  'action_key',
  'at',
  'action',
  'status',
  'actor',
  'provider',
  'observable',
  'failures',
  'duration_ms',
  'summary',
  'detail',
  'raw_sha256',
  'workflow_run_id',
  'prev_hash',
  'hash',
];

describe('an incident', () => {
  let database: TestDatabase;
  let id: string;
  let alertId: string;

  const enrich = (source: string, state: 'ok' | 'waiting' | 'failed', summary: string) =>
    database.store.actions.finish(
      step(id, `${state}/${source}`, {
        apply: (trx) =>
          database.store.enrichments.upsert(trx, id, {
            source,
            observable: 'ip:185.220.101.1',
            actionKey: `1/${source}/ip:185.220.101.1`,
            state,
            until: null,
            summary,
            facts: { asked: true },
            at: NOW,
          }),
      }),
    );

  before(async () => {
    database = await createTestDatabase();
    ({ incidentId: id, alertId } = await database.store.alerts.accept(submission('viewed')));
    await enrich('virustotal', 'waiting', 'No quota');
    await database.store.actions.finish(
      step(id, '1/score', {
        action: 'score',
        body: {
          summary: ASSESSMENT.explanation,
          detail: {
            assessment: ASSESSMENT,
            verdict_change: { verdict: 'suspicious', state: 'provisional', score: 45, reason: ASSESSMENT.explanation },
          },
          changes: { score_key: '1/score', verdict: 'suspicious', verdict_state: 'provisional', score: 45 },
        },
      }),
    );
  });
  after(() => database.drop());

  it('has the names of the API', async () => {
    const view = await database.store.incidents.view(id);
    assert.ok(view);
    for (const name of NAMES) assert.ok(name in view, name);
    for (const row of view.audit) {
      for (const column of AUDIT_COLUMNS) assert.ok(column in row, column);
      assert.match(row.hash, /^[0-9a-f]{64}$/);
      assert.equal(typeof row.detail, 'object');
    }
    assert.deepEqual(view.observables, [SOURCE_IP, HOST]);
    assert.equal(view.alerts[0]?.alert_id, alertId);
    assert.equal(view.alerts[0]?.source_alert_id, 'viewed');
    assert.equal(view.alerts[0]?.src_ip, SOURCE_IP.value);
    assert.deepEqual(view.alerts[0]?.extra, { vendor_field: 'viewed' });
    assert.deepEqual(Object.keys(view.enrichments[0] ?? {}).sort(), [
      'at',
      'observable',
      'source',
      'state',
      'summary',
      'until',
    ]);
    assert.equal(await database.store.incidents.view('INC-0000000000'), undefined);
  });

  it('shows the judgement in force beside what led to it', async () => {
    const view = await database.store.incidents.view(id);
    assert.equal(view?.machine_verdict, 'suspicious');
    assert.equal(view?.explanation, ASSESSMENT.explanation);
    assert.deepEqual(view?.signals, ASSESSMENT.signals);
    assert.deepEqual(view?.verdict_timeline, [
      {
        at: NOW,
        verdict: 'suspicious',
        state: 'provisional',
        score: 45,
        by: 'playbook',
        reason: ASSESSMENT.explanation,
      },
    ]);
  });

  it('shows an override beside the verdict of the machine', async () => {
    const verdict_override = { verdict: 'malicious' as const, reason: 'I know it', by: 'ana', at: NOW };
    const changes = { verdict: 'malicious', verdict_state: 'overridden', verdict_override } as const;
    await changeIncident(database.knex, id, changes);
    const view = await database.store.incidents.view(id);
    assert.equal(view?.verdict, 'malicious');
    assert.equal(view?.machine_verdict, 'suspicious');
    assert.deepEqual(view?.override, verdict_override);
  });

  it('names as missing what waits, what failed since, and what nobody has asked yet; not what has come', async () => {
    const missing = async () =>
      (await database.store.incidents.view(id))?.missing.map(({ source, state }) => `${source} ${state}`).sort();
    assert.deepEqual(await missing(), ['abuseipdb waiting', 'virustotal waiting']);
    await enrich('virustotal', 'ok', 'Answered');
    await enrich('geoip', 'failed', 'No answer');
    assert.deepEqual(await missing(), ['abuseipdb waiting', 'geoip failed']);
  });

  it('gives planning and scoring the whole case', async () => {
    const { incident, alerts, observables, findings } = await database.store.incidents.caseOf(id);
    assert.equal(incident.id, id);
    assert.equal(alerts[0]?.alert_id, 'viewed');
    assert.deepEqual(await database.store.incidents.unprocessed(id), [alertId]);
    assert.deepEqual(observables, [SOURCE_IP, HOST]);
    assert.deepEqual(findings.find(({ source }) => source === 'virustotal')?.facts, { asked: true });
  });

  it('counts the alerts that no round has looked at', async () => {
    const mark = (ids: string[]) =>
      database.knex.transaction((trx) => database.store.incidents.markProcessed(trx, id, ids));
    assert.equal(await mark([]), 1);
    assert.equal(await mark([alertId]), 0);
  });

  it('keeps the old text of notes in the audit, and refuses an outdated version', async () => {
    const { acts, incidents } = database.store;
    const version = async () => (await incidents.get(id))?.version ?? 0;
    const edit = (actor: string, ifVersion: number | undefined, ...what: Act[]) => {
      const common = { requestId: randomUUID(), at: new Date().toISOString() };
      return acts.perform({ incidentId: id, actor, ifVersion, request: { acts: what }, ...common });
    };
    const before = await version();
    await edit('ana', before, { act: 'note', text: 'first' });
    assert.equal(await version(), before + 1);
    await assert.rejects(edit('ben', before, { act: 'note', text: 'x' }), VersionMismatchError);
    await edit('ben', undefined, { act: 'note', text: 'second' }, { act: 'assign', assignee: 'ana' });
    const view = await incidents.view(id);
    const last = view?.audit.at(-1);
    assert.equal(last?.actor, 'ben');
    const { request: _request, ...changed } = last.detail as Record<string, unknown>;
    assert.deepEqual(changed, {
      analyst_notes: { from: 'first', to: 'second' },
      assignee: { from: null, to: 'ana' },
    });
    assert.deepEqual(
      view?.notes_history.map(({ by, text }) => [by, text]),
      [
        ['ana', 'first'],
        ['ben', 'second'],
      ],
    );
    const now = await version();
    const racing = await atOnce(10, (index) =>
      edit('ana', now, { act: 'note', text: `racing ${index}` }).then(
        () => 'ok',
        () => 'refused',
      ),
    );
    assert.equal(racing.filter((outcome) => outcome === 'ok').length, 1);
    assert.equal(await version(), now + 1);
    assert.deepEqual((await database.store.audit.verify(id)).problems, []);
  });
});

describe('an incident of very large alerts', () => {
  let database: TestDatabase;
  let id: string;
  const MANY = 20;
  const LOG = 'zq "xj" \n'.repeat(444_444);

  before(async () => {
    database = await createTestDatabase();
    const correlation = { key: 'source', fields: { src_ip: SOURCE_IP.value }, window_seconds: 7200 };
    for (let index = 0; index < MANY; index += 1) {
      const { alert } = submission(`large-${index}`);
      const large = { ...alert, raw_log: LOG, urls: Array.from({ length: 3000 }, (_, n) => `https://h.example/${n}`) };
      const accepted = await database.store.alerts.accept(
        submission(`large-${index}`, {
          alert: large,
          original: Buffer.from(JSON.stringify(large)),
          extra: index === 0 ? { small: true } : { text: LOG.slice(0, 1_000_000) },
          correlation,
        }),
      );
      id = accepted.incidentId;
    }
  });
  after(() => database.drop());

  it('is shown with what is long cut, and says so', async () => {
    const view = (await database.store.incidents.view(id))!;
    assert.deepEqual([view.alerts.length, view.alerts_omitted], [MANY, 0]);
    assert.ok(JSON.stringify(view).length < 12 * 1024 * 1024);
    const first = view.alerts.find(({ source_alert_id }) => source_alert_id === 'large-0');
    const second = view.alerts.find(({ source_alert_id }) => source_alert_id === 'large-1');
    assert.match(first?.raw_log ?? '', /^zq "xj" \n[^]*… \[cut: \d+ characters; whole with \?include=raw\]$/);
    assert.match(first?.urls?.at(-1) ?? '', /^… \[cut: 3000 entries/);
    assert.deepEqual(first?.extra, { small: true });
    assert.match(String(second?.extra['_cut']), /^\d+ bytes; see the raw document$/);
  });

  it('is shown with as many of its documents as go together', async () => {
    const view = (await database.store.incidents.view(id, { includeRaw: true }))!;
    assert.ok(JSON.stringify(view).length < 20 * 1024 * 1024);
    assert.ok(view.alerts[0]?.raw);
    assert.deepEqual([view.alerts.at(-1)?.raw, view.alerts.at(-1)?.raw_omitted], [undefined, true]);
  });

  it('is listed page by page', async () => {
    const page = await database.store.incidents.alerts(id, { limit: 15 });
    assert.equal(page.items.length, 15);
    const next = await database.store.incidents.alerts(id, { limit: 15, cursor: page.nextCursor ?? '' });
    assert.deepEqual([next.items.length, next.nextCursor], [5, null]);
    const ids = [...page.items, ...next.items].map(({ alert_id }) => alert_id);
    assert.equal(new Set(ids).size, MANY);
  });

  it('has a report that can be stored', async () => {
    const shown = (await database.store.incidents.view(id))!;
    const alerts = Array.from({ length: 100 }, (_, n) => shown.alerts[n % MANY] as (typeof shown.alerts)[number]);
    const head = shown.audit.at(-1);
    assert.ok(head);
    const { html, json, markdown } = renderReport({
      ...hostileReport(),
      view: { ...shown, alerts: alerts.map((alert) => ({ ...alert, description: alert.raw_log ?? '' })) },
      head,
    });
    assert.ok(Buffer.byteLength(json) <= 3 * 1024 * 1024 && Buffer.byteLength(html) <= 3 * 1024 * 1024);
    const { incident } = JSON.parse(json) as { incident: typeof shown };
    assert.ok(incident.alerts.length > 0 && incident.alerts_omitted > 0);
    assert.equal(incident.alerts.length + incident.alerts_omitted, 100);
    const report = reportOf(id, 1, { html, json, markdown, headSeq: head.seq, headHash: head.hash });
    await database.knex.transaction((trx) => database.store.reports.store(trx, report));
    assert.equal((await database.store.reports.latest(id))?.json, json);
  });

  it('names only some of the alerts that a round has looked at', async () => {
    const alert_ids = Array.from({ length: 5000 }, (_, n) => `ALT-${n}`);
    const body = { summary: 'Planned', detail: { alert_ids, policy_version: '1' } };
    await database.store.actions.finish(step(id, '1/plan', { action: 'plan', body }));
    const detail = (await database.store.incidents.view(id))?.audit.at(-1)?.detail;
    assert.deepEqual(detail, { alert_ids: alert_ids.slice(0, 20), alert_ids_omitted: 4980, policy_version: '1' });
    assert.deepEqual((await database.store.actions.find(id, '1/plan'))?.detail, body.detail);
    assert.deepEqual((await database.store.audit.verify(id)).problems, []);
  });
});
