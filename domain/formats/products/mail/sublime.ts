import { product } from '../../format';
import { textAt } from '../../paths';
import { byWords, turned } from '../../readings';
import { either, shape } from '../../recognise';

export const sublime = product({
  name: 'sublime',
  title: 'Sublime Security',
  reference: 'https://docs.sublime.security/docs/webhooks',
  recognise: either(
    shape(['type', 'data.message.id']),
    shape(['canonical_id', 'mailbox.id', 'created_at']),
    // the platform's own audit trail
    shape(['type', 'created_by.email_address', 'data.request'], (fields) =>
      /^[a-z_]+\.[a-z_.]+$/.test(textAt(fields, 'type') ?? ''),
    ),
  ),
  fields: {
    alert_id: ['data.message.id', 'id'],
    timestamp: ['created_at', 'data.message.created_at'],
    rule_id: ['data.flagged_rules.id'],
    rule_name: ['data.flagged_rules.name', 'type'],
    title: ['data.flagged_rules.name', 'subject', 'data.message.subject', 'type'],
    severity: [
      byWords('data.flagged_rules.severity'),
      byWords(['attack_score_verdict', 'data.message.attack_score_verdict'], {
        ...{
          malicious: 'high',
          suspicious: 'medium',
          likely_benign: 'low',
          graymail: 'low',
          spam: 'low',
          unknown: 'medium',
        },
      }),
      turned('type', (value) => (value === 'message.flagged' ? 'high' : 'low')),
    ],
    src_ip: ['data.request.ip'],
    username: ['created_by.email_address'],
    email_from: ['sender.email', 'data.message.sender.email', 'mdm.sender.email.email'],
    email_to: ['recipients.email', 'mailbox.email', 'data.message.mailbox.email'],
    email_subject: ['subject', 'data.message.subject'],
    urls: ['links.href_url.url', 'data.message.links.href_url.url'],
    file_hashes: ['attachments.sha256', 'attachments.sha1', 'attachments.md5'],
    file_name: ['attachments.file_name'],
    tags: ['data.flagged_rules.tags'],
    event_class: ['type', turned('canonical_id', () => 'message')],
  },
});
