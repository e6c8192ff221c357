import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../config/home';
import type { ImportEnd, ImportOrder, ImportProgress } from './importer';

export interface MeasuredImport extends ImportEnd {
  /** Most memory until a tenth was done, and in all, bytes. */
  rssAtTenth: number;
  rssPeak: number;
}

/** Imports in a process of its own. @throws Error when it fails, or was stopped */
export async function measureImport(
  order: ImportOrder,
  { signal, onProgress }: { signal: AbortSignal; onProgress?: (done: number) => void },
): Promise<MeasuredImport> {
  const child = fork(join(PROJECT_ROOT, 'bench/ioc/importer.ts'), [JSON.stringify(order)], {
    execArgv: ['--import', 'tsx'],
    signal,
  });
  const rss = { rssAtTenth: 0, rssPeak: 0 };
  let end: ImportEnd | undefined;
  child.on('message', (message: ImportProgress | ImportEnd) => {
    if (!('done' in message)) return void (end = message);
    if (message.done <= order.count / 10) rss.rssAtTenth = Math.max(rss.rssAtTenth, message.rss);
    rss.rssPeak = Math.max(rss.rssPeak, message.rss);
    onProgress?.(message.done);
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0 || !end) throw new Error(`The import ended with exit code ${code ?? 'none'}`);
  return { ...end, ...rss };
}
