import { lookupName } from '../../domain/lookup-name';
import type { LookupName } from '../../domain/lookup-name';
import { parseObservableId } from '../../domain/observable';
import type { ObservableId } from '../../domain/observable';
import { sqlNow } from '../clock';
import type { Clock } from '../clock';
import type { Knex } from '../connect';
import { observableHash } from '../hashes';
import { Answers } from '../models';
import type { AnswerError, AnswerRow, Nullable } from '../rows';
import { shift } from '../time';
import type { Instant } from '../time';
import type { RawDocument } from './raw-documents';

/** What a provider said of an observable to whoever asked first. */
export interface CachedAnswer {
  state: 'ok' | 'not_known' | 'not_applicable';
  facts: unknown;
  summary: string;
  /** Of the document it was read from. */
  rawSha256: Buffer | null;
  answeredAt: Instant;
}

/** An answer that is to be kept. */
export interface NewAnswer {
  state: CachedAnswer['state'];
  facts: unknown;
  summary: string;
  raw?: RawDocument | undefined;
  /** How long it may be served to other incidents, ms; 0 = only to those who wait for it right now. */
  freshForMs: number;
}

/** One provider and one observable. */
export interface Pair {
  provider: string;
  observable: ObservableId;
}

export interface LastError extends AnswerError {
  at: Instant;
}

export interface AnswerRepository {
  /** Those of the pairs whose answer is there and stays fresh for at least so long. */
  fresh(pairs: readonly Pair[], atLeastMs: number): Promise<Set<LookupName>>;
  /** How the last request about a pair ended, where that was without an answer. */
  lastError(pairs: readonly Pair[]): Promise<Map<LookupName, LastError>>;
}

export function createAnswerRepository(knex: Knex, options: { clock?: Clock } = {}): AnswerRepository {
  return {
    async fresh(pairs, atLeastMs) {
      const rows = await about(knex, pairs).select<(Pair & { fresh_until: Instant | null; now: Instant })[]>(
        'provider',
        'observable',
        'fresh_until',
        knex.raw('? AS now', [sqlNow(knex, options.clock)]),
      );
      const names = new Set(pairs.map(nameOf));
      const lasting = rows.filter(
        ({ fresh_until, now }) => fresh_until !== null && fresh_until > shift(now, atLeastMs),
      );
      return new Set(lasting.map(nameOf).filter((name) => names.has(name)));
    },

    async lastError(pairs) {
      const names = new Set(pairs.map(nameOf));
      const rows = (await about(knex, pairs).select('*').whereNotNull('error')) as AnswerRow[];
      const failures = rows.map(parsed).flatMap(({ error, error_at, ...pair }) => {
        if (!error || !error_at || !names.has(nameOf(pair))) return [];
        return [[nameOf(pair), { ...error, at: error_at }] as const];
      });
      return new Map(failures);
    },
  };
}

/** The answer in a row that was joined from the left, if there is one. */
export function answerIn(row: Nullable<AnswerRow>): AnswerRow | undefined {
  return row.provider === null ? undefined : parsed(row as AnswerRow);
}

function parsed(row: AnswerRow): AnswerRow {
  return Answers.fromDatabaseJson({ ...row });
}

/** An answer that may be served: it is still fresh, or came while the one who asks was waiting for it. */
export function isServable(answer: AnswerRow | undefined, now: Instant, waitingSince: Instant | undefined): boolean {
  if (!answer?.state || !answer.fresh_until || !answer.answered_at) return false;
  return answer.fresh_until > now || (waitingSince !== undefined && answer.answered_at >= waitingSince);
}

/** The answer in the row, as it is served to others. */
export function cached({ state, facts, summary, answered_at, raw_sha256 }: AnswerRow): CachedAnswer {
  return {
    state: state ?? 'not_known',
    facts,
    summary: summary ?? '',
    rawSha256: raw_sha256,
    answeredAt: answered_at ?? '',
  };
}

/** Rows about any of the providers and any of the observables. */
function about(knex: Knex, pairs: readonly Pair[]): Knex.QueryBuilder {
  const hashes = new Map(pairs.map(({ observable }) => [observable, hashOf(observable)]));
  return knex('answers')
    .whereIn('provider', [...new Set(pairs.map(({ provider }) => provider))])
    .whereIn('observable_hash', [...hashes.values()]);
}

export function hashOf(observable: ObservableId): Buffer {
  return observableHash(parseObservableId(observable));
}

function nameOf({ provider: source, observable }: Pair): LookupName {
  return lookupName({ source, observable });
}
