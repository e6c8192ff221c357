import { z } from 'zod';
import { defineRoute, type RouteDeps } from '../define-route';
import { etagOf, includesVersion, versionsOf } from '../etag';
import { given } from '../../domain/given';
import { API, incidentLinks } from '../links';
import { noSuchIncident, Problem } from '../problems';
import { incidentSchema } from '../schemas/incident';
import { incidentParams } from '../schemas/params';

const MAX_NOTES = 20_000;
const MAX_ASSIGNEE = 190;

/** Named in the refusal, so that nobody looks for a typo. */
const notYet = z.never({ error: 'Cannot be changed in this version' }).optional();

/** NUL, and halves of a surrogate pair, which no UTF-8 can hold: the text would come back as another one. */
const UNKEEPABLE = /\0|\p{Surrogate}/u;
const keepable = (text: string): boolean => !UNKEEPABLE.test(text);
const NOT_KEEPABLE = 'Must not hold NUL characters or halves of a surrogate pair';

const patchSchema = z
  .strictObject({
    analyst_notes: z
      .string('Must be a string')
      .max(MAX_NOTES, `Must have at most ${MAX_NOTES} characters`)
      .refine(keepable, NOT_KEEPABLE)
      .optional()
      .describe('Replaces the notes; the audit keeps the old text'),
    assignee: z
      .string('Must be a string or null')
      .trim()
      .min(1, 'Must not be empty; null takes the assignee away')
      .max(MAX_ASSIGNEE, `Must have at most ${MAX_ASSIGNEE} characters`)
      .refine(keepable, NOT_KEEPABLE)
      .nullable()
      .optional(),
    status: notYet,
    resolution: notYet,
    hold_until: notYet,
    severity: notYet,
    alert_type: notYet,
    verdict: notYet,
    reason: notYet,
  })
  .refine((changes) => Object.keys(changes).length > 0, { error: 'Nothing to change: give analyst_notes or assignee' })
  .meta({ id: 'IncidentChanges' });

export const patchIncident = defineRoute({
  method: 'patch',
  path: `${API}/incidents/:id`,
  group: 'Incidents',
  summary: 'Change notes or assignee',
  description: 'All or nothing, and audited with who.',
  curl:
    'curl -X PATCH $SOAR_URL/api/v1/incidents/INC-7Q2M4X9K0T -H "Authorization: Bearer $SOAR_API_KEY" \\\n' +
    '  -H "Content-Type: application/json" -d \'{"analyst_notes": "Known pentest, see CHG-1042", "assignee": "kim"}\'',
  params: incidentParams,
  body: { kind: 'json', schema: patchSchema },
  headers: { 'If-Match': 'The ETag last seen; 412 when the incident has changed since' },
  problems: ['version-mismatch'],
  responses: {
    200: { description: 'The incident as it is now', json: incidentSchema, headers: { ETag: 'Its version' } },
  },
}).handle(async ({ params: { id }, body, headers, actor }, deps) => {
  const { analyst_notes, assignee } = body;
  const ifVersion = await expectedVersion(id, headers['if-match'], deps);
  const by = given({ actor, at: deps.clock().toISOString(), ifVersion });
  const outcome = await deps.store.incidents.patch(id, given({ analyst_notes, assignee }), by);
  if (outcome === 'version_mismatch') throw versionMismatch(id);
  const view = outcome === 'ok' ? await deps.store.incidents.view(id) : undefined;
  if (!view) throw noSuchIncident(id);
  return {
    status: 200,
    headers: { ETag: etagOf(view.version) },
    json: { ...view, links: incidentLinks(id, view.alert_type, deps) },
  };
});

/** The version the change is made on; whether it still holds is checked again where the change is made. */
async function expectedVersion(id: string, ifMatch: string | undefined, deps: RouteDeps): Promise<number | undefined> {
  if (ifMatch === undefined) return undefined;
  const incident = await deps.store.incidents.get(id);
  if (!incident) throw noSuchIncident(id);
  const condition = versionsOf(ifMatch);
  if (!includesVersion(condition, incident.version)) throw versionMismatch(id);
  return condition === 'any' ? undefined : incident.version;
}

function versionMismatch(id: string): Problem {
  return new Problem('version-mismatch', `${id} is not at the version that If-Match names; read it again.`);
}
