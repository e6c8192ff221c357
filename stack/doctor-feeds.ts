import type { IocSourceRow } from '../db/rows';
import type { Check } from './doctor';

/** One that has missed so many of its polls is stuck, whatever the last one said. */
const POLLS_MISSED = 3;

/** The feeds of the IOC database: which one could not be fetched, and which one nobody polls. */
export function checkFeeds(feeds: readonly IocSourceRow[], now: Date): Check {
  const active = feeds.filter(({ feed_paused }) => !feed_paused);
  const failed = active.filter(({ poll_outcome }) => poll_outcome === 'failed');
  const silent = active.filter((feed) => !failed.includes(feed) && isOverdue(feed, now));
  const troubles = [
    ...failed.map(({ name, poll_error }) => `${name}: ${poll_error ?? 'failed'}`),
    ...silent.map(
      ({ name, polled_at }) => `${name}: ${polled_at ? `not polled since ${minute(polled_at)}` : 'never polled'}`,
    ),
  ];
  const paused = feeds.length - active.length;
  const counts =
    feeds.length === 0 ? 'none is set up' : `${feeds.length} set up${paused > 0 ? `, ${paused} paused` : ''}`;
  return {
    name: 'IOC feeds',
    ok: troubles.length === 0,
    detail: troubles.length === 0 ? counts : `${counts}; ${troubles.join('; ')}`,
    fix:
      troubles.length === 0
        ? null
        : 'look at the runs ioc-feed-NAME-… and the schedule ioc-feed-NAME in the Temporal UI; set the address of the feed ' +
          'right, or pause it',
  };
}

function isOverdue({ polled_at, feed_every_seconds, updated_at }: IocSourceRow, now: Date): boolean {
  const since = Math.max(Date.parse(polled_at ?? updated_at), Date.parse(updated_at));
  return now.getTime() - since > POLLS_MISSED * (feed_every_seconds ?? 0) * 1000 + SLACK_MS;
}

/** A poll is retried for a while, and may take as long. */
const SLACK_MS = 60 * 60_000;

function minute(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`;
}
