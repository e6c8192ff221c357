import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { RefusedByRunError } from '../../api/gateway';
import { startableOf } from '../../api/reconciler';
import type { IncidentView } from '../../db/views';
import { DEFAULT_SITE } from '../../domain/site';
import type { IncidentOutcome, RetryRequest } from '../../workflows/messages';
import { assertAudited, row } from '../support/audit';
import { eventsOf } from '../support/history';
import { alertOn, answerOf, awaitsVirusTotal, isFinal, sentTo } from '../support/questions';
import { changeIncident } from '../support/database';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

/** VirusTotal knows it, and nobody accuses it: its word alone makes the incident benign, and closes it. */
const CLEAN = '81.2.69.142';

let system: TestSystem;
let ownRanges: string[] = [];
/** Ever more of them, so that no test finds the answers of another. */
let addresses = 0;
const freshAddress = (): string => `62.113.202.${(addresses += 1)}`;

before(async () => {
  system = await createTestSystem({ current: () => ({ ...DEFAULT_SITE, own_ranges: ownRanges }) });
});
afterEach(async () => {
  system.simulator.control({ mode: 'ok' });
  await system.forget();
});
after(() => system.close());

const handle = (id: string) => system.client.workflow.getHandle(id);
const sent = (address: string): number => sentTo(system, 'virustotal', address).length;
const reports = async (id: string): Promise<number> => (await system.store.reports.latest(id))?.version ?? 0;
const retries = ({ audit }: IncidentView) => audit.filter(({ action }) => action === 'retry');

/** As the API does it. */
async function retry(id: string, requestId: string, enrichments?: string[]) {
  const startable = startableOf(await system.store.incidents.require(id))!;
  return system.gateway.retry(startable, { requestId, actor: 'ann', ...(enrichments ? { enrichments } : {}) });
}

/** The incident after a further round. */
const afterRound = (id: string, round: number, more: (incident: IncidentView) => boolean = () => true) =>
  system.incident(id, (seen) => isFinal(seen) && seen.audit.at(-1)!.action_key === `${round}/conclude` && more(seen));

/** An incident about which VirusTotal could not be asked, and GeoIP could. */
async function halfAnswered(address: string): Promise<string> {
  system.simulator.control({ provider: 'virustotal', mode: '500' });
  const id = await system.submit(alertOn(address, { severity: 'low', username: 'm.okafor' }));
  const incident = await system.incident(id, isFinal);
  assert.deepEqual([answerOf(incident, 'virustotal').state, incident.complete], ['failed', false]);
  system.simulator.control({ mode: 'ok' });
  return id;
}

/** What an update was refused with. */
async function refusal(id: string, request?: unknown): Promise<string> {
  const update = handle(id).executeUpdate('retryEnrichment', { args: [request] });
  const error: unknown = await update.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
  return (error.cause as { type?: string }).type ?? '';
}

