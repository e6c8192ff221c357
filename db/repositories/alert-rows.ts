import { randomBytes } from 'node:crypto';
import type { Alert, AlertClass, Classification } from '../../domain/alert';
import type { Correlation } from '../../domain/correlation';
import { newAlertId, newIncidentId } from '../../domain/ids';
import type { Status } from '../../domain/incident';
import { outcomesOf } from '../../domain/joining';
import type { Observable } from '../../domain/observable';
import { circumstances, gist } from '../../domain/sameness';
import { SEVERITIES } from '../../domain/severity';
import type { Severity } from '../../domain/severity';
import type { Verdict } from '../../domain/verdict';
import { deed } from '../audit-chain';
import type { NewAction } from '../audit-chain';
import { sha256, sha256Of } from '../hashes';
import type { AlertRow, IncidentRow, SuppressionRow } from '../rows';
import { shift, toInstant } from '../time';
import type { Instant } from '../time';

export interface AcceptInput {
  alert: Alert & { alert_type: AlertClass; severity: Severity };
  format: string;
  classification: Classification;
  observables: readonly Observable[];
  title: string;
  /** The exact bytes that were submitted. */
  original: Buffer;
  /** They are kept already, see `keepOriginal`. Default false. */
  originalKept?: boolean | undefined;
  /** What stands for an alert without an id, where that is only a part of the original; default: the original. */
  identityBody?: Buffer | undefined;
  /** The source's id names other alerts too. Default false. */
  sharesId?: boolean | undefined;
  mediaType: string;
  /** Keys of the original that no canonical field took. */
  extra: Record<string, unknown>;
  idempotencyKey?: string | undefined;
  receivedAt: string;
  /** Name of the key that submitted it. */
  actor: string;
  /** What further alerts join it by, and it them; default: nothing. */
  correlation?: Correlation | null;
  /** What it comes under: its incident is closed as it comes, and nothing is looked up. */
  suppression?: Pick<SuppressionRow, 'id' | 'reason' | 'created_by'> | undefined;
}

export interface Accepted {
  alertId: string;
  incidentId: string;
  sourceAlertId: string | null;
  status: Status;
  alertType: AlertClass;
  severity: Severity;
  verdict: Verdict;
  score: number | null;
  title: string;
  source: string;
  format: string;
  classification: Classification;
  /** The same alert was submitted before; nothing new was opened. */
  duplicate: boolean;
  /** The alert joined an incident that was there. */
  correlated: boolean;
  /** What the incident's alerts have in common; null where nothing joins it. */
  correlation: Correlation | null;
  /** The incident closed by an analyst that it would have joined. */
  follows: string | null;
  /** The suppression that the incident was closed by as it came. */
  suppressedBy: string | null;
  /** The incident's run is to be told of it. */
  rouse: boolean;
}

export interface Identity {
  hash: Buffer;
  until: Instant | null;
}

/** Without an id of its own, an alert's body stands for it this long. */
const BODY_IDENTITY_MS = 10 * 60_000;
const FIRST_CHECK_MS = 5000;
/** Of the column, in characters. */
const LONGEST_TITLE = 500;

/** The source's own id, else the caller's idempotency key, else for ten minutes the body itself. */
export function identityOf(input: AcceptInput): Identity {
  const { source, alert_id } = input.alert;
  if (alert_id !== undefined && !input.sharesId) return { hash: sha256Of(['id', source, alert_id]), until: null };
  if (input.idempotencyKey !== undefined) {
    return { hash: sha256Of(['idempotency-key', input.actor, input.idempotencyKey]), until: null };
  }
  const body = sha256(input.identityBody ?? input.original).toString('hex');
  return { hash: sha256Of(['body', body]), until: shift(input.receivedAt, BODY_IDENTITY_MS) };
}

export function hasExpired(alert: Pick<AlertRow, 'identity_until'>, now: string): boolean {
  return alert.identity_until !== null && alert.identity_until <= toInstant(now);
}

/** When it happened; a source whose clock is ahead of ours cannot have seen it later than we did. */
export function seenAt({ alert, receivedAt }: Pick<AcceptInput, 'alert' | 'receivedAt'>): Instant {
  const received = toInstant(receivedAt);
  const said = toInstant(alert.timestamp ?? receivedAt);
  return said < received ? said : received;
}

/** Bytes of what an alert says that stand for its gist. */
export const GIST_BYTES = 16;

/** What an alert says, hashed so that the index finds others with its gist: they begin alike. */
export function saysOf({ alert, observables }: Pick<AcceptInput, 'alert' | 'observables'>): Buffer {
  const parts = [gist(alert, observables), circumstances(alert)].map((part) => sha256(part));
  return Buffer.concat(parts.map((part) => part.subarray(0, GIST_BYTES)));
}

