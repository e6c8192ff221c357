import { product } from '../../format';
import { bySteps, joined, matched, type Reading } from '../../readings';
import { shape } from '../../recognise';
import { graded } from '../clouds/graded';

const classes: Reading = ['EVENT_TYPE', joined('/', 'EVENT_TYPE', 'LOGIN_STATUS')];

export const salesforce = product({
  name: 'salesforce',
  title: 'Salesforce event monitoring',
  reference:
    'https://developer.salesforce.com/docs/atlas.en-us.platform_events.meta/platform_events/sforce_api_objects_list_rtem.htm',
  recognise: shape(['EVENT_TYPE', 'ORGANIZATION_ID']),
  fields: {
    alert_id: ['EVENT_IDENTIFIER', 'REQUEST_ID'],
    timestamp: ['TIMESTAMP_DERIVED', 'TIMESTAMP'],
    title: 'EVENT_TYPE',
    description: 'SUMMARY',
    severity: [
      // an anomaly's score, in percent
      bySteps('SCORE', { low: 0, medium: 40, high: 70, critical: 95 }),
      graded(classes, {
        high: ['CredentialStuffing*', 'SessionHijacking*', 'OAuthTokenRevoked'],
        medium: ['*Anomaly*', 'BulkApi*', 'ReportExport*', 'LoginAs', 'OAuth*', 'ApiTotalUsage', 'Login/LOGIN_ERROR*'],
      }),
    ],
    src_ip: ['SOURCE_IP', 'CLIENT_IP'],
    username: ['USER_NAME', 'USERNAME', matched('DELEGATED_USER_NAME', /^.+$/)],
    event_class: classes,
  },
});