describe('a retry', () => {
  before(() => system.startWorkers({ providerRetryForMs: 0 }));
  after(() => system.stopWorkers());

  it('repeats only what failed; what it cannot mend leaves the good answers as they are', async () => {
    const address = CLEAN;
    const id = await halfAnswered(address);
    const first = (await system.store.incidents.view(id))!;
    system.simulator.control({ provider: 'virustotal', mode: '500' });
    assert.deepEqual(await retry(id, 'in vain'), [
      { source: 'virustotal', observable: `ip:${address}`, state: 'failed' },
    ]);
    const second = await afterRound(id, 2);
    assert.deepEqual(answerOf(second, 'geoip'), answerOf(first, 'geoip'));
    assert.equal(answerOf(second, 'virustotal').state, 'failed');
    assert.deepEqual([second.verdict, second.complete], [first.verdict, false]);
    assert.deepEqual([sent(address), sentTo(system, 'geoip', address).length], [2, 1]);

    system.simulator.control({ mode: 'ok' });
    const before = await reports(id);
    await retry(id, 'with success');
    await afterRound(id, 3);
    const third = await system.incident(id, ({ status }) => status === 'closed');
    assert.deepEqual([third.verdict, third.complete, third.status], ['benign', true, 'closed']);
    assert.deepEqual(
      third.verdict_timeline.map(({ verdict }) => verdict),
      ['unknown', 'benign'],
    );
    assert.equal(await reports(id), before + 1);
    assert.deepEqual([sent(address), sentTo(system, 'geoip', address).length], [3, 1]);
    assert.deepEqual(
      retries(third).map(({ action_key, actor, summary }) => [action_key, actor, summary]),
      [
        ['retry/in vain', 'ann', 'ann has 1 lookup repeated'],
        ['retry/with success', 'ann', 'ann has 1 lookup repeated'],
      ],
    );
    assert.equal(row(third, `retry/with success/virustotal/ip:${address}`).status, 'ok');
    await assertAudited(system, third);
    assert.equal(((await handle(id).result()) as IncidentOutcome).status, 'closed');
  });

  it('is had from any client of the engine, by names or without any', async () => {
    const address = freshAddress();
    const id = await halfAnswered(address);
    const named: RetryRequest = { enrichments: [`virustotal/ip:${address}`], requestId: 'by name', actor: 'bob' };
    system.simulator.control({ provider: 'virustotal', mode: '500' });
    await handle(id).executeUpdate('retryEnrichment', { args: [named] });
    await afterRound(id, 2);
    system.simulator.control({ mode: 'ok' });
    const retried: unknown = await handle(id).executeUpdate('retryEnrichment', { updateId: 'from the UI' });
    assert.deepEqual(retried, [{ source: 'virustotal', observable: `ip:${address}`, state: 'failed' }]);
    const incident = await afterRound(id, 3);
    assert.deepEqual(
      retries(incident).map(({ action_key, actor }) => [action_key, actor]),
      [
        ['retry/by name', 'bob (Temporal UI)'],
        ['retry/from the UI', 'Temporal UI'],
      ],
    );
    assert.equal(incident.complete, true);
    await assertAudited(system, incident);
  });

  it('is done once however often it is asked for under one name', async () => {
    const address = freshAddress();
    const id = await halfAnswered(address);
    const [first, again] = await Promise.all([retry(id, 'once'), retry(id, 'once')]);
    assert.deepEqual(again, first);
    const incident = await afterRound(id, 2);
    assert.equal(sent(address), 2);
    assert.deepEqual(
      retries(incident).map(({ action_key }) => action_key),
      ['retry/once'],
    );
    await assertAudited(system, incident);
  });

  it('is refused where there is nothing to retry, nothing of that name, or no sense in it', async () => {
    const address = freshAddress();
    const id = await halfAnswered(address);
    await assert.rejects(retry(id, 'unknown', ['virustotal/ip:192.0.2.1']), (error: RefusedByRunError) => {
      assert.equal(error.type, 'UnknownEnrichment');
      return true;
    });
    await assert.rejects(retry(id, 'nothing', [`geoip/ip:${address}`]), (error: RefusedByRunError) => {
      assert.equal(error.type, 'NothingToRetry');
      return true;
    });
    for (const request of [{ enrichments: [] }, { enrichments: ['virustotal'] }, { requestId: '' }, { actor: 7 }]) {
      assert.equal(await refusal(id, request), 'InvalidRequest', JSON.stringify(request));
    }
    assert.equal(sent(address), 1);
    await retry(id, 'all');
    await afterRound(id, 2);
    assert.equal(await refusal(id), 'NothingToRetry');
    await assertAudited(system, (await system.store.incidents.view(id))!);
  });

  it('of a closed incident is done by a new run that ends, days after, and the incident stays closed', async () => {
    const address = freshAddress();
    const id = await halfAnswered(address);
    await closeByHand(id);
    const { runId } = await handle(id).describe();
    await system.connection.workflowService.deleteWorkflowExecution({
      namespace: system.namespace,
      workflowExecution: { workflowId: id, runId },
    });
    await until('the engine to have forgotten the run', async () =>
      (await system.gateway.describe(id)) === 'unknown' ? true : undefined,
    );
    const before = await reports(id);
    await retry(id, 'days after');
    const incident = await system.incident(id, (seen) => isFinal(seen) && seen.complete);
    assert.deepEqual([incident.status, incident.resolution], ['closed', 'false_positive']);
    assert.equal(answerOf(incident, 'virustotal').state, 'not_known');
    assert.equal(await reports(id), before + 1);
    const outcome = (await handle(id).result()) as IncidentOutcome;
    assert.deepEqual([outcome.status, outcome.resolution], ['closed', 'false_positive']);
    assert.equal(incident.audit.filter(({ action }) => action === 'claim').length, 2);
    assert.equal((await system.store.incidents.require(id)).next_check_at, null);
    await assertAudited(system, incident);

    // nothing is left to do: the run that finds that out ends too
    await assert.rejects(retry(id, 'once more'), { type: 'NothingToRetry' });
    assert.equal(((await handle(id).result()) as IncidentOutcome).status, 'closed');
    assert.equal((await system.store.incidents.view(id))!.status, 'closed');
  });

  it('of what waits asks once more, and leaves it its place when it is refused again', async () => {
    const address = freshAddress();
    system.simulator.control({ provider: 'virustotal', mode: '429', ms: 3_600_000, times: 1 });
    const id = await system.submit(alertOn(address));
    await system.incident(id, awaitsVirusTotal);
    const sinceOf = async () =>
      (await system.knex('enrichments').where({ incident_id: id, source: 'virustotal' }).first<{ since: string }>())
        .since;
    const since = await sinceOf();
    assert.deepEqual(await retry(id, 'now'), [{ source: 'virustotal', observable: `ip:${address}`, state: 'waiting' }]);
    const incident = await system.incident(id, (seen) => /refus|silence/.test(answerOf(seen, 'virustotal').summary));
    assert.equal(answerOf(incident, 'virustotal').state, 'waiting');
    assert.equal(await sinceOf(), since);
    assert.equal(sent(address), 1, 'the silence that it asked for is kept');
    await system.forget();
    const answered = await system.incident(id, isFinal);
    assert.equal(row(answered, `1/virustotal/ip:${address}`).status, 'ok');
    await assertAudited(system, answered);
  });

  it('passes the gate again: what has become the site’s own meanwhile is not sent', async () => {
    const address = freshAddress();
    const id = await halfAnswered(address);
    ownRanges = [`${address}/32`];
    try {
      await retry(id, 'own now');
      const incident = await afterRound(id, 2);
      const { state, summary } = answerOf(incident, 'virustotal');
      assert.equal(state, 'not_sent');
      assert.match(summary, /belongs to this site/);
      assert.equal(sent(address), 1);
      await assertAudited(system, incident);
    } finally {
      ownRanges = [];
    }
  });
});

