import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Knex } from '../../db/connect';
import { observableHash, sha256, valueHash } from '../../db/hashes';
import { shift, toSqlTime } from '../../db/time';
import type { IncidentQuery } from '../../db/views';
import { ALERT_TYPES } from '../../domain/alert';
import { RESOLUTIONS, STATUSES } from '../../domain/incident';
import { SEVERITIES } from '../../domain/severity';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { NOW } from './fixtures';

const ROWS = 3000;

function pick<T>(values: readonly T[], index: number): T {
  return values[index % values.length] as T;
}

function incident(index: number): Record<string, unknown> {
  const at = toSqlTime(shift(NOW, index * 1000));
  const severity = pick(SEVERITIES, index);
  return {
    id: `INC-${String(index).padStart(10, '0')}`,
    version: 1,
    status: pick(STATUSES, index),
    resolution: index % 7 === 6 ? pick(RESOLUTIONS, Math.floor(index / 7)) : null,
    alert_type: pick(ALERT_TYPES, index),
    severity,
    severity_rank: SEVERITIES.indexOf(severity),
    source: `tool-${index % 20}`,
    title: `Incident number ${index}`,
    assignee: `analyst-${index % 30}`,
    analyst_notes: '',
    verdict: pick(['benign', 'suspicious', 'malicious', 'unknown'], index),
    verdict_state: 'final',
    score: index % 100,
    complete: index % 50 !== 0,
    suppressed_by: index % 40 === 0 ? `SUP-${String(index % 3).padStart(10, '0')}` : null,
    classification: '{}',
    alert_count: 1,
    unprocessed: 0,
    first_seen: at,
    last_seen: at,
    run_no: 1,
    round: 1,
    settled_round: 1,
    restarts: '[]',
    next_check_at: index % 10 === 0 ? at : null,
    created_at: at,
    updated_at: at,
    ...clocks(index),
  };
}

/** Most are closed; of the others one in three is not taken up yet, and one in three on hold. */
function clocks(index: number): Record<string, unknown> {
  const at = (ms: number) => toSqlTime(shift(NOW, index * 1000 + ms));
  const open = index % 25 < 3 ? index % 25 : undefined;
  return {
    ...{ sla_breached: index % 40 === 0, ack_due: at(900_000), close_due: at(3_600_000) },
    acknowledged_at: open === 0 ? null : at(300_000),
    paused_at: open === undefined || open === 2 ? at(600_000) : null,
  };
}

function observable(index: number): Record<string, unknown> {
  const value = `198.51.${index % 250}.${Math.floor(index / 250)}`;
  return {
    incident_id: `INC-${String(index).padStart(10, '0')}`,
    observable_hash: observableHash({ type: 'ip', value }),
    value_hash: valueHash(value),
    position: 0,
    type: 'ip',
    value,
    roles: '[]',
    flags: '[]',
  };
}

/** One in ten is a range. */
function ioc(index: number): Record<string, unknown> {
  const prefix = index % 10 === 0 ? 16 + (index % 8) : null;
  const range = { type: 'ip', value: `10.${((index / 10) % 250) | 0}.0.0/${prefix}` };
  const told = prefix === null || index >= 2_500 ? { type: 'domain', value: `host-${index}.example` } : range;
  return {
    ...{ ...told, ioc_hash: observableHash(told), created_at: toSqlTime(NOW) },
    prefix: told === range ? prefix : null,
    verdict: index % 20 === 3 ? 'benign' : null,
  };
}

function iocImport(index: number): Record<string, unknown> {
  const at = toSqlTime(shift(NOW, index * 1000));
  const sum = sha256(`file ${index}`);
  return {
    ...{ id: `IMP-${String(index).padStart(10, '0')}`, source: pick(['feed', 'other', 'third'], index), bytes: 1 },
    ...{ file_sha256: sum, identity: sum, options: '{}', state: 'done', requested_by: 'ann', created_at: at },
    check_at: index % 100 === 0 ? at : null,
  };
}

/** One in fifty waits, for one of two providers. */
function enrichment(index: number): Record<string, unknown> {
  const { incident_id, observable_hash, value } = observable(index);
  const waits = index % 50 === 0;
  return {
    ...{
      incident_id,
      observable_hash,
      observable: `ip:${String(value)}`,
      source: pick(['virustotal', 'abuseipdb'], index),
    },
    ...{ action_key: `1/${index}`, state: waits ? 'waiting' : 'ok', summary: '', at: toSqlTime(NOW) },
    ...(waits ? { since: toSqlTime(NOW), until: toSqlTime(NOW) } : {}),
  };
}

