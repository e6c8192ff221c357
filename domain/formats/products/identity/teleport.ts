import { product } from '../../format';
import { textAt } from '../../paths';
import { joined, turned, type Reading } from '../../readings';
import { shape } from '../../recognise';
import { graded } from '../clouds/graded';

const outcome = turned('success', (success) =>
  success === true ? 'success' : success === false ? 'failure' : undefined,
);
const classes: Reading = ['event', joined('/', 'event', outcome), joined('/', 'event', ['program', 'login'])];

export const teleport = product({
  name: 'teleport',
  title: 'Teleport audit event',
  reference: 'https://goteleport.com/docs/reference/monitoring/audit/',
  recognise: shape(['event', 'code', 'uid', 'time'], (fields) =>
    /^T[A-Z0-9]{3,10}[IWE]$/i.test(textAt(fields, 'code') ?? ''),
  ),
  fields: {
    alert_id: 'uid',
    timestamp: 'time',
    title: joined(' ', 'event', 'code'),
    description: 'error',
    severity: graded(classes, {
      high: ['session.command/user*', 'saml.created', 'oidc.created', 'github.created', 'session_recording.access'],
      medium: [
        'auth/failure',
        'role.created',
        'session.command/*',
        'session.network',
        'cert.create',
        'user.create',
        'mfa.delete',
        'session.start/root',
      ],
    }),
    src_ip: ['addr.remote', 'addr_remote', 'src_addr'],
    dest_ip: 'dst_addr',
    dest_port: 'dst_port',
    hostname: ['server_hostname', 'cluster_name'],
    username: ['user', 'login'],
    dest_username: 'login',
    process: ['path', 'program'],
    command_line: turned(
      ({ fields }) => [{ value: fields, pointer: '' }],
      (fields) => {
        const { program, argv } = fields as { program?: unknown; argv?: unknown };
        return typeof program === 'string' && Array.isArray(argv)
          ? [program, ...argv.map(String)].join(' ')
          : undefined;
      },
    ),
    outcome,
    event_class: classes,
  },
});
