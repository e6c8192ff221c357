import { product } from '../../format';
import { always, byTable, joined, matched, when, type Reading } from '../../readings';
import { either, shape } from '../../recognise';
import { has } from '../../paths';
import type { Document } from '../../document';
import { graded } from '../clouds/graded';

const isTrustMonitor = ({ fields }: Document): boolean => has(fields, 'surfaced_auth');
const auth = (...paths: string[]): Reading => paths.flatMap((path) => [path, `surfaced_auth.${path}`]);
const classes: Reading = [
  when(isTrustMonitor, always('trust-monitor')),
  joined('/', 'result', 'reason'),
  joined('/', always('admin'), 'action'),
];

export const duo = product({
  name: 'duo',
  title: 'Duo Security log (authentication, administration, Trust Monitor)',
  reference: 'https://duo.com/docs/adminapi#logs',
  recognise: either(
    shape(['access_device', 'result', 'factor']),
    shape(['surfaced_auth', 'sekey']),
    shape(['action', 'description', 'isotimestamp']),
    shape(['action', 'username', 'isotimestamp']),
  ),
  fields: {
    alert_id: ['sekey', 'txid', 'surfaced_auth.txid'],
    timestamp: ['isotimestamp', 'timestamp', 'surfaced_timestamp'],
    title: [joined(' ', always('Duo'), 'reason'), joined(' ', always('Duo'), 'action')],
    severity: graded(classes, {
      high: ['admin/admin_create', 'admin/integration_create'],
      medium: [
        'trust-monitor',
        'fraud/*',
        'denied/anomalous_push',
        'denied/*endpoint*',
        'denied/invalid_device',
        'admin/*',
      ],
    }),
    src_ip: [auth('access_device.ip'), 'description.ip_address', 'ip'],
    username: [auth('user.name'), 'username'],
    hostname: auth('access_device.hostname'),
    outcome: [
      byTable(auth('result'), { success: 'success', denied: 'failure', failure: 'failure', fraud: 'failure' }),
      byTable(matched('action', /_error$/), { _error: 'failure' }),
    ],
    event_class: classes,
  },
});
