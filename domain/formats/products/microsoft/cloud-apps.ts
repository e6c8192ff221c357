import { product } from '../../format';
import { bySteps, byTable } from '../../readings';
import { cef, either, shape } from '../../recognise';
import { entitiesIn } from './entities';
import { namedInText } from './graph-alert';

const found = entitiesIn('entities');

/** Alerts of the portal's API, and alerts and activities of the SIEM agent. */
export const cloudApps = product({
  name: 'defender_cloud_apps',
  title: 'Microsoft Defender for Cloud Apps (MCAS) alert',
  reference: 'https://learn.microsoft.com/en-us/defender-cloud-apps/siem',
  recognise: either(cef(/^MCAS$/i), shape(['_id', 'severityValue', 'entities', 'title'])),
  fields: {
    alert_id: ['_id', 'externalId'],
    timestamp: ['timestamp', 'start', 'rt'],
    severity: [
      // the API counts 0 low, 1 medium, 2 high, 3 informational
      byTable('severityValue', { 0: 'low', 1: 'medium', 2: 'high', 3: 'low' }),
      bySteps('cefSeverity', { low: 0, medium: 4, high: 7, critical: 9 }),
    ],
    title: ['title', 'name'],
    description: ['description', 'msg'],
    rule_name: 'name',
    username: ['suser', found.account, namedInText(['description', 'msg'])],
    src_ip: ['dvc', 'c6a1', 'src', found.ip],
    url: found.url,
    event_class: ['signature', 'name'],
  },
});
