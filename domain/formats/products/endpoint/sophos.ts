import { account } from '../../accounts';
import { isPublicIp, normaliseIp } from '../../../network';
import { product } from '../../format';
import { byAction } from '../../outcomes';
import { textAt } from '../../paths';
import {
  byTable,
  byWords,
  fromSyslog,
  hostOf,
  joined,
  linkOf,
  matched,
  turned,
  when,
  type Reading,
} from '../../readings';
import { shape, text } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { readKeyValues } from '../../text/key-values';
import { type Holder, named } from './helpers';

/** The firewall names its zone, mostly without an offset. */
const OFFSETS: Readonly<Record<string, string>> = {
  ...{
    UTC: '+0000',
    GMT: '+0000',
    WET: '+0000',
    BST: '+0100',
    CET: '+0100',
    CEST: '+0200',
    EET: '+0200',
    EEST: '+0300',
  },
  // the firewall was made in India
  ...{ IST: '+0530', EST: '-0500', EDT: '-0400', CST: '-0600', CDT: '-0500', MST: '-0700', PST: '-0800', PDT: '-0700' },
};

const xgTime: Reading = ({ fields }) => {
  const [date, time, zone = ''] = ['date', 'time', 'timezone'].map((name) => textAt(fields, name));
  if (date === undefined || time === undefined) return [];
  const offset = /^[+-]\d{2}$/.test(zone)
    ? `${zone}00`
    : (OFFSETS[zone] ?? (/^[+-]\d{2}:?\d{2}$/.test(zone) ? zone : ''));
  return [{ value: `${date}T${time}${offset}`, pointer: '' }];
};

const given = (fields: Holder['fields'], name: string): boolean => (textAt(fields, name) ?? '') !== '';
/** A flood of connections to the mail service carries no mail. */
const isMail = ({ fields }: Holder): boolean =>
  given(fields, 'from_email_address') ||
  (textAt(fields, 'log_type') === 'Anti-Spam' && textAt(fields, 'log_subtype') !== 'Dos');

/** Of a mail, an address of ours is only the relay that took it. */
const outside = (reading: Reading): Reading =>
  turned(reading, (value) => {
    const ip = normaliseIp(String(value));
    return ip !== undefined && isPublicIp(ip) ? ip : undefined;
  });

const link = matched('url', /^https?:\/\/\S{3,}/i);
const served = turned('server', (value) => (value === '-' ? undefined : value));
const isWaf = ({ fields }: Holder): boolean => textAt(fields, 'log_type') === 'WAF';

const unlessMail = (...readings: Reading[]): Reading => when((document) => !isMail(document), ...readings);

export const sophosXg = product({
  name: 'sophos_xg',
  title: 'Sophos Firewall (XG, SFOS)',
  reference: 'https://docs.sophos.com/nsg/sophos-firewall/latest/PDF/SF%20syslog%20guide.pdf',
  recognise: text((message) => {
    if (!/\blog_id="?\d{9,14}/.test(message) || !/\blog_type="/.test(message)) return undefined;
    return readKeyValues(message);
  }),
  fields: {
    alert_id: 'eventid',
    timestamp: ['timestamp', xgTime, fromSyslog('timestamp')],
    severity: byWords(['severity', 'priority']),
    title: ['threatname', 'signature_msg', 'virus', 'message', 'reason', joined(' ', 'log_type', 'log_subtype')],
    description: ['reason', 'message', 'extra'],
    rule_id: ['signature_id', 'log_id'],
    rule_name: ['signature_msg', 'threatname', 'virus'],
    src_ip: [when(isMail, outside('src_ip')), unlessMail('src_ip', 'sourceip')],
    src_port: unlessMail('src_port'),
    dest_ip: unlessMail('dst_ip', 'destinationip', 'localip'),
    dest_port: unlessMail('dst_port'),
    // newer ones put what they are where their name stood
    hostname: [turned('device_name', (value) => (value === 'SFW' ? undefined : value)), 'device_model'],
    username: account(['user_name', 'user', 'login_user']),
    domain: ['domainname', 'domain', hostOf(link)],
    // the web application firewall tells the path alone
    url: [link, when(isWaf, linkOf(served, matched('url', /^\/\S{0,2000}/)))],
    file_name: ['filename', 'file_name', 'FTP_url'],
    file_hashes: ['sha1sum', 'sha256sum', 'md5sum'],
    process: 'execution_path',
    email_from: ['from_email_address', 'sender'],
    email_to: ['to_email_address', 'recipient'],
    email_subject: ['email_subject', 'subject'],
    bytes_out: unlessMail('sent_bytes', 'bytes_sent'),
    outcome: [
      byTable('status', { Failed: 'failure', Successful: 'success', Deny: 'blocked', Allow: 'allowed' }),
      byAction(['spamaction', 'log_subtype', 'action']),
    ],
    event_class: [
      joined('/', 'log_type', 'log_component', 'log_subtype'),
      joined('/', 'log_type', 'log_subtype', 'status'),
      'log_type',
      turned('reason', (value) => (value === '' ? undefined : `reason:${String(value)}`)),
      named('category', 'category'),
      named('class', 'classification'),
    ],
  },
});

