import { connect } from '../../db/connect';
import { UNDECLARED } from '../../db/ioc-views';
import { createStore } from '../../db/store';
import { fileOf } from './entries';

/** What is to be imported. */
export interface ImportOrder {
  databaseUrl: string;
  source: string;
  from: number;
  count: number;
}

/** After each batch: findings that are done, and the memory that the process takes. */
export interface ImportProgress {
  done: number;
  rss: number;
}

export interface ImportEnd {
  added: number;
  receivedMs: number;
  importedMs: number;
}

/** A process of its own, as a worker is one: its memory is that of the import. */
async function run({ databaseUrl, source, from, count }: ImportOrder): Promise<void> {
  const knex = connect(databaseUrl, { poolSize: 2 });
  const { iocImports } = createStore(knex);
  const { confidence, tlp, expires_after_days } = UNDECLARED;
  const options = { format: 'csv', columns: null, type: null, confidence, tlp, tags: null, expires_after_days };
  const beganAt = performance.now();
  const wanted = { source, fileName: 'bench.csv', options, actor: 'bench', at: new Date().toISOString() };
  const { job } = await iocImports.receive(fileOf(from, count), wanted);
  const receivedAt = performance.now();
  const { added } = await iocImports.work(job.id, {
    clock: () => new Date(),
    warningsOf: (indicators) => indicators.map(() => []),
    onProgress: ({ position }) => tell({ done: position, rss: process.memoryUsage.rss() } satisfies ImportProgress),
  });
  const importedMs = performance.now() - receivedAt;
  tell({ added, receivedMs: receivedAt - beganAt, importedMs } satisfies ImportEnd);
  await knex.destroy();
}

function tell(what: ImportProgress | ImportEnd): void {
  process.send?.(what);
}

void run(JSON.parse(process.argv[2] ?? '') as ImportOrder).then(() => process.disconnect());
