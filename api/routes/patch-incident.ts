import { randomUUID } from 'node:crypto';
import { ActRefusedError, VersionMismatchError } from '../../db/errors';
import type { IncidentRow } from '../../db/store';
import { carryOut, isRunAct } from '../../domain/acts';
import type { Act, ActRequest, Refusal } from '../../domain/acts';
import { given } from '../../domain/given';
import { defineRoute, type RouteDeps } from '../define-route';
import { etagOf } from '../etag';
import { RefusedByRunError } from '../gateway';
import type { ActOrder } from '../gateway';
import { requestIdOf, requestKey } from '../idempotency-key';
import { ifVersion, versionMismatch } from '../if-match';
import { API, incidentLinks } from '../links';
import { invalidFields, noSuchIncident, Problem, unavailable } from '../problems';
import { startableOf } from '../reconciler';
import { changesSchema, type Changes } from '../schemas/changes';
import { incidentSchema } from '../schemas/incident';
import { incidentParams } from '../schemas/params';
import { withinDeadline } from '../within-deadline';

export const patchIncident = defineRoute({
  method: 'patch',
  path: `${API}/incidents/:id`,
  group: 'Incidents',
  summary: 'Acknowledge, hold, close, reopen, override, reclassify, assign, note',
  description:
    'All or nothing, once, and audited with who and why. Notes and assignee need the database only; the rest is done by the ' +
    "incident's run, or by a new one where that has ended. What is so already is left as it is. With one `Idempotency-Key` a " +
    'request is done once, however often it is sent.',
  curl:
    'curl -X PATCH $SOAR_URL/api/v1/incidents/INC-7Q2M4X9K0T -H "Authorization: Bearer $SOAR_API_KEY" \\\n' +
    '  -H "Content-Type: application/json" \\\n' +
    '  -d \'{"status": "closed", "resolution": "false_positive", "reason": "Known pentest, see CHG-1042"}\'',
  params: incidentParams,
  body: {
    kind: 'json',
    schema: changesSchema,
    examples: {
      note: { summary: 'Notes and assignee', value: { analyst_notes: 'Known pentest, see CHG-1042', assignee: 'kim' } },
      acknowledge: { summary: 'Take it up', value: { status: 'acknowledged' } },
      hold: {
        summary: 'Let it rest',
        value: { status: 'on_hold', hold_until: '2026-12-24T08:00:00Z', reason: 'Waits for the customer' },
      },
      override: { summary: 'Override the verdict', value: { verdict: 'benign', reason: 'Known pentest' } },
      close: {
        summary: 'Close it',
        value: { status: 'closed', resolution: 'false_positive', reason: 'Known pentest' },
      },
      reclassify: { summary: 'Give it to another playbook', value: { alert_type: 'malware' } },
    },
  },
  headers: {
    'If-Match': 'The ETag last seen; 412 when the incident has changed since',
    'Idempotency-Key': 'Names the request; at most 255 printable ASCII characters',
  },
  problems: ['not-allowed', 'version-mismatch'],
  responses: {
    200: { description: 'The incident as it is now', json: incidentSchema, headers: { ETag: 'Its version' } },
  },
}).handle(async ({ params: { id }, body, headers, actor }, deps) => {
  const key = requestKey(headers['idempotency-key']);
  const incident = await deps.store.incidents.get(id);
  if (!incident) throw noSuchIncident(id);
  const request = requestOf(body);
  const requestId = requestIdOf(key ?? randomUUID());
  try {
    if (key === undefined || !(await deps.store.acts.isDone(id, requestId, request))) {
      const version = ifVersion(incident, headers['if-match']);
      await carryOutBy(incident, given({ ...request, requestId, actor, ifVersion: version }), deps);
    }
  } catch (error) {
    throw refusalOf(id, error);
  }
  const view = await deps.store.incidents.view(id);
  if (!view) throw noSuchIncident(id);
  return {
    status: 200,
    headers: { ETag: etagOf(view.version) },
    json: { ...view, links: incidentLinks(id, view.alert_type, deps) },
  };
});

function requestOf(changes: Changes): ActRequest {
  const { alert_type, severity, verdict, assignee, analyst_notes, reason } = changes;
  const acts: Act[] = [
    ...(alert_type === undefined ? [] : [{ act: 'reclassify', alert_type } as const]),
    ...(severity === undefined ? [] : [{ act: 'setSeverity', severity } as const]),
    ...(verdict === undefined ? [] : [{ act: 'overrideVerdict', verdict } as const]),
    ...statusAct(changes),
    ...(assignee === undefined ? [] : [{ act: 'assign', assignee } as const]),
    ...(analyst_notes === undefined ? [] : [{ act: 'note', text: analyst_notes } as const]),
  ];
  return given({ acts, reason });
}

/** By which act an incident gets the status that is asked for. */
function statusAct({ status, resolution, hold_until }: Changes): Act[] {
  if (status === 'acknowledged') return [{ act: 'acknowledge' }];
  if (status === 'on_hold' && hold_until !== undefined) return [{ act: 'hold', until: hold_until }];
  if (status === 'closed' && resolution !== undefined) return [{ act: 'close', resolution }];
  return status === 'open' ? [{ act: 'reopen' }] : [];
}

/**
 * Has the run do it, or does it here where that needs no run. What MySQL knows to be in vain is refused before the engine is
 * troubled; whoever does it looks again, under the incident's lock.
 */
async function carryOutBy(incident: IncidentRow, order: ActOrder, deps: RouteDeps): Promise<void> {
  const { requestId, actor, ifVersion: version, ...request } = order;
  const at = deps.clock().toISOString();
  const carried = carryOut(incident, request, { actor, at });
  if ('refused' in carried) throw refused(carried.refused);
  if (carried.done.length === 0) return;
  const startable = startableOf(incident);
  if (startable && request.acts.some(isRunAct)) return askRun(startable, order, deps);
  const changed = await deps.store.acts.perform({
    incidentId: incident.id,
    requestId,
    request,
    actor,
    at,
    ifVersion: version,
  });
  const started = startableOf(changed);
  if (!startable && started && changed.status !== 'closed') deps.engine.start(started);
}

async function askRun(
  startable: NonNullable<ReturnType<typeof startableOf>>,
  order: ActOrder,
  { gateway }: RouteDeps,
): Promise<void> {
  try {
    await withinDeadline(gateway.act(startable, order));
  } catch (error) {
    if (error instanceof RefusedByRunError) throw error;
    throw unavailable(
      `The engine has not confirmed in time that this is done to ${startable.id}. ` +
        `Repeat the call with "Idempotency-Key: ${decodeURIComponent(order.requestId)}": it is then done once, whatever became of this one.`,
      error,
    );
  }
}

/** What the caller is told of a refusal, whoever has refused; any other error as it is. */
function refusalOf(id: string, error: unknown): unknown {
  if (error instanceof VersionMismatchError) return versionMismatch(id);
  if (error instanceof ActRefusedError) return refused(error);
  if (!(error instanceof RefusedByRunError)) return error;
  const { type, message } = error;
  if (type === 'VersionMismatch') return versionMismatch(id);
  if (type === 'NotAllowed' || type === 'InvalidRequest') return refused({ type, message });
  return unavailable(`The run of ${id} could not do it; try again.`, error);
}

function refused({ type, message, field }: Refusal): Problem {
  if (type === 'NotAllowed') return new Problem('not-allowed', message);
  return invalidFields([{ pointer: field === 'until' ? '/hold_until' : '', detail: message }]);
}
