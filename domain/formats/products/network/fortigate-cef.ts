import { account } from '../../accounts';
import { product } from '../../format';
import { byTable, byWords, fromSyslog, joined, linkOf, matched, turned } from '../../readings';
import { byCefSeverity } from '../../standards/cef-severity';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { FORTIGATE_OUTCOMES } from './fortigate';

/** A field of FortiOS that has no key in ArcSight's dictionary; its prefix changed with the versions. */
const own = (...names: string[]): string[] =>
  names.flatMap((name) => ['FTNTFGT', 'FortinetFortiGate', 'ad.'].map((prefix) => `${prefix}${name}`));

/** `utm:ips`, of which the native log has `utm` and `ips`. */
const category = turned(['cat', 'name'], (value) =>
  /^(\w{3,10}):([\w-]{2,20})/.exec(String(value))?.slice(1, 3).join('/'),
);

export const fortigateCef = product({
  name: 'fortigate_cef',
  title: 'Fortinet FortiGate (CEF)',
  reference: 'https://docs.fortinet.com/document/fortigate/7.6.0/fortios-log-message-reference/604144/cef-support',
  recognise: cefOf(/^Fortinet/i, /^Forti(?:Gate|OS)/i),
  // each device counts its incidents for itself
  sharesId: () => true,
  fields: {
    ...CEF_FIELDS,
    alert_id: own('incidentserialno'),
    timestamp: [CEF_FIELDS.timestamp, own('eventtime')],
    title: ['msg', own('attack', 'virus', 'logdesc'), 'name'],
    description: [],
    rule_id: own('attackid', 'virusid', 'logid'),
    rule_name: own('attack', 'virus', 'logdesc', 'catdesc'),
    severity: [
      byWords(own('severity')),
      byWords(own('crlevel')),
      byWords(own('level'), { alert: 'high' }),
      byCefSeverity,
    ],
    src_ip: [CEF_FIELDS.src_ip, own('remip'), matched(['sproc', ...own('ui')], /\(([^)]{2,60})\)/)],
    hostname: ['dvchost', fromSyslog('host')],
    dest_hostname: [],
    username: account(['suser', 'duser', ...own('user')]),
    dest_username: [],
    domain: ['dhost', ...own('qname', 'botnetdomain')],
    url: linkOf('dhost', 'request'),
    // its `sproc` is the way an administrator came
    process: [],
    file_hashes: ['fileHash', ...own('filehash', 'analyticscksum')],
    outcome: byTable(['outcome', 'act', ...own('status', 'action')], FORTIGATE_OUTCOMES),
    event_class: [
      category,
      joined('/', category, own('eventtype')),
      joined('/', category, ['act', ...own('action')]),
      turned(own('logdesc'), (value) => `logdesc/${String(value)}`),
      turned(own('virus'), () => 'virus'),
    ],
  },
});
