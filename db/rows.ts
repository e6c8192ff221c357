import type { Alert, AlertClass, Classification, Tlp } from '../domain/alert';
import type { Role } from '../domain/api-key';
import type { Correlation } from '../domain/correlation';
import type { SourceState } from '../domain/enrichment';
import type { Decision, Hold, Resolution, Status, VerdictOverride } from '../domain/incident';
import type { IocType } from '../domain/intel/indicator';
import type { Notice } from '../domain/notice';
import type { ObservableFlag, ObservableId, ObservableRole, ObservableType } from '../domain/observable';
import type { QuotaLimit, QuotaState } from '../domain/quota';
import type { RescoreEffect, RescoreState } from '../domain/rescore';
import type { ServiceClocks } from '../domain/service-level';
import type { Severity } from '../domain/severity';
import type { Reliability } from '../domain/signal';
import type { Suppression } from '../domain/suppression';
import type { Verdict, VerdictState } from '../domain/verdict';
import type { Instant } from './time';

/** Rows as the repositories hand them out: JSON parsed, times as instants, hashes as bytes. */

/** A row as a left join finds it: all of it null when there is none. */
export type Nullable<Row> = { [column in keyof Row]: Row[column] | null };

/**
 * What an incident has to do with another one. `follows`: it would have joined that one, but an analyst had closed it.
 */
export const RELATIONS = ['follows', 'merged_into', 'merged_from', 'split_from', 'split_into'] as const;

export interface RelatedIncident {
  incident_id: string;
  relation: (typeof RELATIONS)[number];
  at: Instant;
}

export interface IncidentRow {
  id: string;
  version: number;
  status: Status;
  resolution: Resolution | null;
  alert_type: AlertClass;
  severity: Severity;
  /** Place in the order of severities, for sorting. */
  severity_rank: number;
  source: string;
  title: string;
  assignee: string | null;
  analyst_notes: string;
  /** The verdict in force. */
  verdict: Verdict;
  verdict_state: VerdictState;
  score: number | null;
  complete: boolean;
  decision: Decision | null;
  verdict_override: VerdictOverride | null;
  classification: Classification;
  correlation: Correlation | null;
  /** What its alerts say came of it, in words; null where it was not noted, as for one of before. */
  outcomes: string[] | null;
  /** Who has set the severity by hand, which alerts then no longer raise. */
  severity_by: string | null;
  /** Null = nothing. */
  related: RelatedIncident[] | null;
  alert_count: number;
  /** Alerts that no round has looked at yet. */
  unprocessed: number;
  first_seen: Instant;
  last_seen: Instant;
  /** Raised by every claim; 0 until a run has taken the incident. */
  run_no: number;
  claimed_by: string | null;
  /** The round planned last, and the last one that was concluded. */
  round: number;
  settled_round: number;
  /** Action key of the scoring row in force. */
  score_key: string | null;
  policy_id: string | null;
  site_id: string | null;
  /** Why a closed one needs a second look; null when it does not. */
  flagged: string | null;
  /** Who has set the status by hand, which rules then no longer move; null while it is the machine's. */
  status_by: string | null;
  /** Null while it is not on hold. */
  hold: Hold | null;
  /** By which suppression it was closed as it came; null when by none. */
  suppressed_by: string | null;
  /** What its clocks go by; null while nothing is due. */
  sla: ServiceClocks | null;
  /** At least one of its clocks ran out. */
  sla_breached: boolean;
  ack_due: Instant | null;
  close_due: Instant | null;
  acknowledged_at: Instant | null;
  closed_at: Instant | null;
  /** Since when its clocks stand, and for how long they have stood before, ms. */
  paused_at: Instant | null;
  paused_ms: number;
  /** When the reconciler restarted it, within the last hour. */
  restarts: Instant[];
  /** When the reconciler looks at it next; null when there is nothing to look after. */
  next_check_at: Instant | null;
  created_at: Instant;
  updated_at: Instant;
}

export interface AlertRow {
  id: string;
  incident_id: string;
  source: string;
  source_alert_id: string | null;
  identity: Buffer;
  /** Until when a repetition is the same alert; null = for ever. */
  identity_until: Instant | null;
  format: string;
  event_time: Instant;
  received_at: Instant;
  fields: Alert;
  /** Keys of the original that no canonical field took. */
  extra: Record<string, unknown>;
  classification: Classification;
  raw_sha256: Buffer;
  /** No round need look at it any more. */
  processed: boolean;
  /** Hash of all of it that rules look at; null for one of before. */
  says: Buffer | null;
  /** It came to an incident that was there. */
  joined: boolean;
}

export interface ObservableRow {
  incident_id: string;
  observable_hash: Buffer;
  value_hash: Buffer;
  position: number;
  type: ObservableType;
  value: string;
  roles: ObservableRole[];
  flags: ObservableFlag[];
  /** When its alert says that it happened. */
  seen_at: Instant;
}

