import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchAnswer, SoarClient, SubmissionAnswer } from '../client';
import { ApiProblemError, ApiUnreachableError } from '../http';
import { describeFailure } from '../problems';
import type { Batch, Item } from './batches';

/** What became of one alert. */
export interface Sent {
  item: Item;
  answer: SubmissionAnswer | undefined;
  failure: string | undefined;
}

export interface SendOptions {
  client: Pick<SoarClient, 'submitBatch' | 'submitDocument'>;
  format?: string | undefined;
  signal?: AbortSignal | undefined;
  /** How often a batch is sent again while the API, or its database, is away; default 6. */
  tries?: number | undefined;
  /** Before each of them, ms; default 5 s. */
  pauseMs?: number | undefined;
}

type Entry = BatchAnswer['results'][number];

const TRIES = 6;
const PAUSE_MS = 5_000;
/** What holds for every batch that could be sent after this one. */
const HOLDS_FOR_ALL = [401, 403, 404, 405, 429, 503];

/**
 * Sends a batch until each of its items has its answer. What the API had no time for is sent again with the whole batch:
 * an item is known by its place in it.
 * @throws ApiUnreachableError or ApiProblemError when going on makes no sense
 */
export async function sendBatch(batch: Batch, options: SendOptions): Promise<Sent[]> {
  const sendable = batch.items.filter(({ problem }) => problem === undefined);
  const results = sendable.length === 0 ? [] : await answersTo(batch, sendable, options);
  const refused = batch.items.filter(({ problem }) => problem !== undefined);
  const sent = [...results, ...refused.map((item) => ({ item, answer: undefined, failure: item.problem }))];
  return sent.sort((one, other) => one.item.offset - other.item.offset);
}

async function answersTo(batch: Batch, items: readonly Item[], options: SendOptions): Promise<Sent[]> {
  const { tries = TRIES, pauseMs = PAUSE_MS, signal } = options;
  let settled: Entry[] = [];
  for (let attempt = 1; ; attempt++) {
    try {
      settled = merge(settled, await entriesOf(batch, options));
      if (attempt >= tries || !settled.some(isForNow)) return settled.flatMap((entry) => sentOf(entry, items));
    } catch (error) {
      signal?.throwIfAborted();
      const isAway = error instanceof ApiUnreachableError || (error instanceof ApiProblemError && isBusy(error.status));
      if (!isAway && !holdsForAll(error)) {
        const failure = describeFailure(error);
        return items.map((item) => ({ item, answer: undefined, failure }));
      }
      if (!isAway || attempt >= tries) throw error;
    }
    await sleep(pauseMs, undefined, { signal });
  }
}

async function entriesOf({ single, body, contentType, key }: Batch, options: SendOptions): Promise<Entry[]> {
  const { client, format, signal } = options;
  const submission = { body, contentType, format, idempotencyKey: key, signal };
  if (!single) return (await client.submitBatch(submission)).results;
  const answer = await client.submitDocument(submission);
  if (!('results' in answer)) return [{ index: 0, http_status: answer.duplicate ? 200 : 202, ...answer }];
  return [{ ...(answer as Extract<Entry, { results: unknown }>), index: 0, http_status: 200 }];
}

/** The first answer that was one stands: sent again, everything is a duplicate. */
function merge(before: readonly Entry[], now: readonly Entry[]): Entry[] {
  const known = new Map(before.filter((entry) => !isForNow(entry)).map((entry) => [entry.index, entry]));
  return now.map((entry) => known.get(entry.index) ?? entry);
}

function sentOf(entry: Entry, items: readonly Item[]): Sent[] {
  // a text that turns out to be a list has more entries than lines
  const item = items[entry.index] ?? items.at(-1);
  if (!item) return [];
  if ('results' in entry) return entry.results.flatMap((part) => sentOf({ ...part, index: entry.index }, items));
  if ('incident_id' in entry) return [{ item, answer: entry, failure: undefined }];
  return [
    { item, answer: undefined, failure: describeFailure(new ApiProblemError(entry.http_status, problemOf(entry))) },
  ];
}

function problemOf({ title, detail, errors }: Exclude<Entry, { results: unknown } | { incident_id: string }>) {
  return { title, detail, ...(errors ? { errors } : {}) };
}

function isForNow(entry: Entry): boolean {
  return 'results' in entry ? entry.results.some(isForNow) : entry.http_status === 503;
}

const isBusy = (status: number): boolean => status === 429 || status === 503;

function holdsForAll(error: unknown): boolean {
  return !(error instanceof ApiProblemError) || HOLDS_FOR_ALL.includes(error.status);
}
