import { createHash } from 'node:crypto';
import type { SplitRefusal } from '../../db/store';
import { given } from '../../domain/given';
import { defineRoute } from '../define-route';
import { ifVersion, versionMismatch } from '../if-match';
import { API, incidentLinks } from '../links';
import { invalidFields, noSuchIncident, Problem } from '../problems';
import { readAlert } from '../accept-alert';
import { startableOf } from '../reconciler';
import { incidentParams } from '../schemas/params';
import { splitRequestSchema, splitSchema } from '../schemas/regroup';

export const splitIncident = defineRoute({
  method: 'post',
  path: `${API}/incidents/:id/split`,
  group: 'Incidents',
  summary: 'Split alerts off into an incident of their own',
  description:
    'The alerts leave for a new incident, with what only they name; both are judged anew. A correlation key that none of ' +
    'the alerts that stay has goes along, any other stays. Both audits say so. May be repeated: the same alerts are split ' +
    'off once.',
  curl:
    'curl -X POST $SOAR_URL/api/v1/incidents/INC-7Q2M4X9K0T/split -H "Authorization: Bearer $SOAR_API_KEY" \\\n' +
    '  -H "Content-Type: application/json" -d \'{"alert_ids": ["ALT-9D4T2B7H1M"], "reason": "Another user\'"\'"\'s typo"}\'',
  params: incidentParams,
  headers: { 'If-Match': 'The ETag last seen; 412 when the incident has changed since' },
  body: {
    kind: 'json',
    schema: splitRequestSchema,
    examples: { split: { summary: 'One alert', value: { alert_ids: ['ALT-9D4T2B7H1M'], reason: 'Another story' } } },
  },
  problems: ['not-splittable', 'version-mismatch'],
  responses: {
    201: { description: 'Split', json: splitSchema, headers: { Location: 'The new incident' } },
  },
}).handle(async ({ params: { id }, body: { alert_ids: alertIds, reason }, headers, actor }, deps) => {
  const incident = await deps.store.incidents.get(id);
  if (!incident) throw noSuchIncident(id);
  const requestId = requestIdOf(alertIds);
  // one that was split already has changed by that
  const isRepeated = (await deps.store.actions.find(id, `split/${requestId}`)) !== undefined;
  const version = isRepeated ? undefined : ifVersion(incident, headers['if-match']);
  const at = deps.clock().toISOString();
  const outcome = await deps.store.regrouping.split({
    ...given({ id, reason, actor, at, ifVersion: version }),
    ...{ alertIds, requestId, read: (alert) => readAlert(alert, deps.site.current(), deps.correlationWindowMs) },
  });
  if ('refused' in outcome) throw refusal(id, alertIds, outcome);
  const [opened, left] = [startableOf(outcome.incident), startableOf(outcome.left)];
  if (outcome.done === 'now') {
    if (opened) deps.engine.start(opened);
    if (left && outcome.left.suppressed_by === null) deps.engine.replace(left);
  }
  const links = incidentLinks(outcome.incident.id, outcome.incident.alert_type, deps);
  return {
    status: 201,
    headers: { Location: links.self },
    json: { incident_id: outcome.incident.id, split_from: id, alerts: outcome.alerts, links },
  };
});

/** The same alerts, in whatever order, are the same request. */
function requestIdOf(alertIds: readonly string[]): string {
  return createHash('sha256')
    .update([...new Set(alertIds)].sort().join())
    .digest('hex');
}

function refusal(id: string, asked: readonly string[], { refused, alertIds = [] }: SplitRefusal): Problem {
  switch (refused) {
    case 'not_found':
      return noSuchIncident(id);
    case 'version_mismatch':
      return versionMismatch(id);
    case 'nothing_left':
      return new Problem('not-splittable', `These are all alerts of ${id}: nothing would stay.`);
    case 'unknown_alerts':
      return invalidFields(
        alertIds.map((one) => ({ pointer: `/alert_ids/${asked.indexOf(one)}`, detail: `${one} is no alert of ${id}` })),
      );
  }
}
