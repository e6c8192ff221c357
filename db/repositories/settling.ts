import { etaOf, settleGrant } from '../../domain/quota';
import type { QuotaLimit, ToldQuota } from '../../domain/quota';
import type { Clock } from '../clock';
import type { Knex, Transaction } from '../connect';
import { Answers, Quotas } from '../models';
import type { AnswerError, AnswerRow } from '../rows';
import { shift, toInstant } from '../time';
import type { Instant } from '../time';
import { inTransaction } from '../transaction';
import type { Ticket } from './admission';
import { hashOf } from './answers';
import type { NewAnswer } from './answers';
import { afterSettlement, limitsInForce, silenceOf } from './provider-standing';
import { lockQuota } from './quota-rows';
import { storeRaw } from './raw-documents';
import type { RawDocument } from './raw-documents';

/** A request without a usable answer. */
export interface Failure {
  kind: string;
  message: string;
  httpStatus: number | null;
  /** The unusable answer. */
  raw?: RawDocument | undefined;
  /** The provider wants to be asked again after so long. */
  retryAfterMs?: number | undefined;
}

/** How a request ended; none of `answer`, `refused` and `error` when it was not sent after all. */
export interface Settlement {
  answer?: NewAnswer | undefined;
  /**
   * Refused for now; `until` null when the provider did not say until when. `reason`, to follow its name, where that is
   * not a 429.
   */
  refused?: { until: Date | null; reason?: string | undefined } | undefined;
  /** `unauthorized` keeps the key from being sent again. */
  error?: Failure | undefined;
  told?: ToldQuota | undefined;
  /** When that was heard, by the clock by which `refused` and `told` name times; default: now, by the database's. */
  heardAt?: Date | undefined;
}

export interface Settled {
  /** After a refusal, when the provider may be asked again; else null. */
  until: Instant | null;
  /** Under which the document is kept that came. */
  rawSha256: Buffer | null;
}

/** Tells how a request ended; see {@link QuotaRepository.settle}. */
export function settle(
  knex: Knex,
  request: { ticket: Ticket; limits: readonly QuotaLimit[]; settlement: Settlement },
  clock?: Clock,
): Promise<Settled> {
  const { ticket } = request;
  return inTransaction(knex, async (trx) => {
    const document = (request.settlement.answer ?? request.settlement.error)?.raw;
    // before the lock is taken: a document may be long
    const raw = document ? await storeRaw(trx, document, (clock?.() ?? new Date()).toISOString()) : null;
    const {
      row: before,
      answer: known,
      now,
    } = await lockQuota(trx, ticket.provider, { clock, observable: ticket.observable });
    const settlement = byDatabaseClock(request.settlement, now);
    const limits = limitsInForce(before, request.limits);
    const state = settleGrant(before.state, limits, ticket.id, now, settlement.told);
    const row = state ? { ...before, ...afterSettlement(before, ticket, settlement, now), state } : before;
    if (state)
      await Quotas.query(trx)
        .findById(ticket.provider)
        .patch({ ...row, updated_at: now });
    await landFlight(trx, { ticket, settlement, raw, known, now });
    const until = settlement.refused ? toInstant(etaOf(0, row.state, limits, now, silenceOf(row))) : null;
    return { until, rawSha256: raw };
  });
}

/** Hosts disagree about the time, and what a provider says is mostly "in so many seconds". */
function byDatabaseClock(settlement: Settlement, now: Instant): Settlement {
  const { heardAt, refused, told } = settlement;
  if (!heardAt) return settlement;
  const here = (time: Date): Date => new Date(time.getTime() - heardAt.getTime() + Date.parse(now));
  return {
    ...settlement,
    ...(refused?.until ? { refused: { ...refused, until: here(refused.until) } } : {}),
    ...(told ? { told: { ...told, until: here(told.until) } } : {}),
  };
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
  // those who wait for a probe go on waiting, as the one that probed does
  const stillRefused = ticket.probes && error?.kind === 'unauthorized';
  const leads = known?.flight === ticket.id;
  const changes: Partial<AnswerRow> = leads ? { flight: null, flight_until: null } : {};
  if (answer && (leads || !known?.fresh_until || known.fresh_until <= now)) {
    const { state, facts, summary, freshForMs } = answer;
    const times = { answered_at: now, fresh_until: shift(now, freshForMs) };
    Object.assign(changes, { state, facts, summary, raw_sha256: raw, ...times, error: null, error_at: null });
  } else if (error && leads && !stillRefused) {
    const { kind, message, httpStatus: http_status, retryAfterMs } = error;
    const kept: AnswerError = {
      ...{ kind, message, http_status },
      ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
      ...(raw === null ? {} : { raw_sha256: raw.toString('hex') }),
    };
    Object.assign(changes, { error: kept, error_at: now });
  }
  if (Object.keys(changes).length === 0) return;
  const { provider, observable } = ticket;
  const key = { provider, observable_hash: hashOf(observable) };
  if (known) await Answers.query(trx).where(key).patch(changes);
  else await Answers.query(trx).insert({ ...key, observable, ...changes });
}
