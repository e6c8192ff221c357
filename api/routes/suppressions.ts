import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ActRefusedError } from '../../db/errors';
import type { SuppressionView } from '../../db/repositories/suppressions';
import { expiryProblem, isActive } from '../../domain/suppression';
import { defineRoute, type RouteDeps } from '../define-route';
import { requestIdOf, requestKey } from '../idempotency-key';
import { API } from '../links';
import { nextPage, pageOrRefuse } from '../paging';
import { invalidFields, noSuchSuppression } from '../problems';
import { suppressionParams } from '../schemas/params';
import { flag, text, wholeNumber } from '../schemas/query';
import { suppressionListSchema, suppressionRequestSchema, suppressionSchema } from '../schemas/suppression';

const GROUP = 'Suppressions';
const PATH = `${API}/suppressions`;
const CURL = 'curl -H "Authorization: Bearer $SOAR_API_KEY"';

export const createSuppression = defineRoute({
  method: 'post',
  path: PATH,
  group: GROUP,
  summary: 'Say that a pattern of alerts is known',
  description:
    'From now on alerts that match all that is given are kept, counted, and closed as `benign_true_positive` as they come; ' +
    'nothing is looked up. Those of one story share an incident, which no other alert joins. With one `Idempotency-Key` it is ' +
    'made once, however often the call is sent.',
  curl:
    `curl -X POST $SOAR_URL${PATH} -H "Authorization: Bearer $SOAR_API_KEY" \\\n` +
    '  -H "Content-Type: application/json" \\\n' +
    '  -d \'{"alert_type": "brute_force", "observable": "ip:192.0.2.10", "reason": "Our scanner, CHG-1042",\n' +
    '       "expires_at": "2027-01-31T00:00:00Z"}\'',
  headers: { 'Idempotency-Key': 'Names the request; at most 255 printable ASCII characters' },
  body: {
    kind: 'json',
    schema: suppressionRequestSchema,
    examples: {
      scanner: {
        summary: 'What our own scanner sets off',
        value: {
          alert_type: 'brute_force',
          observable: 'ip:192.0.2.10',
          reason: 'Our scanner, CHG-1042',
          expires_at: '2027-01-31T00:00:00Z',
        },
      },
      rule: {
        summary: 'A rule of one tool',
        value: { source: 'wazuh', rule: '5710', reason: 'Noisy', expires_at: '2026-12-31T00:00:00Z' },
      },
    },
  },
  responses: {
    201: { description: 'It holds', json: suppressionSchema, headers: { Location: 'The suppression' } },
  },
}).handle(async ({ body, headers, actor }, deps) => {
  const at = deps.clock().toISOString();
  const { alert_type = null, observable = null, rule = null, source = null, reason, expires_at } = body;
  const problem = expiryProblem(expires_at, at);
  if (problem !== undefined) throw invalidFields([{ pointer: '/expires_at', detail: problem }]);
  const requestId = requestIdOf(requestKey(headers['idempotency-key']) ?? randomUUID());
  const wanted = { alert_type, observable, rule, source, reason, expires_at };
  try {
    const made = await deps.store.suppressions.create(wanted, { actor, at, requestId });
    const json = shown(made, deps);
    return { status: 201, headers: { Location: json.links.self }, json };
  } catch (error) {
    if (!(error instanceof ActRefusedError)) throw error;
    throw invalidFields([{ pointer: '', detail: error.message }]);
  }
});

export const listSuppressions = defineRoute({
  method: 'get',
  path: PATH,
  group: GROUP,
  summary: 'List suppressions, newest first',
  description: 'With what each has closed so far.',
  curl: `${CURL} "$SOAR_URL${PATH}?active=true"`,
  query: z.strictObject({
    active: flag().optional().describe('false: those that were removed or have expired'),
    limit: wholeNumber(1, 200).default(50),
    cursor: text(2_000).optional().describe('next_cursor of the page before; `active` stays as it was'),
  }),
  responses: { 200: { description: 'One page', json: suppressionListSchema } },
}).handle(async ({ query, url }, deps) => {
  const now = deps.clock().toISOString();
  const { items, nextCursor } = await pageOrRefuse(deps.store.suppressions.list({ ...query, now }));
  return {
    status: 200,
    json: {
      items: items.map((one) => shown(one, deps)),
      next_cursor: nextCursor,
      links: { next: nextPage(url, nextCursor, deps) },
    },
  };
});

export const getSuppression = defineRoute({
  method: 'get',
  path: `${PATH}/:id`,
  group: GROUP,
  summary: 'A suppression, and what it has closed so far',
  curl: `${CURL} $SOAR_URL${PATH}/SUP-7Q2M4X9K0T`,
  params: suppressionParams,
  responses: { 200: { description: 'The suppression', json: suppressionSchema } },
}).handle(async ({ params: { id } }, deps) => {
  const found = await deps.store.suppressions.get(id);
  if (!found) throw noSuchSuppression(id);
  return { status: 200, json: shown(found, deps) };
});

export const removeSuppression = defineRoute({
  method: 'delete',
  path: `${PATH}/:id`,
  group: GROUP,
  summary: 'Remove a suppression',
  description:
    'Alerts that come after the answer are looked at like any other; what was closed stays closed until it is reopened. ' +
    'The suppression is kept, with who removed it. May be repeated.',
  curl: `curl -X DELETE $SOAR_URL${PATH}/SUP-7Q2M4X9K0T -H "Authorization: Bearer $SOAR_API_KEY"`,
  params: suppressionParams,
  responses: { 200: { description: 'It holds no more', json: suppressionSchema } },
}).handle(async ({ params: { id }, actor }, deps) => {
  const removed = await deps.store.suppressions.remove(id, { actor, at: deps.clock().toISOString() });
  if (!removed) throw noSuchSuppression(id);
  return { status: 200, json: shown(removed, deps) };
});

function shown(one: SuppressionView, { clock, publicUrl }: Pick<RouteDeps, 'clock' | 'publicUrl'>) {
  const links = {
    self: `${publicUrl}${PATH}/${one.id}`,
    incidents: `${publicUrl}${API}/incidents?suppressed_by=${one.id}`,
  };
  return { ...one, active: isActive(one, clock().toISOString()), links };
}