export function alertRow(
  input: AcceptInput,
  identity: Identity,
  place: Pick<AlertRow, 'incident_id' | 'joined' | 'processed'>,
): AlertRow {
  const { alert } = input;
  const at = toInstant(input.receivedAt);
  return {
    id: newAlertId(randomBytes),
    source: alert.source,
    source_alert_id: alert.alert_id ?? null,
    identity: identity.hash,
    identity_until: identity.until,
    format: input.format,
    event_time: toInstant(alert.timestamp ?? at),
    received_at: at,
    fields: alert,
    extra: input.extra,
    classification: input.classification,
    raw_sha256: sha256(input.original),
    says: saysOf(input),
    ...place,
  };
}

/** Of an incident that nobody has looked at yet. */
const UNTOUCHED = {
  ...{ version: 1, resolution: null, assignee: null, analyst_notes: '' },
  ...{ verdict: 'unknown', verdict_state: 'pending', score: null, complete: false },
  ...{ decision: null, verdict_override: null, flagged: null },
  ...{ severity_by: null, status_by: null, hold: null, suppressed_by: null },
  ...{ sla: null, sla_breached: false, ack_due: null, close_due: null },
  ...{ acknowledged_at: null, closed_at: null, paused_at: null, paused_ms: 0 },
  ...{ run_no: 0, claimed_by: null, round: 0, settled_round: 0 },
  ...{ score_key: null, policy_id: null, site_id: null },
} satisfies Partial<IncidentRow>;

/** An incident as it is opened: with what alerts say of it, and nothing else. */
export function untouched(told: Omit<IncidentRow, keyof typeof UNTOUCHED | 'id' | Opening>, at: string): IncidentRow {
  const hasPlaybook = told.alert_type !== 'unclassified';
  const now = toInstant(at);
  return {
    ...UNTOUCHED,
    ...told,
    id: newIncidentId(randomBytes),
    status: hasPlaybook ? 'new' : 'open',
    severity_rank: SEVERITIES.indexOf(told.severity),
    restarts: [],
    next_check_at: hasPlaybook ? shift(at, FIRST_CHECK_MS) : null,
    created_at: now,
    updated_at: now,
  };
}
type Opening = 'status' | 'severity_rank' | 'restarts' | 'next_check_at' | 'created_at' | 'updated_at';

/** An incident as its first alert opens it. */
export function incidentRow(input: AcceptInput): IncidentRow {
  const { alert, classification, correlation = null } = input;
  const eventTime = seenAt(input);
  const opened = untouched(
    {
      alert_type: alert.alert_type,
      severity: alert.severity,
      source: alert.source,
      title: [...input.title].slice(0, LONGEST_TITLE).join(''),
      ...{ classification, correlation },
      outcomes: outcomesOf(alert),
      related: null,
      ...{ alert_count: 1, unprocessed: 1, first_seen: eventTime, last_seen: eventTime },
    },
    input.receivedAt,
  );
  return input.suppression ? closedAsItCame(opened, input.suppression) : opened;
}

/** Nobody looks at it; its clocks stand from the first moment on, should somebody open it again. */
function closedAsItCame(opened: IncidentRow, { id, created_by }: NonNullable<AcceptInput['suppression']>): IncidentRow {
  const { created_at: at } = opened;
  return {
    ...opened,
    ...{ status: 'closed', resolution: 'benign_true_positive', status_by: created_by, suppressed_by: id },
    ...{ closed_at: at, paused_at: at, next_check_at: null, unprocessed: 0 },
  };
}

/** The row of the audit by which an alert is part of an incident. */
export function acceptAction(
  input: AcceptInput,
  alert: AlertRow,
  incident: IncidentRow,
  more: Record<string, unknown> = {},
): NewAction {
  const what = alert.joined
    ? `joins by ${Object.keys(input.correlation?.fields ?? {}).join(' and ')}`
    : `accepted as ${incident.alert_type}, ${incident.severity}`;
  const { suppression } = input;
  const known = suppression ? `, suppressed by ${suppression.id}: ${suppression.reason}` : '';
  return deed({
    ...{ incident_id: incident.id, action_key: `accept/${alert.id}`, at: alert.received_at },
    ...{ action: 'accept', actor: input.actor },
    summary: `${alert.id} from ${alert.source} ${what}${known}`,
    detail: {
      ...{ alert_id: alert.id, format: input.format, classification: input.classification },
      ...(suppression ? { suppressed_by: suppression.id } : {}),
      ...more,
    },
    raw_sha256: alert.raw_sha256,
  });
}

export function acceptedAs(
  alert: AlertRow,
  incident: IncidentRow,
  how: Pick<Accepted, 'duplicate' | 'rouse'>,
): Accepted {
  return {
    alertId: alert.id,
    incidentId: incident.id,
    sourceAlertId: alert.source_alert_id,
    status: incident.status,
    alertType: incident.alert_type,
    severity: incident.severity,
    verdict: incident.verdict,
    score: incident.score,
    title: incident.title,
    source: incident.source,
    format: alert.format,
    classification: alert.classification,
    correlated: alert.joined,
    correlation: incident.correlation,
    follows: incident.related?.find(({ relation }) => relation === 'follows')?.incident_id ?? null,
    suppressedBy: incident.suppressed_by,
    ...how,
  };
}
