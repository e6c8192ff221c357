import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import type { ImportStanding } from '../../activities/contract';
import { connect } from '../../db/connect';
import { takeTurn } from '../../db/repositories/ioc-batch';
import { createStore } from '../../db/store';
import type { IocImportRow } from '../../db/store';
import { eventsOf, scheduled } from '../support/history';
import { addresses, importThat, received } from '../support/imports';
import { startProcess } from '../support/process';
import { startProxy } from '../support/proxy';
import { createTestSystem, processEnvironment, temporalAddress } from '../support/system';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

let system: TestSystem;
const home = mkdtempSync(join(tmpdir(), 'soar-imports-'));

before(async () => {
  system = await createTestSystem();
});
afterEach(() => system.stopWorkers());
after(async () => {
  await system.close();
  rmSync(home, { recursive: true });
});

const handle = (id: string) => system.client.workflow.getHandle(id);
const start = ({ id }: IocImportRow) => system.gateway.importIocs({ id, requestedBy: 'ana' });
const isOver = ({ state }: IocImportRow) => state === 'done' || state === 'failed';
const isAmid = ({ state, position }: IocImportRow) => state === 'running' && position > 0;
const auditOf = ({ id }: IocImportRow) => system.knex('action_log').where('action_key', `ioc-import/${id}`);
const known = async (source: string): Promise<number> => (await system.store.iocSources.get(source))?.entries ?? 0;

const msOf = (time: { seconds?: unknown } | null | undefined): number => Number(time?.seconds ?? 0) * 1000;

const pending = async (id: string) => {
  const { raw } = await handle(id).describe();
  return raw.pendingActivities ?? [];
};

it('a file is read by a run of the id of its import, which tells what came of it', async () => {
  await system.startWorkers();
  const job = await received(system, `${addresses(3, 0)}# a comment\n1.1.1.1\nnot an indicator\n10.0.0.1\n`);
  await start(job);
  const result = (await handle(job.id).result()) as ImportStanding;
  assert.deepEqual(
    [result.state, result.format, result.added, result.flagged, result.refused, result.error],
    ['done', 'list', 5, 2, 1, null],
  );
  assert.deepEqual(await handle(job.id).query('progress'), result);
  const { staticSummary } = await handle(job.id).describe();
  assert.equal(await staticSummary(), 'Import of indicators, asked for by ana');
  const { items } = await system.store.iocImports.problems(job.id, { limit: 10 });
  assert.match(items.find(({ text }) => text === '1.1.1.1')?.reason ?? '', /public-dns/);
  assert.equal((await auditOf(job)).length, 1);
});

it('an import that nobody has started gets a run, also when it is asked for many times', async () => {
  await system.startWorkers();
  const job = await received(system, '45.9.9.1\n', { at: new Date(Date.now() - 60_000).toISOString() });
  await Promise.all([start(job), start(job), start(job)]);
  const other = await received(system, '45.9.9.2\n', { at: new Date(Date.now() - 60_000).toISOString() });
  await importThat(system, other.id, isOver);
  await handle(other.id).result();
  assert.equal((await importThat(system, job.id, isOver)).added, 1);
});

it('a file that cannot be read as a whole ends as that, and nothing is tried again', async () => {
  await system.startWorkers();
  const job = await received(system, '{"neither": "this", "nor": "that"}');
  await start(job);
  const { state, error } = (await handle(job.id).result()) as ImportStanding;
  assert.equal(state, 'failed');
  assert.ok(error);
  const steps = scheduled(await eventsOf(system, job.id));
  assert.deepEqual(steps, ['readIocFile']);
});

it('an import that is not there is no import', async () => {
  await system.startWorkers();
  await system.gateway.importIocs({ id: 'IMP-NOT0THERE0', requestedBy: 'ana' });
  await assert.rejects(handle('IMP-NOT0THERE0').result(), WorkflowFailedError);
});

describe('a worker that is killed in the midst', () => {
  it('is missed by its heartbeat; another one goes on from what stands in MySQL, and nothing is told twice', async () => {
    const worker = await startProcess(
      'worker/main.ts',
      processEnvironment(system, { address: temporalAddress(), home }),
      'worker ready',
    );
    const job = await received(system, addresses(40_000, 10), { source: 'killed' });
    await start(job);
    const amid = await importThat(system, job.id, isAmid);
    await worker.kill();
    assert.ok(amid.position < 40_000);
    await system.startWorkers();
    const done = await importThat(system, job.id, isOver);
    assert.deepEqual([done.state, done.position, done.added, done.unchanged], ['done', 40_000, 40_000, 0]);
    assert.equal(await known('killed'), 40_000);
    assert.equal((await auditOf(job)).length, 1);
    await handle(job.id).result();
  });
});

describe('a worker that is told to stop in the midst', () => {
  it('leaves the rest to another one at once', async () => {
    const worker = await startProcess(
      'worker/main.ts',
      processEnvironment(system, { address: temporalAddress(), home }),
      'worker ready',
    );
    const job = await received(system, addresses(60_000, 20), { source: 'stopped' });
    await start(job);
    await importThat(system, job.id, isAmid);
    const code = await worker.stop();
    assert.equal(code, 0);
    await system.startWorkers();
    const done = await importThat(system, job.id, isOver);
    assert.deepEqual([done.state, done.added], ['done', 60_000]);
  });
});

it('MySQL away in the midst is waited for', async () => {
  const url = new URL(system.url);
  const proxy = await startProxy({ host: url.hostname, port: Number(url.port) });
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const knex = connect(url.toString());
  try {
    await system.startWorkers({ store: createStore(knex) });
    const job = await received(system, addresses(30_000, 30), { source: 'cut' });
    await start(job);
    await importThat(system, job.id, isAmid);
    proxy.cut();
    const [failing] = await until('an attempt to fail', async () => {
      const [activity] = await pending(job.id);
      return activity?.lastFailure ? [activity] : undefined;
    });
    assert.match(failing?.lastFailure?.message ?? '', /Database error|closed state/);
    proxy.restore();
    const done = await importThat(system, job.id, isOver);
    assert.deepEqual([done.state, done.added, await known('cut')], ['done', 30_000, 30_000]);
    await system.stopWorkers();
  } finally {
    proxy.restore();
    await knex.destroy();
    await proxy.close();
  }
});

it('what is cancelled is given up, keeps what it has, and is done when the file is sent again', async () => {
  await system.startWorkers();
  const text = addresses(30_000, 40);
  const job = await received(system, text, { source: 'cancelled' });
  await start(job);
  await importThat(system, job.id, isAmid);
  // however quick the machine is, it does not come to the end before the worker has heard of it
  await system.knex.transaction(async (trx) => {
    await takeTurn(trx);
    await handle(job.id).cancel();
    const cancelledAt = Date.now();
    await until('the worker to hear of it', async () => {
      const [activity] = await pending(job.id);
      return !activity || msOf(activity.lastHeartbeatTime) > cancelledAt ? true : undefined;
    });
  });
  const over = await importThat(system, job.id, isOver);
  assert.equal(over.state, 'failed');
  assert.match(over.error ?? '', /^Cancelled/);
  assert.ok(over.position < 30_000);
  await assert.rejects(handle(job.id).result(), WorkflowFailedError);
  assert.equal(await known('cancelled'), over.added);
  const again = await received(system, text, { source: 'cancelled' });
  assert.equal(again.id, job.id);
  await start(again);
  const done = await importThat(system, job.id, ({ state }) => state === 'done');
  assert.equal(await known('cancelled'), 30_000);
  assert.equal(done.error, null);
});
