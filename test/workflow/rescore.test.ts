import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { createActivities } from '../../activities';
import type { ApplyPageResult, RescoreStanding } from '../../activities/contract';
import type { JsonReport } from '../../activities/report/json';
import type { ScoredDetail } from '../../activities/assessment';
import type { ActivityDeps } from '../../activities/deps';
import { startableOf, sweep } from '../../api/reconciler';
import type { RescoreChangeView } from '../../db/repositories/rescore-changes';
import type { IncidentRow, RescoreRow } from '../../db/store';
import type { IncidentFilter, IncidentView } from '../../db/views';
import { DEFAULT_POLICY, policyWith, type Policy } from '../../domain/policy';
import { DEFAULT_SITE } from '../../domain/site';
import { alertsJoinedSignal } from '../../workflows/messages';
import type { IncidentOutcome } from '../../workflows/messages';
import { assertAudited, row } from '../support/audit';
import { changeIncident } from '../support/database';
import { GUARDS } from '../support/guards';
import { eventsOf } from '../support/history';
import { alertOn, isFinal } from '../support/questions';
import { freshAlert } from '../support/samples';
import { assertBySchema } from '../support/report-schema';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

/** VirusTotal knows it, and nobody accuses it. */
const CLEAN = '81.2.69.142';

let system: TestSystem;
let base: Policy;
/** In force. */
let policy: Policy;
let activities: ReturnType<typeof createActivities>;

before(async () => {
  system = await createTestSystem();
  base = policyWith(DEFAULT_POLICY, system.providers());
  policy = base;
  await system.startWorkers({ policy: { current: () => policy }, providerRetryForMs: 0 });
  activities = activitiesWith();
});

function activitiesWith(changes: Partial<ActivityDeps> = {}): ReturnType<typeof createActivities> {
  return createActivities({
    ...{ store: system.store, providers: system.providers(), policy: { current: () => policy }, guards: GUARDS },
    ...{ site: { current: () => DEFAULT_SITE }, logger: pino({ level: 'silent' }), clock: () => new Date() },
    ...{ providerRetryForMs: 0, simulated: true, publicUrl: 'http://127.0.0.1:8080' },
    ...changes,
  });
}

beforeEach(() => {
  policy = base;
});
afterEach(() => system.forget());
after(() => system.close());

/** Nothing is as malicious as that. */
const lenient = (): Policy => ({ ...base, thresholds: { ...base.thresholds, malicious: 99 } });
/** Wants the word of a source that there is not. */
const strict = (): Policy => ({ ...base, required: { ...base.required, nobody: 'main' } });

const handle = (id: string) => system.client.workflow.getHandle(id);
const view = async (id: string): Promise<IncidentView> => (await system.store.incidents.view(id))!;
const incidentRow = (id: string): Promise<IncidentRow> => system.store.incidents.require(id);
const rescoreRows = ({ audit }: IncidentView) => audit.filter(({ action }) => action === 'rescore');
const changesOf = (job: RescoreRow): Promise<RescoreChangeView[]> =>
  system.store.rescoreChanges.list(job.id, { after: '', limit: 200 });

async function played(alert: Record<string, unknown>): Promise<IncidentView> {
  const { id } = await system.incident(await system.submit(alert), isFinal);
  // the row of the incident may have been read before the last one of its audit was written
  return view(id);
}

const malicious = (): Promise<IncidentView> => played(freshAlert());

/** Closes itself, by the default policy. */
async function benign(): Promise<IncidentView> {
  const { id } = await played(alertOn(CLEAN, { severity: 'low', username: 'm.okafor' }));
  await handle(id).result();
  return system.incident(id, ({ status }) => status === 'closed');
}

function inState(id: string, state: RescoreRow['state']): Promise<RescoreRow> {
  let last: RescoreRow | undefined;
  return until(
    () => `${id} to be ${state}; it is ${last?.state}`,
    async () => {
      last = await system.store.rescores.get(id);
      return last?.state === state ? last : undefined;
    },
  );
}

