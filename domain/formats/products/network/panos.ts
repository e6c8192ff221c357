import type { Outcome } from '../../../alert';
import { isPublicDomain } from '../../../hostnames';
import { product } from '../../format';
import { always, byTable, byWords, joined, matched, turned, when } from '../../readings';
import { textAt } from '../../paths';
import { text } from '../../recognise';
import { readColumns } from '../../text/csv';

/** The columns that threat and traffic logs share, by PAN-OS's names; null for reserved ones. */
const HEAD = [null, 'receive_time', 'serial', 'type', 'subtype', null, 'time_generated'] as const;
const SESSION = [
  ...['src', 'dst', 'natsrc', 'natdst', 'rule', 'srcuser', 'dstuser', 'app', 'vsys', 'from', 'to'],
  ...['inbound_if', 'outbound_if', 'logset', null, 'sessionid', 'repeatcnt', 'sport', 'dport'],
  ...['natsport', 'natdport', 'flags', 'proto', 'action'],
] as const;
const THREAT = [
  ...HEAD,
  ...SESSION,
  ...['misc', 'threatid', 'category', 'severity', 'direction', 'seqno', 'actionflags', 'srcloc', 'dstloc', null],
  ...['contenttype', 'pcap_id', 'filedigest', 'cloud', 'url_idx', 'user_agent', 'filetype', 'xff', 'referer'],
  ...['sender', 'subject', 'recipient', 'reportid', null, null, null, null, 'vsys_name', 'device_name'],
] as const;
const TRAFFIC = [...HEAD, ...SESSION, 'bytes', 'bytes_sent', 'bytes_received', 'packets'] as const;
const SYSTEM = [
  ...HEAD,
  ...['vsys', 'eventid', 'object', null, null, 'module', 'severity', 'opaque', 'seqno', 'actionflags'],
] as const;
const GLOBALPROTECT = [
  ...HEAD,
  ...['vsys', 'vpn_event', 'stage', 'auth_method', 'tunnel_type', 'srcuser', 'srcregion', 'machinename'],
  ...['public_ip', 'public_ipv6', 'private_ip', 'private_ipv6', 'hostid', 'serialnumber', 'client_ver'],
  ...['client_os', 'client_os_ver', 'repeatcnt', 'reason', 'error', 'description', 'status'],
] as const;
const DEVICE = [null, null, null, null, 'vsys_name', 'device_name'] as const;
const USERID = [
  ...HEAD,
  ...['vsys', 'ip', 'srcuser', 'datasourcename', null, 'repeatcnt', 'timeout', 'beginport', 'endport'],
  ...['datasource', 'datasourcetype', 'seqno', 'actionflags', ...DEVICE],
] as const;
const AUTHENTICATION = [
  ...HEAD,
  ...['vsys', 'ip', 'srcuser', 'normalize_user', 'object', 'authpolicy', 'repeatcnt', 'authid', 'vendor', 'logset'],
  ...['serverprofile', 'description', 'clienttype', 'auth_event', 'factorno', 'seqno', 'actionflags', ...DEVICE],
] as const;
const CORRELATION = [
  ...HEAD,
  ...['src', 'srcuser', 'vsys', 'category', 'severity', ...DEVICE, 'vsys_id', 'objectname', 'object_id', 'evidence'],
] as const;
const COLUMNS: Readonly<Record<string, readonly (string | null)[]>> = {
  ...{ THREAT, TRAFFIC, SYSTEM, GLOBALPROTECT, USERID, AUTHENTICATION, CORRELATION },
};

const START =
  /(?:^|[ >])\d{0,3},(?:\d{4}\/\d{2}\/\d{2} |\d{4}-\d{2}-\d{2}T)[\d:.Z+-]{8,20},[0-9A-Za-z]{0,20},([A-Z]{4,14}),/;

