import type { Backlog } from '../db/repositories/notices';
import type { Check } from './doctor';

/** A receiver is tried again every five minutes; what waits for longer than a few of them, somebody should know of. */
const LONG_MS = 15 * 60_000;

/** Whether another tool is told what it is to be told. */
export function checkNotices({ count, since }: Backlog, now: Date): Check {
  const waits = since === null ? '' : `${count} waiting since ${since.slice(0, 16).replace('T', ' ')} UTC`;
  const ok = since === null || now.getTime() - Date.parse(since) < LONG_MS;
  return {
    name: 'Escalation webhook',
    ok,
    detail: waits || 'nothing waits to be told',
    fix: ok
      ? null
      : 'look at the run soar-notices in the Temporal UI: its last error says what the receiver answers; check ' +
        'ESCALATION_WEBHOOK_URL and ESCALATION_WEBHOOK_SECRET of the workers',
  };
}
