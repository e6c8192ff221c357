import type { Alert, AlertClass, Classification } from '../domain/alert';
import type { Correlation } from '../domain/correlation';
import type { SourceState } from '../domain/enrichment';
import type { Decision, Hold, Resolution, Status, VerdictOverride } from '../domain/incident';
import type { ServiceStanding } from '../domain/service-level';
import type { Observable, ObservableId } from '../domain/observable';
import type { Severity } from '../domain/severity';
import type { Signal } from '../domain/signal';
import type { LedgerLine, Missing, Verdict, VerdictState } from '../domain/verdict';
import type { ActionRow, RelatedIncident } from './rows';
import type { Instant } from './time';

/** An incident as lists show it: the names of the API, without arrays. */
export interface IncidentListItem {
  id: string;
  version: number;
  status: Status;
  resolution: Resolution | null;
  alert_type: AlertClass;
  severity: Severity;
  source: string;
  title: string;
  assignee: string | null;
  verdict: Verdict;
  verdict_state: VerdictState;
  score: number | null;
  complete: boolean;
  /** Why a closed one needs a second look. */
  flagged: string | null;
  /** By what it is due, and what has become of that. */
  sla: ServiceStanding;
  /** Who has set the status by hand; null while it is the machine's. */
  status_by: string | null;
  /** Null while it is not on hold. */
  hold: Hold | null;
  /** The suppression that has closed it as it came. */
  suppressed_by: string | null;
  closed_at: Instant | null;
  alert_count: number;
  first_seen: Instant;
  last_seen: Instant;
  created_at: Instant;
  updated_at: Instant;
}

/** One alert of an incident: its canonical fields, long texts cut, and what became of it here. */
export type AlertView = Omit<Alert, 'alert_id'> & {
  /** Ours; `source_alert_id` is the source's. */
  alert_id: string;
  source_alert_id: string | null;
  format: string;
  received_at: Instant;
  classification: Classification;
  extra: Record<string, unknown>;
  raw_sha256: string;
  /** The original as it came; only when asked for. */
  raw?: RawView;
  /** It was asked for, and would be too much. */
  raw_omitted?: true;
};

export interface EnrichmentView {
  source: string;
  observable: ObservableId;
  state: SourceState;
  until: Instant | null;
  summary: string;
  at: Instant;
}

/** An audit row: the columns of `action_log`, bytes as hex and `detail` as JSON. */
export type AuditView = Omit<ActionRow, 'detail' | 'raw_sha256' | 'prev_hash' | 'hash'> & {
  detail: unknown;
  raw_sha256: string | null;
  prev_hash: string;
  hash: string;
  raw?: RawView;
  raw_omitted?: true;
};

/** A raw document: JSON where that says all the bytes say (no digit lost, no name twice), else text, else base64. */
export interface RawView {
  media_type: string;
  json?: unknown;
  text?: string;
  base64?: string;
}

/** One change of the verdict, by the machine or by a person. */
export interface VerdictChange {
  at: Instant;
  verdict: Verdict;
  state: VerdictState;
  score: number | null;
  by: string;
  reason: string;
  /** The machine's, while an analyst's was in force. */
  in_force?: false;
}

/** One change of the notes. */
export interface NoteChange {
  at: Instant;
  by: string;
  text: string;
}

/** An incident whole, as `GET /incidents/:id` shows it. */
export interface IncidentView extends IncidentListItem {
  missing: Missing[];
  machine_verdict: Verdict | null;
  override: VerdictOverride | null;
  explanation: string | null;
  /** What the machine's verdict was made by; null before the first scoring. */
  rules: { policy_version: string | null; policy: string; site: string } | null;
  ledger: LedgerLine[];
  verdict_timeline: VerdictChange[];
  correlation: Correlation | null;
  /** Incidents it follows, or was merged with or split from. */
  related: RelatedIncident[];
  classification: Classification;
  decision: Decision | null;
  /** Of many the first and the last, with long texts cut; `alert_count` counts them all. */
  alerts: AlertView[];
  /** How many alerts are left out. */
  alerts_omitted: number;
  observables: Observable[];
  enrichments: EnrichmentView[];
  signals: Signal[];
  analyst_notes: string;
  /** What the notes were before, the oldest first, each with who has changed it to what comes next. */
  notes_history: NoteChange[];
  /** Of many accepted alerts the rows of the first and the last; all of everything else. */
  audit: AuditView[];
  /** How many rows are left out. */
  audit_omitted: number;
}

export const SORT_KEYS = ['created_at', 'last_seen', 'score', 'severity', 'ack_due', 'close_due'] as const;
export type Sort = (typeof SORT_KEYS)[number] | `-${(typeof SORT_KEYS)[number]}`;

/** What a list of incidents is narrowed by. */
export interface IncidentFilter {
  verdict?: Verdict[] | undefined;
  severity?: Severity[] | undefined;
  status?: Status[] | undefined;
  resolution?: Resolution[] | undefined;
  alert_type?: AlertClass[] | undefined;
  source?: string[] | undefined;
  assignee?: string[] | undefined;
  complete?: boolean | undefined;
  /** Whether it is closed and needs a second look. */
  flagged?: boolean | undefined;
  /** Whether a suppression has closed it as it came, and which. */
  suppressed?: boolean | undefined;
  suppressed_by?: string[] | undefined;
  /** Whether it is on hold; one that is closed is not. */
  sla_paused?: boolean | undefined;
  /** Whether one of its clocks ran out. */
  sla_breached?: boolean | undefined;
  /** Its clock to acknowledge, or to close, runs out before, and stands neither on hold nor closed. */
  ack_due_before?: Instant | undefined;
  close_due_before?: Instant | undefined;
  /** An incident's id, an observable's value, or the beginning of a title. */
  q?: string | undefined;
  /** `created_at` from (inclusive) and to (exclusive). */
  from?: Instant | undefined;
  to?: Instant | undefined;
  updated_since?: Instant | undefined;
}

/** What a list of incidents is narrowed, sorted and paged by. */
export interface IncidentQuery extends IncidentFilter {
  /** Default `-created_at`. */
  sort?: Sort | undefined;
  limit: number;
  /** Opaque; from the previous page. */
  cursor?: string | undefined;
}