/** The host of a link without a scheme; many names of files look like one. */
function publicHost(value: unknown): string | undefined {
  const host = typeof value === 'string' ? /^(?:https?:\/\/)?([^/:?#\s]{3,253})/i.exec(value)?.[1] : undefined;
  return host !== undefined && isPublicDomain(host) ? host : undefined;
}

const isLog = (subtype: RegExp) => (document: { fields: Record<string, unknown> }) =>
  subtype.test(textAt(document.fields, 'subtype') ?? '');

/** Logs of web access have only the number 9999 where a threat has its name. */
const named = turned('threatid', (value) => (/^\(\d{1,12}\)$/.test(String(value)) ? undefined : value));
const urlCategory = when(
  isLog(/^url$/),
  turned('category', (value) => (value === '' ? undefined : `Web access: ${String(value)}`)),
);

const unlessZero = (address: string) => turned(address, (value) => (value === '0.0.0.0' ? undefined : value));
/** `GLOBALPROTECT gateway-auth: success` */
const login = [
  joined(' ', 'type', joined(': ', 'vpn_event', 'status')),
  joined(' ', 'type', 'auth_event'),
  when(({ fields }) => textAt(fields, 'type') === 'USERID', joined(' ', 'type', 'subtype')),
];

/** What became of it, by the firewall's action or the status of a login. */
export const PANOS_OUTCOMES: Readonly<Record<string, Outcome>> = {
  ...{ success: 'success', failure: 'failure' },
  ...{ 'authentication success': 'success', 'authentication failure': 'failure' },
  ...{ alert: 'allowed', allow: 'allowed', continue: 'allowed', drop: 'blocked', deny: 'blocked' },
  ...{ 'drop-all-packets': 'blocked', 'drop-packet': 'blocked', 'drop-all': 'blocked' },
  ...{ 'reset-client': 'blocked', 'reset-server': 'blocked', 'reset-both': 'blocked' },
  ...{ 'block-url': 'blocked', 'block-ip': 'blocked', sinkhole: 'blocked', block: 'blocked' },
};

export const panos = product({
  name: 'panos',
  title: 'Palo Alto Networks PAN-OS',
  reference:
    'https://docs.paloaltonetworks.com/ngfw/administration/monitoring/use-syslog-for-monitoring/syslog-field-descriptions',
  recognise: text((message, { syslog }) => {
    const line = message.slice(0, 20_000);
    const start = START.exec(line);
    const columns = COLUMNS[start?.[1] ?? ''];
    if (!start || !columns) return undefined;
    const fields = readColumns(line.slice(start.index).trimStart(), columns);
    return { ...fields, ...(syslog.host === undefined ? {} : { syslog_host: syslog.host }) };
  }),
  fields: {
    timestamp: ['receive_time', 'time_generated'],
    rule_id: [matched('threatid', /\((\d{1,12})\)$/), 'eventid'],
    rule_name: [matched('threatid', /^(.{1,300}?)\(\d{1,12}\)$/), named, urlCategory, 'eventid', 'rule', 'objectname'],
    title: [matched('threatid', /^(.{1,300}?)\(\d{1,12}\)$/), 'opaque', urlCategory, 'objectname', login],
    description: ['evidence', 'description'],
    severity: [
      byWords('severity', { 1: 'low', 2: 'low', 3: 'medium', 4: 'high', 5: 'critical' }),
      byTable(['status', 'auth_event'], { failure: 'medium', 'authentication failure': 'medium' }),
      when(
        ({ fields }) => /^(?:GLOBALPROTECT|USERID|AUTHENTICATION)$/.test(textAt(fields, 'type') ?? ''),
        always('low'),
      ),
    ],
    src_ip: [
      'src',
      ...['public_ip', 'public_ipv6', 'ip'].map(unlessZero),
      matched('opaque', /\bfrom:? ?([0-9a-f.:]{2,44}[0-9a-f])/i),
    ],
    src_port: 'sport',
    dest_ip: 'dst',
    dest_port: 'dport',
    hostname: ['machinename', 'device_name', 'syslog_host'],
    username: ['srcuser', 'dstuser', matched('opaque', /\buser '?([^\s',]{1,100})/i)],
    url: when(isLog(/^(?:url|spyware|vulnerability)$/), 'misc'),
    domain: when(isLog(/^(?:url|spyware)$/), turned('misc', publicHost)),
    file_name: when(isLog(/^(?:virus|wildfire|wildfire-virus|file|data)$/), 'misc'),
    file_hashes: 'filedigest',
    email_from: 'sender',
    email_to: 'recipient',
    email_subject: 'subject',
    bytes_out: 'bytes_sent',
    outcome: byTable(['action', 'status', 'auth_event'], PANOS_OUTCOMES),
    event_class: [
      joined('/', 'type', 'subtype'),
      joined('/', 'type', 'subtype', 'category'),
      joined('/', 'type', 'vpn_event'),
      turned('eventid', (value) => `SYSTEM/${String(value)}`),
    ],
  },
});
