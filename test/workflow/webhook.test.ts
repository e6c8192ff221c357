import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { createWebhook } from '../../activities/webhook';
import { startNoticeKeeper } from '../../api/notice-keeper';
import { SYSTEM_CHAIN } from '../../db/audit-chain';
import type { RecordedAction } from '../../db/repositories/actions';
import { NOTICE_WORKFLOW_ID } from '../../domain/names';
import { MOST_EVENTS, noticeOf } from '../../domain/notice';
import type { Notice } from '../../domain/notice';
import { DEFAULT_POLICY, policyWith } from '../../domain/policy';
import type { Policy } from '../../domain/policy';
import { changeIncident } from '../support/database';
import { clearText, scheduled } from '../support/history';
import { isFinal } from '../support/questions';
import { eventsIn, isSigned, payloadOf, startReceiver } from '../support/receiver';
import type { Received, Receiver } from '../support/receiver';
import { BENIGN, freshAlert } from '../support/samples';
import { createTestSystem, settled } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

const SECRET = Buffer.from('the secret of this test');
/** As many tools have it in the address. */
const TOKEN = 'hook-t0ken-of-the-receiver';
const taken = (response: ServerResponse): void => void response.writeHead(204).end();
const refused = (response: ServerResponse): void => void response.writeHead(503).end(`not now, ${TOKEN}`);

