import type { z } from 'zod';
import type { IocSourceView } from '../../db/ioc-views';
import { COLUMNS } from '../../domain/intel/format';
import { defineRoute } from '../define-route';
import { hidePassword, restorePassword } from '../../domain/feed-address';
import { API, type LinkBase } from '../links';
import { invalidFields, noSuchSource, Problem, unavailable } from '../problems';
import {
  pollSchema,
  removedSettingsSchema,
  sourceListSchema,
  sourceRequestSchema,
  sourceSchema,
} from '../schemas/ioc-source';
import { sourceParams } from '../schemas/params';
import { withinDeadline } from '../within-deadline';

const GROUP = 'IOC sources';
const PATH = `${API}/ioc-sources`;
const CURL = 'curl -H "Authorization: Bearer $SOAR_API_KEY"';

export const listSources = defineRoute({
  method: 'get',
  path: PATH,
  group: GROUP,
  summary: 'List sources of the IOC database',
  description: 'Those with settings, and those that have only said something.',
  curl: `${CURL} $SOAR_URL${PATH}`,
  responses: { 200: { description: 'All of them', json: sourceListSchema } },
}).handle(async (_input, deps) => {
  const sources = await deps.store.iocSources.list();
  return { status: 200, json: { items: sources.map((source) => sourceView(source, deps)) } };
});

export const getSource = defineRoute({
  method: 'get',
  path: `${PATH}/:name`,
  group: GROUP,
  summary: 'A source: its settings, and how its feed does',
  curl: `${CURL} $SOAR_URL${PATH}/urlhaus`,
  params: sourceParams,
  responses: { 200: { description: 'The source', json: sourceSchema } },
}).handle(async ({ params: { name } }, deps) => {
  const found = await deps.store.iocSources.get(name);
  if (!found) throw noSuchSource(name);
  return { status: 200, json: sourceView(found, deps) };
});

export const putSource = defineRoute({
  method: 'put',
  path: `${PATH}/:name`,
  group: GROUP,
  summary: 'Say how far a source is believed, and where its feed is',
  description:
    'Replaces all settings: what is left out is as its default says. A feed is polled from now on, and at once when it is ' +
    'new. A password in the address is shown as ***; sent back so, it stays. Audited.',
  curl:
    `curl -X PUT $SOAR_URL${PATH}/urlhaus -H "Authorization: Bearer $SOAR_API_KEY" -H "Content-Type: application/json" \\\n` +
    '  -d \'{"reliability": "B", "confidence": 75, "tlp": "clear", "expires_after_days": 90,\n' +
    '       "feed": {"url": "https://feeds.example/urlhaus.csv", "every_seconds": 3600}}\'',
  params: sourceParams,
  body: {
    kind: 'json',
    schema: sourceRequestSchema,
    examples: {
      feed: {
        summary: 'A feed',
        value: {
          reliability: 'B',
          confidence: 75,
          expires_after_days: 90,
          feed: { url: 'https://feeds.example/urlhaus.csv', every_seconds: 3600 },
        },
      },
      manual: { summary: 'What somebody imports', value: { reliability: 'C', tags: ['sharing-group'] } },
    },
  },
  responses: {
    200: { description: 'Changed', json: sourceSchema },
    201: { description: 'It has settings now', json: sourceSchema, headers: { Location: 'The source' } },
  },
}).handle(async ({ params: { name }, body, actor }, deps) => {
  const settings = { ...body, feed: body.feed && { ...body.feed, columns: columnsOf(body.feed.columns) } };
  if (settings.feed) {
    const known = await deps.store.iocSources.get(name);
    const url = restorePassword(settings.feed.url, known?.feed?.url);
    if (url === undefined) {
      throw invalidFields([{ pointer: '/feed/url', detail: 'Has *** for a password: write the password' }]);
    }
    settings.feed.url = url;
  }
  const { created, source } = await deps.store.iocSources.put(name, settings, {
    actor,
    at: deps.clock().toISOString(),
  });
  const json = sourceView(source, deps);
  return created ? { status: 201, headers: { Location: json.links.self }, json } : { status: 200, json };
});

export const removeSource = defineRoute({
  method: 'delete',
  path: `${PATH}/:name`,
  group: GROUP,
  summary: "Forget a source's settings, and its feed",
  description: 'What it has said stays; `DELETE /iocs?source=` takes that away.',
  curl: `curl -X DELETE $SOAR_URL${PATH}/urlhaus -H "Authorization: Bearer $SOAR_API_KEY"`,
  params: sourceParams,
  responses: { 200: { description: 'Forgotten', json: removedSettingsSchema } },
}).handle(async ({ params: { name }, actor }, deps) => {
  const removed = await deps.store.iocSources.remove(name, { actor, at: deps.clock().toISOString() });
  if (!removed) throw noSuchSource(name);
  return { status: 200, json: { name, removed: true } };
});

export const pollSource = defineRoute({
  method: 'post',
  path: `${PATH}/:name/poll`,
  group: GROUP,
  summary: "Fetch a source's feed now",
  description: 'Whatever its schedule says; `last_poll` of the source tells what came of it.',
  curl: `curl -X POST $SOAR_URL${PATH}/urlhaus/poll -H "Authorization: Bearer $SOAR_API_KEY"`,
  params: sourceParams,
  problems: ['no-feed'],
  responses: { 202: { description: 'Asked for', json: pollSchema, headers: { Location: 'The source' } } },
}).handle(async ({ params: { name } }, deps) => {
  const found = await deps.store.iocSources.get(name);
  if (!found) throw noSuchSource(name);
  if (!found.feed) throw new Problem('no-feed', `${name} has no feed: somebody imports it.`);
  try {
    await withinDeadline(deps.gateway.pollFeed(name));
  } catch (error) {
    throw unavailable('The engine does not answer: the feed is not polled now, but by its schedule.', error);
  }
  const source = linkTo(name, deps);
  return { status: 202, headers: { Location: source }, json: { source: name, links: { source } } };
});

/** @throws Problem 422 */
function columnsOf(columns: Record<string, string> | null): Record<string, string> | null {
  const unknown = Object.keys(columns ?? {}).filter((name) => !COLUMNS.some((column) => column === name));
  if (unknown.length === 0) return columns;
  const detail = `Must be one of ${COLUMNS.join(', ')}`;
  throw invalidFields(unknown.map((name) => ({ pointer: `/feed/columns/${name}`, detail })));
}

function linkTo(name: string, { publicUrl }: Pick<LinkBase, 'publicUrl'>): string {
  return `${publicUrl}${PATH}/${encodeURIComponent(name)}`;
}

function sourceView(source: IocSourceView, deps: LinkBase): z.output<typeof sourceSchema> {
  const { name, declared, reliability, confidence, tlp, expires_after_days, tags, description, feed } = source;
  const { entries, last_poll, created_at, created_by } = source;
  const iocs = `${deps.publicUrl}${API}/iocs?source=${encodeURIComponent(name)}`;
  return {
    ...{ name, declared, reliability, confidence, tlp, expires_after_days, tags, description },
    feed: feed && {
      url: hidePassword(feed.url),
      ...{ format: feed.format, columns: feed.columns ?? null, every_seconds: feed.every_seconds, paused: feed.paused },
    },
    entries,
    last_poll: {
      at: last_poll.polled_at,
      outcome: last_poll.poll_outcome,
      error: last_poll.poll_error,
      import_id: last_poll.last_import_id,
    },
    ...{ created_at, created_by },
    links: { self: linkTo(name, deps), iocs },
  };
}
