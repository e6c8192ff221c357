import { z } from 'zod';
import { canonicalAlertSchema } from '../../domain/formats';
import { readAlerts } from '../accept-document';
import { itemsOf, wholeOf } from '../batch-items';
import { defineRoute } from '../define-route';
import { submissionKey } from '../idempotency-key';
import { API } from '../links';
import { submissionExamples } from '../schemas/examples';
import { batchSchema, submissionQuery, submissionSchema } from '../schemas/submission';
import { submissionAnswer } from '../submission-answer';
import { commitAll, retryHeaders, submitAll, type Bringing } from '../submit-many';

export const submitAlert = defineRoute({
  method: 'post',
  path: `${API}/alerts`,
  group: 'Alerts',
  summary: 'Submit an alert',
  description:
    'Takes a canonical alert: an object with `source` and the fields its tool knows. Unknown fields are kept. A valid ' +
    'document that is no alert we know becomes an `unclassified` incident for an analyst; nothing is dropped. ' +
    'The answer comes when the alert is committed, before its playbook starts. The same alert again (same `source` and ' +
    '`alert_id`, else same `Idempotency-Key`, else the same body within 10 minutes) gets the same ids. Another alert of the ' +
    'same story (same type and attacker, file, sender …, within the correlation window) joins the incident that is there: ' +
    '`correlated` is true, and `correlation` names the fields. A document that ' +
    'holds several alerts, an array or NDJSON of several lines included, is answered as `POST /alerts/batch` answers.',
  curl:
    'curl -X POST $SOAR_URL/api/v1/alerts -H "Authorization: Bearer $SOAR_API_KEY" \\\n' +
    '  -H "Content-Type: application/json" \\\n' +
    `  -d '{"source": "firewall", "alert_type": "brute_force", "severity": "high",\n` +
    `       "src_ip": "185.220.101.1", "username": "administrator"}'`,
  headers: { 'Idempotency-Key': 'Names the alert where its source gives it no id; at most 255 characters' },
  query: submissionQuery,
  body: {
    kind: 'document',
    describes: {
      'application/json': canonicalAlertSchema.meta({ id: 'Alert' }),
      'text/plain': z.string(),
      'message/rfc822': z.string(),
      'application/x-ndjson': z.string(),
    },
    examples: submissionExamples,
  },
  responses: {
    202: {
      description: 'Accepted: committed, and the playbook is being started',
      json: submissionSchema,
      headers: { Location: 'The incident' },
    },
    200: {
      description: 'Known already: the same ids as the first time; or the document held several alerts',
      json: z.union([submissionSchema, batchSchema]),
      headers: { Location: 'The incident, of a single alert', 'Retry-After': 'Only when parts were refused with 503' },
    },
  },
}).handle(async (input, deps) => {
  const { query, body, actor, headers } = input;
  const delivery = { actor, format: query.format, idempotencyKey: submissionKey(headers['idempotency-key']) };
  const bringing: Bringing = { input, delivery, deps };
  const items = body.reading === 'ndjson' || Array.isArray(body.content) ? itemsOf(body) : [wholeOf(body)];
  const [item, ...more] = items;
  if (!item || more.length > 0) return several(await submitAll(items, bringing));

  const commits = await readAlerts(item, delivery, deps);
  const [only, ...others] = commits;
  if (!only || others.length > 0) return several(await commitAll(commits, bringing));

  const accepted = await only();
  const json = submissionAnswer(accepted, deps);
  const location = { Location: json.links.incident };
  return accepted.duplicate ? { status: 200, headers: location, json } : { status: 202, headers: location, json };
});

function several(json: z.output<typeof batchSchema>) {
  return { status: 200 as const, headers: retryHeaders(json), json };
}
