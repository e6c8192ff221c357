import { product } from '../../format';
import { bySteps, inList, joined, matched, type Reading } from '../../readings';
import { shape } from '../../recognise';
import { graded } from '../clouds/graded';

const alert = 'additional_details.shield_alert';
const classes: Reading = ['event_type', joined('/', 'event_type', `${alert}.rule_category`)];

export const box = product({
  name: 'box',
  title: 'Box event, or alert of Box Shield',
  reference: 'https://developer.box.com/guides/events/event-triggers/shield-alert-events/',
  recognise: shape(['event_type', 'created_by'], ({ type }) => type === 'event' || type === undefined),
  fields: {
    alert_id: [`${alert}.alert_id`, 'event_id'],
    timestamp: [`${alert}.created_at`, 'created_at'],
    title: [joined(' ', 'event_type', `${alert}.rule_category`), 'event_type'],
    description: `${alert}.alert_summary.description`,
    rule_id: `${alert}.rule_id`,
    rule_name: [`${alert}.rule_name`, `${alert}.rule_category`],
    // Shield's risk score runs to 100
    severity: [
      bySteps(`${alert}.risk_score`, { low: 0, medium: 40, high: 70 }),
      graded(classes, {
        high: ['FILE_MARKED_MALICIOUS', 'SHIELD_ALERT'],
        medium: ['DEVICE_TRUST_CHECK_FAILED', 'PREVIEW', 'SHIELD_*', 'DATA_RETENTION*', '*_SHARE_EXTERNAL*'],
      }),
    ],
    src_ip: [
      // an alert is written by Box itself: what it is about came from elsewhere
      inList(
        `${alert}.alert_summary.sessions`,
        ({ session_type: kind }) => kind === 'suspicious',
        'activities.ip_info.ip',
      ),
      `${alert}.alert_summary.upload_activity.ip_info.ip`,
      `${alert}.alert_summary.alert_activities.ip_info.ip`,
      `${alert}.alert_summary.anomaly_period.ip`,
      // a suspicious session tells in words only from where
      matched(
        `${alert}.alert_summary.description`,
        /\bfrom ip ((?:\d{1,3}\.){3}\d{1,3}|[\da-f]{0,4}(?::[\da-f]{0,4}){2,7})/i,
      ),
      'ip_address',
    ],
    username: [
      `${alert}.user.email`,
      'created_by.login',
      `${alert}.user.name`,
      inList('created_by', ({ name }) => name !== 'Unknown User', 'name'),
    ],
    file_name: [
      `${alert}.malware_info.file_name`,
      `${alert}.alert_summary.upload_activity.item_name`,
      'source.item_name',
    ],
    file_hashes: [
      `${alert}.malware_info.file_hash`,
      `${alert}.alert_summary.upload_activity.sha1_hash`,
      `${alert}.alert_summary.alert_activities.item_hash`,
    ],
    event_class: classes,
  },
});
