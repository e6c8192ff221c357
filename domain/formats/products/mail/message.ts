import { product } from '../../format';
import { has } from '../../paths';
import { turned } from '../../readings';
import { shape } from '../../recognise';

/** A mail as such (RFC 5322): somebody reported it, or a mailbox for reports passes it on. */
export const rfc822 = product({
  name: 'rfc822',
  title: 'Mail message (RFC 5322)',
  reference: 'https://www.rfc-editor.org/rfc/rfc5322',
  recognise: shape(['rfc822.headers']),
  // whoever wrote the mail chose its id
  sharesId: () => true,
  fields: {
    alert_id: 'rfc822.message_id',
    timestamp: 'rfc822.date',
    title: turned('rfc822.subject', (value) => `Reported mail: ${String(value)}`),
    description: 'rfc822.text',
    src_ip: ['rfc822.headers.x-originating-ip', 'rfc822.received_from'],
    email_from: ['rfc822.from', 'rfc822.return_path'],
    email_to: 'rfc822.to',
    email_subject: 'rfc822.subject',
    reply_to: 'rfc822.reply_to',
    url: 'rfc822.links',
    urls: 'rfc822.links',
    file_hashes: ['rfc822.attachments.sha256', 'rfc822.shown_images.sha256'],
    file_name: 'rfc822.attachments.filename',
    event_class: turned('rfc822.headers', () => 'mail'),
  },
  // a logo is not the file that the mail is about
  finish: ({ file_hash, ...alert }, { fields }) =>
    file_hash !== undefined && has(fields, 'rfc822.attachments.sha256') ? { ...alert, file_hash } : alert,
});
