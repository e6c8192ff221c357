import { product } from '../../format';
import { always, fromSyslog, joined, turned } from '../../readings';
import { either, patterns, shape } from '../../recognise';

const status = (value: unknown) => (/^NT_STATUS_OK$/.test(String(value)) ? 'success' : 'failure');

export const samba = product({
  name: 'samba',
  title: 'Samba authentication audit',
  reference: 'https://wiki.samba.org/index.php/Setting_up_Audit_Logging',
  recognise: either(
    patterns(
      /\bAuth: \[(?<service>[^\]]{0,80})\] user \[(?<domain>[^\]]{0,80})\]\\\[(?<user>[^\]]{0,100})\] at \[(?<at>[^\]]{5,60})\] with \[[^\]]{0,60}\] status \[(?<status>NT_STATUS_\w{1,60})\] workstation \[(?<workstation>[^\]]{0,80})\] remote host \[(?:ipv[46]:)?(?<remote>[^\]]{0,80})\].{0,120}?(?:local host \[(?:ipv[46]:)?(?<local>[^\]]{0,80})\])?\s{0,4}(?:#015)?\s{0,4}$/,
    ),
    shape(['Authentication.status', 'Authentication.remoteAddress']),
  ),
  fields: {
    timestamp: [fromSyslog('timestamp'), 'at', 'timestamp'],
    hostname: fromSyslog('host'),
    src_ip: ['remote', turned('Authentication.remoteAddress', (value) => String(value).replace(/^ipv[46]:/, ''))],
    dest_ip: ['local', turned('Authentication.localAddress', (value) => String(value).replace(/^ipv[46]:/, ''))],
    src_hostname: ['workstation', 'Authentication.workstation'],
    username: ['user', 'Authentication.clientAccount'],
    outcome: turned(['status', 'Authentication.status'], status),
    rule_name: joined(' ', always('SMB authentication'), ['status', 'Authentication.status']),
    severity: always('low'),
    event_class: ['status', 'Authentication.status'],
  },
});
