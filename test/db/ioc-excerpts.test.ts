import assert from 'node:assert/strict';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ImportOptions } from '../../db/ioc-views';
import type { IocImportRow } from '../../db/store';
import { openIntel } from '../../domain/intel/read-intel';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';

/** Real threat intelligence is not ours to ship: it is read where it lies beside the project. */
const FOLDER = join(process.env.SOAR_SHARED_DATA ?? join(__dirname, '../../../shared/data'), 'intel');
const MANIFEST = join(FOLDER, 'manifest.jsonl');
const skip = existsSync(MANIFEST) ? false : `no threat intelligence at ${FOLDER} (SOAR_SHARED_DATA)`;

const FILES: string[] = skip
  ? []
  : readFileSync(MANIFEST, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { file: string }).file);

/** A day after the youngest of them: none of their dates lies ahead. */
const AT = '2026-11-29T12:00:00.000000Z';
const OPTIONS: ImportOptions = {
  ...{ format: null, columns: null, type: null, confidence: null, tlp: null, tags: null, expires_after_days: null },
};

describe('real threat intelligence, imported', { skip }, () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  const imported = async (file: string, options: Partial<ImportOptions> = {}): Promise<IocImportRow> => {
    const { iocImports } = database.store;
    const stream = createReadStream(join(FOLDER, file)) as AsyncIterable<Buffer>;
    const wanted = { source: file, fileName: file, options: { ...OPTIONS, ...options }, actor: 'ana', at: AT };
    const { job } = await iocImports.receive(stream, wanted);
    return iocImports.work(job.id, { clock: () => new Date(AT), warningsOf: (all) => all.map(() => []) });
  };
  const kept = async (source: string): Promise<string[]> => {
    const entries = await database.store.iocs.walk({ source, limit: 10_000 });
    return entries.map(({ type, value }) => `${type}:${value}`).sort();
  };

  for (const file of FILES) {
    it(`stands in the database as its readers find it, once: ${file}`, async () => {
      const reader = openIntel({ now: AT });
      const findings = [...reader.push(readFileSync(join(FOLDER, file))), ...reader.end()];
      const told = findings.flatMap((finding) =>
        finding.kind === 'indicator' && !finding.indicator.revoked
          ? [`${finding.indicator.type}:${finding.indicator.value}`]
          : [],
      );
      const first = await imported(file);
      assert.equal(first.state, reader.format ? 'done' : 'failed', first.error ?? '');
      assert.deepEqual(await kept(file), [...new Set(told)].sort());
      const { added, updated, unchanged, revoked, refused, unsupported } = first;
      assert.equal(added + updated + unchanged + revoked + refused + unsupported, findings.length);
      if (!reader.format) return;
      const standing = await database.knex('ioc_sightings').where({ source: file }).orderBy('ioc_id');
      // read once more, under other options, it says the same
      const again = await imported(file, { format: first.format });
      assert.notEqual(again.id, first.id);
      assert.equal(again.added, 0);
      const after = await database.knex('ioc_sightings').where({ source: file }).orderBy('ioc_id');
      const plain = (rows: Record<string, unknown>[]) => rows.map(({ import_id: _by, ...row }) => row);
      assert.deepEqual(plain(after), plain(standing));
    });
  }

  it('leaves the audit whole', async () => {
    assert.deepEqual((await database.store.audit.verify('system')).problems, []);
  });
});
