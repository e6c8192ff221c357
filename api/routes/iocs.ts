import { z } from 'zod';
import { InvalidCursorError } from '../../db/errors';
import type { IocView } from '../../db/ioc-views';
import { given } from '../../domain/given';
import { readValue } from '../../domain/intel/value';
import { defineRoute, type RouteDeps } from '../define-route';
import { MAX_INCIDENTS } from '../ioc-lookup';
import { shownIoc, shownIocs, type ShownIoc } from '../ioc-shown';
import { iocPage } from '../ioc-walk';
import { API } from '../links';
import { nextPage, pageOrRefuse } from '../paging';
import { invalidFields, noSuchIoc } from '../problems';
import { iocDetailSchema, iocSchema } from '../schemas/ioc';
import {
  iocListQuery,
  iocListSchema,
  iocRequestSchema,
  iocVerdictSchema,
  removedIocSchema,
  removedSightingSchema,
  removedSourceSchema,
  sourceName,
} from '../schemas/ioc-entry';
import { iocParams, sightingParams } from '../schemas/params';

const GROUP = 'IOCs';
const PATH = `${API}/iocs`;
const CURL = 'curl -H "Authorization: Bearer $SOAR_API_KEY"';
/** Of an entry's history. */
const MOST_ACTS = 50;
const JSON_HEADER = '-H "Content-Type: application/json"';

export const listIocs = defineRoute({
  method: 'get',
  path: PATH,
  group: GROUP,
  summary: 'List entries of the IOC database, newest first',
  description:
    'One call looks at some 20,000 entries at most: of what is rare a page may be short, or empty, and have a cursor. ' +
    'Confidence and state are those of today.',
  curl: `${CURL} "$SOAR_URL${PATH}?type=ip&min_confidence=60"`,
  query: iocListQuery,
  responses: { 200: { description: 'One page', json: iocListSchema } },
}).handle(async ({ query: { cursor, limit, state: states, ...filter }, url }, deps) => {
  const page = pageOf(cursor).then((below) => iocPage({ ...filter, states, below, limit }, deps));
  const { items, next } = await pageOrRefuse(page);
  const nextCursor = next === null ? null : Buffer.from(`ioc:${next}`).toString('base64url');
  return {
    status: 200,
    json: {
      items: items.map((one) => shownIoc(one, deps)),
      next_cursor: nextCursor,
      links: { next: nextPage(url, nextCursor, deps) },
    },
  };
});

/** @throws InvalidCursorError */
function pageOf(cursor: string | undefined): Promise<number | undefined> {
  if (cursor === undefined) return Promise.resolve(undefined);
  const id = /^ioc:([1-9]\d{0,14})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  return id === undefined ? Promise.reject(new InvalidCursorError()) : Promise.resolve(Number(id));
}

export const addIoc = defineRoute({
  method: 'post',
  path: PATH,
  group: GROUP,
  summary: 'Add a value by hand',
  description:
    'A value that is known already gets what is said here as a further sighting. What cannot be an indicator is refused; ' +
    'what is on a warning list or your own is kept, and the answer shows it. Audited.',
  curl:
    `curl -X POST $SOAR_URL${PATH} -H "Authorization: Bearer $SOAR_API_KEY" ${JSON_HEADER} \\\n` +
    '  -d \'{"value": "evil[.]example", "confidence": 80, "tags": ["c2"], "reference": "https://intel.example/42"}\'',
  body: {
    kind: 'json',
    schema: iocRequestSchema,
    examples: { domain: { summary: 'A domain', value: { value: 'evil[.]example', confidence: 80, tags: ['c2'] } } },
  },
  responses: {
    200: { description: 'It was known; this is said of it too', json: iocSchema },
    201: { description: 'Added', json: iocSchema, headers: { Location: 'The entry' } },
  },
}).handle(async ({ body: { type, value, ...told }, actor }, deps) => {
  const read = readValue(type, value);
  if (!read.ok) throw invalidFields([{ pointer: '/value', detail: read.reason }]);
  const at = deps.clock().toISOString();
  const { created, ioc } = await deps.store.iocs.add(
    { ...given(told), type: read.type, value: read.value, last_seen: at },
    { actor, at },
  );
  const json = shownOne(ioc, deps);
  return created ? { status: 201, headers: { Location: json.links.self }, json } : { status: 200, json };
});

