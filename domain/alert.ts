import type { Severity } from './severity';

/** The kinds of alert that the suite has a playbook for. */
export const ALERT_TYPES = [
  'brute_force',
  'malware',
  'phishing',
  'suspicious_ip',
  'lateral_movement',
  'data_exfil',
] as const;
export type AlertType = (typeof ALERT_TYPES)[number];

/** What an alert or incident can be filed under: `unclassified` has no playbook until an analyst sets a type. */
export const ALERT_CLASSES = [...ALERT_TYPES, 'unclassified'] as const;
export type AlertClass = (typeof ALERT_CLASSES)[number];

export const OUTCOMES = ['success', 'failure', 'blocked', 'allowed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const DIRECTIONS = ['inbound', 'outbound', 'internal'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Traffic Light Protocol 2.0 labels: how far an alert's contents may travel. */
export const TLP_LABELS = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
export type Tlp = (typeof TLP_LABELS)[number];

/**
 * A normalised alert: what every source document is mapped to, whatever tool wrote it.
 * Absent means "the source did not say"; times are RFC 3339 in UTC.
 */
export interface Alert {
  source: string;
  /** The source's own id; ours (`ALT-…`) is given on acceptance. */
  alert_id?: string;
  alert_type?: AlertClass;
  severity?: Severity;
  timestamp?: string;
  title?: string;
  description?: string;
  /** The alerted host's own address. */
  host_ip?: string;
  /** Who did it. */
  src_ip?: string;
  src_port?: number;
  src_hostname?: string;
  /** To whom. */
  dest_ip?: string;
  dest_port?: number;
  dest_hostname?: string;
  hostname?: string;
  username?: string;
  dest_username?: string;
  domain?: string;
  url?: string;
  urls?: string[];
  /** The strongest hash given (SHA-256 before SHA-1 before MD5). */
  file_hash?: string;
  file_hashes?: string[];
  file_name?: string;
  process?: string;
  parent_process?: string;
  command_line?: string;
  email_from?: string;
  email_to?: string[];
  email_subject?: string;
  reply_to?: string;
  bytes_out?: number;
  failed_attempts?: number;
  outcome?: Outcome;
  executed?: boolean;
  clicked?: boolean;
  direction?: Direction;
  rule_id?: string;
  rule_name?: string;
  /** MITRE ATT&CK technique ids, such as T1110.001. */
  mitre?: string[];
  tags?: string[];
  tlp?: Tlp;
  raw_log?: string;
}

/** How an alert's type was found, so that nobody has to guess why it went to its playbook. */
export interface Classification {
  alert_type: AlertClass;
  /** 0 (no idea) to 1 (the source said so). */
  confidence: number;
  reasons: string[];
}
