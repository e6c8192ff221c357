import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ImportTakenError } from '../../db/errors';
import type { ImportOptions, ImportWork, NewImport } from '../../db/ioc-views';
import type { IocImportRow } from '../../db/store';
import { shift } from '../../db/time';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { atOnce, NOW } from './fixtures';

const NO_OPTIONS: ImportOptions = {
  ...{ format: null, columns: null, type: null, confidence: null, tlp: null, tags: null, expires_after_days: null },
};

const WORK: ImportWork = { clock: () => new Date(NOW), warningsOf: (indicators) => indicators.map(() => []) };

async function* streamOf(text: string): AsyncGenerator<Buffer> {
  for (let start = 0; start < text.length; start += 70_000)
    yield await Promise.resolve(Buffer.from(text.slice(start, start + 70_000)));
}

const addresses = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => {
    const number = from + index;
    return `45.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}\n`;
  }).join('');

type Counts = Partial<IocImportRow>;
const countsOf = ({ added, updated, unchanged, revoked, refused, state }: IocImportRow): Counts => ({
  ...{ added, updated, unchanged, revoked, refused, state },
});

describe('an import', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  const wantedOf = (changes: Partial<NewImport> = {}): NewImport => ({
    ...{ source: 'feed', fileName: 'list.txt', options: NO_OPTIONS, actor: 'ana', at: NOW },
    ...changes,
  });
  const receive = (text: string, changes: Partial<NewImport> = {}) =>
    database.store.iocImports.receive(streamOf(text), wantedOf(changes));
  const work = (id: string, changes: Partial<ImportWork> = {}) =>
    database.store.iocImports.work(id, { ...WORK, ...changes });
  const imported = async (text: string, changes: Partial<NewImport> = {}) =>
    work((await receive(text, changes)).job.id);
  const count = async (table: string) => Number((await database.knex(table).count({ rows: '*' }))[0]?.rows);

  it('keeps the good lines, tells of the others, and leaves no file behind', async () => {
    const { job, repeated } = await receive('1.2.3.4\n# a comment\nnot an indicator !!\n5.6.7.8\n10.0.0.1\n');
    assert.deepEqual([repeated, job.state, job.check_at], [false, 'queued', shift(NOW, 5_000)]);
    const done = await work(job.id);
    assert.deepEqual(countsOf(done), {
      ...{ added: 3, updated: 0, unchanged: 0, revoked: 0, refused: done.refused, state: 'done' },
    });
    assert.equal(done.flagged, 1);
    const { items } = await database.store.iocImports.problems(job.id, { limit: 10 });
    assert.deepEqual(
      items.filter(({ kind }) => kind === 'flagged').map(({ line, text, reason }) => [line, text, reason]),
      [[5, '10.0.0.1', 'Is a private address']],
    );
    assert.equal(await count('ioc_import_chunks'), 0);
    assert.deepEqual(await database.store.iocImports.get(job.id), done);
    const [row] = await database.knex('action_log').where({ action_key: `ioc-import/${job.id}` });
    assert.equal(row.actor, 'ana');
    assert.match(row.summary, /3 added/);
    assert.deepEqual((await database.store.audit.verify('system')).problems, []);
  });

  it('of the same file is the same import: nothing is read again', async () => {
    const first = await imported('9.9.9.1\n');
    const again = await receive('9.9.9.1\n');
    assert.deepEqual([again.repeated, again.job.id], [true, first.id]);
    assert.deepEqual(await work(first.id), first);
    assert.equal((await receive('9.9.9.1\n', { source: 'other' })).repeated, false);
    assert.equal((await receive('9.9.9.1\n', { options: { ...NO_OPTIONS, tlp: 'red' } })).repeated, false);
  });

  it('of nearly the same file counts what is unchanged', async () => {
    const file = `8.1.1.1\n8.1.1.2\n`;
    assert.deepEqual(countsOf(await imported(file)).added, 2);
    const again = await imported(`${file}# made anew\n`);
    assert.deepEqual([again.added, again.updated, again.unchanged], [0, 0, 2]);
    const later = await imported(`${file}# later\n`, { at: shift(NOW, 1000) });
    assert.deepEqual([later.added, later.updated, later.unchanged], [0, 2, 0]);
    const [match] = await database.store.iocs.lookup({ type: 'ip', value: '8.1.1.1' });
    assert.equal(match?.lastSeen, shift(NOW, 1000));
    assert.equal(match?.sightings[0]?.first_seen, NOW);
    assert.equal(match?.sightings[0]?.import_id, later.id);
  });

  it('that is broken off goes on where it was, and counts each line once', async () => {
    const { job } = await receive(addresses(0, 4_500));
    const stop = new AbortController();
    const halfWay = work(job.id, {
      signal: stop.signal,
      onProgress: ({ position }) => position >= 2_000 && stop.abort(),
    });
    await assert.rejects(halfWay);
    const broken = await database.store.iocImports.get(job.id);
    assert.ok(broken && broken.position >= 2_000 && broken.position < 4_500);
    assert.equal(broken.state, 'running');
    const done = await work(job.id);
    assert.deepEqual(countsOf(done), {
      ...{ added: 4_500, updated: 0, unchanged: 0, revoked: 0, refused: 0, state: 'done' },
    });
    assert.deepEqual([done.lines, done.bytes_done, done.position], [4_500, done.bytes, 4_500]);
  });

  it('that fails while it writes has written whole batches only', async () => {
    const { job } = await receive(addresses(10_000, 12_500));
    let calls = 0;
    const broken = work(job.id, {
      warningsOf: (indicators) => {
        if (++calls === 2) throw new Error('killed');
        return indicators.map(() => []);
      },
    });
    await assert.rejects(broken, /killed/);
    assert.equal((await database.store.iocImports.get(job.id))?.position, 1_000);
    assert.equal((await work(job.id)).added, 2_500);
  });

  it('is done by one of two who are at it at once', async () => {
    const { job } = await receive(addresses(20_000, 23_000));
    const results = await Promise.allSettled([work(job.id), work(job.id)]);
    const lost = results.filter((result) => result.status === 'rejected');
    for (const { reason } of lost) assert.ok(reason instanceof ImportTakenError, String(reason));
    assert.equal((await work(job.id)).added, 3_000);
    assert.equal((await database.store.iocImports.get(job.id))?.state, 'done');
  });

  it('beside others of the same values loses no count and no sighting', async () => {
    const before = await count('iocs');
    const sources = ['p1', 'p2', 'p3', 'p1'];
    const done = await atOnce(4, (index) =>
      imported(`# ${index}\n${addresses(30_000, 33_000)}`, { source: sources[index]! }),
    );
    assert.equal((await count('iocs')) - before, 3_000);
    const sum = (of: (job: IocImportRow) => number) => done.reduce((total, job) => total + of(job), 0);
    assert.equal(
      sum(({ added }) => added),
      3_000,
    );
    assert.equal(
      sum(({ updated }) => updated),
      6_000,
    );
    assert.equal(
      sum(({ unchanged }) => unchanged),
      3_000,
    );
    assert.equal(
      await database
        .knex('ioc_sightings')
        .where({ source: 'p1' })
        .count({ n: '*' })
        .first()
        .then((row) => Number(row?.n)),
      3_000,
    );
  });

  it('that cannot be read fails, says why, and is done again when it is asked for again', async () => {
    const binary = `\x7fELF${'\0'.repeat(200)}`;
    const { job } = await receive(binary);
    const failed = await work(job.id);
    assert.equal(failed.state, 'failed');
    assert.ok(failed.error);
    assert.deepEqual(await database.knex('ioc_import_chunks').where({ import_id: job.id }), []);
    const again = await receive(binary, { at: shift(NOW, 1000) });
    assert.deepEqual([again.repeated, again.job.id, again.job.state], [true, job.id, 'queued']);
    assert.equal((await work(job.id)).state, 'failed');
    assert.equal((await database.knex('action_log').where('action_key', 'like', `ioc-import/${job.id}%`)).length, 2);
    assert.deepEqual((await database.store.audit.verify('system')).problems, []);
  });

  it('in a format that nobody knows fails', async () => {
    const job = await imported('1.1.1.1\n', { options: { ...NO_OPTIONS, format: 'nonsense' } });
    assert.equal(job.state, 'failed');
    assert.match(job.error ?? '', /nonsense/);
  });

  it('whose upload breaks off leaves nothing; what a killed process left is dropped a day later', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(1_500_000, 'a');
      await Promise.resolve();
      throw new Error('connection lost');
    }
    const before = await count('ioc_import_chunks');
    await assert.rejects(database.store.iocImports.receive(broken(), wantedOf()), /connection lost/);
    assert.equal(await count('ioc_import_chunks'), before);
    const [left] = await database.knex('ioc_imports').where({ state: 'queued' }).limit(1);
    const chunk = { seq: 0, data: Buffer.from('x'), created_at: '2026-11-20 00:00:00' };
    await database.knex('ioc_import_chunks').insert({ ...chunk, import_id: 'IMP-GONE000000' });
    await database
      .knex('ioc_import_chunks')
      .where({ import_id: left.id })
      .update({ created_at: '2026-11-20 00:00:00' });
    await receive('7.7.7.7\n');
    const kept: string[] = await database.knex('ioc_import_chunks').pluck('import_id');
    assert.ok(!kept.includes('IMP-GONE000000'));
    assert.ok(kept.includes(left.id));
  });

  it('is looked after when its time comes, and not once it is over', async () => {
    const { job } = await receive('6.6.6.6\n', { source: 'looked-after' });
    const dueAt = async (at: string) => (await database.store.iocImports.due(at, 100)).map(({ id }) => id);
    assert.ok(!(await dueAt(NOW)).includes(job.id));
    assert.ok((await dueAt(shift(NOW, 5_000))).includes(job.id));
    await database.store.iocImports.checkAgain(job.id, shift(NOW, 5_000));
    assert.ok(!(await dueAt(shift(NOW, 60_000))).includes(job.id));
    await work(job.id);
    await database.store.iocImports.checkAgain(job.id, NOW);
    assert.ok(!(await dueAt(shift(NOW, 600_000))).includes(job.id));
  });

  it('keeps the problems of the last twenty of its source', async () => {
    const ids: string[] = [];
    for (let minute = 0; minute < 22; minute += 1) {
      const at = shift(NOW, minute * 60_000);
      ids.push((await imported(`10.9.9.${minute}\n`, { source: 'hourly', at })).id);
    }
    const problemsOf = async (id?: string) =>
      (await database.store.iocImports.problems(id ?? '', { limit: 5 })).items.length;
    assert.deepEqual([await problemsOf(ids[0]), await problemsOf(ids[1]), await problemsOf(ids[2])], [0, 0, 1]);
    assert.equal((await database.store.iocImports.get(ids[0] ?? ''))?.flagged, 1);
  });

  it('stands in a list, newest first, page by page, and so do its problems', async () => {
    for (let minute = 0; minute < 3; minute += 1) {
      await imported(`no${minute} !\nneither${minute} !\n10.0.0.${minute}\n`, {
        ...{
          source: 'listed',
          at: shift(NOW, minute * 60_000),
          options: { ...NO_OPTIONS, type: 'ip', format: 'list' },
        },
      });
    }
    const first = await database.store.iocImports.list({ source: 'listed', limit: 2 });
    const rest = await database.store.iocImports.list({ source: 'listed', limit: 2, cursor: first.nextCursor ?? '' });
    assert.deepEqual(
      [...first.items, ...rest.items].map(({ created_at }) => created_at),
      [2, 1, 0].map((minute) => shift(NOW, minute * 60_000)),
    );
    assert.equal(rest.nextCursor, null);
    const [{ id } = { id: '' }] = first.items;
    const page = await database.store.iocImports.problems(id, { limit: 2 });
    const next = await database.store.iocImports.problems(id, { limit: 2, cursor: page.nextCursor ?? '' });
    assert.deepEqual(
      [...page.items, ...next.items].map(({ line, kind }) => [line, kind]),
      [
        [1, 'refused'],
        [2, 'refused'],
        [3, 'flagged'],
      ],
    );
  });
});