export interface EnrichmentRow {
  incident_id: string;
  source: string;
  observable_hash: Buffer;
  observable: ObservableId;
  action_key: string;
  state: SourceState;
  until: Instant | null;
  summary: string;
  facts: unknown;
  at: Instant;
  /** When it began to wait; null when it does not. */
  since: Instant | null;
  /** When its run was told that the source may be asked now; null until then, and once it has asked. */
  nudged_at: Instant | null;
}

export const ACTION_STATUSES = ['ok', 'failed', 'skipped', 'waiting'] as const;
export type ActionStatus = (typeof ACTION_STATUSES)[number];

/** One finished action; never changed. */
export interface ActionRow {
  chain: string;
  seq: number;
  incident_id: string | null;
  action_key: string;
  at: Instant;
  action: string;
  status: ActionStatus;
  actor: string;
  provider: string | null;
  observable: string | null;
  failures: number;
  duration_ms: number;
  summary: string;
  /** Canonical JSON, hashed as it stands. */
  detail: string;
  raw_sha256: Buffer | null;
  workflow_run_id: string;
  prev_hash: Buffer;
  hash: Buffer;
}

export interface ReportRow {
  incident_id: string;
  version: number;
  html: string;
  json: string;
  head_seq: number;
  head_hash: Buffer;
  created_at: Instant;
  /** Null in reports of before, as all below. */
  markdown: string | null;
  /** Who has made a new report necessary: the playbook, or an analyst. */
  author: string | null;
  /** By what. */
  reason: string | null;
  /** As it tells them. */
  verdict: Verdict | null;
  status: Status | null;
  /** Content hash of the policy that the machine's verdict was made by, and its version in words. */
  policy: string | null;
  policy_version: string | null;
}

export interface IocRow {
  id: number;
  type: IocType;
  value: string;
  ioc_hash: Buffer;
  /** Length of a range, from 1; IPv6 ones are counted from 129 on (128 + length). Null for whatever is no range. */
  prefix: number | null;
  created_at: Instant;
  /** Name of a key, `system` for the examples. */
  created_by: string;
  verdict: 'malicious' | 'benign' | null;
  verdict_reason: string | null;
  verdict_by: string | null;
  verdict_at: Instant | null;
}

export interface IocSightingRow {
  ioc_id: number;
  source: string;
  confidence: number;
  first_seen: Instant;
  last_seen: Instant;
  expires_at: Instant | null;
  tlp: string | null;
  tags: string[];
  reference: string | null;
  /** Who told us first, and when; null in entries of before. */
  added_by: string | null;
  added_at: Instant | null;
  /** The import that told it last. */
  import_id: string | null;
  /** When the source took it back. */
  revoked_at: Instant | null;
}

export interface IocSourceRow {
  name: string;
  reliability: Reliability;
  confidence: number;
  tlp: Tlp | null;
  expires_after_days: number | null;
  tags: string[];
  description: string | null;
  feed_url: string | null;
  feed_format: string | null;
  feed_columns: Record<string, string> | null;
  feed_every_seconds: number | null;
  feed_paused: boolean;
  /** Validators of what was imported last. */
  etag: string | null;
  last_modified: string | null;
  polled_at: Instant | null;
  poll_outcome: 'not_modified' | 'imported' | 'failed' | null;
  poll_error: string | null;
  last_import_id: string | null;
  created_at: Instant;
  created_by: string;
  updated_at: Instant;
}

export type IocImportState = 'queued' | 'running' | 'done' | 'failed';

export interface IocImportRow {
  /** `IMP-…`. */
  id: string;
  source: string;
  file_name: string | null;
  bytes: number;
  file_sha256: Buffer;
  /** Of source, file and options. */
  identity: Buffer;
  options: unknown;
  state: IocImportState;
  /** Why the file as a whole could not be read. */
  error: string | null;
  /** As recognised or asked for. */
  format: string | null;
  /** Findings that are done: where to go on. */
  position: number;
  /** Bytes of the file that are done, for people. */
  bytes_done: number;
  /** Line that was read last. */
  lines: number;
  /** Entries that were not there before. */
  added: number;
  /** Known entries of which this says something new. */
  updated: number;
  unchanged: number;
  revoked: number;
  /** Of the kept ones: on a warning list, private, or the site's own. */
  flagged: number;
  refused: number;
  unsupported: number;
  requested_by: string;
  created_at: Instant;
  started_at: Instant | null;
  finished_at: Instant | null;
  /** When the keeper looks whether somebody works on it; null when it is over. */
  check_at: Instant | null;
}

/** What was wrong, special or left out at a line of an imported file. */
export interface IocImportProblemRow {
  import_id: string;
  seq: number;
  line: number;
  kind: 'refused' | 'unsupported' | 'flagged';
  text: string;
  reason: string;
}

export interface PolicyRow {
  id: string;
  kind: 'policy' | 'site';
  content: unknown;
  created_at: Instant;
}

