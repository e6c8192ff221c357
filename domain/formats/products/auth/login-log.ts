import { product } from '../../format';
import { always, fromSyslog, joined, lineTime, turned } from '../../readings';
import { patterns } from '../../recognise';

const IP = String.raw`(?:\[AF_INET6?\])?\[?(?<ip>(?:::ffff:)?\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]{2,40})\]?`;

/** Failed logins as servers write them into their logs; `service` where the message names it. */
const FAILED = [
  // PAM, whoever asked it
  String.raw`pam_\w{1,30}\((?<service>[\w.-]{1,40}):auth\): authentication failure;.{0,200}? rhost=${IP}(?: {1,2}user=(?<user>\S{1,100}))?`,
  String.raw`pam_\w{1,30}\((?<service>[\w.-]{1,40}):auth\): authentication failure;.{0,200}? user=(?<user>\S{1,100})`,
  String.raw`pam_tally2?\((?<service>[\w.-]{1,40}):auth\): user (?<user>\S{1,100}) \(\d{1,10}\) tally (?<count>\d{1,6}), deny`,
  // Dovecot
  String.raw`pam\((?<user>[^,]{1,100}),${IP}(?:,<[^>]{0,40}>)?\): (?:unknown user|pam_authenticate\(\) failed)`,
  String.raw`\(auth failed, (?<count>\d{1,6}) attempts[^)]{0,60}\): user=<(?<user>[^>]{0,100})>.{0,80}?rip=${IP}(?:, lip=(?<local>[0-9a-fA-F.:]{3,45}))?`,
  // Postfix, Exim
  String.raw`warning: \S{0,255}\[(?<ip>[0-9a-fA-F.:]{3,45})\](?::\d{1,5})?: SASL \S{1,40} authentication failed`,
  String.raw`authenticator failed for .{0,255}?\[(?<ip>[0-9a-fA-F.:]{3,45})\].{0,60}?(?:\(set_id=(?<user>[^)]{1,100})\))?$`,
  // FTP servers
  String.raw`\[(?<user>[^\]]{0,100})\] FAIL LOGIN: Client "${IP}"`,
  String.raw`\([^@)]{0,100}@${IP}\) \[WARNING\] Authentication failed for user \[(?<user>[^\]]{0,100})\]`,
  String.raw`\[(?<ip>[0-9a-fA-F.:]{3,45})\]\)?:? .{0,40}?USER (?<user>[^ :]{1,100})[^:]{0,20}: (?:no such user found|.{0,40}?(?:Login failed|Incorrect password))`,
  // databases
  String.raw`Access denied for user '(?<user>[^']{0,100})'@'(?<ip>[0-9a-fA-F.:]{3,45})'`,
  String.raw`Login failed for user '(?<user>[^']{0,100})'.{0,200}?\[CLIENT: (?<ip>[0-9a-fA-F.:]{3,45})\]`,
  String.raw`password authentication failed for user "(?<user>[^"]{0,100})"`,
  // appliances
  String.raw`Web GUI authentication error for '(?<user>[^']{0,100})' from ${IP}`,
  String.raw`webConfigurator authentication error for user '(?<user>[^']{0,100})' from: ${IP}`,
  String.raw`login failure for user (?<user>.{0,100}?) from ${IP} via (?<service>\w{1,20})`,
  String.raw`authentication failure; rhost=${IP} user=(?<user>\S{1,100})`,
  String.raw`FAILED LOGIN(?: SESSION)?(?: \(?\d{0,6}\)?)? (?:FROM|from) (?<host>\S{1,255}) FOR (?<user>\S{1,100})`,
  String.raw`\[\w{3,20}\] ${IP} - (?<user>\S{1,100}) "[^"]{0,300}" FAILED LOGIN`,
  String.raw`TLS Error: incoming packet authentication failed from ${IP}`,
  String.raw`User (?:"|')?(?<user>[^"' ]{1,100})(?:"|')? (?:login )?from ${IP} .{0,40}?fail`,
];
const SUCCEEDED = [
  String.raw`\bLogin: user=<(?<user>[^>]{1,100})>.{0,80}?rip=${IP}(?:, lip=(?<local>[0-9a-fA-F.:]{3,45}))?`,
  String.raw`\[(?<user>[^\]]{1,100})\] OK LOGIN: Client "${IP}"`,
  String.raw`Successful login for user '(?<user>[^']{1,100})' from: ${IP}`,
  String.raw`^(?<user>[\w.@\\-]{1,100}) : (?:TTY|PWD)=.{0,300}?USER=(?<target>\S{1,100}) ; .{0,300}?COMMAND=(?<command>.{1,2000})`,
];
/** Somebody becomes somebody else on the host itself, or fails to. */
const LOCAL = [
  String.raw`^(?<user>[\w.@\\-]{1,100}) : (?:\d{1,3} incorrect password attempts?|user NOT in sudoers|command not allowed|a password is required) ; .{0,300}?USER=(?<target>\S{1,100})(?: ; COMMAND=(?<command>.{1,2000}))?`,
  String.raw`^FAILED su (?:for|\(to) (?<target>[\w.-]{1,100})\)? (?:by )?(?<user>[\w.-]{1,100})`,
];

const named = (list: readonly string[]): RegExp[] => list.map((each) => new RegExp(each));
const failed = patterns(...named(FAILED));
const succeeded = patterns(...named(SUCCEEDED));
const local = patterns(...named(LOCAL));

export const loginLog = product({
  name: 'login_log',
  title: 'Failed logins in the logs of servers (PAM, mail, FTP, databases, appliances)',
  reference: 'https://man7.org/linux/man-pages/man8/pam.8.html',
  recognise(document) {
    const outcomes = [
      { found: failed(document) ?? local(document), event: 'login_failed' },
      { found: succeeded(document), event: 'login' },
    ];
    const { found: [fields] = [], event } = outcomes.find(({ found }) => found !== undefined) ?? {};
    return fields && [{ ...fields, event }];
  },
  fields: {
    timestamp: [fromSyslog('timestamp'), lineTime],
    hostname: fromSyslog('host'),
    src_ip: 'ip',
    src_hostname: 'host',
    dest_ip: 'local',
    username: 'user',
    dest_username: 'target',
    command_line: 'command',
    failed_attempts: 'count',
    outcome: turned('event', (value) => (value === 'login' ? 'success' : 'failure')),
    rule_name: [
      joined(
        ' ',
        ['service', fromSyslog('app')],
        turned('event', (value) => (value === 'login' ? 'login' : 'login failed')),
      ),
      turned('event', (value) => (value === 'login' ? 'Login' : 'Login failed')),
    ],
    severity: always('low'),
    event_class: 'event',
  },
});