describe('the webhook that tells another tool of escalations', () => {
  let system: TestSystem;
  let tool: Receiver;
  let keeper: { stop(): Promise<void> };
  let policy: Policy;
  /** How the tool answers: it is given the request, and how many came before it in this test. */
  let answer: (response: ServerResponse, request: Received, before: number) => void;

  before(async () => {
    system = await createTestSystem();
    policy = policyWith(DEFAULT_POLICY, system.providers());
    tool = await startReceiver((response, request, earlier) => answer(response, request, earlier));
    const { store, gateway } = system;
    keeper = startNoticeKeeper({ store, gateway, logger: pino({ level: 'silent' }), everyMs: 50, foldMs: 100 });
    await startWorkers();
  });
  beforeEach(() => {
    tool.received.length = 0;
    answer = taken;
  });
  after(async () => {
    await keeper.stop();
    await system.close();
    await tool.close();
  });

  const startWorkers = (): Promise<void> =>
    system.startWorkers({
      webhook: createWebhook({ url: `${tool.url}/hooks/${TOKEN}`, secret: SECRET, timeoutMs: 30_000 }),
      policy: { current: () => policy },
      publicUrl: 'https://soar.corp.example',
    });

  const run = (runId?: string) => system.client.workflow.getHandle(NOTICE_WORKFLOW_ID, runId);

  /** All is told, and nobody is at it any more. */
  async function quiet(): Promise<void> {
    await until('all to be told', async () => ((await system.store.notices.anyPending()) ? undefined : true));
    await run().result();
  }

  async function escalated(): Promise<string> {
    const id = await system.submit(freshAlert());
    assert.equal((await system.incident(id, settled)).status, 'escalated');
    return id;
  }

  const deliveryOf = (request: Received): Promise<RecordedAction | undefined> =>
    system.store.actions.find(SYSTEM_CHAIN, `notice/${payloadOf(request).id}`);

  /** Notes that many events, as a storm of clocks would. */
  async function note(incidentId: string, keys: readonly string[], event: Notice['event'] = 'sla_breached') {
    const incident = await system.store.incidents.require(incidentId);
    const at = new Date().toISOString();
    await system.knex.transaction(async (trx) => {
      for (const key of keys) {
        const notice = noticeOf(
          incident,
          { event, key, reason: 'A test' },
          { at, publicUrl: 'https://soar.corp.example' },
        );
        await system.store.notices.note(trx, { incidentId, key, event: notice, at });
      }
    });
  }

  const pendingError = async (): Promise<string> => {
    const { raw } = await run().describe();
    return (raw.pendingActivities ?? []).map(({ lastFailure }) => lastFailure?.message ?? '').join();
  };

  it('tells of an incident that is escalated, once, signed, and of no other', async () => {
    const harmless = await system.submit(freshAlert(BENIGN));
    await system.incident(harmless, ({ status }) => status === 'closed');
    const id = await escalated();
    await quiet();
    assert.equal(tool.received.length, 1);
    const [request] = tool.received;
    assert.ok(request && isSigned(request, SECRET));
    const { events, ...payload } = payloadOf(request);
    assert.deepEqual(
      [payload.id, payload.type, payload.version, payload.more],
      [request.headers['webhook-id'], 'soar.escalations', 1, { count: 0, by_event: {} }],
    );
    const { title, severity, score, decision } = await system.store.incidents.require(id);
    assert.deepEqual(
      events.map(({ at: _at, ...event }) => event),
      [
        {
          ...{ id: `${id}/escalated/1`, incident_id: id, event: 'escalated', reason: decision?.reason },
          ...{ title, alert_type: 'brute_force', severity, verdict: 'malicious', score, status: 'escalated' },
          ...{ assignee: null, url: `https://soar.corp.example/api/v1/incidents/${id}` },
        },
      ],
    );
    const delivery = await deliveryOf(request);
    assert.equal(delivery?.summary, `1 event of 1 incident told to ${new URL(tool.url).host}`);
    assert.deepEqual(delivery.detail, {
      ...{ webhook_id: payload.id, host: new URL(tool.url).host, http_status: 204 },
      ...{ events: [`${id}/escalated/1`], told_by_number: 0 },
    });
    assert.deepEqual((await system.store.audit.verify(SYSTEM_CHAIN)).problems, []);
  });

  it('tries again, with the very same request, until it is taken', async () => {
    answer = (response, _request, earlier) => void response.writeHead(earlier < 2 ? 500 : 200).end();
    const id = await escalated();
    await quiet();
    assert.equal(tool.received.length, 3);
    assert.equal(new Set(tool.received.map(({ headers }) => headers['webhook-id'])).size, 1);
    for (const request of tool.received) {
      assert.ok(isSigned(request, SECRET));
      assert.deepEqual(payloadOf(request).events, payloadOf(tool.received[0]!).events);
      assert.deepEqual(payloadOf(request).events[0]?.incident_id, id);
    }
    assert.equal((await deliveryOf(tool.received[0]!))?.failures, 2);
  });

  it('folds a storm: what comes while a request is under way is told by the next one', async () => {
    const id = await system.accept(freshAlert());
    let release: (() => void) | undefined;
    answer = (response, _request, earlier) => {
      if (earlier > 0) return taken(response);
      release = () => taken(response);
    };
    const keys = Array.from({ length: 150 }, (_, index) => `breach/${index}`);
    await note(id, keys.slice(0, 1));
    await until('the first request', () => release);
    for (let from = 1; from < keys.length; from += 10) await note(id, keys.slice(from, from + 10));
    release?.();
    await quiet();
    const [first, second] = tool.received.map(payloadOf);
    assert.deepEqual([tool.received.length, first?.events.length, second?.events.length], [2, 1, MOST_EVENTS]);
    assert.deepEqual(second?.more, { count: 49, by_event: { sla_breached: 49 } });
    const eventIds = keys.slice(1).map((key) => `${id}/${key}`);
    const hash = createHash('sha256').update(eventIds.sort().join('\n')).digest('hex').slice(0, 32);
    assert.equal(second?.id, `msg_${hash}`, 'named by all that it tells, also by number');
    assert.match((await deliveryOf(tool.received[1]!))?.summary ?? '', /^149 events of 1 incident told to /);
  });

  it('loses nothing while the receiver is down and workers come and go', async () => {
    answer = refused;
    const first = await escalated();
    await until('it to be refused', async () => ((await pendingError()).includes('503') ? true : undefined));
    const { runId } = await run().describe();
    assert.match(await pendingError(), /answered 503 \(“not now, \[removed\]”\)/);
    await system.stopWorkers();
    const second = await system.submit(freshAlert());

    await system.startWorkers({ policy: { current: () => policy } });
    await until('a worker without an address to say so', async () =>
      (await pendingError()).includes('has no ESCALATION_WEBHOOK_URL') ? true : undefined,
    );
    await system.incident(second, settled);
    await system.stopWorkers();
    const third = await system.submit(freshAlert());

    answer = taken;
    tool.received.length = 0;
    await startWorkers();
    await system.incident(third, settled);
    await quiet();
    const told = eventsIn(tool.received).map(({ incident_id }) => incident_id);
    assert.deepEqual(told.sort(), [first, third].sort(), 'the second was decided where nobody was to be told');
    const history = (await run(runId).fetchHistory()).events ?? [];
    assert.ok(scheduled(history).includes('deliverNotices'));
    assert.ok(!clearText(history).includes(TOKEN), 'the rest of the address stays out of histories');
  });

  it('tells of what a re-scoring escalates', async () => {
    const id = await system.submit(freshAlert());
    await system.incident(id, isFinal);
    await quiet();
    tool.received.length = 0;
    // as if the rules of then had left it open
    await changeIncident(system.knex, id, { status: 'open' });
    policy = { ...policy, thresholds: { ...policy.thresholds, malicious: 99 } };
    const { rescores } = system.store;
    const at = () => new Date().toISOString();
    const job = await rescores.create({ requestedBy: 'ann', filter: { q: id }, reopen: false, at: at() });
    await system.gateway.rescore({ id: job.id, requestedBy: 'ann' });
    await until('the comparison', async () => ((await rescores.get(job.id))?.state === 'compared' ? true : undefined));
    await rescores.requestApply(job.id, { actor: 'bob', reopen: undefined, at: at() });
    await system.gateway.rescore({ id: job.id, requestedBy: 'ann' });
    await system.incident(id, ({ status }) => status === 'escalated');
    await quiet();
    const [event] = eventsIn(tool.received);
    assert.deepEqual([event?.id, event?.verdict], [`${id}/escalated/rescore/${job.id}`, 'suspicious']);
  });

  it('notes nothing where nobody is to be told', async () => {
    await system.stopWorkers();
    await system.startWorkers();
    const id = await escalated();
    assert.equal(await system.knex('notices').where({ incident_id: id }).first(), undefined);
  });
});
