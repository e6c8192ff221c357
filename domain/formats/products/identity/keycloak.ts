import { product } from '../../format';
import { fromSyslog, matched, turned, type Reading } from '../../readings';
import { either, shape, text } from '../../recognise';
import { readKeyValues } from '../../text/key-values';
import { graded } from '../clouds/graded';

const classes: Reading = ['type', 'error'];

export const keycloak = product({
  name: 'keycloak',
  title: 'Keycloak event',
  reference: 'https://www.keycloak.org/docs/latest/server_admin/#event-types',
  recognise: either(
    text((message) => (/\btype="?[A-Z_]{3,60}"?, realmId=/.test(message) ? readKeyValues(message) : undefined)),
    shape(['type', 'realmId', 'ipAddress']),
  ),
  fields: {
    alert_id: 'id',
    timestamp: ['time', fromSyslog('timestamp')],
    title: 'type',
    description: 'error',
    severity: graded(classes, {
      medium: ['user_temporarily_disabled', 'user_disabled_by_*', 'USER_DISABLED_BY_*_LOCKOUT*'],
    }),
    src_ip: 'ipAddress',
    username: ['username', 'details.username', 'details.auth_username'],
    outcome: turned(matched('type', /^[A-Z_]+$/), (type) => (String(type).endsWith('_ERROR') ? 'failure' : 'success')),
    event_class: classes,
  },
});
