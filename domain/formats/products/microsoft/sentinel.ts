import { product } from '../../format';
import { byWords, joined, type Reading } from '../../readings';
import { either, shape } from '../../recognise';
import { entitiesIn, whatElseIsNamed } from './entities';

/** By the REST API; under `object` as automation rules and Logic Apps send it on. */
const at = (name: string): string[] => [`properties.${name}`, `object.properties.${name}`];

const found = entitiesIn(
  ...at('relatedEntities'),
  ...at('alerts.properties.entities'),
  ...at('additionalData.entities'),
  'Entities',
  'relatedEntities',
);

const isIncident = (type: unknown): boolean => /^Microsoft\.SecurityInsights\/incidents$/i.test(String(type));

/** Incidents: of the API, of a playbook's webhook, and of the table `SecurityIncident`. */
export const sentinelIncident = product({
  name: 'sentinel_incident',
  title: 'Microsoft Sentinel incident',
  reference: 'https://learn.microsoft.com/en-us/rest/api/securityinsights/incidents/get',
  recognise: either(
    shape(['properties.title'], ({ type }) => isIncident(type)),
    shape(['object.properties.title', 'object.properties.severity']),
    shape(['properties.title', 'properties.incidentNumber']),
    shape(['IncidentName', 'IncidentNumber', 'Severity']),
  ),
  fields: {
    ...whatElseIsNamed(found),
    alert_id: ['name', 'object.name', 'IncidentName'],
    timestamp: [at('createdTimeUtc'), 'CreatedTime', at('firstActivityTimeUtc'), 'FirstActivityTime'],
    severity: byWords([at('severity'), 'Severity']),
    title: [at('title'), 'Title'],
    description: [at('description'), 'Description'],
    hostname: found.hostname,
    username: [found.account, found.mailbox],
    src_ip: [found.ip, found.sender_ip],
    mitre: [at('additionalData.techniques'), 'AdditionalData.techniques', at('alerts.properties.techniques')],
    tags: [at('labels.labelName'), 'Labels.labelName'],
    event_class: [at('additionalData.tactics'), 'AdditionalData.tactics', at('alerts.properties.alertType')],
  },
});

const inCloud = entitiesIn('Entities', 'properties.entities', 'properties.Entities');
/** The names differ between the table, the export, the API and the Sentinel API. */
const one = (...names: string[]): Reading => names.flatMap((name) => [name, `properties.${name}`]);
const extended = (name: string): Reading => one(`ExtendedProperties.${name}`);

/**
 * One alert of what Sentinel collects (table `SecurityAlert`), and of Defender for Cloud, which writes the same: exported,
 * by the API, or from the activity log's category Security.
 */
export const securityAlert = product({
  name: 'microsoft_security_alert',
  title: 'Microsoft Defender for Cloud or Sentinel alert',
  reference: 'https://learn.microsoft.com/en-us/azure/defender-for-cloud/alerts-schemas',
  recognise: either(
    shape(['SystemAlertId', 'AlertType']),
    shape(['SystemAlertId', 'AlertSeverity']),
    shape(['SystemAlertId', 'AlertDisplayName']),
    shape(['properties.systemAlertId', 'properties.alertDisplayName']),
    shape(['properties.alertType', 'properties.alertDisplayName', 'properties.severity']),
  ),
  fields: {
    alert_id: one('SystemAlertId'),
    timestamp: one('TimeGenerated', 'TimeGeneratedUtc', 'StartTimeUtc', 'StartTime'),
    severity: byWords(one('AlertSeverity', 'Severity')),
    title: one('AlertDisplayName', 'DisplayName', 'AlertName'),
    description: one('Description'),
    rule_id: one('AlertType'),
    hostname: [inCloud.hostname, one('HostName')],
    username: [inCloud.account, inCloud.mailbox, extended('Client principal name'), extended('User Name')],
    src_ip: [
      extended('Client IP address'),
      extended('Attacker source IP'),
      extended('Client IP Address'),
      inCloud.ip,
      inCloud.sender_ip,
    ],
    domain: inCloud.domain,
    url: inCloud.url,
    urls: inCloud.url,
    file_hashes: inCloud.file_hashes,
    file_name: inCloud.file_name,
    process: inCloud.process,
    command_line: inCloud.command_line,
    email_from: inCloud.email_from,
    email_to: inCloud.email_to,
    email_subject: inCloud.email_subject,
    mitre: one('Techniques', 'SubTechniques'),
    event_class: [one('Intent', 'Tactics'), joined('/', one('ProductName', 'ProviderName'), one('AlertType'))],
  },
});
