import { product } from '../../format';
import { always, fromSyslog, joined, turned } from '../../readings';
import { patterns } from '../../recognise';

const IP = String.raw`(?<ip>[0-9a-fA-F.:]{3,45})(?:\/\d{1,3})?`;

const fromFail2ban = patterns(
  new RegExp(
    String.raw`^(?:[A-Z]{4,8} {1,8})?\[(?<jail>[^\]]{1,60})\] (?<action>(?:Restore |Increase )?Ban|Found|Unban) ${IP}`,
  ),
  new RegExp(String.raw`^(?:[A-Z]{4,8} {1,8})?\[(?<jail>[^\]]{1,60})\] ${IP} (?<action>already banned)`),
);
const fromMailcow = patterns(
  new RegExp(String.raw`^(?<action>Banning) ${IP} for \d{1,9} minutes`),
  new RegExp(String.raw`^(?<action>Added) host\/network ${IP} to denylist`),
);

export const fail2ban = product({
  name: 'fail2ban',
  title: 'fail2ban',
  reference: 'https://github.com/fail2ban/fail2ban/wiki/How-fail2ban-works',
  recognise(document) {
    const { app = '' } = document.syslog;
    if (/fail2ban/.test(app)) return fromFail2ban(document);
    // mailcow's netfilter stands in for it, and writes the level where others write the program
    return /^(?:CRIT|WARN|INFO)$/.test(app) ? fromMailcow(document) : undefined;
  },
  fields: {
    timestamp: fromSyslog('timestamp'),
    hostname: fromSyslog('host'),
    src_ip: 'ip',
    rule_name: [joined(' ', 'action', 'jail'), 'action'],
    tags: 'jail',
    outcome: turned('action', (value) => (value === 'Found' || value === 'Unban' ? undefined : 'blocked')),
    severity: always('medium'),
    event_class: 'action',
  },
});
