import { product } from '../../format';
import { byTable, joined, turned } from '../../readings';
import { shape } from '../../recognise';

export const messageTrace = product({
  name: 'exchange_message_trace',
  title: 'Exchange Online message trace',
  reference:
    'https://learn.microsoft.com/en-us/previous-versions/office/developer/o365-enterprise-developers/jj984335(v=office.15)',
  recognise: shape(['MessageTraceId', 'SenderAddress', 'RecipientAddress', 'Status']),
  fields: {
    alert_id: 'MessageTraceId',
    timestamp: 'Received',
    title: joined(
      ': ',
      turned('Status', () => 'Message trace'),
      'Status',
    ),
    src_ip: 'FromIP',
    dest_ip: 'ToIP',
    email_from: 'SenderAddress',
    email_to: 'RecipientAddress',
    email_subject: 'Subject',
    outcome: byTable('Status', {
      Delivered: 'allowed',
      Expanded: 'allowed',
      FilteredAsSpam: 'blocked',
      Quarantined: 'blocked',
    }),
    event_class: 'Status',
  },
});
