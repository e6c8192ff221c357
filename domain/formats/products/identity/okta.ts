import type { Document, Fields } from '../../document';
import { product } from '../../format';
import { has, textAt } from '../../paths';
import { byTable, inList, joined, matched, turned, when, type Reading } from '../../readings';
import { shape } from '../../recognise';
import { graded } from '../clouds/graded';

/** What ThreatInsight saw and how sure it is, JSON in a string: `{"Login Failures":"HIGH"}`. */
const threats: Reading = turned('debugContext.debugData.threatDetections', (value) => {
  if (typeof value !== 'string') return undefined;
  return [...value.slice(0, 2000).matchAll(/"?([A-Za-z][A-Za-z ]{2,60})"?\s*[:=]\s*"?(LOW|MEDIUM|HIGH)/g)].map(
    ([, threat = '', level = '']) => `threat/${level}/${threat}`,
  );
});

const classes: Reading = [
  'eventType',
  joined('/', 'eventType', 'outcome.result'),
  joined('/', 'eventType', 'outcome.reason'),
  threats,
  joined(
    '/',
    'eventType',
    turned(matched('debugContext.debugData.behaviors', /=POSITIVE/), () => 'new-behaviour'),
  ),
  when(
    ({ fields }) => /true/i.test(textAt(fields, 'securityContext.isProxy') ?? ''),
    joined('/', 'eventType', () => [{ value: 'proxy', pointer: '' }]),
  ),
];

/** Old and shortened copies lack one or the other of what every event has. */
const isEvent = (fields: Fields): boolean =>
  /^[a-z_0-9]{2,40}(?:\.[A-Za-z_0-9]{2,60}){1,6}$/.test(textAt(fields, 'eventType') ?? '') &&
  ['actor', 'client', 'outcome', 'legacyEventType', 'displayMessage', 'published'].filter((path) => has(fields, path))
    .length >= 2;

const isUser = (item: Record<string, unknown>): boolean => item.type === 'User' || item.type === 'AppUser';
const byUser = ({ fields }: Document): boolean => /^(?:User|AppUser)?$/.test(textAt(fields, 'actor.type') ?? '');
const target = inList('target', isUser, 'alternateId', 'displayName');

export const okta = product({
  name: 'okta',
  title: 'Okta System Log event',
  reference: 'https://developer.okta.com/docs/reference/api/system-log/',
  recognise: shape(['eventType'], isEvent),
  fields: {
    alert_id: 'uuid',
    timestamp: 'published',
    title: ['displayMessage', 'eventType'],
    description: 'outcome.reason',
    // Okta's own severity is a log level: a phish that FastPass stopped is INFO
    severity: graded(classes, {
      high: [
        'threat/HIGH/*',
        'security.threat.detected/*',
        '*/FastPass declined phishing attempt',
        'security.attack.*',
        'security.breached_credential.*',
        'user.account.report_suspicious_activity_by_enduser',
        'user.account.reset_password',
        'system.idp.lifecycle.*',
        'system.mfa.factor.deactivate',
        'user.mfa.factor.suspend',
        'group.privilege.grant',
        'application.lifecycle.update/*assword*',
      ],
      medium: [
        'threat/*',
        'security.threat.detected',
        'user.session.impersonation.*',
        'user.risk.*',
        'app.oauth2.token.detect_reuse',
        'application.user_membership.show_password',
        'user.account.privilege.grant',
        'application.lifecycle.*',
        'policy.lifecycle.*',
        'zone.*',
        'system.api_token.create',
        '*/proxy',
        'policy.evaluate_sign_on/new-behaviour',
        'user.authentication.auth_via_IDP',
        'user.mfa.factor.deactivate',
        'user.mfa.factor.reset_all',
      ],
    }),
    src_ip: ['client.ipAddress', 'request.ipChain.0.ip'],
    username: [
      when(byUser, matched('actor.alternateId', /^(?!unknown$).+$/i)),
      target,
      when(byUser, 'actor.displayName'),
      'actor.alternateId',
    ],
    outcome: byTable('outcome.result', {
      ...{ SUCCESS: 'success', ALLOW: 'allowed', FAILURE: 'failure', DENY: 'blocked' },
    }),
    event_class: classes,
  },
});
