import { z } from 'zod';
import type { Accepted } from '../../db/repositories/alerts';
import {
  canonicalAlertSchema,
  InvalidAlertError,
  parseSubmission,
  type ParsedAlert,
  type Submission,
} from '../../domain/formats';
import { acceptAlert, tellEngine } from '../accept-alert';
import { defineRoute, type RouteDeps, type RouteInput } from '../define-route';
import type { RequestDocument } from '../body';
import { API, incidentLinks } from '../links';
import { invalidFields } from '../problems';
import { submissionExamples } from '../schemas/examples';
import { submissionSchema } from '../schemas/submission';

/** Longest `Idempotency-Key`, as for any name. */
const MAX_KEY = 255;

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
    '`correlated` is true, and `correlation` names the fields.',
  curl:
    'curl -X POST $SOAR_URL/api/v1/alerts -H "Authorization: Bearer $SOAR_API_KEY" \\\n' +
    '  -H "Content-Type: application/json" \\\n' +
    `  -d '{"source": "firewall", "alert_type": "brute_force", "severity": "high",\n` +
    `       "src_ip": "185.220.101.1", "username": "administrator"}'`,
  headers: { 'Idempotency-Key': 'Names the alert where its source gives it no id; at most 255 characters' },
  body: {
    kind: 'document',
    describes: { 'application/json': canonicalAlertSchema.meta({ id: 'Alert' }), 'text/plain': z.string() },
    examples: submissionExamples,
  },
  responses: {
    202: {
      description: 'Accepted: committed, and the playbook is being started',
      json: submissionSchema,
      headers: { Location: 'The incident' },
    },
    200: { description: 'Known already: the same ids as the first time', json: submissionSchema },
  },
}).handle(async (input, deps) => {
  const accepted = await accept(input, deps);
  tellEngine(accepted, deps.engine);
  const links = incidentLinks(accepted.incidentId, accepted.alertType, deps);
  const json = {
    incident_id: accepted.incidentId,
    alert_id: accepted.alertId,
    source_alert_id: accepted.sourceAlertId,
    status: accepted.status,
    duplicate: accepted.duplicate,
    correlated: accepted.correlated,
    correlation: accepted.correlation,
    follows: accepted.follows,
    format: accepted.format,
    alert_type: accepted.alertType,
    severity: accepted.severity,
    classification: accepted.classification,
    links: { incident: links.self, ...links },
  };
  const headers = { Location: links.self };
  return accepted.duplicate ? { status: 200, headers, json } : { status: 202, headers, json };
});

type SubmitInput = RouteInput<undefined, undefined, RequestDocument>;

function accept({ body, headers, actor }: SubmitInput, deps: RouteDeps): Promise<Accepted> {
  const idempotencyKey = idempotencyKeyOf(headers['idempotency-key']);
  const receivedAt = deps.clock().toISOString();
  const { bytes: original, mediaType, content } = body;
  const parsed = onlyAlertOf({ body: content, receivedAt });
  return acceptAlert(parsed, { original, mediaType, receivedAt, actor, idempotencyKey }, deps);
}

function onlyAlertOf(submission: Submission): ParsedAlert {
  if (Array.isArray(submission.body)) {
    throw invalidFields([
      { pointer: '', detail: 'Is an array; send its alerts one by one, batches are not in this version' },
    ]);
  }
  const alerts = parse(submission);
  const [alert] = alerts;
  if (!alert || alerts.length > 1) {
    throw invalidFields([{ pointer: '', detail: `Holds ${alerts.length} alerts; send them one by one` }]);
  }
  return alert;
}

function parse(submission: Submission): ParsedAlert[] {
  try {
    return parseSubmission(submission);
  } catch (error) {
    if (error instanceof InvalidAlertError) throw invalidFields(error.errors);
    throw error;
  }
}

function idempotencyKeyOf(header: string | string[] | undefined): string | undefined {
  const key = header?.toString().trim();
  if (key && key.length > MAX_KEY) {
    throw invalidFields([{ pointer: '', detail: `The Idempotency-Key has more than ${MAX_KEY} characters` }]);
  }
  return key || undefined;
}
