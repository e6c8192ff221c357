import { given } from '../../domain/given';
import { IOC_TYPES } from '../../domain/intel/indicator';
import { readValue } from '../../domain/intel/value';
import { observableId } from '../../domain/observable';
import { defineRoute } from '../define-route';
import { shownIocs } from '../ioc-shown';
import { API, incidentLinks } from '../links';
import { invalidFields, noSuchIncident } from '../problems';
import { iocSchema } from '../schemas/ioc';
import { ANALYST, confirmRequestSchema } from '../schemas/ioc-entry';
import { incidentParams } from '../schemas/params';

export const confirmIoc = defineRoute({
  method: 'post',
  path: `${API}/incidents/:id/iocs`,
  group: 'Incidents',
  summary: 'Confirm an observable of an incident as malicious',
  description:
    'The value is put into the IOC database with source `analyst` and an override `malicious`, and refers to the incident. ' +
    "It stands in the incident's audit and in the system's. May be repeated: it is done once.",
  curl:
    `curl -X POST $SOAR_URL${API}/incidents/INC-7Q2M4X9K0T/iocs -H "Authorization: Bearer $SOAR_API_KEY" \\\n` +
    '  -H "Content-Type: application/json" -d \'{"observable": "ip:185.220.101.1", "reason": "C2 of the loader"}\'',
  params: incidentParams,
  body: {
    kind: 'json',
    schema: confirmRequestSchema,
    examples: { c2: { summary: 'A C2', value: { observable: 'ip:185.220.101.1', reason: 'C2 of the loader' } } },
  },
  responses: {
    200: { description: 'The entry was known, and is confirmed', json: iocSchema, headers: { Location: 'The entry' } },
    201: { description: 'Added and confirmed', json: iocSchema, headers: { Location: 'The entry' } },
  },
}).handle(async ({ params: { id }, body, actor }, deps) => {
  const { observable, confidence, tags, reason } = body;
  const incident = await deps.store.incidents.view(id);
  if (!incident) throw noSuchIncident(id);
  const { type, value } = valueOf(observable);
  const named = observableId({ type, value });
  if (!incident.observables.some((one) => observableId(one) === named)) {
    throw invalidFields([{ pointer: '/observable', detail: `${id} has no observable ${named.slice(0, 300)}` }]);
  }
  const by = { actor, at: deps.clock().toISOString() };
  const reference = incidentLinks(id, incident.alert_type, deps).self;
  const told = { source: ANALYST, last_seen: by.at, reference, ...given({ confidence, tags }) };
  const { created, ioc } = await deps.store.iocs.add({ type, value, ...told }, by);
  const confirmed = await deps.store.iocs.override(ioc.id, { verdict: 'malicious', reason }, by);
  if (confirmed.outcome === 'not_found') throw new Error(`entry ${ioc.id} is gone, which was added just now`);
  // named by the confirmation itself, so that a call that was cut off here is made whole by its repetition
  const since = confirmed.ioc.override?.at ?? by.at;
  await deps.store.actions.finish({
    ...{ chain: id, incidentId: id, actionKey: `confirm_ioc/${named}/${since}` },
    ...{ action: 'confirm_ioc', status: 'ok', actor, observable: named, failures: 0, durationMs: 0, at: by.at },
    body: {
      summary: `${actor} confirmed ${named} as malicious: ${reason}`,
      detail: { ioc_id: ioc.id, type, value, reason, ...given({ confidence, tags }) },
    },
  });
  const [json] = shownIocs([confirmed.ioc], deps);
  if (!json) throw new Error('one entry was shown as none');
  return { status: created ? 201 : 200, headers: { Location: json.links.self }, json };
});

/** @throws Problem 422 */
function valueOf(observable: string) {
  const [name = '', ...rest] = observable.split(':');
  const type = IOC_TYPES.find((known) => known === name.trim().toLowerCase());
  if (type === undefined || rest.length === 0) {
    const detail = `Must be type:value, with a type of ${IOC_TYPES.join(', ')}`;
    throw invalidFields([{ pointer: '/observable', detail }]);
  }
  const read = readValue(type, rest.join(':'));
  if (!read.ok) throw invalidFields([{ pointer: '/observable', detail: read.reason }]);
  return read;
}
