import { Option } from 'commander';
import { ALERT_CLASSES, DIRECTIONS, OUTCOMES, TLP_LABELS, type Alert } from '../domain/alert';
import { SEVERITIES } from '../domain/severity';
import { UsageError } from './errors';

type FieldKind = 'text' | 'number' | 'list' | 'yesno' | readonly string[];

interface Field {
  name: keyof Alert;
  kind: FieldKind;
  help: string;
  /** Where the flag is not the field's name with dashes. */
  flag?: string;
}

const FIELDS: readonly Field[] = [
  { name: 'source', kind: 'text', help: 'the tool that raised the alert (required)' },
  { name: 'alert_id', kind: 'text', help: "the tool's own id of it; the same id again is a duplicate" },
  { name: 'alert_type', kind: ALERT_CLASSES, help: 'found by classification when left out', flag: 'type' },
  { name: 'severity', kind: SEVERITIES, help: 'medium when left out' },
  { name: 'timestamp', kind: 'text', help: 'when it happened, RFC 3339' },
  { name: 'title', kind: 'text', help: 'one line' },
  { name: 'description', kind: 'text', help: 'more of it' },
  { name: 'host_ip', kind: 'text', help: "the alerted host's own address" },
  { name: 'src_ip', kind: 'text', help: 'who did it' },
  { name: 'src_port', kind: 'number', help: 'source port' },
  { name: 'src_hostname', kind: 'text', help: 'source host' },
  { name: 'dest_ip', kind: 'text', help: 'to whom' },
  { name: 'dest_port', kind: 'number', help: 'destination port' },
  { name: 'dest_hostname', kind: 'text', help: 'destination host' },
  { name: 'hostname', kind: 'text', help: 'the alerted host' },
  { name: 'username', kind: 'text', help: 'account' },
  { name: 'dest_username', kind: 'text', help: 'account at the destination' },
  { name: 'domain', kind: 'text', help: 'domain' },
  { name: 'url', kind: 'text', help: 'URL' },
  { name: 'urls', kind: 'list', help: 'further URLs' },
  { name: 'file_hash', kind: 'text', help: 'MD5, SHA-1 or SHA-256' },
  { name: 'file_hashes', kind: 'list', help: 'further hashes' },
  { name: 'file_name', kind: 'text', help: 'file name' },
  { name: 'process', kind: 'text', help: 'process' },
  { name: 'parent_process', kind: 'text', help: 'its parent' },
  { name: 'command_line', kind: 'text', help: 'command line' },
  { name: 'email_from', kind: 'text', help: 'sender' },
  { name: 'email_to', kind: 'list', help: 'recipients' },
  { name: 'email_subject', kind: 'text', help: 'subject' },
  { name: 'reply_to', kind: 'text', help: 'reply-to address' },
  { name: 'bytes_out', kind: 'number', help: 'bytes sent out' },
  { name: 'failed_attempts', kind: 'number', help: 'failed logins' },
  { name: 'outcome', kind: OUTCOMES, help: 'how it ended' },
  { name: 'executed', kind: 'yesno', help: 'the file ran' },
  { name: 'clicked', kind: 'yesno', help: 'the link or attachment was opened' },
  { name: 'direction', kind: DIRECTIONS, help: 'of the traffic' },
  { name: 'rule_id', kind: 'text', help: "the tool's rule" },
  { name: 'rule_name', kind: 'text', help: "the rule's name" },
  { name: 'mitre', kind: 'list', help: 'ATT&CK technique ids' },
  { name: 'tags', kind: 'list', help: 'tags' },
  { name: 'tlp', kind: TLP_LABELS, help: 'how far the contents may travel' },
  { name: 'raw_log', kind: 'text', help: 'the original log line' },
];

/** One commander option for each canonical field; lists may be given several times. */
export function alertOptions(): Option[] {
  return FIELDS.map((field) => {
    const { kind } = field;
    const argument =
      kind === 'number' ? '<n>' : kind === 'list' ? '<value...>' : kind === 'yesno' ? '<yes|no>' : '<value>';
    const option = new Option(`--${flagOf(field)} ${argument}`, field.help);
    return typeof kind === 'string' ? option : option.choices(kind);
  });
}

/**
 * The flags as a canonical alert; undefined when no field was given. `values` are commander's, by camel-cased flag.
 * @throws UsageError naming every flag whose value is not of its kind, or a missing `--source`
 */
export function alertFromFlags(values: Record<string, unknown>): Record<string, unknown> | undefined {
  const problems: string[] = [];
  const alert: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = values[camelCase(flagOf(field))];
    if (value === undefined) continue;
    const read = readValue(field.kind, value);
    if (read === undefined)
      problems.push(`--${flagOf(field)} ${JSON.stringify(value)} is not ${EXPECTED[String(field.kind)]}`);
    alert[field.name] = read;
  }
  if (Object.keys(alert).length === 0) return undefined;
  if (alert['source'] === undefined) problems.push('--source is required');
  if (problems.length > 0) throw new UsageError(problems.join('; '));
  return alert;
}

const EXPECTED: Record<string, string> = { number: 'a whole number', yesno: 'yes or no' };
const YES_NO: Record<string, boolean> = { yes: true, true: true, no: false, false: false };

function readValue(kind: FieldKind, value: unknown): unknown {
  if (kind === 'number') return /^\d+$/.test(String(value)) ? Number(value) : undefined;
  if (kind === 'yesno') return YES_NO[String(value)];
  return value;
}

function flagOf(field: Field): string {
  return field.flag ?? field.name.replaceAll('_', '-');
}

function camelCase(flag: string): string {
  return flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
