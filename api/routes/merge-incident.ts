import type { MergeRefusal } from '../../db/store';
import { given } from '../../domain/given';
import { defineRoute } from '../define-route';
import { ifVersion, versionMismatch } from '../if-match';
import { API, incidentLinks } from '../links';
import { invalidFields, noSuchIncident, Problem } from '../problems';
import { startableOf } from '../reconciler';
import { incidentParams } from '../schemas/params';
import { mergeRequestSchema, mergeSchema } from '../schemas/regroup';

export const mergeIncident = defineRoute({
  method: 'post',
  path: `${API}/incidents/:id/merge`,
  group: 'Incidents',
  summary: 'Merge an incident into another one',
  description:
    'All alerts move to the other incident, which is judged anew with them. This one is closed as its duplicate, and its ' +
    'run ends; further alerts that would have joined it join the other one. Both audits say so. May be repeated: it is ' +
    'done once.',
  curl:
    'curl -X POST $SOAR_URL/api/v1/incidents/INC-7Q2M4X9K0T/merge -H "Authorization: Bearer $SOAR_API_KEY" \\\n' +
    '  -H "Content-Type: application/json" -d \'{"into": "INC-3F8N1C6W5R", "reason": "The same intruder"}\'',
  params: incidentParams,
  headers: { 'If-Match': 'The ETag last seen of the incident that is merged; 412 when it has changed since' },
  body: {
    kind: 'json',
    schema: mergeRequestSchema,
    examples: { merge: { summary: 'One story', value: { into: 'INC-3F8N1C6W5R', reason: 'The same intruder' } } },
  },
  problems: ['not-mergeable', 'version-mismatch'],
  responses: { 200: { description: 'Merged', json: mergeSchema } },
}).handle(async ({ params: { id }, body: { into, reason }, headers, actor }, deps) => {
  if (into === id) throw invalidFields([{ pointer: '/into', detail: 'Is the incident itself' }]);
  const incident = await deps.store.incidents.get(id);
  if (!incident) throw noSuchIncident(id);
  // one that is merged already has changed by that
  const isRepeated = (incident.related ?? []).some((one) => one.relation === 'merged_into' && one.incident_id === into);
  const version = isRepeated ? undefined : ifVersion(incident, headers['if-match']);
  const at = deps.clock().toISOString();
  const outcome = await deps.store.regrouping.merge(given({ id, into, reason, actor, at, ifVersion: version }));
  if ('refused' in outcome) throw refusal(id, into, outcome);
  if (outcome.done === 'now') {
    const [from, to] = [startableOf(incident), startableOf(outcome.into)];
    if (from) deps.engine.cancel(from);
    if (to) deps.engine.rouse(to);
  }
  const links = incidentLinks(into, outcome.into.alert_type, deps);
  return { status: 200, json: { incident_id: id, merged_into: into, alerts: outcome.alerts, links } };
});

function refusal(id: string, into: string, { refused }: MergeRefusal): Problem {
  switch (refused) {
    case 'not_found':
      return noSuchIncident(id);
    case 'no_such_target':
      return invalidFields([{ pointer: '/into', detail: `There is no incident ${into}` }]);
    case 'version_mismatch':
      return versionMismatch(id);
    case 'closed':
      return new Problem('not-mergeable', `${id} is closed, and stays as it was closed.`);
    case 'target_closed':
      return new Problem('not-mergeable', `${into} is closed: nothing is added to it.`);
    case 'target_without_playbook':
      return new Problem('not-mergeable', `${into} is unclassified: nobody would look at what ${id} brings.`);
  }
}
