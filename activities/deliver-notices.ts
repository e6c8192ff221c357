import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { SYSTEM_CHAIN } from '../db/audit-chain';
import { counted } from '../domain/counted';
import { folded } from '../domain/notice';
import type { Notice, Told } from '../domain/notice';
import { attemptOf } from './action';
import type { DeliverNoticesInput, DeliverNoticesResult, GatherNoticesResult } from './contract';
import type { ActivityDeps } from './deps';

type DeliverDeps = Pick<ActivityDeps, 'store' | 'clock' | 'webhook'>;

/** Told in one request, most of them as a number. */
const MOST_AT_ONCE = 1_000;

/** The body of a request. */
interface Payload extends Told {
  id: string;
  type: 'soar.escalations';
  version: 1;
  sent_at: string;
}

/** What the next request tells. Fixed before it is sent, so that it is the same each time it is tried. */
export async function gatherNotices({ store }: Pick<ActivityDeps, 'store'>): Promise<GatherNoticesResult> {
  return { ids: await store.notices.pending(MOST_AT_ONCE) };
}

/**
 * Tells another tool in one request, and notes that it was told. At least once: a request that was taken, but could not be
 * noted, is sent again under the same id.
 * @throws ApplicationFailure `WebhookMissing` while this worker has nobody to tell
 */
export async function deliverNotices(deps: DeliverDeps, { ids }: DeliverNoticesInput): Promise<DeliverNoticesResult> {
  const { store, clock, webhook } = deps;
  const pending = await store.notices.stillPending(ids);
  if (pending.length === 0) return { webhookId: null, events: 0 };
  if (!webhook) {
    throw ApplicationFailure.create({
      type: 'WebhookMissing',
      message: 'This worker has no ESCALATION_WEBHOOK_URL; what was noted by one that has waits until it has',
    });
  }
  const notices = pending.map(({ event }) => event);
  const id = webhookIdOf(notices);
  const startedAt = clock();
  const told = folded(notices);
  const payload: Payload = { id, type: 'soar.escalations', version: 1, sent_at: startedAt.toISOString(), ...told };
  const status = await webhook.send({ id, body: JSON.stringify(payload), at: startedAt });
  await noteDelivery(deps, {
    id,
    notices,
    told,
    status,
    startedAt,
    host: webhook.host,
    ids: pending.map((one) => one.id),
  });
  return { webhookId: id, events: notices.length };
}

/** Names what is told. Events have names of their own, so that no two installations give the same. */
function webhookIdOf(notices: readonly Notice[]): string {
  const ids = notices.map(({ id }) => id).sort();
  return `msg_${createHash('sha256').update(ids.join('\n')).digest('hex').slice(0, 32)}`;
}

interface Delivery {
  id: string;
  notices: readonly Notice[];
  told: Told;
  status: number;
  startedAt: Date;
  host: string;
  ids: readonly number[];
}

async function noteDelivery({ store, clock }: DeliverDeps, delivery: Delivery): Promise<void> {
  const { id, notices, told, status, startedAt, host, ids } = delivery;
  const at = clock().toISOString();
  const incidents = new Set(notices.map(({ incident_id }) => incident_id)).size;
  const of = `${counted(notices.length, 'event')} of ${counted(incidents, 'incident')}`;
  await store.actions.finish({
    ...{ chain: SYSTEM_CHAIN, incidentId: null, actionKey: `notice/${id}`, action: 'notify', status: 'ok' },
    ...{ actor: 'playbook', durationMs: Date.parse(at) - startedAt.getTime(), at },
    ...attemptOf(),
    body: {
      summary: `${of} told to ${host}`,
      detail: {
        ...{ webhook_id: id, host, http_status: status, events: notices.map((notice) => notice.id) },
        told_by_number: told.more.count,
      },
    },
    apply: (trx) => store.notices.markDelivered(trx, ids, at),
    // what somebody has put up to be told again has its row already
    applyAgain: true,
  });
}
