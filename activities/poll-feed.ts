import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import type { ImportOptions } from '../db/ioc-views';
import type { IocSourceRow } from '../db/rows';
import { toInstant } from '../db/time';
import { ipFlags } from '../domain/network';
import { beating } from './beating';
import type { Beat } from './beating';
import type { FetchFeedInput, FetchFeedResult, NotePollInput } from './contract';
import type { ActivityDeps } from './deps';
import { openFeed } from './feed-client';
import { FeedError } from './feed-error';

type FeedDeps = Pick<ActivityDeps, 'store' | 'site' | 'clock' | 'logger' | 'providerRetryForMs'>;

/** Whom audit rows and sightings name. */
const ACTOR = 'feeds';

/**
 * Asks a feed's server for what is new, and takes it in, to be imported. A server that does not answer is asked again until
 * the poll is `providerRetryForMs` old; the database is tried without end.
 * @throws ApplicationFailure `FeedFailed`, final when no further try can help
 */
export function fetchFeed(deps: FeedDeps, { source }: FetchFeedInput): Promise<FetchFeedResult> {
  return beating(async (beat) => {
    const feed = await feedOf(deps, source);
    if (!feed) return { outcome: 'gone' };
    try {
      return await fetched(deps, feed, beat);
    } catch (error) {
      throw error instanceof FeedError ? failureOf(deps, error) : error;
    }
  });
}

type Feed = IocSourceRow & { feed_url: string };

async function feedOf({ store }: FeedDeps, source: string): Promise<Feed | undefined> {
  const feeds = await store.iocSources.feeds();
  return feeds.find((feed): feed is Feed => feed.name === source && feed.feed_url !== null);
}

async function fetched({ store, site, clock }: FeedDeps, feed: Feed, { signal, tell }: Beat): Promise<FetchFeedResult> {
  const { name: source, feed_url: url, etag, last_modified: lastModified } = feed;
  const now = clock();
  const onBytes = (bytes: number) => tell({ bytes });
  const knowledge = site.current();
  const isOutside = (ip: string) => ipFlags(ip, knowledge).length === 0;
  const answer = await openFeed({ url, etag, lastModified, signal, now, isOutside, onBytes });
  if (answer.status === 'not_modified') return { outcome: 'not_modified' };
  const { repeated, job } = await store.iocImports.receive(answer.file, {
    source,
    fileName: fileNameOf(url),
    options: optionsOf(feed),
    actor: ACTOR,
    at: now.toISOString(),
  });
  const validators = { etag: answer.etag, lastModified: answer.lastModified, settingsOf: feed.updated_at };
  if (repeated && job.state === 'done') return { outcome: 'not_modified', importId: job.id, validators };
  return { outcome: 'received', importId: job.id, bytes: job.bytes, validators };
}

/** What the file does not say, the settings of the source say. */
function optionsOf({ feed_format: format, feed_columns: columns }: Feed): ImportOptions {
  const own = { type: null, confidence: null, tlp: null, tags: null, expires_after_days: null };
  return { format, columns, ...own };
}

/** The last part of the address's path: neither its host's other names nor its query, which may hold a key. */
function fileNameOf(url: string): string {
  const { pathname, hostname } = new URL(url);
  return pathname.split('/').findLast((part) => part !== '') ?? hostname;
}

function failureOf({ clock, providerRetryForMs }: FeedDeps, error: FeedError): ApplicationFailure {
  const { message, retryable, retryAfterMs = 0 } = error;
  const leftMs = activityInfo().scheduledTimestampMs + providerRetryForMs - clock().getTime();
  if (!retryable || leftMs <= retryAfterMs) return ApplicationFailure.nonRetryable(message, 'FeedFailed');
  return ApplicationFailure.create({
    ...{ type: 'FeedFailed', message },
    ...(retryAfterMs > 0 ? { nextRetryDelay: retryAfterMs } : {}),
  });
}

/** Writes down what came of a poll: for people, and what the server is told with the next one. */
export async function notePoll({ store, clock, logger }: FeedDeps, poll: NotePollInput): Promise<void> {
  const { source, pollId, outcome, importId, validators, error } = poll;
  await store.iocSources.notePoll(source, {
    ...{ pollId, at: clock().toISOString(), outcome, importId, error },
    ...(validators && { ...validators, settingsOf: toInstant(validators.settingsOf) }),
  });
  const event = { source, outcome, import: importId };
  if (outcome === 'failed') logger.error({ ...event, reason: error }, 'feed could not be polled');
  else logger.info(event, 'feed polled');
}