/** As the API does it. */
async function compare(filter: IncidentFilter, reopen = false): Promise<RescoreRow> {
  const job = { requestedBy: 'ann', filter, reopen, at: new Date().toISOString() };
  const { id } = await system.store.rescores.create(job);
  await system.gateway.rescore({ id, requestedBy: 'ann' });
  return inState(id, 'compared');
}

async function requestApply(id: string): Promise<void> {
  const answer = await system.store.rescores.requestApply(id, {
    ...{ actor: 'bob', reopen: undefined, at: new Date().toISOString() },
  });
  assert.equal(answer.outcome, 'accepted');
  await system.gateway.rescore({ id, requestedBy: 'ann' });
}

async function apply({ id }: Pick<RescoreRow, 'id'>): Promise<RescoreRow> {
  await requestApply(id);
  return inState(id, 'applied');
}

/** A comparison that no run works on yet: begun by these activities, to be gone on with by hand. */
async function begunBy(by: typeof activities, filter: IncidentFilter): Promise<RescoreRow> {
  const at = new Date().toISOString();
  const { id } = await system.store.rescores.create({ requestedBy: 'ann', filter, reopen: false, at });
  await by.beginRescore({ jobId: id });
  return (await system.store.rescores.get(id))!;
}

/** Applies one page by hand, with nobody who would come to it as well. */
async function applyBy(by: typeof activities, { id }: RescoreRow): Promise<ApplyPageResult | Error> {
  const at = new Date().toISOString();
  await system.store.rescores.requestApply(id, { actor: 'bob', reopen: undefined, at });
  return new MockActivityEnvironment().run(() =>
    by.applyPage({ jobId: id, after: '', isLastPass: true }).catch((error: Error) => error),
  );
}

const DATA_TOO_LONG = { code: 'ER_DATA_TOO_LONG', errno: 1406, sqlMessage: 'Data too long' };
const gone = () => Object.assign(new Error('gone'), { code: 'ECONNRESET' });

const only = ({ id }: Pick<IncidentView, 'id'>): IncidentFilter => ({ q: id });

/** What the Temporal UI finds the run by. */
async function shown(id: string): Promise<unknown[]> {
  // read as the engine has them
  const { searchAttributes } = (await handle(id).describe()) as unknown as {
    searchAttributes: Record<string, unknown[]>;
  };
  return ['SoarVerdict', 'SoarScore', 'SoarStatus'].map((name) => searchAttributes[name]?.[0]);
}

describe('a comparison', () => {
  it('finds nothing while the rules are those that the incidents were judged by', async () => {
    await Promise.all([malicious(), benign(), played(alertOn('62.113.203.10'))]);
    const { compared, changes } = await compare({});
    assert.deepEqual([compared >= 3, changes], [true, 0]);
  });

  it('tells what comes out differently and why, changes no incident and asks no source', async () => {
    const incident = await malicious();
    const untouched = await played(alertOn('62.113.203.11'));
    const asked = system.simulator.requests().length;
    policy = lenient();
    const job = await compare({});
    const change = (await changesOf(job)).find(({ incident_id }) => incident_id === incident.id)!;
    assert.deepEqual(
      [change.old_verdict, change.new_verdict, change.old_score, change.effect, change.applied_at],
      ['malicious', 'suspicious', incident.score, 'verdict', null],
    );
    assert.equal(change.new_score, change.old_score);
    assert.match(change.why, /^Malicious from 99 \(was 70\)\./);
    assert.deepEqual(await view(incident.id), incident);
    assert.deepEqual(await view(untouched.id), untouched);
    assert.equal(system.simulator.requests().length, asked);
  });

  it('goes by the rules of the day it was begun, whatever becomes of them', async () => {
    const incident = await malicious();
    policy = lenient();
    const job = await compare(only(incident));
    policy = base;
    await apply(job);
    const after = await view(incident.id);
    assert.equal(after.verdict, 'suspicious');
    assert.equal((row(after, `rescore/${job.id}`).detail as ScoredDetail).assessment.policy, job.policy_id);
  });

  it('looks only at incidents that are meant, and at more than fit on a page', async () => {
    const incident = await malicious();
    const scored = await incidentRow(incident.id);
    const copies = Array.from({ length: 60 }, (_, index) => ({ id: `INC-Z${String(index).padStart(9, '0')}` }));
    const { knex } = system;
    const { id: _own, ...columns } = await knex('incidents').where({ id: incident.id }).first();
    const time = (value: unknown) =>
      typeof value === 'string' && /^\d{4}-.*Z$/.test(value) ? value.slice(0, -1).replace('T', ' ') : value;
    const sqlColumns = Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, time(value)]));
    await knex('incidents').insert(
      copies.map(({ id }) => ({ ...sqlColumns, id, assignee: 'copied', score_key: scored.score_key })),
    );
    try {
      const job = await compare({ assignee: ['copied'] });
      assert.deepEqual([job.compared, job.changes], [60, 0]);
      assert.equal((await compare({ assignee: ['nobody'] })).compared, 0);
    } finally {
      await knex('incidents').where({ assignee: 'copied' }).delete();
    }
  });
});

