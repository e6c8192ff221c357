import { product } from '../../format';
import { always, byTable, joined } from '../../readings';
import { either, shape } from '../../recognise';
import { graded } from './graded';

export const cloudflare = product({
  name: 'cloudflare',
  title: 'Cloudflare firewall event, or HTTP request',
  reference: 'https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/zone/firewall_events/',
  recognise: either(shape(['ClientIP', 'RayID', 'ClientRequestHost'])),
  fields: {
    alert_id: 'RayID',
    timestamp: ['Datetime', 'EdgeStartTimestamp', 'EdgeEndTimestamp'],
    title: joined(' ', always('Cloudflare'), ['Source', 'Kind', 'ClientRequestMethod']),
    rule_id: 'RuleID',
    rule_name: 'Description',
    severity: graded(['Source', 'WAFAttackScore'], { medium: ['l7ddos', 'firewallmanaged', 'waf'] }),
    src_ip: 'ClientIP',
    src_port: 'ClientSrcPort',
    dest_hostname: 'ClientRequestHost',
    outcome: byTable('Action', {
      ...{
        block: 'blocked',
        drop: 'blocked',
        challenge: 'blocked',
        jschallenge: 'blocked',
        managedchallenge: 'blocked',
      },
      ...{ allow: 'allowed', skip: 'allowed', log: 'allowed', bypass: 'allowed' },
    }),
    event_class: 'Source',
  },
});
