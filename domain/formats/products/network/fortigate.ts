import type { Outcome } from '../../../alert';
import { product } from '../../format';
import { textAt } from '../../paths';
import { byTable, byWords, candidates, joined, linkOf, matched, turned, when, type Reading } from '../../readings';
import { text } from '../../recognise';
import { readKeyValues } from '../../text/key-values';

/** `eventtime` is in seconds or nanoseconds; `date` and `time` are the firewall's own, `tz` their zone. */
const localTime = joined('', joined('T', 'date', 'time'), (document) => {
  const [zone] = candidates('tz', document);
  return [{ value: typeof zone?.value === 'string' ? zone.value : '', pointer: '' }];
});

/** FortiOS levels stand for how urgent a log is, not for how bad a threat is, so that they come last. */
const severity: Reading = [byWords('severity'), byWords('crlevel'), byWords(['level', 'pri'], { alert: 'high' })];

const fromUi = matched('ui', /\(([^)]{2,60})\)/);

/** What became of it, by the status of an event or the firewall's action. */
export const FORTIGATE_OUTCOMES: Readonly<Record<string, Outcome>> = {
  ...{ failed: 'failure', failure: 'failure', 'ssl-login-fail': 'failure', success: 'success' },
  ...{ dropped: 'blocked', blocked: 'blocked', block: 'blocked', deny: 'blocked', reset: 'blocked' },
  ...{ clear_session: 'blocked', 'reset-client': 'blocked', 'reset-server': 'blocked', quarantine: 'blocked' },
  ...{ detected: 'allowed', monitored: 'allowed', passthrough: 'allowed', accept: 'allowed', pass: 'allowed' },
};

export const fortigate = product({
  name: 'fortigate',
  title: 'Fortinet FortiGate',
  reference: 'https://docs.fortinet.com/document/fortigate/7.6.0/fortios-log-message-reference/',
  recognise: text((message) => {
    const head = message.slice(0, 2000);
    const isLog = /\blogid="?\d{4,10}"?/.test(head) || /\bdevice_id=F[A-Z0-9]{8,20} log_id=\d{4,10}/.test(head);
    if (!isLog || !/\btype="?[a-z]/.test(head)) return undefined;
    // old FortiOS left a blank in its clock: `time=12: 26:24`
    return readKeyValues(message.replace(/\btime=(\d{2}:) (?=\d{2}:\d{2} )/, 'time=$1'));
  }),
  // each device counts its incidents for itself
  sharesId: () => true,
  fields: {
    alert_id: 'incidentserialno',
    timestamp: [localTime, 'eventtime'],
    rule_id: ['attackid', 'virusid', 'logid', 'log_id'],
    rule_name: ['attack', 'virus', 'logdesc', 'catdesc', 'app'],
    title: ['msg', 'logdesc'],
    severity,
    src_ip: ['srcip', 'remip', fromUi, 'src', 'locip'],
    src_port: ['srcport', 'src_port'],
    // of a tunnel, the gateway itself is the other end
    dest_ip: ['dstip', 'dst', when(({ fields }) => textAt(fields, 'remip') !== undefined, 'locip')],
    dest_port: ['dstport', 'dst_port'],
    hostname: 'devname',
    src_hostname: 'srcname',
    username: ['user', 'unauthuser', 'xauthuser', 'login'],
    domain: ['hostname', 'qname', 'botnetdomain'],
    url: linkOf('hostname', 'url'),
    file_hashes: ['filehash', 'analyticscksum'],
    file_name: ['filename', 'file'],
    email_from: ['from', 'sender'],
    email_to: ['to', 'recipient'],
    email_subject: 'subject',
    bytes_out: 'sentbyte',
    outcome: byTable(['status', 'action'], FORTIGATE_OUTCOMES),
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