describe('a comparison in which something goes wrong', () => {
  /** Three that would come out differently. */
  async function three(assignee: string): Promise<IncidentFilter> {
    const incidents = [await malicious(), await malicious(), await malicious()];
    for (const { id } of incidents) await changeIncident(system.knex, id, { assignee });
    policy = lenient();
    return { assignee: [assignee] };
  }

  /** A store that fails to read incidents, one after the other, by these. */
  function failing(...errors: (Error | undefined)[]): Partial<ActivityDeps> {
    const { incidents } = system.store;
    let next = 0;
    const caseOf: typeof incidents.caseOf = (...given) => {
      const error = errors[next++];
      return error ? Promise.reject(error) : incidents.caseOf(...given);
    };
    return { store: { ...system.store, incidents: { ...incidents, caseOf } } };
  }

  it('counts what cannot be judged, with its reason, and compares the rest', async () => {
    const filter = await three('unusable');
    const errors = [new Error('it is unusable'), undefined, Object.assign(new Error('bad'), DATA_TOO_LONG)];
    const broken = activitiesWith(failing(...errors));
    const { id } = await begunBy(broken, filter);
    const { state, compared, failed, changes } = await broken.comparePage({ jobId: id });
    assert.deepEqual([state, compared, failed, changes], ['compared', 1, 2, 1]);
    const { failures } = (await system.store.rescores.get(id))!;
    assert.deepEqual(
      failures.map(({ reason }) => reason),
      ['it is unusable', 'Database error ER_DATA_TOO_LONG: Data too long'],
    );
  });

  it('is tried again as a whole when the database is away', async () => {
    const filter = await three('away');
    const broken = activitiesWith(failing(undefined, gone()));
    const job = await begunBy(broken, filter);
    await assert.rejects(broken.comparePage({ jobId: job.id }), /gone/);
    const { position, compared } = (await system.store.rescores.get(job.id))!;
    assert.deepEqual([position, compared], ['', 0]);
    assert.equal((await broken.comparePage({ jobId: job.id })).compared, 3);
  });

  it('notes what it has compared in time, and goes on from there', async () => {
    const filter = await three('slow');
    let now = Date.now();
    const slow = activitiesWith({ clock: () => new Date((now += 15_000)) });
    const { id } = await begunBy(slow, filter);
    const pages = [await slow.comparePage({ jobId: id }), await slow.comparePage({ jobId: id })];
    assert.deepEqual(
      pages.map(({ state, compared, changes }) => [state, compared, changes]),
      [
        ['comparing', 2, 2],
        ['compared', 3, 3],
      ],
    );
  });
});

