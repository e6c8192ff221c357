import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IocSourceRow } from '../../../db/rows';
import { toInstant } from '../../../db/time';
import { checkFeeds } from '../../../stack/doctor-feeds';

const NOW = new Date('2026-11-29T12:00:00.000Z');
const hoursAgo = (hours: number) => toInstant(new Date(NOW.getTime() - hours * 3_600_000).toISOString());

function feed(name: string, changes: Partial<IocSourceRow> = {}): IocSourceRow {
  return {
    ...{ name, reliability: 'B', confidence: 80, tlp: null, expires_after_days: null, tags: [], description: null },
    ...{ feed_url: 'https://feeds.example.net/a', feed_format: null, feed_columns: null, feed_every_seconds: 3600 },
    ...{ feed_paused: false, etag: null, last_modified: null, polled_at: hoursAgo(1), poll_outcome: 'imported' },
    ...{
      poll_error: null,
      last_import_id: null,
      created_at: hoursAgo(99),
      created_by: 'ann',
      updated_at: hoursAgo(99),
    },
    ...changes,
  };
}

test('feeds that are polled, paused, or of which there are none, are in order', () => {
  assert.deepEqual(checkFeeds([], NOW), { name: 'IOC feeds', ok: true, detail: 'none is set up', fix: null });
  const failed = { poll_outcome: 'failed', poll_error: 'x', polled_at: hoursAgo(90) } as const;
  const { ok, detail } = checkFeeds([feed('a'), feed('b', { feed_paused: true, ...failed })], NOW);
  assert.deepEqual([ok, detail], [true, '2 set up, 1 paused']);
});

test('one that failed is told with its reason, one that nobody polls with since when', () => {
  const failed = feed('a', { poll_outcome: 'failed', poll_error: 'feeds.example.net answered 404' });
  const { ok, detail, fix } = checkFeeds(
    [failed, feed('b', { polled_at: hoursAgo(5) }), feed('c', { polled_at: null }), feed('d')],
    NOW,
  );
  assert.equal(ok, false);
  assert.equal(
    detail,
    '4 set up; a: feeds.example.net answered 404; b: not polled since 2026-11-29 07:00 UTC; c: never polled',
  );
  assert.match(fix ?? '', /ioc-feed-NAME/);
});

test('one that was just set up, or set anew, has its time', () => {
  const fresh = feed('a', { polled_at: null, updated_at: hoursAgo(1) });
  const anew = feed('b', { polled_at: hoursAgo(90), updated_at: hoursAgo(1) });
  assert.equal(checkFeeds([fresh, anew], NOW).ok, true);
});
