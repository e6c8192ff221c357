import { product } from '../../format';
import { byWords } from '../../readings';
import { either, shape } from '../../recognise';
import { byElasticRisk, ecsFields } from '../../standards/ecs';

/** Detection alerts as Kibana keeps them; before 8.0 under `signal`. What set them off stands beside, in ECS. */
export const elasticSecurity = product({
  name: 'elastic_security',
  title: 'Elastic Security detection alert',
  reference: 'https://www.elastic.co/docs/reference/security/fields-and-object-schemas/alert-schema',
  recognise: either(shape(['kibana.alert.uuid']), shape(['kibana.alert.rule.name']), shape(['signal.rule.name'])),
  fields: {
    ...ecsFields,
    alert_id: ['kibana.alert.uuid', '_id', 'event.id'],
    timestamp: ['@timestamp', 'kibana.alert.start', 'kibana.alert.original_time', 'signal.original_time'],
    rule_id: ['kibana.alert.rule.rule_id', 'kibana.alert.rule.uuid', 'signal.rule.rule_id', 'signal.rule.id'],
    rule_name: ['kibana.alert.rule.name', 'signal.rule.name'],
    title: ['kibana.alert.rule.name', 'signal.rule.name'],
    description: [
      'kibana.alert.reason',
      'signal.reason',
      'rule.description',
      'kibana.alert.rule.description',
      'signal.rule.description',
    ],
    // the rule's own severity may have been overridden by what the event says
    severity: [
      byWords('kibana.alert.severity'),
      byElasticRisk('kibana.alert.risk_score'),
      byWords('signal.severity'),
      byWords(['kibana.alert.rule.severity', 'signal.rule.severity']),
      byElasticRisk('signal.rule.risk_score'),
    ],
    // hashes of an alert that a script is named in stand with the events that led to it
    file_hashes: [
      ecsFields.file_hashes ?? [],
      ...['Events.process.hash.sha256', 'Events.process.hash.sha1', 'Events.process.hash.md5'],
    ],
    mitre: [
      ecsFields.mitre ?? [],
      ...['kibana.alert.rule.threat.technique.id', 'kibana.alert.rule.threat.technique.subtechnique.id'],
      ...['kibana.alert.rule.parameters.threat.technique.id', 'signal.rule.threat.technique.id'],
    ],
    tags: ['kibana.alert.rule.tags', 'signal.rule.tags', 'tags'],
    event_class: [
      ...['event.category', 'kibana.alert.original_event.category', 'event.code', 'event.action'],
      ...['kibana.alert.original_event.action', 'event.dataset', 'event.module'],
    ],
  },
});