export const getIoc = defineRoute({
  method: 'get',
  path: `${PATH}/:id`,
  group: GROUP,
  summary: 'An entry, the incidents it was seen in, and what people have done to it',
  curl: `${CURL} $SOAR_URL${PATH}/42`,
  params: iocParams,
  responses: { 200: { description: 'The entry', json: iocDetailSchema } },
}).handle(async ({ params: { id } }, deps) => {
  const found = await deps.store.iocs.get(id);
  if (!found) throw noSuchIoc(id);
  const incidents = await deps.store.iocs.incidentsWith(found, MAX_INCIDENTS);
  const history = await deps.store.iocs.history(id, MOST_ACTS);
  return { status: 200, json: { ...shownOne(found, deps), incidents, history } };
});

export const judgeIoc = defineRoute({
  method: 'patch',
  path: `${PATH}/:id`,
  group: GROUP,
  summary: 'Say that an entry is malicious, or benign',
  description:
    "An analyst's word holds whatever age and sources say: `malicious` counts with confidence 100 and does not expire, " +
    '`benign` does not count. `null` takes it back. Audited with the reason; may be repeated.',
  curl:
    `curl -X PATCH $SOAR_URL${PATH}/42 -H "Authorization: Bearer $SOAR_API_KEY" ${JSON_HEADER} \\\n` +
    '  -d \'{"verdict": "benign", "reason": "Our own mail relay"}\'',
  params: iocParams,
  body: {
    kind: 'json',
    schema: iocVerdictSchema,
    examples: {
      benign: { summary: 'Dismiss it', value: { verdict: 'benign', reason: 'Our own mail relay' } },
      back: { summary: 'Take that back', value: { verdict: null } },
    },
  },
  responses: { 200: { description: 'The entry as it stands now', json: iocSchema } },
}).handle(async ({ params: { id }, body: { verdict, reason = '' }, actor }, deps) => {
  const at = deps.clock().toISOString();
  const changed = await deps.store.iocs.override(id, verdict && { verdict, reason }, { actor, at });
  if (changed.outcome === 'not_found') throw noSuchIoc(id);
  return { status: 200, json: shownOne(changed.ioc, deps) };
});

export const removeIoc = defineRoute({
  method: 'delete',
  path: `${PATH}/:id`,
  group: GROUP,
  summary: 'Remove an entry, with all that is said of it',
  description: 'Audited with what stood there. A source that says so again brings it back: to silence it, dismiss it.',
  curl: `curl -X DELETE $SOAR_URL${PATH}/42 -H "Authorization: Bearer $SOAR_API_KEY"`,
  params: iocParams,
  responses: { 200: { description: 'It is gone', json: removedIocSchema } },
}).handle(async ({ params: { id }, actor }, deps) => {
  const removed = await deps.store.iocs.remove(id, { actor, at: deps.clock().toISOString() });
  if (!removed) throw noSuchIoc(id);
  return { status: 200, json: { id, removed: true } };
});

export const removeSighting = defineRoute({
  method: 'delete',
  path: `${PATH}/:id/sightings/:source`,
  group: GROUP,
  summary: 'Remove what one source says of an entry',
  curl: `curl -X DELETE $SOAR_URL${PATH}/42/sightings/urlhaus -H "Authorization: Bearer $SOAR_API_KEY"`,
  params: sightingParams,
  responses: { 200: { description: 'What is left of the entry', json: removedSightingSchema } },
}).handle(async ({ params: { id, source }, actor }, deps) => {
  const left = await deps.store.iocs.removeSighting(id, source, { actor, at: deps.clock().toISOString() });
  if (left.outcome === 'not_found') throw noSuchIoc(id, source);
  return { status: 200, json: { ioc: left.ioc && shownOne(left.ioc, deps) } };
});

export const removeIocsOfSource = defineRoute({
  method: 'delete',
  path: PATH,
  group: GROUP,
  summary: 'Remove all that a source has said',
  description: 'Entries of which nobody else says anything go with it. Its settings stay. One row in the audit.',
  curl: `curl -X DELETE "$SOAR_URL${PATH}?source=old-feed" -H "Authorization: Bearer $SOAR_API_KEY"`,
  query: z.strictObject({ source: sourceName() }),
  responses: { 200: { description: 'What is gone', json: removedSourceSchema } },
}).handle(async ({ query: { source }, actor }, deps) => {
  const { sightings, entries } = await deps.store.iocs.removeSource(source, { actor, at: deps.clock().toISOString() });
  return { status: 200, json: { source, sightings, entries } };
});

function shownOne(view: IocView, deps: RouteDeps): ShownIoc {
  const [shown] = shownIocs([view], deps);
  if (!shown) throw new Error('one entry was shown as none');
  return shown;
}
