import { product } from '../../format';
import { always, byTable, fromSyslog, when } from '../../readings';
import { patterns } from '../../recognise';

const USER = String.raw`(?<user>.{0,100}?)`;
const FROM = String.raw`(?<ip>[0-9a-fA-F.:]{3,45})(?:%\w{1,20})?`;
const PORT = String.raw`(?: port (?<port>\d{1,5}))?`;

/** What the server says of who knocks; each with what it means. */
const FAILED = [
  String.raw`^(?:error: )?(?:message repeated (?<times>\d{1,6}) times: \[ )?Failed (?<method>[\w/-]{1,40}) for (?:invalid user |illegal user )?${USER} from ${FROM}${PORT}`,
  String.raw`^(?:Invalid|Illegal) user ${USER} from ${FROM}${PORT}`,
  String.raw`^(?:error: )?maximum authentication attempts exceeded for (?:invalid user )?${USER} from ${FROM}${PORT}`,
  String.raw`^(?:error: )?PAM: .{1,60} for (?:illegal user |invalid user )?${USER} from ${FROM}`,
  String.raw`^(?:Disconnected from|Connection (?:closed|reset) by) (?:authenticating|invalid) user ${USER} ${FROM}${PORT}`,
  String.raw`^(?:Disconnecting )(?:authenticating|invalid) user ${USER} ${FROM}${PORT}`,
  String.raw`^User ${USER} from ${FROM} not allowed because`,
  String.raw`^ROOT LOGIN REFUSED FROM ${FROM}${PORT}`,
  String.raw`^pam_\w{1,30}\(sshd?:auth\): authentication failure;.{0,200}? rhost=${FROM}(?: {1,2}user=(?<pamuser>\S{1,100}))?`,
  String.raw`^(?:PAM \d more|PAM: \d more) authentication failures?;.{0,200}? rhost=${FROM}(?: {1,2}user=(?<pamuser>\S{1,100}))?`,
  String.raw`^Bad password attempt for '(?<user>[^']{0,100})' from ${FROM}:(?<port>\d{1,5})`,
  String.raw`^Login attempt for nonexistent user(?: '(?<user>[^']{0,100})')? from ${FROM}:(?<port>\d{1,5})`,
];
const ACCEPTED = [
  String.raw`^Accepted (?<method>[\w/-]{1,40}) for ${USER} from ${FROM}${PORT}`,
  String.raw`^(?:Password|Pubkey) auth succeeded for '(?<user>[^']{0,100})'.{0,80}? from ${FROM}:(?<port>\d{1,5})`,
];
const KNOCKED = [
  String.raw`^(?:fatal: )?Timeout before authentication for (?:connection from )?${FROM}${PORT}`,
  String.raw`^(?:fatal: )?Unable to negotiate (?:with|a key exchange method with) ${FROM}${PORT}`,
  String.raw`^banner exchange: Connection from ${FROM}${PORT}`,
  String.raw`^Did not receive identification string from ${FROM}${PORT}`,
  String.raw`^Bad protocol version identification .{0,200}? from ${FROM}${PORT}`,
  String.raw`^refused connect from \S{1,255} \(${FROM}\)`,
  String.raw`^(?:Connection (?:closed|reset) by|Received disconnect from|Disconnected from) ${FROM}${PORT}`,
  String.raw`^reverse mapping checking getaddrinfo for \S{1,255} \[${FROM}\] failed`,
  String.raw`^(?:ssh_dispatch_run_fatal|kex_\w{1,60}|error: kex_\w{1,60}): .{0,40}?Connection from ${FROM}${PORT}`,
];

const named = (list: readonly string[]): RegExp[] => list.map((each) => new RegExp(each));
const failed = patterns(...named(FAILED));
const accepted = patterns(...named(ACCEPTED));
const knocked = patterns(...named(KNOCKED));

export const sshd = product({
  name: 'sshd',
  title: 'OpenSSH and Dropbear',
  reference: 'https://man.openbsd.org/sshd',
  recognise(document) {
    const { app = '' } = document.syslog;
    if (app !== '' && !/sshd|dropbear/i.test(app)) return undefined;
    const bare = { ...document, text: document.text.replace(/^(?:sshd|dropbear)(?:\[\d{1,9}\])?: ?/, '') };
    const outcomes = [
      { found: failed(bare), event: 'login_failed' },
      { found: accepted(bare), event: 'login' },
      // without the program's name these could be anybody's
      { found: app === '' && bare.text === document.text ? undefined : knocked(bare), event: 'probe' },
    ];
    const { found: [fields] = [], event } = outcomes.find(({ found }) => found !== undefined) ?? {};
    return fields && [{ ...fields, event }];
  },
  fields: {
    timestamp: fromSyslog('timestamp'),
    hostname: fromSyslog('host'),
    src_ip: 'ip',
    src_port: 'port',
    username: ['user', 'pamuser'],
    failed_attempts: ['times', when(({ fields }) => fields.event === 'login_failed', always(1))],
    outcome: byTable('event', { login_failed: 'failure', login: 'success' }),
    severity: always('low'),
    rule_name: byTable('event', {
      login_failed: 'SSH login failed',
      login: 'SSH login',
      probe: 'SSH connection without a login',
    }),
    event_class: 'event',
  },
});