describe('a retry that is asked for while a verdict is being given', () => {
  after(() => system.stopWorkers());

  it('is not overlooked although its answer comes before that verdict is on record', async () => {
    const address = freshAddress();
    const { actions } = system.store;
    let tries = 0;
    const finish: typeof actions.finish = async (input) => {
      if (input.actionKey !== '1/score') return actions.finish(input);
      tries += 1;
      // as a regular activity it lets the run hear of other things meanwhile
      if (tries <= 3) throw new Error('as when MySQL is away');
      system.simulator.control({ mode: 'ok' });
      await retry(input.incidentId!, 'meanwhile');
      await until('the run to have the answer', async () => {
        const events = await eventsOf(system, input.incidentId!);
        return events.filter((event) => event.activityTaskCompletedEventAttributes).length > 2 ? true : undefined;
      });
      return actions.finish(input);
    };
    await system.startWorkers({ store: { ...system.store, actions: { ...actions, finish } }, providerRetryForMs: 0 });
    system.simulator.control({ provider: 'virustotal', mode: '500' });
    const id = await system.submit(alertOn(address));
    const incident = await afterRound(id, 2);
    assert.deepEqual([incident.complete, answerOf(incident, 'virustotal').state], [true, 'not_known']);
    assert.equal(tries, 4);
    await assertAudited(system, incident);
  });
});

describe('a source that was not set up', () => {
  after(() => system.stopWorkers());

  it('is asked when it is set up, on somebody’s word', async () => {
    const address = freshAddress();
    await system.startWorkers({ providers: system.providers({ variables: { VIRUSTOTAL_API_KEY: '' } }) });
    const id = await system.submit(alertOn(address));
    const first = await system.incident(id, isFinal);
    assert.equal(answerOf(first, 'virustotal').state, 'not_configured');
    assert.equal(await refusal(id), 'NothingToRetry');
    await system.stopWorkers();
    await system.startWorkers();
    assert.deepEqual(await retry(id, 'set up'), [
      { source: 'virustotal', observable: `ip:${address}`, state: 'not_configured' },
    ]);
    const incident = await afterRound(id, 2);
    assert.equal(answerOf(incident, 'virustotal').state, 'not_known');
    assert.equal(sent(address), 1);
    await assertAudited(system, incident);
  });
});

/** As an analyst closes an incident: it is closed, and its run is told and ends. */
async function closeByHand(id: string): Promise<void> {
  const changes = { status: 'closed', resolution: 'false_positive' } as const;
  await changeIncident(system.knex, id, changes);
  await handle(id).signal('alertsJoined');
  await handle(id).result();
}
