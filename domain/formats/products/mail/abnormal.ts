import { isObject } from '../../../is-object';
import { product } from '../../format';
import { has } from '../../paths';
import { byTable, byWords, hostOf, joined, turned } from '../../readings';
import { either, shape, type Recogniser } from '../../recognise';

/** The details of a threat: the mails of it that were caught, each with all that its alert needs. */
const messagesOfThreat: Recogniser = ({ syntax, fields }) => {
  const { threatId, messages } = fields;
  if (syntax !== 'json' || threatId === undefined || !Array.isArray(messages)) return undefined;
  const known = messages.filter(isObject).filter((message) => has(message, 'attackType'));
  return known.length === 0 ? undefined : known.map((message) => ({ threatId, ...message }));
};

export const abnormal = product({
  name: 'abnormal',
  title: 'Abnormal Security',
  reference: 'https://app.swaggerhub.com/apis/abnormal-security/abx/',
  recognise: either(
    shape(['abxMessageId', 'attackType']),
    messagesOfThreat,
    shape(['caseId', 'affectedEmployee']),
    shape(['vendorCaseId', 'vendorDomain']),
  ),
  fields: {
    alert_id: ['abxMessageIdStr', 'abxMessageId', 'threatId', 'caseId', 'vendorCaseId'],
    timestamp: [
      'receivedTime',
      'sentTime',
      'firstObserved',
      'lastModifiedTime',
      'customerVisibleTime',
      'firstObservedTime',
    ],
    rule_name: ['attackType', 'insights.signal', 'description', 'caseType'],
    title: [joined(': ', 'attackType', 'subject'), 'description', 'attackType'],
    description: ['summaryInsights', 'insights.description', 'analysis'],
    // what has got past the gateway before it was found is no small matter, save mere spam
    severity: [
      byWords(['severity', 'severity_level', 'severityLevel']),
      byTable('attackType', { spam: 'low', graymail: 'low', reconnaissance: 'medium', '*': 'high' }),
    ],
    src_ip: ['senderIpAddress', 'ipAddress'],
    email_from: ['fromAddress', 'senderAddress', 'vendorContact'],
    email_to: ['recipientAddress', 'toAddresses'],
    email_subject: 'subject',
    reply_to: ['replyToEmails'],
    username: 'affectedEmployee',
    domain: ['links.domain', hostOf('urls'), 'vendorDomain'],
    url: ['urls', 'links.url'],
    urls: ['urls', 'links.url'],
    file_name: ['attachmentNames', 'attachments'],
    outcome: turned('remediationStatus', (value) =>
      /remediated|deleted|quarantin|blocked/i.test(String(value)) && !/not|fail/i.test(String(value))
        ? 'blocked'
        : 'allowed',
    ),
    tags: ['attackVector', 'attackStrategy', 'summaryInsights'],
    event_class: ['attackType', 'insights.signal', 'caseType'],
  },
});
