import { product } from '../../format';
import { textAt } from '../../paths';
import { byTable, byWords, candidates, joined, linkOf, matched, turned, type Reading } from '../../readings';
import { text } from '../../recognise';
import { readKeyValues } from '../../text/key-values';

/** `eventtime` is in seconds or nanoseconds; `date` and `time` are the firewall's own, `tz` their zone. */
const localTime = joined('', joined('T', 'date', 'time'), (document) => {
  const [zone] = candidates('tz', document);
  return [{ value: typeof zone?.value === 'string' ? zone.value : '', pointer: '' }];
});

/** FortiOS levels stand for how urgent a log is, not for how bad a threat is, so that they come last. */
const severity: Reading = [byWords('severity'), byWords('crlevel'), byWords('level', { alert: 'high' })];

const fromUi = matched('ui', /\(([^)]{2,60})\)/);

export const fortigate = product({
  name: 'fortigate',
  title: 'Fortinet FortiGate',
  reference: 'https://docs.fortinet.com/document/fortigate/7.6.0/fortios-log-message-reference/',
  recognise: text((message) => {
    if (!/\blogid="?\d{4,10}"?/.test(message.slice(0, 2000)) || !/\btype="?[a-z]/.test(message.slice(0, 2000))) {
      return undefined;
    }
    return readKeyValues(message);
  }),
  fields: {
    alert_id: 'incidentserialno',
    timestamp: [localTime, 'eventtime'],
    rule_id: ['attackid', 'virusid', 'logid'],
    rule_name: ['attack', 'virus', 'logdesc', 'catdesc', 'app'],
    title: ['msg', 'logdesc'],
    severity,
    src_ip: ['srcip', 'remip', fromUi, 'src', 'locip'],
    src_port: 'srcport',
    dest_ip: ['dstip', 'dst'],
    dest_port: 'dstport',
    hostname: 'devname',
    src_hostname: 'srcname',
    username: ['user', 'unauthuser', 'xauthuser'],
    domain: ['hostname', 'qname', 'botnetdomain'],
    url: linkOf('hostname', 'url'),
    file_hashes: ['filehash', 'analyticscksum'],
    file_name: ['filename', 'file'],
    email_from: ['from', 'sender'],
    email_to: ['to', 'recipient'],
    email_subject: 'subject',
    bytes_out: 'sentbyte',
    outcome: byTable(['status', 'action'], {
      ...{ failed: 'failure', failure: 'failure', 'ssl-login-fail': 'failure', success: 'success' },
      ...{ dropped: 'blocked', blocked: 'blocked', block: 'blocked', deny: 'blocked', reset: 'blocked' },
      ...{ clear_session: 'blocked', 'reset-client': 'blocked', 'reset-server': 'blocked', quarantine: 'blocked' },
      ...{ detected: 'allowed', monitored: 'allowed', passthrough: 'allowed', accept: 'allowed', pass: 'allowed' },
    }),
    direction: byTable('direction', { incoming: 'inbound', outgoing: 'outbound' }),
    event_class: [
      joined('/', 'type', 'subtype'),
      joined('/', 'type', 'subtype', 'eventtype'),
      joined('/', 'type', 'subtype', 'action'),
      turned('logdesc', (value) => `logdesc/${String(value)}`),
      ({ fields }) => (textAt(fields, 'virus') === undefined ? [] : [{ value: 'virus', pointer: '' }]),
    ],
  },
});
