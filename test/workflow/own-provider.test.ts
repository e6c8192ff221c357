import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startableOf } from '../../api/reconciler';
import { parseEnv } from '../../config/env';
import type { IncidentView } from '../../db/views';
import { assertAudited, row } from '../support/audit';
import { eventsOf } from '../support/history';
import { alertOn, answerOf, isFinal } from '../support/questions';
import { rumours, startRumourMill } from '../support/rumours';
import type { RumourMill } from '../support/rumours';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';

const ACCUSED = '81.2.69.142';
const PER_MINUTE = 60;

/** Nothing but its definition tells the suite of it: what is true of VirusTotal is true of it. */
describe('a source that is one new file', () => {
  let system: TestSystem;
  let mill: RumourMill;
  let first: IncidentView;

  before(async () => {
    [system, mill] = await Promise.all([createTestSystem(), startRumourMill()]);
    const environment = { DATABASE_URL: system.url, RUMOURS_URL: mill.url, RUMOURS_PER_MINUTE: String(PER_MINUTE) };
    const { settings } = parseEnv(environment, rumours.variables);
    const own = rumours.create(settings, { store: system.store, simulated: false });
    await system.startWorkers({ providers: [...system.providers(), own], providerRetryForMs: 0 });
    mill.spread(ACCUSED, 8);
    first = await play(ACCUSED);
  });
  after(async () => {
    await system.close();
    await mill.close();
  });

  const play = async (address: string, changes: Record<string, unknown> = {}): Promise<IncidentView> => {
    const incident = await system.incident(await system.submit(alertOn(address, changes)), isFinal);
    await assertAudited(system, incident);
    return incident;
  };
  /** Queues on which it was asked for an incident. */
  const queues = async ({ id }: IncidentView): Promise<(string | null | undefined)[]> => {
    const scheduled = (await eventsOf(system, id)).flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
    return scheduled
      .filter(({ activityType: type }) => type?.name === 'lookupRumours')
      .map((each) => each.taskQueue?.name);
  };

  it('is asked on a queue of its own, within a quota of its own', async () => {
    assert.deepEqual(await queues(first), ['rumours']);
    assert.deepEqual(mill.asked(), [ACCUSED]);
    const status = (await system.store.quotas.status()).find(({ name }) => name === 'rumours')!;
    assert.deepEqual([status.title, status.looks_up, status.configured], ['Rumour mill', ['ip'], true]);
    assert.deepEqual(
      status.windows.map(({ name, limit, used, left }) => ({ name, limit, used, left })),
      [{ name: 'minute', limit: PER_MINUTE, used: 1, left: PER_MINUTE - 1 }],
    );
  });

  it('has its say in the verdict, in words and with its evidence, and in the report', async () => {
    const key = `1/rumours/ip:${ACCUSED}`;
    const signal = first.signals.find(({ source }) => source === 'rumours')!;
    assert.deepEqual([signal.points, signal.level, signal.evidence], [80, 'critical', key]);
    assert.deepEqual([first.verdict, first.status, first.complete], ['malicious', 'escalated', true]);
    assert.match(first.explanation!, /Rumour mill on 81\.2\.69\.142: 8 tell bad things of it/);
    const whole = (await system.store.incidents.view(first.id, { includeRaw: true }))!;
    assert.deepEqual(row(whole, key).raw?.json, { address: ACCUSED, tellers: 8 });
    assert.match((await system.store.reports.latest(first.id))!.html, /Rumour mill/);
  });

  it('is asked once for all: its answer serves the next incident', async () => {
    const next = await play(ACCUSED);
    assert.deepEqual([await queues(next), mill.asked().length], [[], 1]);
    const { raw_sha256, summary } = row(next, `1/rumours/ip:${ACCUSED}`);
    assert.equal(raw_sha256, row(first, `1/rumours/ip:${ACCUSED}`).raw_sha256);
    assert.match(summary, /\(answer of /);
    assert.equal(next.verdict, 'malicious');
  });

  it('is sent nothing that the gate holds back', async () => {
    const incident = await play('62.113.204.1', { tlp: 'red' });
    assert.equal(answerOf(incident, 'rumours').state, 'not_sent');
    assert.equal(mill.asked().includes('62.113.204.1'), false);
  });

  it('that fails is seen to have failed, and is asked again on somebody’s word', async () => {
    const address = '62.113.204.2';
    mill.answerWith(500);
    const failed = await play(address);
    const { status, raw_sha256 } = row(failed, `1/rumours/ip:${address}`);
    assert.deepEqual([status, answerOf(failed, 'rumours').state, failed.complete], ['failed', 'failed', false]);
    assert.match(raw_sha256 ?? 'none', /^[0-9a-f]{64}$/);
    assert.deepEqual(
      failed.missing.map(({ source, state }) => [source, state]),
      [['rumours', 'failed']],
    );
    mill.answerWith(200);
    const startable = startableOf(await system.store.incidents.require(failed.id))!;
    const retried = await system.gateway.retry(startable, { requestId: 'well again' });
    assert.deepEqual(retried, [{ source: 'rumours', observable: `ip:${address}`, state: 'failed' }]);
    const incident = await system.incident(failed.id, (seen) => isFinal(seen) && seen.complete);
    assert.equal(answerOf(incident, 'rumours').state, 'not_known');
    assert.equal(mill.asked().filter((asked) => asked === address).length, 2);
    assert.deepEqual(await queues(incident), ['rumours', 'rumours']);
    await assertAudited(system, incident);
  });
});
