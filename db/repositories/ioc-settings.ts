import type { Knex } from '../connect';
import type { SourceDefaults } from '../ioc-telling';
import { UNDECLARED } from '../ioc-views';
import type { ImportOptions, IocFeed, IocSourceSettings, Who } from '../ioc-views';
import { IocSources } from '../models';
import type { IocSourceRow } from '../rows';
import { toInstant } from '../time';

const DAY_SECONDS = 86_400;

/**
 * What holds of a source's values where they do not say.
 * @param options of an import, in the place of the source's own
 */
export async function settingsOf(
  knex: Knex,
  source: string,
  options?: Pick<ImportOptions, 'confidence' | 'tlp' | 'tags' | 'expires_after_days'>,
): Promise<SourceDefaults> {
  const own: SourceDefaults = (await IocSources.query(knex).findById(source)) ?? UNDECLARED;
  return {
    confidence: options?.confidence ?? own.confidence,
    tlp: options?.tlp ?? own.tlp,
    tags: options?.tags ?? own.tags,
    expires_after_days: options?.expires_after_days ?? own.expires_after_days,
  };
}

/** Settings as they stand in the row of a source that is new. */
export function sourceRow(name: string, settings: IocSourceSettings, { actor, at }: Who): IocSourceRow {
  return {
    name,
    ...settingColumns(settings),
    ...{ etag: null, last_modified: null, polled_at: null, poll_outcome: null, poll_error: null },
    ...{ last_import_id: null, created_at: toInstant(at), created_by: actor, updated_at: toInstant(at) },
  };
}

type SettingColumns = Pick<
  IocSourceRow,
  | ('reliability' | 'confidence' | 'tlp' | 'expires_after_days' | 'tags' | 'description')
  | ('feed_url' | 'feed_format' | 'feed_columns' | 'feed_every_seconds' | 'feed_paused')
>;

export function settingColumns({ feed, ...settings }: IocSourceSettings): SettingColumns {
  const { reliability, confidence, tlp, expires_after_days, tags, description } = settings;
  return {
    ...{ reliability, confidence, tlp, expires_after_days, tags, description },
    feed_url: feed?.url ?? null,
    feed_format: feed?.format ?? null,
    feed_columns: feed?.columns ?? null,
    feed_every_seconds: feed?.every_seconds ?? null,
    feed_paused: feed?.paused ?? false,
  };
}

/** The settings that stand in a row. */
export function settingsIn(row: SettingColumns): IocSourceSettings {
  const { reliability, confidence, tlp, expires_after_days, tags, description } = row;
  return { reliability, confidence, tlp, expires_after_days, tags, description, feed: feedIn(row) };
}

function feedIn(row: SettingColumns): IocFeed | null {
  if (row.feed_url === null) return null;
  return {
    url: row.feed_url,
    format: row.feed_format,
    columns: row.feed_columns,
    every_seconds: row.feed_every_seconds ?? DAY_SECONDS,
    paused: row.feed_paused,
  };
}
