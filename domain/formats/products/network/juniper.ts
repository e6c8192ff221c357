import { product } from '../../format';
import { bySteps, byTable, byWords, fromSyslog, joined, matched, turned } from '../../readings';
import { text } from '../../recognise';
import { readKeyValues } from '../../text/key-values';

/** `RT_IDP - IDP_ATTACK_LOG_EVENT [junos@2636… key="value" …]`, or the pairs without the brackets. */
const EVENT =
  /\b((?:RT|AAMW|IDP|SECINTEL|WEBFILTER|AV|ANTISPAM|CONTENT_FILTERING|APPTRACK|PKID|SSHD)_[A-Z0-9_]{2,60})\b/;

/** Of a matched feed, which it was. */
const secintel = joined(' ', 'event', 'sub-category', 'feed-name');

export const juniperSrx = product({
  name: 'juniper_srx',
  title: 'Juniper SRX',
  reference:
    'https://www.juniper.net/documentation/us/en/software/junos/network-mgmt/topics/topic-map/system-logging.html',
  recognise: text((message, { syslog }) => {
    const line = `${syslog.app ?? ''} ${syslog.messageId ?? ''} ${syslog.data ?? ''} ${message}`.slice(0, 20_000);
    const junos = syslog.data?.startsWith('[junos@') || /^RT_/.test(syslog.app ?? '') || /\[junos@/.test(line);
    if (!junos) return undefined;
    const event = syslog.messageId ?? EVENT.exec(message)?.[1] ?? EVENT.exec(line)?.[1];
    return { ...readKeyValues(line), ...(event === undefined ? {} : { event }) };
  }),
  fields: {
    timestamp: [fromSyslog('timestamp'), 'timestamp', 'epoch-time'],
    rule_name: ['attack-name', 'malware-info', 'threat-name', 'virus-name', 'name', secintel, 'event'],
    rule_id: ['attack-id', 'rule-name'],
    title: ['attack-name', 'malware-info', 'threat-name', 'message', 'virus-name', 'name', secintel, 'event'],
    severity: [
      byWords('threat-severity'),
      byWords('severity'),
      // Sky ATP counts verdicts from 0, clean, to 10
      bySteps(['verdict-number', 'threat-severity'], { low: 0, medium: 4, high: 7, critical: 9 }),
    ],
    src_ip: ['source-address', 'client-ip', 'src-ip', 'source-ip'],
    src_port: 'source-port',
    dest_ip: ['destination-address', 'dst-ip', 'destination-ip', 'server-ip'],
    dest_port: 'destination-port',
    hostname: ['hostname', 'client-hostname', fromSyslog('host')],
    username: turned(['username', 'user-name', 'client-username'], (value) =>
      /^(?:unauthenticated|unknown)-user$/i.test(String(value)) ? undefined : value,
    ),
    // web filters split a link: the host is its `url`, the path its `obj`
    domain: ['http-host', 'domain', 'dns-host', matched('url', /^([a-z0-9.-]{1,253}\.[a-z]{2,63})$/i)],
    url: ['url', 'http-url', 'obj'],
    file_name: ['filename', 'file-name'],
    file_hashes: ['sample-sha256', 'file-hash'],
    email_from: ['sender-email', 'from-email-address'],
    email_to: 'recipient-email',
    outcome: byTable('action', {
      ...{
        drop: 'blocked',
        block: 'blocked',
        blocked: 'blocked',
        deny: 'blocked',
        close: 'blocked',
        reject: 'blocked',
      },
      ...{ permit: 'allowed', permitted: 'allowed', none: 'allowed', ignore: 'allowed' },
    }),
    event_class: [
      joined('/', 'event', 'sub-category'),
      'event',
      turned('category', (value) => `category/${String(value)}`),
    ],
  },
});