/** `2021:05:19-16:37:28 fw-1 ulogd[503]: id="2001" severity="info" sys="SecureNet" sub="packetfilter" …` */
const UTM =
  /^(?:<\d{1,3}>)?(?<year>\d{4}):(?<month>\d{2}):(?<day>\d{2})-(?<clock>\d{2}:\d{2}:\d{2}) (?<host>\S{1,255}) (?<program>[\w./-]{1,64})(?:\[\d{1,9}\])?: /;

export const sophosUtm = product({
  name: 'sophos_utm',
  title: 'Sophos UTM',
  reference: 'https://docs.sophos.com/nsg/sophos-utm/utm/9.7/help/en-us/Content/utm/utmAdminGuide/LoggingReporting.htm',
  recognise: text((message) => {
    const head = UTM.exec(message.slice(0, 1000))?.groups;
    if (!head) return undefined;
    const { year = '', month = '', day = '', clock = '', host, program } = head;
    const rest = message.slice(message.indexOf(': ') + 2);
    return {
      ...readKeyValues(rest),
      utm_time: `${year}-${month}-${day}T${clock}`,
      utm_host: host,
      utm_program: program,
    };
  }),
  fields: {
    timestamp: 'utm_time',
    severity: byWords('severity'),
    title: ['reason', 'name', 'virus'],
    description: ['name', 'reason'],
    rule_id: ['sid', 'id', 'fwrule'],
    rule_name: [joined(' ', 'class', 'reason'), 'name'],
    src_ip: ['srcip', 'caller'],
    src_port: 'srcport',
    dest_ip: 'dstip',
    dest_port: 'dstport',
    hostname: 'utm_host',
    username: account(['user', 'username']),
    url: matched('url', /^https?:\/\/\S{3,}/i),
    email_from: 'from',
    email_to: 'to',
    email_subject: 'subject',
    outcome: byAction('action'),
    event_class: ['sub', joined('/', 'sub', 'name'), joined('/', 'sub', 'action'), 'utm_program'],
  },
});

export const sophosCentral = product({
  name: 'sophos_central',
  title: 'Sophos Central (alerts and events)',
  reference: 'https://developer.sophos.com/docs/siem-v1/1/routes/events/get',
  recognise: shape(
    ['type', 'id', 'severity'],
    ({ type }) => typeof type === 'string' && /^Event::\w{1,40}::/.test(type),
  ),
  fields: {
    alert_id: 'id',
    timestamp: ['when', 'created_at', 'end', 'rt'],
    severity: byWords('severity', { none: 'low' }),
    title: ['name', 'description', 'threat'],
    description: ['description', 'name'],
    rule_id: 'type',
    rule_name: 'threat',
    hostname: ['location', 'dhost'],
    host_ip: ['source_info.ip', 'data.source_info.ip'],
    src_ip: [],
    dest_ip: ['ips_threat_data.remoteIp', 'data.ips_threat.remote_ip'],
    username: account(['source', 'suser']),
    file_hashes: ['appSha256', 'data.core_remedy_items.items.sha256'],
    file_name: ['data.core_remedy_items.items.descriptor', 'core_remedy_items.items.descriptor', 'filePath'],
    process: ['data.hmpa_exploit.process_path', 'amsi_threat_data.processPath', 'ips_threat_data.executablePath'],
    outcome: [
      byTable('threat_status', { CLEANED: 'blocked', BLOCKED: 'blocked' }),
      byAction(matched(['type'], /::([A-Za-z]{3,60})$/)),
    ],
    event_class: 'type',
  },
});

export const sophosCentralCef = product({
  name: 'sophos_central_cef',
  title: 'Sophos Central SIEM script (CEF)',
  reference: 'https://github.com/sophos/Sophos-Central-SIEM-Integration',
  recognise: cefOf(/^sophos/i),
  fields: {
    ...CEF_FIELDS,
    alert_id: ['id', 'externalId'],
    timestamp: ['end', 'rt', CEF_FIELDS.timestamp],
    hostname: ['dhost', 'dvchost', 'location'],
    dest_hostname: [],
    username: account(['suser', 'source']),
    host_ip: ['source_info_ip', 'src'],
    src_ip: [],
    file_hashes: ['appSha256', 'fileHash'],
  },
});
