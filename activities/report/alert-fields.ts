import type { Alert } from '../../domain/alert';
import { clock, grouped, shortened } from './show';

/** What an alert says, in the order a reader asks: when, what, who, to whom, with what. */
const FIELDS: readonly (readonly [keyof Alert, string])[] = [
  ['timestamp', 'Time'],
  ['title', 'Title'],
  ['rule_name', 'Rule'],
  ['rule_id', 'Rule id'],
  ['severity', 'Severity'],
  ['outcome', 'Outcome'],
  ['direction', 'Direction'],
  ['src_ip', 'From address'],
  ['src_port', 'From port'],
  ['src_hostname', 'From host'],
  ['dest_ip', 'To address'],
  ['dest_port', 'To port'],
  ['dest_hostname', 'To host'],
  ['hostname', 'Host'],
  ['host_ip', 'Host address'],
  ['username', 'User'],
  ['dest_username', 'Target user'],
  ['domain', 'Domain'],
  ['url', 'Address'],
  ['urls', 'Addresses'],
  ['file_name', 'File'],
  ['file_hash', 'File hash'],
  ['file_hashes', 'File hashes'],
  ['process', 'Process'],
  ['parent_process', 'Parent process'],
  ['command_line', 'Command line'],
  ['executed', 'Executed'],
  ['email_from', 'Mail from'],
  ['reply_to', 'Reply to'],
  ['email_to', 'Mail to'],
  ['email_subject', 'Mail subject'],
  ['clicked', 'Clicked'],
  ['failed_attempts', 'Failed attempts'],
  ['bytes_out', 'Bytes out'],
  ['mitre', 'MITRE ATT&CK'],
  ['tags', 'Tags'],
  ['tlp', 'TLP'],
  ['description', 'Description'],
  ['raw_log', 'Log line'],
];

/** Longest text of one field; more of it stands in the JSON report. */
const MOST_CHARACTERS = 1_000;

/** Shown letter by letter, in a fixed-width font. */
const CODE = new Set<keyof Alert>(['command_line', 'process', 'parent_process', 'file_hash', 'file_hashes', 'raw_log']);

export interface AlertField {
  label: string;
  text: string;
  code: boolean;
}

export function alertFields(alert: Partial<Alert>): AlertField[] {
  return FIELDS.flatMap(([name, label]) => {
    const text = fieldText(alert[name]);
    return text === '' ? [] : [{ label, text: shortened(text, MOST_CHARACTERS), code: CODE.has(name) }];
  });
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return clock(value);
  if (typeof value === 'number') return Math.abs(value) >= 100_000 ? grouped(value) : String(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.map(String).join(', ') : '';
}
