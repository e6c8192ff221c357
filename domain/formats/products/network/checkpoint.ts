import { product } from '../../format';
import { byTable, byWords, fromSyslog, hostOf, joined, matched } from '../../readings';
import { text } from '../../recognise';
import { readKeyValues } from '../../text/key-values';

/** `action:"Drop"; src:"192.0.2.1"; …`, as Log Exporter writes the structured data of its syslog. */
const PAIR = /(?:^|[[; ])([A-Za-z_][\w.-]{0,99}):"((?:[^"\\]|\\.){0,20000})"/g;
const MOST_PAIRS = 500;

export const checkpoint = product({
  name: 'checkpoint',
  title: 'Check Point Log Exporter (syslog)',
  reference: 'https://support.checkpoint.com/results/sk/sk144192',
  recognise: text((message, { syslog }) => {
    // an unescaped bracket in a value has ended the structured data too early
    const line = `${syslog.data ?? ''}${message}`.slice(0, 100_000);
    if (line.includes('Fields@1.3.6.1.4.1.2620 ')) return readKeyValues(line);
    if (!/\bloguid:"/.test(line) && !/^check ?point$/i.test(syslog.app ?? '')) return undefined;
    const pairs = [...line.matchAll(PAIR)]
      .slice(0, MOST_PAIRS)
      .map(([, key = '', value = '']) => [key, value] as const);
    return pairs.length < 3 ? undefined : Object.fromEntries(pairs);
  }),
  fields: {
    alert_id: 'loguid',
    timestamp: ['time', fromSyslog('timestamp')],
    severity: byWords('severity', { 0: 'low', 1: 'low', 2: 'medium', 3: 'high', 4: 'critical' }),
    title: [
      'protection_name',
      'attack',
      'action_reason',
      matched('additional_info', /^(.{0,40}failed to log ?in.{0,200})$/i),
      'subject',
      joined(': ', 'product', 'action'),
      'ProductName',
    ],
    description: ['attack_info', 'action_reason', 'reason', 'description'],
    rule_id: ['protection_id', 'rule_uid'],
    rule_name: ['protection_name', 'attack', 'malware_rule_name', 'rule_name'],
    src_ip: ['src', 'client_ip'],
    src_port: ['s_port', 'sport_svc'],
    dest_ip: 'dst',
    dest_port: ['service', 'svc'],
    hostname: ['device_name', fromSyslog('host')],
    src_hostname: 'src_machine_name',
    username: [matched('src_user_name', /\(([^)]{1,100})\)$/), 'src_user_name', 'user', 'administrator'],
    url: 'resource',
    domain: hostOf('resource'),
    file_name: 'file_name',
    file_hashes: ['file_sha256', 'file_sha1', 'file_md5'],
    email_from: 'from',
    email_to: 'to',
    bytes_out: 'client_outbound_bytes',
    outcome: byTable(['audit_status', 'action', 'rule_action'], {
      ...{ failure: 'failure', success: 'success' },
      ...{ drop: 'blocked', reject: 'blocked', block: 'blocked', prevent: 'blocked', quarantine: 'blocked' },
      ...{ accept: 'allowed', detect: 'allowed', bypass: 'allowed', monitor: 'allowed' },
      ...{ 'failed log in': 'failure', 'log in': 'success' },
    }),
    event_class: [
      joined('/', 'product', 'action'),
      'product',
      'ProductName',
      joined('/', 'subject', 'audit_status'),
      'subject',
    ],
  },
});