export interface ApiKeyRow {
  id: number;
  name: string;
  role: Role;
  key_hash: Buffer;
  created_at: Instant;
  last_used_at: Instant | null;
  revoked_at: Instant | null;
}

/** A pattern of alerts that somebody knows: what matches all that it names is closed as it comes. */
export interface SuppressionRow extends Suppression {
  reason: string;
  created_by: string;
  removed_by: string | null;
}

/** What another tool is told, or still to be told, of an incident. */
export interface NoticeRow {
  id: number;
  incident_id: string;
  /** Names the event: noted twice, it stands there once. */
  event_key: string;
  event: Notice;
  created_at: Instant;
  delivered_at: Instant | null;
}

/** What is known of a provider outside: as the workers that ask it say. */
export interface ProviderProfile {
  name: string;
  title: string;
  where: 'outside';
  looksUp: ObservableType[];
  limits: QuotaLimit[];
  configured: boolean;
  /** Variable that sets it up; null when it needs none. */
  setting: string | null;
  /** Tells one key from another without giving it away; null without a key. */
  credential: string | null;
}

/** A key that the provider refused. */
export interface RefusedKey {
  since: Instant;
  kind: string;
  message: string;
  /** Of the key; only that one is not sent. */
  credential: string | null;
  /** When one request may find out whether the key is good again. */
  probe_at: Instant;
}

export interface LookupFailure {
  kind: string;
  message: string;
  http_status: number | null;
}

/** One provider outside; the row is the lock under which its requests are allowed and settled. */
export interface QuotaRow {
  provider: string;
  /** Null until a worker has registered it. */
  profile: ProviderProfile | null;
  state: QuotaState;
  silent_until: Instant | null;
  silent_reason: string | null;
  /** Refusals (429) in a row. */
  strikes: number;
  blocked: RefusedKey | null;
  /**
   * The last 100 requests, newest last: `.` answered, `x` no answer, `o` no answer either, but sent before the
   * outage was known, `f` refused as a question or for its key, `r` refused for now (429).
   */
  outcomes: string;
  last_answer_at: Instant | null;
  last_error: (LookupFailure & { at: Instant }) | null;
  updated_at: Instant;
}

/** A failure as those are told it who waited for the answer. */
export interface AnswerError extends LookupFailure {
  /** The provider wants to be asked again after so long; not there when it does not say. */
  retry_after_ms?: number;
  /** SHA-256 (hex) of the unusable answer, where there was one. */
  raw_sha256?: string;
}

/** What a provider last said of an observable, and who is asking it right now. */
export interface AnswerRow {
  provider: string;
  observable_hash: Buffer;
  observable: ObservableId;
  /** Null while there is no answer. */
  state: Extract<SourceState, 'ok' | 'not_known' | 'not_applicable'> | null;
  facts: unknown;
  summary: string | null;
  raw_sha256: Buffer | null;
  answered_at: Instant | null;
  fresh_until: Instant | null;
  /** Ticket of the request that is under way. */
  flight: string | null;
  flight_until: Instant | null;
  /** How the last request ended, when that was without an answer. */
  error: AnswerError | null;
  error_at: Instant | null;
}

/** A job that judges past incidents by the rules of the day; see `domain/rescore.ts`. */
export interface RescoreRow {
  id: string;
  state: RescoreState;
  requested_by: string;
  /** Who put what it found in force; null while nobody has. */
  applied_by: string | null;
  /** Which incidents it compares, as the list of incidents is narrowed. */
  filter: Record<string, unknown>;
  /** Those that closed themselves are opened again, not only flagged. */
  reopen: boolean;
  /** By which rules; null until it has begun. */
  policy_id: string | null;
  site_id: string | null;
  /** The incident that was compared last; they are compared in the order of their ids. */
  position: string;
  compared: number;
  /** Incidents that could not be judged; they are not among those compared. */
  failed: number;
  /** The first of those, each with its reason. */
  failures: RescoreFailure[];
  changes: number;
  applied: number;
  skipped: number;
  /** When its run is to be looked after; null when there is nothing to do for it. */
  check_at: Instant | null;
  created_at: Instant;
  compared_at: Instant | null;
  expires_at: Instant | null;
  finished_at: Instant | null;
}

export interface RescoreFailure {
  incident_id: string;
  reason: string;
}

/** One incident that comes out differently. */
export interface RescoreChangeRow {
  rescore_id: string;
  incident_id: string;
  /** Action key of the scoring row that was in force. */
  score_key: string;
  old_verdict: Verdict;
  new_verdict: Verdict;
  old_score: number;
  new_score: number;
  old_outcome: Decision['outcome'];
  new_outcome: Decision['outcome'];
  old_complete: boolean;
  new_complete: boolean;
  why: string;
  effect: RescoreEffect;
  applied_at: Instant | null;
  /** Why it was not applied. */
  skipped: string | null;
  /** When the incident's run is to be told; null when there is nothing to tell. */
  tell_at: Instant | null;
}
