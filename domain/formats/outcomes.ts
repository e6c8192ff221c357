import type { Outcome } from '../alert';
import { turned, type Reading } from './readings';

/** Said of what was not stopped, even where a word of stopping stands beside it: `not blocked`, `unable to clean`. */
const LEFT_ALONE =
  /\bnot[ _-]|\bnon[ _-]|un(?:able|block|mitigat)|would[ _]have|still[ _]present|left[ _]alone|no[ _-]?action|fail|partial/i;
const STOPPED =
  /block|den(?:y|ied)|drop|reject|prevent|quarantin|delet|clean|kill|terminat|remov|disinfect|mitigat|reset|discard|isolat|contain|remediat|suspend|stop|cure/i;
const LET_BE =
  /allow|permit|pass(?:ed|$)|detect|notif|alert|monitor|logged|log[ _]only|report|ignor|accept|skip|observ|audit|none/i;

/** What became of it, by what a product writes of its own action: `Quarantined successfully`, `aph_blocked`, `not blocked`. */
export function byAction(reading: Reading): Reading {
  return turned(reading, (value): Outcome | undefined => {
    if (typeof value !== 'string') return undefined;
    const text = value.slice(0, 200);
    if (LEFT_ALONE.test(text)) return 'allowed';
    if (STOPPED.test(text)) return 'blocked';
    return LET_BE.test(text) ? 'allowed' : undefined;
  });
}
