import { product } from '../../format';
import { byWords, type Reading } from '../../readings';
import { shape } from '../../recognise';

/** What a rule's author put beside the alert; the names are their own, these the usual ones. */
const context = (...names: string[]): Reading => names.map((name) => `alertContext.${name}`);

export const panther = product({
  name: 'panther',
  title: 'Panther alert',
  reference: 'https://docs.panther.com/alerts/destinations/custom_webhook',
  recognise: shape(['alertId', 'severity', 'createdAt', 'link']),
  fields: {
    alert_id: 'alertId',
    timestamp: 'createdAt',
    title: ['title', 'name'],
    description: 'description',
    rule_id: 'id',
    rule_name: 'name',
    severity: byWords('severity'),
    src_ip: context(
      'sourceIPAddress',
      'sourceIp',
      'source_ip',
      'ip',
      'ip_address',
      'ipAddress',
      'client_ip',
      'actor_ip',
    ),
    username: context('actor.email', 'actor.alternateId', 'user', 'username', 'userIdentity.userName', 'actor'),
    hostname: context('hostname', 'host', 'ComputerName', 'device.hostname'),
    mitre: 'tags',
    tags: 'tags',
    event_class: 'id',
  },
});
