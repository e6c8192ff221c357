import { Readable } from 'node:stream';
import type { ImportOptions, NewImport } from '../../db/ioc-views';
import type { IocImportRow } from '../../db/store';
import type { TestSystem } from './system';
import { until } from './until';

export const NO_OPTIONS: ImportOptions = {
  ...{ format: null, columns: null, type: null, confidence: null, tlp: null, tags: null, expires_after_days: null },
};

/** So many addresses, one a line, none of them special. @param net those of different ones differ */
export function addresses(count: number, net: number): string {
  const lines = Array.from({ length: count }, (_, n) => `45.${net + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`);
  return `${lines.join('\n')}\n`;
}

/** Takes a file in, as the API does, and starts nothing. */
export async function received(
  { store }: Pick<TestSystem, 'store'>,
  text: string,
  changes: Partial<NewImport> = {},
): Promise<IocImportRow> {
  const file = Readable.from([Buffer.from(text)]);
  const { job } = await store.iocImports.receive(file, {
    ...{ source: 'test list', fileName: 'list.txt', options: NO_OPTIONS, actor: 'ana', at: new Date().toISOString() },
    ...changes,
  });
  return job;
}

/** Waits until an import is as wanted, and gives it. */
export function importThat(
  { store }: Pick<TestSystem, 'store'>,
  id: string,
  wanted: (job: IocImportRow) => boolean,
): Promise<IocImportRow> {
  let last: IocImportRow | undefined;
  return until(
    () => `${id} to be as wanted; it is ${last?.state} at ${last?.position}`,
    async () => {
      last = await store.iocImports.get(id);
      return last && wanted(last) ? last : undefined;
    },
  );
}
