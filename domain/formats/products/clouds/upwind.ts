import { product } from '../../format';
import { textAt } from '../../paths';
import { byWords, joined, when } from '../../readings';
import { shape } from '../../recognise';

const HOST = /pod|instance|machine|\bvm\b|host|node|container|server/i;

export const upwind = product({
  name: 'upwind',
  title: 'Upwind detection',
  reference: 'https://docs.upwind.io/integrations/webhooks',
  recognise: shape(['upwind_console_link', 'severity', 'title']),
  fields: {
    alert_id: 'id',
    timestamp: ['first_seen_time', 'last_seen_time'],
    title: 'title',
    description: 'description',
    severity: byWords('severity'),
    rule_name: 'triggers.policy_name',
    rule_id: 'triggers.policy_id',
    hostname: when(({ fields }) => HOST.test(textAt(fields, 'resource.type') ?? ''), 'resource.name'),
    username: [
      'triggers.events.data.user_name',
      'triggers.events.initiator.userName',
      'triggers.events.initiator.name',
    ],
    command_line: 'triggers.events.data.command',
    // a weakness names what could be done, a threat what was
    mitre: when(({ fields }) => /threat/.test(textAt(fields, 'type') ?? ''), 'mitre_attacks.technique_id'),
    event_class: [joined('/', 'type', 'category'), 'type'],
  },
});
