import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { IncidentRow } from '../../db/store';
import type { Finding } from '../../domain/enrichment';
import { LOOKUP_NAME, lookupName, MOST_LOOKUP_NAMES } from '../../domain/lookup-name';
import { defineRoute, type RouteDeps } from '../define-route';
import { RefusedByRunError, type EngineGateway } from '../gateway';
import { requestIdOf, requestKey } from '../idempotency-key';
import { given } from '../../domain/given';
import { API, incidentLinks } from '../links';
import { invalidFields, noSuchIncident, nothingToRetry, Problem, unavailable } from '../problems';
import { startableOf } from '../reconciler';
import { incidentParams } from '../schemas/params';
import { retrySchema } from '../schemas/retry';
import { withinDeadline } from '../within-deadline';

type Retried = Awaited<ReturnType<EngineGateway['retry']>>;

const retryRequestSchema = z
  .strictObject({
    enrichments: z
      .array(
        z.string('Must be a string').regex(LOOKUP_NAME, 'Must be source/type:value, such as virustotal/ip:192.0.2.1'),
        'Must be a list of source/type:value',
      )
      .min(1, 'Must not be empty; leave it out to have all asked again that failed or waits')
      .max(MOST_LOOKUP_NAMES, `Must have at most ${MOST_LOOKUP_NAMES} entries`)
      .optional()
      .describe('`source/type:value` of what to ask again; all that failed or waits when left out'),
  })
  .meta({ id: 'RetryRequest' });

export const retryIncident = defineRoute({
  method: 'post',
  path: `${API}/incidents/:id/retry`,
  group: 'Incidents',
  summary: 'Ask again what failed or waits',
  description:
    'Only lookups that failed or wait are asked again, and those whose source has been set up since; good answers stay, ' +
    'also when the retry fails. Then the incident is scored and reported anew. Works while the run is open and long after ' +
    'it was closed. With one `Idempotency-Key` it is done once, however often it is asked for.',
  curl:
    'curl -X POST $SOAR_URL/api/v1/incidents/INC-7Q2M4X9K0T/retry -H "Authorization: Bearer $SOAR_API_KEY" \\\n' +
    '  -H "Content-Type: application/json" -H "Idempotency-Key: 4f0c2a" \\\n' +
    '  -d \'{"enrichments": ["virustotal/ip:185.220.101.1"]}\'',
  headers: { 'Idempotency-Key': 'Names the request; at most 255 printable ASCII characters' },
  params: incidentParams,
  body: {
    kind: 'json',
    schema: retryRequestSchema,
    optional: true,
    examples: {
      all: { summary: 'All that failed or waits', value: {} },
      one: { summary: 'One lookup', value: { enrichments: ['virustotal/ip:185.220.101.1'] } },
    },
  },
  problems: ['no-playbook', 'nothing-to-retry'],
  responses: { 202: { description: 'Accepted: these are asked again', json: retrySchema } },
}).handle(async ({ params: { id }, body, headers, actor }, deps) => {
  const key = requestKey(headers['idempotency-key']);
  const incident = await deps.store.incidents.get(id);
  if (!incident) throw noSuchIncident(id);
  const names = body.enrichments;
  const before = key === undefined ? undefined : await carriedOut(id, requestIdOf(key), deps);
  const retried = before ?? (await askAgain(incident, { key, names, actor }, deps));
  return { status: 202, json: { incident_id: id, retried, links: incidentLinks(id, incident.alert_type, deps) } };
});

/** What a request of that name did when it was carried out before. */
async function carriedOut(id: string, requestId: string, { store }: RouteDeps): Promise<Retried | undefined> {
  const row = await store.actions.find(id, `retry/${requestId}`);
  return row && (row.detail as { result: { retried: Retried } }).result.retried;
}

interface Asked {
  key: string | undefined;
  names: string[] | undefined;
  actor: string;
}

/** What MySQL knows to be in vain is refused before the engine is troubled; the run looks again, under its lock. */
async function askAgain(incident: IncidentRow, { key, names, actor }: Asked, deps: RouteDeps): Promise<Retried> {
  const startable = startableOf(incident);
  if (!startable) {
    throw new Problem(
      'no-playbook',
      `${incident.id} is ${incident.alert_type}: it has no playbook, so nothing was asked.`,
    );
  }
  // one that was merged into another has nothing that a source could be asked about
  if (incident.alert_count === 0) throw nothingToRetry(incident.id);
  await requireRetryable(incident.id, names, deps);
  const idempotencyKey = key ?? randomUUID();
  const enrichments = names && [...new Set(names)];
  const request = given({ requestId: requestIdOf(idempotencyKey), enrichments, actor });
  try {
    return await withinDeadline(deps.gateway.retry(startable, request));
  } catch (error) {
    if (error instanceof RefusedByRunError) throw refusal(incident.id, error);
    throw unavailable(
      `The engine has not confirmed in time that ${incident.id} is asked again. ` +
        `Repeat the call with "Idempotency-Key: ${idempotencyKey}": it is then done once, whatever became of this one.`,
      error,
    );
  }
}

/** @throws Problem 422 naming each unknown enrichment, or 409 */
async function requireRetryable(id: string, names: string[] | undefined, { store }: RouteDeps): Promise<void> {
  const findings = await store.enrichments.of(id);
  const byName = new Map(findings.map((finding): [string, Finding] => [lookupName(finding), finding]));
  const unknown = (names ?? []).flatMap((name, index) =>
    byName.has(name)
      ? []
      : [{ pointer: `/enrichments/${index}`, detail: `${name.slice(0, 200)} is no enrichment of ${id}` }],
  );
  if (unknown.length > 0) throw invalidFields(unknown);
  const chosen = names === undefined ? findings : names.flatMap((name) => byName.get(name) ?? []);
  if (chosen.some(({ state }) => state === 'failed' || state === 'waiting')) return;
  if (!(await someSetUpSince(chosen, store))) throw nothingToRetry(id);
}

/** True when a source that was not set up is by now. */
async function someSetUpSince(findings: readonly Finding[], store: RouteDeps['store']): Promise<boolean> {
  const unasked = findings.filter(({ state }) => state === 'not_configured');
  if (unasked.length === 0) return false;
  const sources = await store.quotas.status();
  return unasked.some(({ source }) => sources.some(({ name, configured }) => name === source && configured));
}

function refusal(id: string, error: RefusedByRunError): Problem {
  switch (error.type) {
    case 'NothingToRetry':
      return nothingToRetry(id);
    case 'UnknownEnrichment':
      return invalidFields([{ pointer: '/enrichments', detail: error.message }]);
    case 'InvalidRequest':
      return invalidFields([{ pointer: '', detail: error.message }]);
    default:
      return unavailable(`The run of ${id} could not take the request; try again.`, error);
  }
}
