import { randomUUID } from 'node:crypto';
import type { ObservableId } from '../../domain/observable';
import { freeSlots, grant } from '../../domain/quota';
import type { FreeSlots, QuotaLimit } from '../../domain/quota';
import { sqlNow } from '../clock';
import type { Clock } from '../clock';
import type { Knex, Transaction } from '../connect';
import { NoSuchIncidentError } from '../errors';
import { Answers, Quotas, toColumns } from '../models';
import type { AnswerError, AnswerRow, QuotaRow } from '../rows';
import { shift } from '../time';
import type { Instant } from '../time';
import { inTransaction } from '../transaction';
import { answerIn, cached, hashOf, isServable } from './answers';
import type { CachedAnswer } from './answers';
import { whenAndWhy } from './forecast';
import { mayNotBeSent, isRefusedKey, isDown, limitsInForce, nextProbe, silenceOf } from './provider-standing';
import { lockQuota } from './quota-rows';
import { countAhead, MOST_COUNTED } from './waiting';
import type { Place } from './waiting';

/** Leave to send one request. */
export interface Ticket {
  id: string;
  provider: string;
  observable: ObservableId;
  /** Of the key that the request is sent with. */
  credential: string | null;
  /** It is the one request that finds out whether a refused key is good again. */
  probes: boolean;
}

export interface AdmitInput {
  provider: string;
  /** Its limits as the asker knows them; those that were registered hold where there are any. */
  limits: readonly QuotaLimit[];
  /** Tells one key from another; undefined without a key. */
  credential: string | undefined;
  observable: ObservableId;
  incidentId: string;
  /** By when the request is over, even if nobody says so. */
  leaseMs: number;
  /** Since when the asker wants to know, where it does not wait in the queue; default: since now. */
  since?: Instant | undefined;
  /** Nothing is to be sent: without an answer of another's it waits for the source. */
  onlyKnown?: boolean | undefined;
  /**
   * Since when the asker has been waiting for another's request: how that ended since is its answer, or its failure, too.
   * Without it the asker takes only what is still fresh.
   */
  waitingSince?: Instant | undefined;
}

/**
 * `underway`: another incident is asking the same, and has until then; look again soon. `failed`: it was, and in vain.
 * `wait`: no slot; `until` is when it will probably be its turn, and `outage` tells that the provider has not answered
 * anybody of late. `inMs` is how far off `until` is, for clocks that differ from the database's. `blocked`: the provider
 * has refused this key; one request finds out, at `until`, whether it still does.
 */
export type Admission =
  | { kind: 'answered'; answer: CachedAnswer }
  | { kind: 'underway'; until: Instant; inMs: number; since: Instant }
  | { kind: 'failed'; error: AnswerError; at: Instant }
  | { kind: 'go'; ticket: Ticket }
  | { kind: 'wait'; until: Instant; inMs: number; reason: string; outage: boolean }
  | { kind: 'blocked'; since: Instant; until: Instant; message: string };

type Decision =
  | Exclude<Admission, { kind: 'answered' | 'wait' }>
  | { kind: 'answered'; row: AnswerRow }
  /** `reason`, where it is not that its turn has not come. */
  | { kind: 'wait'; now: Instant; reason?: string; row: QuotaRow };

/** Asks for leave to send one request; see {@link QuotaRepository.admit}. */
export async function admit(knex: Knex, input: AdmitInput, clock?: Clock): Promise<Admission> {
  const { now, answer, place } = await readAsker(knex, input, clock);
  // many may look again and again while one asks: they do not queue for the lock
  const decision: Decision =
    byAnother(answer, now, input) ?? (await inTransaction(knex, (trx) => decide(trx, input, place, clock)));
  if (decision.kind === 'answered') return { kind: 'answered', answer: cached(decision.row) };
  if (decision.kind !== 'wait') return decision;
  // outside the lock: it may be long to count, and is but a forecast
  const { row, now: lockedAt } = decision;
  const ahead = await countAhead(knex, input.provider, place, lockedAt, MOST_COUNTED);
  const turn = whenAndWhy(ahead, row, limitsInForce(row, input.limits), lockedAt);
  const { until } = turn;
  const reason = decision.reason ?? turn.reason;
  return { kind: 'wait', until, inMs: between(lockedAt, until), reason, outage: isDown(row) };
}

function between(from: Instant, to: Instant): number {
  return Date.parse(to) - Date.parse(from);
}

