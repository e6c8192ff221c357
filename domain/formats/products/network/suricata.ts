import { product } from '../../format';
import type { FieldMap } from '../../map-fields';
import { bySteps, byTable, linkOf, turned } from '../../readings';
import { patterns, shape } from '../../recognise';

/** Suricata counts priorities from 1, the worst. */
const severity = (path: string) =>
  bySteps(
    turned(path, (value) => (Number.isNaN(Number(value)) ? undefined : -Number(value))),
    { low: -255, medium: -2, high: -1 },
  );

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
  file_hashes: ['files.sha256', 'files.sha1', 'files.md5', 'fileinfo.sha256', 'fileinfo.sha1', 'fileinfo.md5'],
  file_name: ['files.filename', 'fileinfo.filename'],
  bytes_out: 'flow.bytes_toserver',
  mitre: 'alert.metadata.mitre_technique_id',
  outcome: byTable('alert.action', { blocked: 'blocked', allowed: 'allowed' }),
  event_class: 'alert.category',
};

/** Time, `gid:sid:rev`, message, classification, priority, protocol and the two ends. */
const FAST_LOG =
  /^(?<time>\d{2}\/\d{2}\/(?:\d{2,4}-)?[\d:.]{8,20}) {1,2}(?:\[(?<action>Drop|wDrop)\] )?\[\*\*\] \[\d{1,9}:(?<sid>\d{1,12}):\d{1,9}\] (?<message>.{1,1000}?) \[\*\*\](?: \[Classification: (?<category>[^\]]{1,200})\])?(?: \[Priority: (?<priority>\d{1,3})\])? \{(?<protocol>[^}]{1,20})\} (?<source>\S{2,60}) -> (?<destination>\S{2,60})/;

const ip = (end: string) => turned(end, (value) => String(value).replace(/:\d{1,5}$/, ''));
const port = (end: string) => turned(end, (value) => /:(\d{1,5})$/.exec(String(value))?.[1]);

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
  recognise: patterns(FAST_LOG),
  fields: {
    // the American order, with the time behind a dash
    timestamp: turned('time', (value) => String(value).replace('-', ' ')),
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