describe('a re-scoring that is applied', () => {
  it('changes verdict, timeline, audit, report and search attributes, once', async () => {
    const incident = await malicious();
    const reports = (await system.store.reports.latest(incident.id))!.version;
    policy = lenient();
    const job = await compare(only(incident));
    const done = await apply(job);
    assert.deepEqual([done.applied, done.skipped, done.applied_by], [1, 0, 'bob']);

    const after = await view(incident.id);
    assert.deepEqual(
      [after.verdict, after.verdict_state, after.score, after.status, after.machine_verdict],
      ['suspicious', 'final', incident.score, 'escalated', 'suspicious'],
    );
    const [, change] = after.verdict_timeline;
    assert.deepEqual([change?.verdict, change?.by], ['suspicious', 'bob']);
    assert.match(change?.reason ?? '', /^Re-scored: Malicious from 99 \(was 70\)/);
    const written = row(after, `rescore/${job.id}`);
    const detail = written.detail as { from: Record<string, unknown>; effect: string };
    assert.deepEqual([detail.from.verdict, detail.from.score_key, detail.effect], ['malicious', '1/score', 'verdict']);
    assert.equal(written.actor, 'bob');
    const now = await incidentRow(incident.id);
    assert.notEqual(incident.decision?.due, undefined);
    assert.deepEqual(now.decision?.due, incident.decision?.due);
    assert.deepEqual([now.score_key, now.policy_id], [`rescore/${job.id}`, job.policy_id]);

    const report = (await system.store.reports.latest(incident.id))!;
    const { incident: told, standing, assessment } = JSON.parse(report.json) as JsonReport;
    assert.equal(report.version, reports + 1);
    assert.deepEqual([told.verdict, standing.status, assessment?.verdict], ['suspicious', 'escalated', 'suspicious']);
    assert.equal(told.audit.at(-1)?.action_key, `rescore/${job.id}`);
    const { author, reason } = (await system.store.reports.versions(incident.id))[0]!;
    assert.deepEqual([author, reason], ['bob', written.summary]);
    assertBySchema(report.json);

    await until('the run to show it', async () => ((await shown(incident.id))[0] === 'suspicious' ? true : undefined));
    assert.deepEqual(await shown(incident.id), ['suspicious', incident.score, 'escalated']);
    await assertAudited(system, after);
    const { problems } = await system.store.audit.verify('system');
    assert.deepEqual(problems, []);

    await requestApply(job.id);
    await system.gateway.rescore({ id: job.id, requestedBy: 'ann' });
    await handle(job.id).result();
    assert.deepEqual((await view(incident.id)).audit, after.audit);
    assert.equal((await compare(only(incident))).changes, 0);
  });

  it('flags what closed itself and would not today; it stays closed, and later rules may clear it', async () => {
    const incident = await benign();
    policy = strict();
    const job = await compare(only(incident));
    assert.deepEqual(
      (await changesOf(job)).map(({ effect, new_outcome }) => [effect, new_outcome]),
      [['flag', 'open']],
    );
    await apply(job);
    const flagged = await view(incident.id);
    assert.deepEqual([flagged.status, flagged.resolution, flagged.verdict], ['closed', 'auto_benign', 'unknown']);
    assert.match(flagged.flagged ?? '', /^Re-scored as unknown, 0 of 100, it would be open: /);
    const report = (await system.store.reports.latest(incident.id))!;
    assert.equal((JSON.parse(report.json) as JsonReport).standing.status, 'closed');
    assert.match(report.html, /needs a second look/);
    const listed = await system.store.incidents.list({ flagged: true, limit: 50 });
    assert.deepEqual(
      listed.items.map(({ id }) => id),
      [incident.id],
    );
    assert.equal((await handle(incident.id).describe()).status.name, 'COMPLETED');
    await assertAudited(system, flagged);

    policy = base;
    await apply(await compare(only(incident)));
    const cleared = await view(incident.id);
    assert.deepEqual([cleared.status, cleared.verdict, cleared.flagged], ['closed', 'benign', null]);
  });

  it('opens it again when that is asked for, also when it has only been flagged before', async () => {
    const incident = await benign();
    policy = strict();
    await apply(await compare(only(incident)));
    assert.equal((await compare(only(incident))).changes, 0);
    const job = await compare(only(incident), true);
    assert.deepEqual(
      (await changesOf(job)).map(({ effect }) => effect),
      ['reopen'],
    );
    await apply(job);
    const opened = await view(incident.id);
    assert.deepEqual([opened.status, opened.resolution, opened.flagged], ['open', null, null]);
    assert.equal(incident.decision?.due, undefined);
    assert.notEqual(opened.decision?.due, undefined);
    assert.deepEqual((row(opened, `rescore/${job.id}`).detail as { reopened: unknown }).reopened, {
      from: 'auto_benign',
    });
    const deps = { store: system.store, gateway: system.gateway, logger: pino({ level: 'silent' }) };
    await sweep({ ...deps, clock: () => new Date() });
    await system.incident(incident.id, ({ audit }) => audit.at(-1)?.action === 'claim');
    assert.equal((await handle(incident.id).describe()).status.name, 'RUNNING');
    assert.deepEqual(await shown(incident.id), ['unknown', 0, 'open']);
    await assertAudited(system, await view(incident.id));
  });

  it('closes what would close today, and its run ends', async () => {
    policy = strict();
    const incident = await played(alertOn(CLEAN, { severity: 'low', username: 'm.okafor' }));
    assert.equal(incident.status, 'open');
    policy = base;
    await apply(await compare(only(incident)));
    const outcome = (await handle(incident.id).result()) as IncidentOutcome;
    assert.deepEqual(outcome, { status: 'closed', resolution: 'auto_benign', verdict: 'benign' });
    const closed = await view(incident.id);
    assert.deepEqual([closed.status, closed.resolution, closed.verdict], ['closed', 'auto_benign', 'benign']);
    assert.deepEqual(await shown(incident.id), ['benign', 0, 'closed']);
    assert.equal((await incidentRow(incident.id)).next_check_at, null);
    await assertAudited(system, closed);
  });

  it('closes what would close today, but its run looks first at what has joined meanwhile', async () => {
    policy = strict();
    const incident = await played(alertOn(CLEAN, { severity: 'low', username: 'm.okafor' }));
    policy = base;
    const job = await compare(only(incident));
    await system.stopWorkers();
    try {
      await applyBy(activities, job);
      assert.equal((await view(incident.id)).status, 'closed');
      // both are there when the run is taken up again
      await handle(incident.id).signal(alertsJoinedSignal);
      await until('the run to be told', async () =>
        (await eventsOf(system, incident.id)).some(
          ({ workflowExecutionSignaledEventAttributes: told }) => told?.signalName === 'rescored',
        )
          ? true
          : undefined,
      );
    } finally {
      await system.startWorkers({ policy: { current: () => policy }, providerRetryForMs: 0 });
    }
    const outcome = (await handle(incident.id).result()) as IncidentOutcome;
    assert.deepEqual(outcome, { status: 'closed', resolution: 'auto_benign', verdict: 'benign' });
    const after = await view(incident.id);
    assert.equal(row(after, '2/conclude').status, 'ok');
    await assertAudited(system, after);
  });

  it('leaves an analyst’s verdict in force and an analyst’s status as it is', async () => {
    const [overridden, acknowledged] = await Promise.all([malicious(), malicious()]);
    const override = {
      verdict: 'benign',
      reason: 'our own scanner',
      by: 'ann',
      at: '2026-11-23T12:00:00.000Z',
    } as const;
    await changeIncident(system.knex, overridden.id, {
      ...{ verdict: 'benign', verdict_state: 'overridden', verdict_override: override },
    });
    await changeIncident(system.knex, acknowledged.id, { status: 'acknowledged' });
    policy = lenient();
    const job = await compare(only(overridden));
    assert.equal((await changesOf(job))[0]?.effect, 'machine_verdict');
    await apply(job);
    await apply(await compare(only(acknowledged)));
    const [first, second] = [await view(overridden.id), await view(acknowledged.id)];
    assert.deepEqual(
      [first.verdict, first.verdict_state, first.machine_verdict, first.verdict_timeline.length],
      ['benign', 'overridden', 'suspicious', 1],
    );
    assert.deepEqual([second.verdict, second.status], ['suspicious', 'acknowledged']);
    await assertAudited(system, first);
  });

  it('does not touch an incident with a round under way, and comes back to it', async () => {
    const [busy, idle] = [await malicious(), await malicious()];
    policy = lenient();
    const both = await compare({ alert_type: ['brute_force'], verdict: ['malicious'] });
    assert.ok(both.changes >= 2, String(both.changes));
    await changeIncident(system.knex, busy.id, { round: 2 });
    await requestApply(both.id);
    await until('a pass to be over', async () =>
      (await eventsOf(system, both.id)).some((event) => event.timerFiredEventAttributes) ? true : undefined,
    );
    assert.equal(rescoreRows(await view(busy.id)).length, 0);
    assert.equal(rescoreRows(await view(idle.id)).length, 1);
    await changeIncident(system.knex, busy.id, { round: 1 });
    const done = await inState(both.id, 'applied');
    assert.deepEqual([done.applied, done.skipped], [done.changes, 0]);
    assert.equal(rescoreRows(await view(busy.id)).length, 1);
  });

  it('gives a round up that does not end, in the last pass, and says so', async () => {
    const incident = await malicious();
    policy = lenient();
    const job = await compare(only(incident));
    await handle(job.id).terminate('by hand');
    await changeIncident(system.knex, incident.id, { round: 2 });
    const at = new Date().toISOString();
    await system.store.rescores.requestApply(job.id, { actor: 'bob', reopen: undefined, at });
    const pass = (isLastPass: boolean): Promise<RescoreStanding> =>
      new MockActivityEnvironment().run(() => activities.applyPage({ jobId: job.id, after: '', isLastPass }));
    assert.equal((await pass(false)).state, 'applying');
    assert.deepEqual(await pass(true), {
      ...{ state: 'applied', compared: 1, failed: 0, changes: 1, applied: 0, skipped: 1, expiresAt: null, after: null },
    });
    assert.equal((await changesOf(job))[0]?.skipped, 'a round of it is under way');
    assert.equal((await view(incident.id)).version, incident.version);
    await changeIncident(system.knex, incident.id, { round: 1 });
  });

  it('leaves alone what has come out otherwise since it was shown', async () => {
    const [judged, other] = [await malicious(), await malicious()];
    policy = lenient();
    const first = await compare(only(judged));
    await apply(await compare(only(judged)));
    const second = await compare(only(other));
    await system.knex('rescore_changes').where({ rescore_id: second.id }).update({ new_score: 1 });
    const reasons = [];
    for (const job of [first, second]) {
      assert.deepEqual([(await apply(job)).applied, (await system.store.rescores.get(job.id))?.skipped], [0, 1]);
      reasons.push((await changesOf(job))[0]?.skipped);
    }
    assert.match(reasons[0] ?? '', /^it was judged since it was compared$/);
    assert.match(reasons[1] ?? '', /^it comes out otherwise than when it was compared/);
    assert.equal(rescoreRows(await view(other.id)).length, 0);
    assert.equal((await view(other.id)).version, other.version);
  });

  it('leaves alone what it would do something else to than was shown', async () => {
    const incident = await malicious();
    policy = { ...lenient(), thresholds: { suspicious: 98, malicious: 99 } };
    const job = await begunBy(activities, only(incident));
    await activities.comparePage({ jobId: job.id });
    assert.equal((await changesOf(job))[0]?.effect, 'open');
    await changeIncident(system.knex, incident.id, { assignee: 'kim' });
    await applyBy(activities, job);
    assert.match((await changesOf(job))[0]?.skipped ?? '', /^applying would not do what was shown, since /);
    const { verdict, status } = await view(incident.id);
    assert.deepEqual([verdict, status], ['malicious', 'escalated']);

    const again = await begunBy(activities, only(incident));
    await activities.comparePage({ jobId: again.id });
    assert.equal((await changesOf(again))[0]?.effect, 'verdict');
    await applyBy(activities, again);
    const after = await view(incident.id);
    assert.deepEqual([after.verdict === 'malicious', after.status], [false, 'escalated']);
  });

  it('flags what an analyst has closed and is worse by later rules; it stays closed', async () => {
    policy = lenient();
    const incident = await malicious();
    assert.equal(incident.verdict, 'suspicious');
    const closed = { status: 'closed', resolution: 'false_positive' } as const;
    await changeIncident(system.knex, incident.id, closed);
    policy = base;
    const job = await compare(only(incident), true);
    assert.equal((await changesOf(job))[0]?.effect, 'flag');
    await apply(job);
    const after = await view(incident.id);
    assert.deepEqual([after.status, after.resolution, after.verdict], ['closed', 'false_positive', 'malicious']);
    assert.match(after.flagged ?? '', /^Re-scored as malicious, /);
    await assertAudited(system, after);
  });

  it('gives up what cannot be changed, with the reason, but not for a database that is away', async () => {
    const incident = await malicious();
    policy = lenient();
    const job = await begunBy(activities, only(incident));
    await activities.comparePage({ jobId: job.id });
    const { actions } = system.store;
    let error: Error = gone();
    const finish: typeof actions.finish = () => Promise.reject(error);
    const broken = activitiesWith({ store: { ...system.store, actions: { ...actions, finish } } });
    assert.equal(await applyBy(broken, job), error);
    error = Object.assign(new Error('bad'), DATA_TOO_LONG);
    await applyBy(broken, job);
    const { state, skipped } = (await system.store.rescores.get(job.id))!;
    assert.deepEqual([state, skipped], ['applied', 1]);
    assert.equal(
      (await changesOf(job))[0]?.skipped,
      'it cannot be judged: Database error ER_DATA_TOO_LONG: Data too long',
    );
  });

  it('is followed by rounds as ever: a retry judges by the rules of its day', async () => {
    system.simulator.control({ provider: 'virustotal', mode: '500' });
    const incident = await malicious();
    system.simulator.control({ mode: 'ok' });
    assert.equal(incident.complete, false);
    policy = { ...base, thresholds: { ...base.thresholds, malicious: incident.score! + 1 } };
    await apply(await compare(only(incident)));
    assert.equal((await view(incident.id)).verdict, 'suspicious');
    await system.gateway.retry(startableOf(await incidentRow(incident.id))!, { requestId: 'again' });
    const after = await system.incident(incident.id, (seen) => seen.audit.at(-1)?.action_key === '2/conclude');
    assert.deepEqual([after.verdict, after.complete], ['malicious', true]);
    assert.equal((await incidentRow(incident.id)).score_key, '2/score');
    assert.equal((await system.store.reports.latest(incident.id))!.version, 3);
    await assertAudited(system, after);
  });
});

