import { product } from '../../format';
import { joined, type Reading } from '../../readings';
import { either, shape } from '../../recognise';
import { graded } from '../clouds/graded';

const classes: Reading = ['data.type', joined('/', 'data.type', 'data.description')];

export const auth0 = product({
  name: 'auth0',
  title: 'Auth0 log event',
  reference: 'https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes',
  recognise: either(shape(['log_id', 'data.type']), shape(['data.log_id', 'data.type'])),
  fields: {
    alert_id: ['log_id', 'data.log_id'],
    timestamp: 'data.date',
    title: ['data.description', 'data.type'],
    severity: graded(classes, {
      high: [
        'fcoa',
        'signup_pwd_leak',
        'ferrt',
        'sapi/*throttling*',
        'sapi/*brute-force*',
        'sapi/*breached*',
        'sapi/*captcha*',
      ],
      medium: [
        'pwd_leak',
        'limit_*',
        'gd_send_pn',
        'sapi/*multi-factor*',
        'sapi/*risk*',
        'sapi/create a role',
        'f',
        'fp',
        'fu',
      ],
    }),
    src_ip: 'data.ip',
    username: ['data.user_name', 'data.details.request.auth.user.email', 'data.user_id'],
    event_class: classes,
  },
});
