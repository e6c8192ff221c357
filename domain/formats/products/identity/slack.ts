import { product } from '../../format';
import { joined } from '../../readings';
import { shape } from '../../recognise';
import { graded } from '../clouds/graded';

export const slack = product({
  name: 'slack',
  title: 'Slack audit log',
  reference: 'https://docs.slack.dev/reference/audit-logs-api/methods-actions-reference/',
  recognise: shape(['action', 'actor.user', 'context.location']),
  fields: {
    alert_id: 'id',
    timestamp: 'date_create',
    title: 'action',
    severity: graded('action', {
      high: [
        'file_malicious_*',
        '*two_factor*',
        'intune_*',
        'idp_*',
        'owner_transferred',
        'user_session_invalidated',
        'bulk_session_reset*',
        'ekm_*',
        'organization_deleted',
        'service_owner_transferred',
        '*mfa*',
        '*sso*',
        'pref.sso*',
      ],
      medium: [
        'anomaly',
        'app_*',
        'information_barrier*',
        'user_session_*',
        'app_scopes_expanded',
        '*dlp*',
        'role_change_*',
        'public_channel_*',
        '*converted_to_public*',
        'legal_hold*',
      ],
    }),
    src_ip: 'context.ip_address',
    username: ['actor.user.email', 'actor.user.name'],
    file_name: 'entity.file.name',
    event_class: ['action', joined('/', 'action', 'details.reason')],
  },
});
