import { sleep } from '@temporalio/activity';
import type { Logger } from '../config/logger';
import { databaseErrorText, isTransient } from '../db/errors';
import type { Writer } from './action';

/** An outside answer is paid for: when MySQL is away it is held here and only its write is tried again. */
export const holdAndWrite =
  (logger: Logger): Writer =>
  async (write) => {
    for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 10_000)) {
      try {
        return await write();
      } catch (error) {
        if (!isTransient(error)) throw error;
        logger.warn({ reason: databaseErrorText(error) }, 'an answer in hand cannot be written yet');
        await sleep(pauseMs);
      }
    }
  };