describe('a re-scoring whose workers die', () => {
  it('goes on where it was, and every incident is changed exactly once', async () => {
    const incidents = [];
    for (let count = 0; count < 4; count += 1) incidents.push(await malicious());
    policy = lenient();
    const job = await compare({ verdict: ['malicious'] });
    assert.ok(job.changes >= 4, String(job.changes));
    await system.stopWorkers();
    const { actions } = system.store;
    let [written, failed] = [0, 0];
    /** The database goes away with the third change, and its answer with it. */
    const finish: typeof actions.finish = async (input, trx) => {
      if (input.action === 'rescore') written += 1;
      if (written <= 2) return actions.finish(input, trx);
      if (written === 3) await actions.finish(input, trx);
      failed += 1;
      throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    };
    const broken = { ...system.store, actions: { ...actions, finish } };
    await system.startWorkers({ store: broken, policy: { current: () => policy } });
    await requestApply(job.id);
    await until('the database to go away', () => (failed > 0 ? true : undefined));
    await system.stopWorkers();
    await handle(job.id).terminate('by hand');
    policy = base;
    await system.startWorkers({ policy: { current: () => policy } });
    await system.knex('rescores').where({ id: job.id }).update({ check_at: '2026-01-01 00:00:00' });
    const done = await inState(job.id, 'applied');
    assert.deepEqual([done.applied, done.skipped], [done.changes, 0]);
    for (const { id } of incidents) {
      const after = await view(id);
      assert.deepEqual([after.verdict, rescoreRows(after).length], ['suspicious', 1]);
      await assertAudited(system, after);
    }
  });
});
