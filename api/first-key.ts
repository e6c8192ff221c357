import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '../config/logger';
import { KeyNameTakenError } from '../db/errors';
import type { Store } from '../db/store';

/**
 * Makes the first key where there is none, and leaves it in a file that only the owner can read. The file is opened
 * before the key is made: a key that nobody can read would lock everybody out. Of several processes that find none, one
 * makes it.
 */
export async function ensureFirstKey(
  apiKeys: Pick<Store['apiKeys'], 'count' | 'create'>,
  file: string,
  logger: Logger,
): Promise<void> {
  if ((await apiKeys.count()) > 0) return;
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  const handle = await open(draft, 'w', 0o600);
  try {
    const { key } = await apiKeys.create('admin', 'admin', 'system');
    await handle.writeFile(`${key}\n`);
    await handle.sync();
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    if (error instanceof KeyNameTakenError) return;
    throw error;
  } finally {
    await handle.close();
  }
  logger.info({ file }, 'first API key made; it stands in this file');
}
