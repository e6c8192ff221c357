import { product } from '../../format';
import { byWords, matched } from '../../readings';
import { shape } from '../../recognise';

/** What Defender for Cloud finds of configurations: assessments, compliance, secure score. Nobody attacked anything. */
export const defenderCloudFinding = product({
  name: 'defender_cloud_finding',
  title: 'Microsoft Defender for Cloud assessment',
  reference: 'https://learn.microsoft.com/en-us/azure/defender-for-cloud/continuous-export',
  recognise: shape(['id', 'properties'], ({ type, Type }) =>
    /^Microsoft\.Security\/(?:assessments|regulatoryCompliance|secureScores)/i.test(String(type ?? Type)),
  ),
  fields: {
    alert_id: 'name',
    timestamp: ['properties.TimeGenerated', 'properties.status.statusChangeDate'],
    severity: byWords(['properties.status.severity', 'properties.metadata.severity']),
    title: ['properties.displayName', 'properties.description'],
    description: ['properties.metadata.description', 'properties.description'],
    hostname: matched('id', /\/virtualmachines\/([^/]{1,80})/i),
    event_class: 'type',
  },
});
