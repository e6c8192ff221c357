import type { Document } from '../../document';
import { product } from '../../format';
import { always, byTable, joined, when } from '../../readings';
import { has, textAt } from '../../paths';
import { shape } from '../../recognise';
import { graded } from '../clouds/graded';

const event = 'event_type_id';
const onAnother = ({ fields }: Document): boolean =>
  has(fields, 'actor_user_name') && textAt(fields, 'user_name') !== textAt(fields, 'actor_user_name');

export const onelogin = product({
  name: 'onelogin',
  title: 'OneLogin event',
  reference: 'https://developers.onelogin.com/api-docs/1/events/event-types',
  recognise: shape([event, 'user_id']),
  fields: {
    alert_id: 'uuid',
    timestamp: ['created_at', 'event_timestamp', 'p_event_time'],
    title: joined(' ', always('OneLogin event'), event),
    description: 'notes',
    // 6 login failed, 19 locked out, 90 no right to the app, 240 saw a password; see the reference
    severity: graded(event, { medium: ['6', '17', '19', '90', '240', '531', '551', '553'] }),
    src_ip: 'ipaddr',
    username: ['actor_user_name', 'user_name'],
    dest_username: when(onAnother, 'user_name'),
    outcome: byTable(event, { 5: 'success', 6: 'failure' }),
    event_class: event,
  },
});
