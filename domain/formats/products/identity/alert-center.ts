import { product } from '../../format';
import { byWords, joined, matched, type Reading } from '../../readings';
import { shape } from '../../recognise';

const mailbox = (...paths: string[]): Reading => matched(paths, /^[^@\s]{1,64}@[^@\s]{1,255}$/);

export const alertCenter = product({
  name: 'google_alert_center',
  title: 'Google Workspace Alert Center alert',
  reference: 'https://developers.google.com/admin-sdk/alertcenter/reference/alert-types',
  recognise: shape(['alertId', 'type', 'source', 'data']),
  fields: {
    alert_id: 'alertId',
    timestamp: ['createTime', 'startTime'],
    title: 'type',
    description: ['data.description', 'data.ruleDescription'],
    rule_name: ['data.displayName', 'data.ruleViolationInfo.ruleInfo.displayName', 'data.name'],
    severity: byWords('metadata.severity'),
    src_ip: ['data.loginDetails.ipAddress', 'data.sourceIp'],
    username: mailbox(
      'data.email',
      'data.actorEmail',
      'data.ruleViolationInfo.triggeringUserEmail',
      'data.affectedUserEmails',
    ),
    email_from: ['data.maliciousEntity.fromHeader', 'data.maliciousEntity.entity.emailAddress'],
    email_to: 'data.messages.recipient',
    email_subject: 'data.messages.subjectText',
    file_hashes: 'data.messages.attachmentsSha256Hash',
    event_class: [matched('data.@type', /\.([A-Za-z]{3,60}) ?$/), 'type', joined('/', 'source', 'type')],
  },
});
