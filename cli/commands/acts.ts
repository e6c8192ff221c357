import { requestIdOf } from '../../api/idempotency-key';
import type { AlertType } from '../../domain/alert';
import type { Incident, IncidentChanges } from '../client';
import { EXIT, CliError, UsageError, type ExitCode } from '../errors';
import { followToVerdict, isRejudged } from '../follow';
import { orDash, type Output } from '../output';
import { requestKey } from '../request-key';
import { showOutcome, showStep } from '../run-view';
import type { Session } from '../session';
import { clean, fromNow, shortTime } from '../text';
import { showLinks } from './alert';

export interface ActOptions {
  reason?: string;
  /** Refused when the incident has another version. */
  ifVersion?: number;
  /** Names the request: asked for twice, it is done once. */
  idempotencyKey?: string;
}

export interface HoldOptions extends ActOptions {
  /** RFC 3339. */
  until?: string;
  /** Milliseconds. */
  for?: number;
}

export interface ReclassifyOptions extends ActOptions {
  wait?: boolean;
  /** Seconds. */
  timeout: number;
}

/** Has the incident changed, and says what is so now: `soar ack`, `override`, `severity`, `close` and `reopen`. */
export async function actCommand(
  session: Session,
  id: string,
  changes: IncidentChanges,
  options: ActOptions,
): Promise<ExitCode> {
  const idempotencyKey = requestKey(options.idempotencyKey);
  const incident = await change(session, id, changes, { ...options, idempotencyKey });
  const { out } = session;
  if (out.json) out.data(incident);
  else showAct(out, incident, changes, alreadyBy(incident, changes, idempotencyKey));
  return EXIT.ok;
}

/** `soar hold`: until a time, or for a while. */
export async function holdCommand(session: Session, id: string, options: HoldOptions): Promise<ExitCode> {
  const { until, for: ms } = options;
  if ((until === undefined) === (ms === undefined)) {
    throw new UsageError('Say either --until when, or --for how long.', 'Such as: --until 2026-12-24T08:00Z, --for 4h');
  }
  const hold_until = until ?? new Date(Date.now() + (ms ?? 0)).toISOString();
  return actCommand(session, id, { status: 'on_hold', hold_until }, options);
}

/** `soar resume`. To the API it is the same as taking it up, which nobody asks for by this name. */
export async function resumeCommand(session: Session, id: string, options: ActOptions): Promise<ExitCode> {
  const client = await session.client();
  const incident = await client.incident(id.toUpperCase());
  if (incident.status !== 'on_hold' && incident.status !== 'acknowledged') {
    throw new CliError(`${incident.id} is ${incident.status}, not on hold.`);
  }
  return actCommand(session, id, { status: 'acknowledged' }, options);
}

/** `soar assign`: to somebody, or with `--nobody` to nobody. */
export async function assignCommand(
  session: Session,
  id: string,
  name: string | undefined,
  options: ActOptions & { nobody?: boolean },
): Promise<ExitCode> {
  const { nobody = false } = options;
  if (nobody === (name !== undefined)) throw new UsageError('Say either whom to assign it to, or --nobody.');
  return actCommand(session, id, { assignee: name ?? null }, options);
}

/** `soar reclassify`: gives it to another playbook, and with `--wait` follows it to its new verdict. */
export async function reclassifyCommand(
  session: Session,
  id: string,
  alert_type: AlertType,
  options: ReclassifyOptions,
): Promise<ExitCode> {
  if (!options.wait) return actCommand(session, id, { alert_type }, options);
  const { out } = session;
  const client = await session.client();
  const incidentId = id.toUpperCase();
  const before = await client.incident(incidentId);
  const changed = await change(session, id, { alert_type }, options);
  if (!out.json) showAct(out, changed, { alert_type });
  const incident = await followToVerdict({
    client,
    incidentId,
    timeoutMs: options.timeout * 1000,
    afterSeq: before.audit.at(-1)?.seq ?? 0,
    isOver: isRejudged,
    onStep: (row) => {
      if (!out.json) showStep(out, row);
    },
  });
  if (out.json) {
    out.data(incident);
    return EXIT.ok;
  }
  showOutcome(out, incident, before);
  showLinks(out, incident.links);
  return EXIT.ok;
}

async function change(
  session: Session,
  id: string,
  changes: IncidentChanges,
  { reason, ifVersion, idempotencyKey: given }: ActOptions,
): Promise<Incident> {
  const idempotencyKey = requestKey(given);
  const client = await session.client();
  return client.changeIncident(id.toUpperCase(), {
    changes: reason === undefined ? changes : { ...changes, reason },
    idempotencyKey,
    ifVersion,
  });
}

function showAct(out: Output, incident: Incident, changes: IncidentChanges, already = ''): void {
  const stands = clean(`${standing(incident, changes)}${already}`);
  out.line(`${out.colours.bold(incident.id)} is ${stands} (version ${incident.version}).`);
}

/** Two analysts who take up the same incident are to know it: who was there first, where it was not this request. */
function alreadyBy({ audit }: Incident, { status }: IncidentChanges, idempotencyKey: string): string {
  if (status !== 'acknowledged') return '';
  const first = audit.findLast(({ detail }) => (detail as { status?: { to?: string } }).status?.to === status);
  if (!first || first.action_key === `act/${requestIdOf(idempotencyKey)}`) return '';
  return ` already, by ${first.actor}, ${fromNow(first.at, Date.now())}`;
}

/** How the incident stands in what was to change. */
function standing(incident: Incident, { status, severity, verdict, alert_type }: IncidentChanges): string {
  if (status !== undefined) return statusOf(incident);
  if (severity !== undefined) return `of severity ${incident.severity}`;
  if (alert_type !== undefined) return `of type ${incident.alert_type}`;
  if (verdict === undefined) return `assigned to ${incident.assignee ?? 'nobody'}`;
  const by = incident.override ? `, as ${incident.override.by} says` : '';
  return `${incident.verdict}${by}; the machine says ${orDash(incident.machine_verdict)}`;
}

function statusOf({ status, resolution, hold }: Incident): string {
  if (hold) return `on hold until ${shortTime(hold.until)} UTC`;
  return resolution ? `${status} as ${resolution}` : status;
}
