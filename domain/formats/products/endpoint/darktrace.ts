import { product } from '../../format';
import { bySteps, byTable, fromSyslog, inList, type Reading } from '../../readings';
import { either, shape } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';

/** A filter shows what it looked at when the model was breached. */
const shown = (filter: RegExp): Reading =>
  inList('triggeredComponents.triggeredFilters', (item) => filter.test(String(item.filterType)), 'trigger.value');

export const darktrace = product({
  name: 'darktrace',
  title: 'Darktrace model breaches and AI analyst incidents (JSON)',
  reference: 'https://customerportal.darktrace.com/product-guides/main/json-syslog-alerts',
  recognise: either(
    shape(['model.name', 'pbid', 'score']),
    shape(['model.then.name', 'pbid']),
    shape(['aiaScore', 'groupCategory', 'title']),
    shape(['groupingIds', 'incidentEventUrl', 'title']),
    shape(['alert_name', 'acknowledge_timeout', 'uuid']),
  ),
  fields: {
    alert_id: ['pbid', 'id', 'uuid'],
    timestamp: ['time', 'createdAt', 'creationTime', 'last_updated', 'periods.start', fromSyslog('timestamp')],
    severity: [
      byTable(['model.category', 'model.then.category', 'groupCategory', 'category'], { critical: 'critical' }),
      bySteps(['model.priority', 'model.then.priority'], { low: 0, medium: 2, high: 4, critical: 5 }),
      byTable(['groupCategory', 'category'], { suspicious: 'high', compliance: 'low', informational: 'low' }),
      bySteps('aiaScore', { low: 0, medium: 30, high: 60, critical: 85 }),
      bySteps('priority', { low: 0, medium: 40, high: 60, critical: 85 }),
    ],
    title: ['model.name', 'model.then.name', 'title', 'name', 'alert_name'],
    description: ['model.description', 'model.then.description', 'summary', 'message'],
    rule_id: ['model.uuid', 'model.then.uuid'],
    rule_name: ['model.name', 'model.then.name', 'title', 'alert_name'],
    hostname: ['device.hostname', 'breachDevices.hostname', 'hostname'],
    host_ip: ['device.ip', 'breachDevices.ip'],
    src_ip: ['device.ip', 'breachDevices.ip'],
    dest_ip: shown(/^Destination IP$/),
    dest_port: shown(/^Destination port$/),
    domain: shown(/^(?:Connection hostname|DNS host lookup)$/),
    username: ['device.credentials', 'breachDevices.credentials'],
    mitre: ['mitreTechniques.techniqueID', 'model.mitre.techniques', 'attackPhases'],
    event_class: ['model.name', 'model.then.name', 'title', 'alert_name'],
  },
});

export const darktraceCef = product({
  name: 'darktrace_cef',
  title: 'Darktrace (CEF)',
  reference: 'https://customerportal.darktrace.com/product-guides/main/cef-syslog-alerts',
  recognise: cefOf(/^Darktrace/i),
  fields: { ...CEF_FIELDS, hostname: ['shost', 'dhost', 'dvchost'], host_ip: ['src', 'dvc'] },
});
