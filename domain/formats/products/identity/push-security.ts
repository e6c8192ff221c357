import { product } from '../../format';
import { textAt } from '../../paths';
import { byTable, joined, turned, when, type Reading } from '../../readings';
import { shape } from '../../recognise';
import { graded } from '../clouds/graded';

const classes: Reading = ['object', joined('/', 'object', ['new.mode', 'type']), joined('/', 'object', 'new.type')];
const isPhish = /PHISHING|PHISHING_TOOL|SESSION_THEFT|BLOCKED_URL/;
const accused = when(({ fields }) => isPhish.test(textAt(fields, 'object') ?? ''), 'new.url');

export const pushSecurity = product({
  name: 'push_security',
  title: 'Push Security event',
  reference: 'https://pushsecurity.redoc.ly/webhooks-v1',
  recognise: shape(['object', 'new', 'id'], (fields) => /^[A-Z_]{3,40}$/.test(textAt(fields, 'object') ?? '')),
  fields: {
    alert_id: 'id',
    timestamp: 'timestamp',
    title: 'object',
    severity: graded(classes, {
      high: ['PASSWORD_PHISHING*', 'PHISHING_TOOL*', 'PHISHING*', 'SESSION_THEFT*', '*STOLEN_CREDENTIAL*', 'STOLEN_*'],
      medium: ['CLONED_LOGIN_PAGE*', 'BLOCKED_URL*', 'MALICIOUS_*'],
    }),
    src_ip: 'new.sourceIpAddress',
    username: ['new.employee.email', 'new.email'],
    url: accused,
    domain: turned(accused, (url) => /^[a-z]+:\/\/([^/:?#]{1,255})/i.exec(String(url))?.[1]),
    outcome: byTable('new.mode', { BLOCK: 'blocked', MONITOR: 'allowed', WARN: 'allowed' }),
    event_class: classes,
  },
});
