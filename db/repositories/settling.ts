import { etaOf, settleGrant } from '../../domain/quota';
import type { QuotaLimit, ToldQuota } from '../../domain/quota';
import type { Clock } from '../clock';
import type { Knex, Transaction } from '../connect';
import { Answers, Quotas } from '../models';
import type { AnswerRow } from '../rows';
import { shift, toInstant } from '../time';
import type { Instant } from '../time';
import { inTransaction } from '../transaction';
import type { Ticket } from './admission';
import { hashOf, readAnswer } from './answers';
import type { NewAnswer } from './answers';
import { afterSettlement, limitsInForce, silenceOf } from './provider-standing';
import { lockQuota } from './quota-rows';
import { storeRaw } from './raw-documents';

/** How a request ended; none of `answer`, `refused` and `error` when it was not sent after all. */
export interface Settlement {
  answer?: NewAnswer | undefined;
  /** Refused for now (429); `until` null when the provider did not say until when. */
  refused?: { until: Date | null } | undefined;
  /** `unauthorized` keeps the key from being sent again. */
  error?: { kind: string; message: string; httpStatus: number | null } | undefined;
  told?: ToldQuota | undefined;
}

/** Tells how a request ended; see {@link QuotaRepository.settle}. */
export function settle(
  knex: Knex,
  request: { ticket: Ticket; limits: readonly QuotaLimit[]; settlement: Settlement },
  clock?: Clock,
): Promise<Instant | null> {
  const { ticket, settlement } = request;
  return inTransaction(knex, async (trx) => {
    const document = settlement.answer?.raw;
    // before the lock is taken: a document may be long
    const raw = document ? await storeRaw(trx, document, (clock?.() ?? new Date()).toISOString()) : null;
    const before = await lockQuota(trx, ticket.provider, clock);
    const { now, answer: known } = await readAnswer(trx, ticket, clock);
    const limits = limitsInForce(before, request.limits);
    const state = settleGrant(before.state, limits, ticket.id, now, settlement.told);
    const row = state ? { ...before, ...afterSettlement(before, ticket, settlement, now), state } : before;
    if (state)
      await Quotas.query(trx)
        .findById(ticket.provider)
        .patch({ ...row, updated_at: now });
    await landFlight(trx, { ticket, settlement, raw, known, now });
    return settlement.refused ? toInstant(etaOf(0, row.state, limits, now, silenceOf(row))) : null;
  });
}

interface Landing {
  ticket: Ticket;
  settlement: Settlement;
  raw: Buffer | null;
  known: AnswerRow | undefined;
  now: Instant;
}

/**
 * Keeps what came of a request, and lets others ask again. After another has taken over, or when it is told again, it
 * replaces nothing that is fresh.
 */
async function landFlight(trx: Transaction, landing: Landing): Promise<void> {
  const { ticket, settlement, raw, known, now } = landing;
  const { answer, error } = settlement;
  const leads = known?.flight === ticket.id;
  const changes: Partial<AnswerRow> = leads ? { flight: null, flight_until: null } : {};
  if (answer && (leads || !known?.fresh_until || known.fresh_until <= now)) {
    const { state, facts, summary, freshForMs } = answer;
    const times = { answered_at: now, fresh_until: shift(now, freshForMs) };
    Object.assign(changes, { state, facts, summary, raw_sha256: raw, ...times, error: null, error_at: null });
  } else if (error && leads) {
    const { kind, message, httpStatus: http_status } = error;
    Object.assign(changes, { error: { kind, message, http_status }, error_at: now });
  }
  if (Object.keys(changes).length === 0) return;
  const { provider, observable } = ticket;
  const key = { provider, observable_hash: hashOf(observable) };
  if (known) await Answers.query(trx).where(key).patch(changes);
  else await Answers.query(trx).insert({ ...key, observable, ...changes });
}
