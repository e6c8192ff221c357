import type { Fields } from '../../document';
import { product } from '../../format';
import { isObject } from '../../../is-object';
import { byWords, joined, turned, type Reading } from '../../readings';
import type { Recogniser } from '../../recognise';

/** A notification holds a group of alerts; each is one of ours. */
const recognise: Recogniser = ({ syntax, fields }) => {
  const { alerts } = fields;
  if (syntax !== 'json') return undefined;
  if (isAlert(fields)) return [fields];
  if (!Array.isArray(alerts) || alerts.length === 0 || !alerts.every(isAlert)) return undefined;
  return alerts;
};

function isAlert(value: unknown): value is Fields {
  return (
    isObject(value) &&
    isObject(value.labels) &&
    'startsAt' in value &&
    ('annotations' in value || 'fingerprint' in value)
  );
}

const label = (...names: string[]): Reading => names.map((name) => `labels.${name}`);

export const alertmanager = product({
  name: 'alertmanager',
  title: 'Prometheus Alertmanager and Grafana',
  reference: 'https://prometheus.io/docs/alerting/latest/configuration/#webhook_config',
  recognise,
  fields: {
    // a fingerprint names the labels, so that it comes again with every outbreak
    alert_id: [joined('/', 'fingerprint', 'startsAt'), 'fingerprint'],
    timestamp: 'startsAt',
    rule_name: label('alertname'),
    title: ['annotations.summary', 'annotations.title', 'labels.alertname'],
    description: ['annotations.description', 'annotations.message'],
    severity: byWords(label('severity', 'priority'), { page: 'critical', ticket: 'medium', none: 'low' }),
    src_ip: label('src_ip', 'source_ip', 'client_ip', 'remote_ip'),
    dest_ip: label('dest_ip', 'destination_ip'),
    hostname: [
      ...['labels.hostname', 'labels.host', 'labels.nodename', 'labels.node'],
      turned('labels.instance', (value) => String(value).replace(/:\d{1,5}$/, '')),
    ],
    username: label('user', 'username'),
    domain: label('domain'),
    tags: label('team', 'job', 'namespace', 'category'),
    event_class: label('alertname', 'category'),
  },
});
