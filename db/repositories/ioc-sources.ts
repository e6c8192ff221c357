import { canonicalJson } from '../../domain/canonical-json';
import { hidePassword } from '../../domain/feed-address';
import { appendActions, deed, openChain, SYSTEM_CHAIN } from '../audit-chain';
import type { LockedChain } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import { UNDECLARED } from '../ioc-views';
import type { IocSourceRepository, IocSourceSettings, IocSourceView, PollNote, Who } from '../ioc-views';
import { IocSources } from '../models';
import type { IocSourceRow } from '../rows';
import { toInstant } from '../time';
import { inTransaction } from '../transaction';
import { settingColumns, settingsIn, sourceRow } from './ioc-settings';

export function createIocSourceRepository(knex: Knex): IocSourceRepository {
  async function get(name: string): Promise<IocSourceView | undefined> {
    const row = await rowOf(knex, name);
    const [count] = (await knex('ioc_sightings').where({ source: name }).count({ entries: '*' })) as [
      { entries: number },
    ];
    const entries = Number(count.entries);
    return row || entries > 0 ? viewOf(name, row, entries) : undefined;
  }

  return {
    get,

    async list() {
      const rows = await IocSources.query(knex);
      const counts: Count[] = await knex('ioc_sightings').groupBy('source').select('source').count({ entries: '*' });
      const entries = new Map(counts.map((count) => [count.source, Number(count.entries)]));
      const declared = new Map(rows.map((row) => [row.name, row.toJSON() as IocSourceRow]));
      const names = [...new Set([...declared.keys(), ...entries.keys()])].sort();
      return names.map((name) => viewOf(name, declared.get(name), entries.get(name) ?? 0));
    },

    async put(name, settings, by) {
      const created = await inTransaction(knex, async (trx) => {
        const chain = await openChain(trx, SYSTEM_CHAIN);
        return put(trx, chain, { name, settings, by });
      });
      const source = await get(name);
      if (!source) throw new Error(`The source ${name} is gone`);
      return { created, source };
    },

    remove: (name, by) =>
      inTransaction(knex, async (trx) => {
        const chain = await openChain(trx, SYSTEM_CHAIN);
        const row = await rowOf(trx, name);
        if (!row) return false;
        await IocSources.query(trx).deleteById(name);
        const summary = `${by.actor} forgot the settings of the IOC source ${name}; what it has said stays`;
        await note(trx, chain, { name, act: 'remove', summary, by, before: settingsIn(row), after: null });
        return true;
      }),

    async feeds() {
      const rows = await IocSources.query(knex).whereNotNull('feed_url').orderBy('name');
      return rows.map((row) => row.toJSON() as IocSourceRow);
    },

    notePoll: (name, poll) => inTransaction(knex, (trx) => notePoll(trx, name, poll)),
  };
}

interface Count {
  source: string;
  entries: number | string;
}

async function rowOf(knex: Knex, name: string): Promise<IocSourceRow | undefined> {
  return (await IocSources.query(knex).findById(name))?.toJSON();
}

function viewOf(name: string, row: IocSourceRow | undefined, entries: number): IocSourceView {
  const { polled_at = null, poll_outcome = null, poll_error = null, last_import_id = null } = row ?? {};
  return {
    name,
    ...(row ? settingsIn(row) : UNDECLARED),
    declared: row !== undefined,
    entries,
    last_poll: { polled_at, poll_outcome, poll_error, last_import_id },
    created_at: row?.created_at ?? null,
    created_by: row?.created_by ?? null,
  };
}

/** @returns whether it was not there before */
async function put(
  trx: Transaction,
  chain: LockedChain,
  { name, settings, by }: { name: string; settings: IocSourceSettings; by: Who },
): Promise<boolean> {
  const row = await rowOf(trx, name);
  const before = row ? settingsIn(row) : null;
  if (before && canonicalJson(before) === canonicalJson(settings)) return false;
  if (row) {
    const columns = { ...settingColumns(settings), updated_at: toInstant(by.at) };
    const validators = isSameFile(before, settings) ? {} : { etag: null, last_modified: null };
    await IocSources.query(trx)
      .findById(name)
      .patch({ ...columns, ...validators });
  } else {
    await IocSources.query(trx).insert(sourceRow(name, settings, by));
  }
  const summary = `${by.actor} ${row ? 'changed' : 'gave'} the settings of the IOC source ${name}`;
  await note(trx, chain, { name, act: 'put', summary, by, before, after: settings });
  return row === undefined;
}

/** Read in another way, a file that has not changed is to be fetched all the same. */
function isSameFile(before: IocSourceSettings | null, after: IocSourceSettings): boolean {
  const what = ({ feed }: IocSourceSettings) => canonicalJson(feed && [feed.url, feed.format, feed.columns]);
  return before !== null && what(before) === what(after);
}

interface Change {
  name: string;
  act: 'put' | 'remove';
  summary: string;
  by: Who;
  before: IocSourceSettings | null;
  after: IocSourceSettings | null;
}

/** As the audit has them, which everybody may read: it never forgets a password. */
function shownSettings(settings: IocSourceSettings | null): IocSourceSettings | null {
  if (!settings?.feed) return settings;
  return { ...settings, feed: { ...settings.feed, url: hidePassword(settings.feed.url) } };
}

async function note(trx: Transaction, chain: LockedChain, change: Change): Promise<void> {
  const { name, act, summary, by, before, after } = change;
  // its place in the chain names it: the same act may well be done again
  const action_key = `ioc-source/${name}/${act}/${chain.head.seq + 1}`;
  const detail = { source: name, before: shownSettings(before), after: shownSettings(after) };
  const action = `${act}_ioc_source`;
  await appendActions(trx, chain, [deed({ incident_id: null, action_key, action, ...by, summary, detail })]);
}

async function notePoll(trx: Transaction, name: string, poll: PollNote): Promise<void> {
  const action_key = `ioc-poll/${poll.pollId}`;
  const chain = await openChain(trx, SYSTEM_CHAIN, action_key);
  if (chain.row) return;
  const { outcome, importId, error } = poll;
  const row = await rowOf(trx, name);
  const isChanged = poll.settingsOf !== undefined && poll.settingsOf !== row?.updated_at;
  const { etag, lastModified }: Partial<PollNote> = isChanged ? {} : poll;
  await IocSources.query(trx)
    .findById(name)
    .patch({
      ...{ polled_at: toInstant(poll.at), poll_outcome: outcome, poll_error: error ?? null },
      ...(importId !== undefined && { last_import_id: importId }),
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { last_modified: lastModified }),
    });
  const detail = { source: name, outcome, import_id: importId ?? null, error: error ?? null };
  const told = deed({
    ...{ incident_id: null, action_key, at: poll.at, action: 'poll_ioc_feed', actor: 'feeds', detail },
    summary: SAID[outcome](name, poll),
  });
  await appendActions(trx, chain, [{ ...told, status: outcome === 'failed' ? 'failed' : 'ok' }]);
}

const SAID: Record<PollNote['outcome'], (name: string, poll: PollNote) => string> = {
  not_modified: (name) => `The feed ${name} has not changed`,
  imported: (name, { importId }) => `The feed ${name} is imported as ${importId ?? 'one of before'}`,
  failed: (name, { error }) => `The feed ${name} could not be fetched: ${error ?? 'for no reason given'}`,
};
