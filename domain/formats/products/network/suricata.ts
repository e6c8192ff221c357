import { ipFlags, normaliseIp } from '../../../network';
import type { Document } from '../../document';
import { product } from '../../format';
import type { FieldMap } from '../../map-fields';
import { has, textAt } from '../../paths';
import { bySteps, byTable, fromSyslog, linkOf, matched, turned, when } from '../../readings';
import { patterns, shape } from '../../recognise';

/** Suricata counts priorities from 1, the worst. */
const severity = (path: string) =>
  bySteps(
    turned(path, (value) => (Number.isNaN(Number(value)) ? undefined : -Number(value))),
    { low: -255, medium: -2, high: -1 },
  );

const HASHES = ['files.sha256', 'files.sha1', 'files.md5', 'fileinfo.sha256', 'fileinfo.sha1', 'fileinfo.md5'];

const isHashed = ({ fields }: Document): boolean => HASHES.some((path) => has(fields, path));

/** What is sent to a server is sent out only from inside to outside; an attack sends, too. */
const leavesUs = ({ fields }: Document): boolean =>
  isPrivate(textAt(fields, 'src_ip')) && !isPrivate(textAt(fields, 'dest_ip'));

const isPrivate = (ip = ''): boolean => ipFlags(ip, { own_ranges: [] }).includes('private');

const fields: FieldMap = {
  timestamp: 'timestamp',
  rule_id: 'alert.signature_id',
  rule_name: 'alert.signature',
  severity: severity('alert.severity'),
  src_ip: 'src_ip',
  src_port: 'src_port',
  dest_ip: 'dest_ip',
  dest_port: 'dest_port',
  hostname: 'host',
  domain: ['http.hostname', 'tls.sni', 'dns.query.rrname', 'dns.queries.rrname', 'dns.rrname'],
  url: linkOf('http.hostname', 'http.url'),
  email_from: 'smtp.mail_from',
  email_to: 'smtp.rcpt_to',
  file_hashes: HASHES,
  // without a hash the name is but the end of a link
  file_name: when(isHashed, 'files.filename', 'fileinfo.filename'),
  bytes_out: when(leavesUs, 'flow.bytes_toserver'),
  mitre: 'alert.metadata.mitre_technique_id',
  outcome: byTable('alert.action', { blocked: 'blocked', allowed: 'allowed' }),
  event_class: 'alert.category',
};

const SIGNATURE = String.raw`\[\d{1,9}:(?<sid>\d{1,12}):\d{1,9}\] (?<message>.{1,1000}?)`;
const RATING = String.raw`(?: \[Classification: (?<category>[^\]]{1,200})\])?(?: \[Priority: (?<priority>\d{1,3})\]:?)?(?: <[^>]{1,40}>)?`;
const ENDS = String.raw`\{(?<protocol>[^}]{1,20})\} (?<source>\S{2,60}) -> (?<destination>\S{2,60})`;
/** Time (of Snort without the year), `gid:sid:rev`, message, classification, priority, protocol and the two ends. */
const FAST_LOG = new RegExp(
  String.raw`^(?<time>\d{2}\/\d{2}(?:\/\d{2,4})?-[\d:.]{8,20}) {1,2}(?:\[(?<action>Drop|wDrop)\] )?\[\*\*\] ${SIGNATURE} \[\*\*\]${RATING} ${ENDS}`,
);
/** The same by way of syslog, which has told the time. */
const SYSLOG_ALERT = new RegExp(String.raw`^(?:\[(?<action>Drop|wDrop)\] )?${SIGNATURE}${RATING} ${ENDS}`);

/** An end that is an address has no port; those of version 6 look as if they had one. */
const hasPort = (end: string): boolean => normaliseIp(end) === undefined;
const ip = (end: string) =>
  turned(end, (value) => (hasPort(String(value)) ? String(value).replace(/:\d{1,5}$/, '') : value));
const port = (end: string) =>
  turned(end, (value) => (hasPort(String(value)) ? /:(\d{1,5})$/.exec(String(value))?.[1] : undefined));

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** The American order, with the time behind a dash; a time without its year is as syslog writes it. */
function readableTime(value: unknown): string {
  const [, month = '', day = '', year, clock = ''] =
    /^(\d{2})\/(\d{2})(?:\/(\d{2,4}))?-(.{1,20})$/.exec(String(value)) ?? [];
  if (year === undefined) return `${MONTHS[Number(month) - 1] ?? ''} ${day} ${clock}`;
  return `${month}/${day}/${year.length === 2 ? `20${year}` : year} ${clock}`;
}

export const suricata = product({
  name: 'suricata',
  title: 'Suricata EVE alert',
  reference: 'https://docs.suricata.io/en/latest/output/eve/eve-json-format.html',
  recognise: shape(['event_type', 'alert.signature']),
  fields,
});

export const suricataFast = product({
  name: 'suricata_fast',
  title: 'Suricata and Snort fast log',
  reference: 'https://docs.suricata.io/en/latest/configuration/suricata-yaml.html#line-based-alerts-log-fast-log',
  recognise: patterns(FAST_LOG, SYSLOG_ALERT),
  fields: {
    timestamp: [turned('time', readableTime), fromSyslog('timestamp')],
    hostname: fromSyslog('host'),
    rule_id: 'sid',
    rule_name: 'message',
    severity: severity('priority'),
    src_ip: ip('source'),
    src_port: port('source'),
    dest_ip: ip('destination'),
    dest_port: port('destination'),
    outcome: byTable('action', { drop: 'blocked', wdrop: 'blocked' }),
    event_class: 'category',
  },
});

export const snort = product({
  name: 'snort',
  title: 'Snort 3 alert (JSON)',
  reference: 'https://docs.snort.org/start/alert_logging',
  recognise: shape(['msg', 'rule'], (fields) => ['src_addr', 'src_ap'].some((name) => has(fields, name))),
  fields: {
    timestamp: ['seconds', turned('timestamp', readableTime)],
    rule_id: ['sid', matched('rule', /^\d{1,9}:(\d{1,12}):/)],
    rule_name: 'msg',
    severity: severity('priority'),
    src_ip: ['src_addr', ip('src_ap')],
    src_port: ['src_port', port('src_ap')],
    dest_ip: ['dst_addr', ip('dst_ap')],
    dest_port: ['dst_port', port('dst_ap')],
    outcome: byTable('action', {
      ...{ allow: 'allowed', would_drop: 'allowed', would_block: 'allowed' },
      ...{ drop: 'blocked', block: 'blocked', reject: 'blocked' },
    }),
    event_class: 'class',
  },
});
