import { z } from 'zod';
import { canonicalAlertSchema } from '../../domain/formats';
import { itemsOf, MOST_ITEMS } from '../batch-items';
import { defineRoute } from '../define-route';
import { submissionKey } from '../idempotency-key';
import { API } from '../links';
import { batchExamples } from '../schemas/examples';
import { batchSchema, submissionQuery } from '../schemas/submission';
import { retryHeaders, submitAll } from '../submit-many';

export const submitBatch = defineRoute({
  method: 'post',
  path: `${API}/alerts/batch`,
  group: 'Alerts',
  summary: 'Submit many alerts',
  description:
    `Takes a JSON array or NDJSON (one JSON document a line) of at most ${MOST_ITEMS} documents, each of which is taken ` +
    'as `POST /alerts` takes it; `text/plain` is read line by line, as logs are. A wrong one fails alone: `results` has ' +
    'an entry for each, in the order sent. Send the same batch again as often as you like: what is known already gets ' +
    'its first ids. When the database is away and nothing was committed the answer is 503; when it went away in between, ' +
    'the items it missed have `http_status` 503 and the answer has `Retry-After`.',
  curl:
    'curl -X POST $SOAR_URL/api/v1/alerts/batch -H "Authorization: Bearer $SOAR_API_KEY" \\\n' +
    '  -H "Content-Type: application/x-ndjson" --data-binary @alerts.ndjson',
  headers: {
    'Idempotency-Key': 'Names, with its place, each item whose source gives it no id; at most 255 characters',
  },
  query: submissionQuery,
  body: {
    kind: 'document',
    describes: {
      'application/json': z.array(canonicalAlertSchema.meta({ id: 'Alert' })).max(MOST_ITEMS),
      'application/x-ndjson': z.string(),
      'text/plain': z.string(),
    },
    examples: batchExamples,
  },
  responses: {
    200: {
      description: 'What became of each item',
      json: batchSchema,
      headers: { 'Retry-After': 'Only when items were refused with 503' },
    },
  },
}).handle(async (input, deps) => {
  const { query, body, actor, headers } = input;
  const delivery = { actor, format: query.format, idempotencyKey: submissionKey(headers['idempotency-key']) };
  const json = await submitAll(itemsOf(body), { input, delivery, deps });
  return { status: 200, headers: retryHeaders(json), json };
});