/** Who asks, what is known already, and the present moment; without a lock. */
async function readAsker(
  knex: Knex,
  { provider, observable, incidentId, since: asked }: AdmitInput,
  clock: Clock | undefined,
): Promise<{ now: Instant; place: Place; answer: AnswerRow | undefined }> {
  const hash = hashOf(observable);
  const [[row]] = (await knex.raw(
    `SELECT ? AS now, i.severity_rank, e.since, a.* FROM incidents AS i
     LEFT JOIN enrichments AS e
       ON e.incident_id = i.id AND e.source = ? AND e.observable_hash = ? AND e.state = 'waiting'
     LEFT JOIN answers AS a ON a.provider = ? AND a.observable_hash = ?
     WHERE i.id = ?`,
    [sqlNow(knex, clock), provider, hash, provider, hash, incidentId],
  )) as [[({ now: Instant; severity_rank: number; since: Instant | null } & AnswerRow)?]];
  if (!row) throw new NoSuchIncidentError(incidentId);
  const { now, severity_rank: severityRank, since } = row;
  const place = { severityRank, since: since ?? asked ?? now, incidentId, hash };
  return { now, place, answer: answerIn(row) };
}

/** What becomes of the asker by what others have asked or are asking; undefined when it has to ask itself. */
function byAnother(
  answer: AnswerRow | undefined,
  now: Instant,
  { waitingSince }: AdmitInput,
): Exclude<Decision, { kind: 'wait' | 'go' | 'blocked' }> | undefined {
  if (!answer) return undefined;
  if (isServable(answer, now, waitingSince)) return { kind: 'answered', row: answer };
  const { error, error_at, flight_until } = answer;
  if (error && error_at && waitingSince !== undefined && error_at >= waitingSince) {
    return { kind: 'failed', error, at: error_at };
  }
  return flight_until && flight_until > now
    ? { kind: 'underway', until: flight_until, inMs: between(now, flight_until), since: waitingSince ?? now }
    : undefined;
}

async function decide(trx: Transaction, input: AdmitInput, place: Place, clock: Clock | undefined): Promise<Decision> {
  const { row, answer, now } = await lockQuota(trx, input.provider, { clock, observable: input.observable });
  const others = byAnother(answer, now, input);
  if (others) return others;
  const limits = limitsInForce(row, input.limits);
  const credential = input.credential ?? null;
  if (row.blocked && mayNotBeSent(row, credential, now)) {
    const { since, message, probe_at: until } = row.blocked;
    return { kind: 'blocked', since, until, message };
  }
  if (input.onlyKnown) return { kind: 'wait', now, reason: 'its answer is no longer fresh', row };
  const slots = freeSlots(row.state, limits, now, silenceOf(row));
  const outranked = slots.free > 0 && (await isOutranked(trx, input.provider, place, now, slots));
  if (slots.free === 0 || outranked) return { kind: 'wait', now, row };
  return { kind: 'go', ticket: await takeOff(trx, input, row, now) };
}

async function isOutranked(
  trx: Transaction,
  provider: string,
  place: Place,
  now: Instant,
  { free }: FreeSlots,
): Promise<boolean> {
  return free !== Infinity && (await countAhead(trx, provider, place, now, free)) >= free;
}

/** Records the grant, and who is asking from now on. */
async function takeOff(trx: Transaction, input: AdmitInput, row: QuotaRow, now: Instant): Promise<Ticket> {
  const { provider, observable, leaseMs } = input;
  const limits = limitsInForce(row, input.limits);
  const credential = input.credential ?? null;
  const { blocked } = row;
  const probes = isRefusedKey(row, credential);
  const ticket = { id: randomUUID(), provider, observable, credential, probes };
  const probing = blocked && probes ? { ...blocked, probe_at: nextProbe(blocked.since, now) } : blocked;
  await Quotas.query(trx)
    .findById(provider)
    .patch({ state: grant(row.state, limits, ticket.id, now, leaseMs), blocked: probing, updated_at: now });
  const flight = { flight: ticket.id, flight_until: shift(now, leaseMs) };
  await trx('answers')
    .insert(toColumns(Answers, { provider, observable, observable_hash: hashOf(observable), ...flight }))
    .onConflict(['provider', 'observable_hash'])
    .merge(['flight', 'flight_until']);
  return ticket;
}