function suppression(index: number): Record<string, unknown> {
  const at = toSqlTime(shift(NOW, index * 1000));
  return {
    ...{ id: `SUP-${String(index).padStart(10, '0')}`, source: `tool-${index}`, reason: '', created_by: 'ann' },
    ...{ created_at: at, expires_at: at, removed_at: index % 3 === 0 ? at : null },
  };
}

function answer(index: number): Record<string, unknown> {
  const { observable_hash, value } = observable(index);
  return { provider: 'virustotal', observable_hash, observable: `ip:${String(value)}`, state: 'ok', summary: '' };
}

describe('query plans', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
    const { knex } = database;
    const all = <T>(make: (index: number) => T): T[] => Array.from({ length: ROWS }, (_, index) => make(index));
    await knex.batchInsert('incidents', all(incident), 500);
    await knex.batchInsert('observables', all(observable), 500);
    await knex.batchInsert('enrichments', all(enrichment), 500);
    await knex.batchInsert('answers', all(answer), 500);
    await knex.batchInsert('suppressions', all(suppression), 500);
    await knex.batchInsert('iocs', all(ioc), 500);
    const ids: number[] = await knex('iocs').pluck('id');
    const seen = toSqlTime(NOW);
    const sightings = ids.map((ioc_id) => ({
      ...{ ioc_id, source: 'feed', confidence: 50, first_seen: seen, last_seen: seen, tags: '[]' },
    }));
    await knex.batchInsert('ioc_sightings', sightings, 500);
    await knex.batchInsert(
      'ioc_tags',
      ids.map((ioc_id, index) => ({ tag: `tag-${index % 10}`, ioc_id })),
      500,
    );
    await knex.batchInsert('ioc_imports', all(iocImport), 500);
    await knex.batchInsert(
      'ioc_import_problems',
      all((index) => ({
        ...{ import_id: `IMP-${String(index % 30).padStart(10, '0')}`, seq: index, line: 1, kind: 'refused' },
        ...{ text: '', reason: '' },
      })),
      500,
    );
    await knex.batchInsert(
      'api_keys',
      all((index) => ({ name: `key ${index}`, role: 'admin', key_hash: sha256(`key ${index}`), created_at: seen })),
      500,
    );
    await knex.raw(
      `ANALYZE TABLE incidents, observables, enrichments, answers, iocs, ioc_sightings, ioc_tags, ioc_imports,
        ioc_import_problems, api_keys, suppressions`,
    );
  });
  after(() => database.drop());

  type Plan = { table: string | null; type: string | null; key: string | null; Extra: string | null }[];

  /** The plan of every SELECT that `work` sends. */
  async function plansOf(work: () => Promise<unknown>): Promise<{ sql: string; plan: Plan }[]> {
    const { knex } = database;
    const sent: { sql: string; bindings: readonly Knex.Value[] }[] = [];
    const note = (query: { sql: string; bindings: readonly Knex.Value[] }) => sent.push(query);
    knex.on('query', note);
    await work();
    knex.removeListener('query', note);
    const selects = sent.filter(({ sql }) => /^select/i.test(sql));
    assert.ok(selects.length > 0, 'nothing was asked');
    return Promise.all(
      selects.map(async ({ sql, bindings }) => {
        const [plan = []]: Plan[] = await knex.raw(`EXPLAIN ${sql}`, [...bindings]);
        return { sql, plan };
      }),
    );
  }

  /** Finds no SELECT of `work` that reads a whole table of ours, but for `small` ones. */
  async function assertIndexed(work: () => Promise<unknown>, small: readonly string[] = []): Promise<void> {
    for (const { sql, plan } of await plansOf(work)) {
      for (const { table, type } of plan) {
        // a table in angle brackets is an intermediate result
        if (table === null || /^<.*>$/.test(table) || small.includes(table)) continue;
        assert.notEqual(type, 'ALL', `${sql}\n${JSON.stringify(plan, null, 1)}`);
      }
    }
  }

  const list = (query: Partial<IncidentQuery>) => () => database.store.incidents.list({ limit: 50, ...query });

  const LISTS: Record<string, Omit<IncidentQuery, 'limit'>> = {
    'no filter': {},
    'one status': { status: ['escalated'] },
    'several statuses': { status: ['new', 'open', 'escalated'] },
    'a resolution': { resolution: ['false_positive'] },
    'those on hold': { sla_paused: true },
    'those not on hold': { sla_paused: false },
    'a verdict': { verdict: ['malicious'] },
    'a severity': { severity: ['critical'] },
    'an alert type': { alert_type: ['phishing'] },
    'a source': { source: ['tool-3'] },
    'an assignee': { assignee: ['analyst-7'] },
    'incomplete ones': { complete: false },
    'suppressed ones': { suppressed: true },
    'others than suppressed ones': { suppressed: false },
    'what one suppression has closed': { suppressed_by: ['SUP-0000000001'] },
    'a day': { from: NOW, to: shift(NOW, 100_000) },
    updates: { updated_since: shift(NOW, (ROWS - 10) * 1000) },
    'an address (q)': { q: '198.51.7.3' },
    'an id (q)': { q: 'INC-0000000042' },
    'a title (q)': { q: 'Incident number 29' },
    'status, sorted by score': { status: ['escalated'], sort: '-score' },
    'sorted by severity': { sort: '-severity' },
    'sorted by last_seen': { sort: 'last_seen' },
    'those with a breach': { sla_breached: true },
    'to be taken up soon': { ack_due_before: shift(NOW, 1_500_000) },
    'to be closed soon': { close_due_before: shift(NOW, 4_000_000) },
    'to be taken up, sorted by when': { ack_due_before: '2999-01-01T00:00:00Z', sort: 'ack_due' },
    'to be closed, sorted by when, last first': { close_due_before: '2999-01-01T00:00:00Z', sort: '-close_due' },
  };
  for (const [name, query] of Object.entries(LISTS)) {
    it(`lists incidents by index: ${name}`, () => assertIndexed(list(query)));
  }

  it('lists the second page by index', async () => {
    const { nextCursor } = await list({ status: ['escalated'] })();
    assert.ok(nextCursor);
    await assertIndexed(list({ status: ['escalated'], cursor: nextCursor }));
    const next = await list({})();
    await assertIndexed(list({ cursor: next.nextCursor ?? '' }));
  });

  it('reads what is due in its order, without sorting it', async () => {
    for (const name of ['ack_due', 'close_due'] as const) {
      for (const sort of [name, `-${name}`] as const) {
        const query = { [`${name}_before`]: '2999-01-01T00:00:00Z', sort };
        const [plan] = await plansOf(list(query));
        assert.doesNotMatch(JSON.stringify(plan), /filesort/, sort);
        const { nextCursor } = await list({ ...query, limit: 5 })();
        const [next] = await plansOf(list({ ...query, cursor: nextCursor ?? '' }));
        assert.doesNotMatch(JSON.stringify(next), /filesort/, sort);
      }
    }
  });

  it('reckons statistics of a window, and the queue, by index', async () => {
    const { stats } = database.store;
    const window = { from: shift(NOW, 1_000_000), to: shift(NOW, 1_200_000) };
    await assertIndexed(() => stats.incidents(window));
    await assertIndexed(() => stats.incidents({ ...window, severity: ['high'], source: ['tool-3'] }));
    await assertIndexed(() => stats.queue());
  });

  /** The few sources are read as a whole. */
  const assertIocsIndexed = (work: () => Promise<unknown>) => assertIndexed(work, ['told_by', 'ioc_sources']);

  it('looks an IOC up by index', async () => {
    const { iocs } = database.store;
    await assertIocsIndexed(() => iocs.lookup({ type: 'domain', value: 'www.host-7.example' }));
    await assertIocsIndexed(() => iocs.lookup({ type: 'ip', value: '198.51.7.3' }));
    await assertIocsIndexed(() => iocs.incidentsWith({ type: 'ip', value: '198.51.7.3' }, 10));
  });

  it('looks for ranges by index: the lengths that there are by skipping through it, the ranges by their keys', async () => {
    const { iocs } = database.store;
    const lookups = await plansOf(() => iocs.lookup({ type: 'ip', value: '10.7.3.1' }));
    const [lengths, ranges] = lookups;
    assert.equal(lookups.length, 2);
    assert.deepEqual(
      [lengths?.plan[0]?.table, lengths?.plan[0]?.key, /group-by/.test(lengths?.plan[0]?.Extra ?? '')],
      ['iocs', 'by_prefix', true],
    );
    assert.deepEqual([ranges?.plan[0]?.table, ranges?.plan[0]?.key], ['iocs', 'by_ioc']);
    assert.equal((await iocs.lookup({ type: 'ip', value: '10.7.3.1' })).length, 1);
  });

  it('looks many values up by index, and the incidents that hold them', async () => {
    const { iocs } = database.store;
    const many = Array.from({ length: 50 }, (_, index) => ({ type: 'ip', value: `10.1.${index}.1` }) as const);
    await assertIocsIndexed(() => iocs.lookupMany(many.map(({ value }) => ({ type: 'domain', value }))));
    await assertIocsIndexed(() => iocs.lookupMany(many));
    await assertIocsIndexed(() => iocs.incidentsWithMany(many, 10));
  });

  const WALKS = [
    {},
    { type: 'domain' },
    { source: 'feed' },
    { tag: 'tag-3' },
    { tag: 'tag-3', source: 'feed' },
    { verdict: 'benign' },
    { verdict: 'benign', type: 'domain', source: 'feed', tag: 'tag-3' },
  ] as const;
  for (const filter of [...WALKS, { type: 'domain', source: 'feed', tag: 'tag-3' } as const]) {
    it(`walks IOCs in the order of an index: ${JSON.stringify(filter)}`, async () => {
      const walk = () => database.store.iocs.walk({ ...filter, below: ROWS, limit: 10 });
      await assertIocsIndexed(walk);
      const [ids] = await plansOf(walk);
      assert.doesNotMatch(JSON.stringify(ids?.plan), /filesort|temporary/, JSON.stringify(ids));
      assert.equal((await walk()).length, 10);
    });
  }

  it('tells a source and its imports by index', async () => {
    const { iocSources, iocImports } = database.store;
    await assertIocsIndexed(() => iocSources.get('feed'));
    await assertIocsIndexed(() => iocImports.due(NOW, 10));
    await assertIocsIndexed(() => iocImports.list({ limit: 10 }));
    await assertIocsIndexed(() => iocImports.list({ source: 'feed', limit: 10 }));
    await assertIocsIndexed(() => iocImports.problems('IMP-0000000001', { limit: 10 }));
  });

  it('would notice a query that reads a whole table', async () => {
    const scan = () => database.knex('incidents').select('id').where('analyst_notes', 'x');
    await assert.rejects(
      assertIndexed(async () => scan()),
      assert.AssertionError,
    );
  });

  it('reconciles and checks keys by index', async () => {
    await assertIndexed(() => database.store.reconcile.due(shift(NOW, 100_000), 50));
    await assertIndexed(() => database.store.apiKeys.verify('key 7'));
    await assertIndexed(() => database.store.incidents.view('INC-0000000042'));
  });

  it('finds what is known, and what it has closed, by index', async () => {
    const { suppressions } = database.store;
    const now = shift(NOW, (ROWS - 10) * 1000);
    await assertIndexed(() => suppressions.active(now));
    await assertIndexed(() => suppressions.get('SUP-0000000001'));
    for (const active of [true, false, undefined]) {
      const page = () => suppressions.list({ active, now, limit: 3 });
      await assertIndexed(page);
      const { nextCursor } = await page();
      await assertIndexed(() => suppressions.list({ active, now, limit: 3, cursor: nextCursor ?? '' }));
    }
  });

  it('admits, tells and shows who waits by index', async () => {
    const { quotas, answers } = database.store;
    const incidentId = 'INC-0000000042';
    const limits = [{ name: 'minute', requests: 4, ms: 60_000 }];
    const input = { provider: 'virustotal', limits, credential: undefined, incidentId, leaseMs: 1000 };
    await quotas.register({
      ...{ name: 'virustotal', title: 'VirusTotal', where: 'outside', looksUp: ['ip'], limits, configured: true },
      ...{ setting: null, credential: null },
    });
    // the rows of the providers themselves are few, and read as a whole
    await assertIndexed(() => quotas.admit({ ...input, observable: 'ip:192.0.2.1' }));
    await assertIndexed(() => answers.fresh([{ provider: 'virustotal', observable: 'ip:192.0.2.1' }], 0));
    await assertIndexed(() => quotas.nudge(), ['quotas']);
    await assertIndexed(() => quotas.status(), ['quotas']);
  });
});
